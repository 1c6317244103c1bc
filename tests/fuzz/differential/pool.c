/* SPDX-License-Identifier: Apache-2.0 */
/* Values.  See pool.h. */
#include "pool.h"

#include <sys/socket.h>

#define TEXT(text) { text, sizeof(text) - 1 }

static const struct span texts[] = {
	TEXT("cat"), TEXT("CAT"), TEXT("bash"), TEXT("sh"), TEXT("init"), TEXT("a"), TEXT(""),
	TEXT("/etc/passwd"), TEXT("/etc"), TEXT("/etc/"), TEXT("etc/passwd"), TEXT("passwd"),
	TEXT("/usr/bin/cat"), TEXT("/usr/bin"), TEXT("/usr"), TEXT("/"), TEXT("//usr//bin/cat"),
	TEXT("/tmp/../etc/passwd"), TEXT("../x"), TEXT("./cat"), TEXT("/home/u"), TEXT("x y"),
	TEXT("host"), TEXT("3ad7b26ded6d"), TEXT("-a\0b\0--long"), TEXT("-ab\0-c\0x"),
	TEXT("Y2F0"), TEXT("Y2F0=="), TEXT("a\0b"), TEXT("caf\xc3\xa9"), TEXT("\xff\xfe"),
	TEXT("cat\xc3"),
	TEXT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
	TEXT("-b"), TEXT("-cb\0-a\0x"), TEXT("-ca\0--\0-b"), TEXT("-\0-a"), TEXT("\\"), TEXT("]"),
	TEXT("-"), TEXT("[a]"), TEXT("A=1\0B=cat"), TEXT("/etc/passwd2"), TEXT("root"),
	TEXT("openat"), TEXT("1"),
};

static const uint64_t numbers[] = {
	0, 1, 2, 3, 4, 5, 7, 10, 64, 100, 255, 256, 257, 1000, 65535, 65536, 0x7fffffff,
	0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
	(uint64_t)-1, (uint64_t)-2, (uint64_t)-100,
};

static const uint8_t ipv4[][16] = {
	{ 127, 0, 0, 1 }, { 10, 0, 0, 1 }, { 10, 0, 1, 1 }, { 192, 168, 1, 1 }, { 0 },
	{ 255, 255, 255, 255 },
};

static const uint8_t ipv6[][16] = {
	{ [15] = 1 }, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, { 0x20, 0x01, 0x0d, 0xb9 },
	{ [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 }, { 0xfe, 0x80 },
};

static const uint16_t ports[] = { 0, 1, 22, 80, 443, 1024, 65535 };

/* Texts as long as a cache keeps them, and longer. */
static struct span
long_text(struct choice *choice)
{
	static char text[5000];

	for (size_t i = 0; i < sizeof(text); i += 500)
		memset(text + i, 'a' + (int)choose(choice, 3), 500);
	return (struct span){ text, 1500 + choose(choice, 8) * 500 };
}

struct span
pool_text(struct choice *choice)
{
	if (choose(choice, 250) == 0)
		return long_text(choice);
	return CHOOSE(choice, texts);
}

uint64_t
pool_number(struct choice *choice)
{
	return CHOOSE(choice, numbers);
}

const uint8_t *
pool_address(struct choice *choice, int family)
{
	return family == AF_INET ? CHOOSE(choice, ipv4) : CHOOSE(choice, ipv6);
}

uint16_t
pool_port(struct choice *choice)
{
	return CHOOSE(choice, ports);
}

static const char *const text_constants[] = {
	"cat", "CAT", "bash", "sh", "init", "a", "\"\"", "/etc/passwd", "/etc", "/etc/", "passwd",
	"etc", "/usr/bin/cat", "/usr/bin", "/usr", "/", "//usr//bin", "/home/u", "\"x y\"", "host",
	"3ad7b26ded6d", "-a", "b", "ca", "at", "t", "\"caf\\xc3\\xa9\"", "A=1", "root", "openat",
	"1", "<NA>", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "Cat",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "true", "\"?\"",
	"-ca",
	"--long",
};

static const char *const number_constants[] = {
	"0", "1", "2", "3", "4", "5", "7", "10", "64", "100", "255", "256", "257", "1000", "65535",
	"2147483647", "-1", "-2", "-100", "4294967295", "18446744073709551615",
	"9223372036854775807", "\" 7\"", "+7", "\"\\t-1\"", "18446744073709551616", "7x", "\"\"",
	"9223372036854775808", "-9223372036854775808", "80", "\"-\"", "ssh", "nosuch",
	"0x10", "32768",
	"-128", "128", "-32769", "4294967296", "1.5",
};

static const char *const address_constants[] = {
	"127.0.0.1", "10.0.0.1", "10.0.1.1", "192.168.1.1", "0.0.0.0", "255.255.255.255", "::1",
	"2001:db8::1", "2001:db9::", "fe80::", "::", "10.0.0", "\"\"", "::g",
	"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001",
};

static const char *const network_constants[] = {
	"127.0.0.0/8", "10.0.0.0/8", "10.0.0.0/23", "10.0.0.0/24", "10.0.0.1/32", "0.0.0.0/0",
	"192.168.1.1/31", "::1/128", "2001:db8::/31", "2001:db8::/32", "fe80::/10", "::/1",
	"255.255.255.255/25", "10.0.0.1/33", "::1/129", "::1/0", "10.0.0.0", "10.0.0.0/x", "10.0/8",
	"10.0.0.0/-1", "192.168.0.0/17", "10.0.0.0/9", "127.0.0.1/31", "2001:db8::/47", "\"\"",
};

/* Sets that end too early, or name what there is not, mean something else in each C library. */
static const char *const pattern_constants[] = {
	"\"*\"", "\"\"", "\"c*\"", "\"?a?\"", "\"[a-c]*\"", "\"[!a-c]*\"", "\"/etc/*\"", "\"*/*\"",
	"\"/*/*wd\"", "\"*[[:digit:]]\"", "\"C*\"", "\"*b*\"", "\"[\"", "\"/usr/*/c[a-z]t\"",
	"\"??\"", "\"*[^/]\"", "cat", "\"[[.c.]]*\"", "\"*[[=t=]]\"", "\"[[:upper:]]*\"",
	"\"*[[:alpha:]]*\"", "\"[\\\\]]\"",
	"\"\\\\c*\"", "\"*\\\\\"", "\"[]a]*\"", "\"[a-]*\"", "\"[!]*\"", "\"*[[:lower:]]\"",
	"\"[[:alpha:][:digit:]/]*\"", "\"[\\\\a-c]*\"", "\"[c-\\\\a]*\"", "\"[[.C.]]*\"",
	"\"[[]a\"", "\"[^[:space:]]*\"", "\"*[[=T=]]\"", "\"[a-c\"", "\"[[\"", "\"[!\"",
};

static const char *const regex_constants[] = {
	"\".*\"", "cat", "\"c.t\"", "\"^/etc/.*\"", "\"[a-z]+\"", "\"/(etc|usr)/.*\"", "\"\"",
	"\"[[:alpha:]]{3}\"", "\".{4}\"", "\".*wd$\"", "\"(a|b|c)*\"",
};

static const char *const hex_constants[] = {
	"63", "6361", "636174", "2f", "2f657463", "FF", "00", "\"\"", "610062", "6", "6g",
	"fF", "g6",
	"2F",
};

const char *
pool_text_constant(struct choice *choice)
{
	return CHOOSE(choice, text_constants);
}

const char *
pool_number_constant(struct choice *choice)
{
	return CHOOSE(choice, number_constants);
}

const char *
pool_address_constant(struct choice *choice)
{
	return CHOOSE(choice, address_constants);
}

const char *
pool_network_constant(struct choice *choice)
{
	return CHOOSE(choice, network_constants);
}

const char *
pool_pattern_constant(struct choice *choice)
{
	return CHOOSE(choice, pattern_constants);
}

const char *
pool_regex_constant(struct choice *choice)
{
	return CHOOSE(choice, regex_constants);
}

const char *
pool_hex_constant(struct choice *choice)
{
	return CHOOSE(choice, hex_constants);
}
