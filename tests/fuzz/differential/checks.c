/* SPDX-License-Identifier: Apache-2.0 */
/* Random checks.  See checks.h. */
#include "checks.h"

#include "compile.h"
#include "evtcode.h"
#include "parse.h"
#include "pool.h"
#include "rulecheck.h"

enum { CHECK_BYTES = 64 * 1024, CHECK_TRIES = 24, SIDE_BYTES = 256, ARENA_BYTES = 1 << 20 };

/* Fields that most events have, and those whose values combine in ways of their own. */
static const char *const likely[] = {
	"proc.name", "proc.pname", "proc.aname", "proc.aname[2]", "proc.aname[1]", "proc.exepath",
	"proc.exe", "proc.cmdline", "proc.args", "proc.cwd", "proc.aexepath", "proc.acmdline",
	"proc.apid", "proc.ppid", "proc.pid", "proc.tty", "proc.env", "proc.sname", "proc.exeline",
	"fd.name", "fd.directory", "fd.filename", "fd.num", "fd.type", "fd.typechar", "fd.ip",
	"fd.net", "fd.port", "fd.cip", "fd.sip", "fd.snet", "fd.cnet", "fd.sport", "fd.lip",
	"fd.rip", "fd.proto", "fd.l4proto", "fs.path.name", "fs.path.source", "fs.path.target",
	"evt.type", "evt.num", "evt.time", "evt.rawtime", "evt.rawtime.ns", "evt.rawres", "evt.res",
	"evt.failed", "evt.cpu", "evt.is_open_read", "evt.is_open_write", "evt.dir", "evt.args",
	"evt.hostname", "evt.category", "syscall.type", "user.uid", "user.name", "user.loginuid",
	"user.loginname", "group.gid", "group.name", "container.id", "container.name", "proc.vpid",
	"proc.is_exe_writable", "proc.args[0]", "proc.aargs",
	"thread.tid", "proc.duration", "proc.pexepath", "thread.cap_effective", "proc.aenv",
	"container.start_ts", "evt.buffer", "evt.buffer", "thread.cpu", "thread.cpu",
	"thread.cpu.user",
	"evt.around[1700000001000000000]", "evt.count", "proc.exe_ino",
};

/* FIELD with an argument that it may have. */
static void
field_write(struct choice *choice, struct text *out, uint32_t event)
{
	const struct event_info *info = event_info(event);
	const struct field_info *field;

	if (chance(choice, 15) && info->param_count > 0) {
		text_string(out, chance(choice, 50) ? "evt.arg." : "evt.rawarg.");
		text_string(out, info->params[choose(choice, info->param_count)].name);
		return;
	}
	if (chance(choice, 60)) {
		text_string(out, CHOOSE(choice, likely));
		return;
	}
	field = field_info(choose(choice, F_COUNT));
	text_string(out, field->name);
	switch ((enum field_argument)field->argument) {
	case ARGUMENT_NONE:
		return;
	case ARGUMENT_INDEX: case ARGUMENT_VARIABLE:
		if (chance(choice, 60))
			text_format(out, "[%u]", choose(choice, 4));
		return;
	case ARGUMENT_PARAM:
		text_format(out, "[%u]", choose(choice, 6));
		return;
	case ARGUMENT_PARAM_NAME:
		text_format(out, ".%s", info->param_count > 0 ? info->params[0].name : "fd");
		return;
	case ARGUMENT_EVENT_NAME:
		text_format(out, ".%s", info->name);
		return;
	case ARGUMENT_TIME:
		text_string(out, "[1700000001000000000]");
		return;
	case ARGUMENT_SIDE:
		text_string(out, chance(choice, 50) ? ".src" : chance(choice, 50) ? ".dst" : "");
		return;
	case ARGUMENT_DOTTED:
		text_string(out, ".cpu");
		return;
	case ARGUMENT_KEY: case ARGUMENT_KEY_DOTTED:
		text_string(out, "[a]");
		return;
	}
}

/* Arguments of programs: of the task, and some with each kind of element. */
static const char *const vectors[] = { "proc.args", "proc.args", "proc.aargs",
	"(\"-ab\", \"x\")", "(\"-a\", \"-cb\", \"\", \"y\")", "(\"-b\")", "(\"-cb\", \"-a\")",
	"(\"--long\", \"-c\", \"--\", \"-a\")", "(\"-ca\", \"-\", \"-b\")", "(\"-zbq\", proc.name)",
	"(\"-a\", \"x\", \"-b\")" };

/* What is no function, or not one of these: the compiler has to say so. */
static const char *const refused_calls[] = { "nothing(proc.name)", "tolower(proc.pid)",
	"tolower(proc.name, proc.name)", "len()", "join(proc.args, \" \")", "concat(proc.name)",
	"getopt(proc.name, \"a\")", "getopt(proc.args)", "basename(fd.ip)", "b64(evt.num)",
	"tolower(proc.name)[a]", "join(\"\", proc.name)", "getopt(fd.types, proc.pid)",
	"tolower(no.field)", "concat(proc.pid, proc.name)", "len(evt.num)" };

static void operand_write(struct choice *choice, struct text *out, uint32_t event, int depth);

static void
call_write(struct choice *choice, struct text *out, uint32_t event, int depth)
{
	static const char *const maps[] = { "tolower", "toupper", "b64", "basename", "len" };
	static const char *const options[] = { "ab:c", "ab:", "a", "b:", "aab:b", "", "x:y", "b" };
	static const char *const selectors[] = { "", "[a]", "[b]", "[c]", "[z]", "[ab]" };

	switch (choose(choice, 8)) {
	case 0:
		text_string(out, "concat(");
		operand_write(choice, out, event, depth + 1);
		text_string(out, chance(choice, 50) ? ", \"/x\", " : ", ");
		operand_write(choice, out, event, depth + 1);
		break;
	case 1:
		text_format(out, "join(\"%s\", ", chance(choice, 50) ? " " : "");
		if (chance(choice, 50)) {
			text_string(out, "(");
			operand_write(choice, out, event, depth + 1);
			text_string(out, ", proc.name)");
		} else {
			text_string(out, "proc.args");
		}
		break;
	case 2:
		text_format(out, "getopt(%s, \"%s\")%s", CHOOSE(choice, vectors),
		    CHOOSE(choice, options), CHOOSE(choice, selectors));
		return;
	case 3:
		text_string(out, CHOOSE(choice, refused_calls));
		return;
	default:
		text_format(out, "%s(", CHOOSE(choice, maps));
		operand_write(choice, out, event, depth + 1);
		break;
	}
	text_string(out, ")");
}

/* A field, or a function of some. */
static void
operand_write(struct choice *choice, struct text *out, uint32_t event, int depth)
{
	if (chance(choice, depth == 0 ? 15 : depth < 3 ? 25 : 0))
		call_write(choice, out, event, depth);
	else
		field_write(choice, out, event);
}

static const char *
constant_choose(struct choice *choice, const struct accessor *left, enum ast_op op)
{
	static const char *const names[] = { "openat", "execve", "connect", "mkdir", "open",
		"clone", "procexit", "getpid", "kill", "rename", "nosuch" };

	if (left->field == F_evt_type || left->field == F_syscall_type)
		return CHOOSE(choice, names);
	switch ((enum field_group)left->group) {
	case GROUP_NUMBER:
		return pool_number_constant(choice);
	case GROUP_BOOL:
		return chance(choice, 5) ? "maybe" : chance(choice, 50) ? "true" : "false";
	case GROUP_ADDRESS:
		return pool_address_constant(choice);
	case GROUP_NETWORK:
		return pool_network_constant(choice);
	case GROUP_TEXT: case GROUP_BYTES:
		if (op == OP_REGEX)
			return pool_regex_constant(choice);
		if (op == OP_GLOB || op == OP_IGLOB || (op == OP_PMATCH && chance(choice, 50)))
			return pool_pattern_constant(choice);
		if (op == OP_BCONTAINS || op == OP_BSTARTSWITH)
			return pool_hex_constant(choice);
		return pool_text_constant(choice);
	case GROUP_LIST: case GROUP_OPAQUE:
		break;
	}
	return "x";
}

/* A list of constants: mostly short, sometimes with hundreds that no value equals. */
static void
list_write(struct choice *choice, struct text *out, const struct accessor *left, enum ast_op op)
{
	uint32_t count = choose(choice, 5);
	bool long_list = chance(choice, 8) && (op == OP_IN || op == OP_INTERSECTS);

	text_string(out, "(");
	for (uint32_t i = 0; i < count; i++)
		text_format(out, "%s%s", i > 0 ? ", " : "", constant_choose(choice, left, op));
	for (uint32_t i = 0; long_list && i < 100; i++)
		if (left->group & (GROUP_TEXT | GROUP_NUMBER) && left->field != F_evt_type)
			text_format(out, "%s%u", i + count > 0 ? ", " : "", 40 + i);
	text_string(out, ")");
}

/* A field whose values can be compared with those of LEFT, mostly. */
static const char *
alike_choose(struct choice *choice, const struct accessor *left)
{
	static const char *const texts[] = { "proc.name", "proc.pname", "proc.exepath", "fd.name",
		"proc.aname[1]", "fs.path.name", "fd.directory", "proc.cwd" };
	static const char *const addresses[] = { "fd.ip", "fd.cip", "fd.sip", "fd.lip", "fd.rip" };
	static const char *const networks[] = { "fd.net", "fd.cnet", "fd.snet" };
	static const char *const numbers[] = { "proc.pid", "proc.ppid", "evt.num", "evt.rawres",
		"fd.num", "proc.vpid", "evt.rawtime" };
	static const char *const lists[] = { "proc.args", "proc.aargs", "fd.types", "proc.env" };

	if (left->is_list)
		return CHOOSE(choice, lists);
	switch ((enum field_group)left->group) {
	case GROUP_TEXT: return CHOOSE(choice, texts);
	case GROUP_NUMBER: return CHOOSE(choice, numbers);
	case GROUP_ADDRESS: return CHOOSE(choice, addresses);
	case GROUP_NETWORK: return CHOOSE(choice, networks);
	case GROUP_BOOL: return "evt.failed";
	case GROUP_BYTES: return "evt.buffer";
	case GROUP_LIST: case GROUP_OPAQUE: break;
	}
	return "proc.args";
}

static void
right_write(struct choice *choice, struct text *out, const struct accessor *left, enum ast_op op,
    uint32_t event)
{
	static const enum ast_modifier modifiers[] = { MODIFIER_ONEOF, MODIFIER_ANYOF,
		MODIFIER_ALLOF };

	if (op == OP_EXISTS)
		return;
	text_string(out, " ");
	if (chance(choice, 12)) {
		text_string(out, "val(");
		if (left->transform == NULL && chance(choice, 60))
			text_string(out, alike_choose(choice, left));
		else
			field_write(choice, out, event);
		text_string(out, ")");
	} else if (chance(choice, 5)) {
		call_write(choice, out, event, 0);
	} else if (op == OP_IN || op == OP_INTERSECTS || op == OP_PMATCH) {
		list_write(choice, out, left, op);
	} else if (chance(choice, op_takes_modifier(op) && !left->is_list ? 25 : 3)) {
		text_format(out, "%s ", ast_modifier_text(CHOOSE(choice, modifiers)));
		list_write(choice, out, left, op);
	} else {
		text_string(out, constant_choose(choice, left, op));
	}
}

/* Compile TEXT; *LEFT is its left side where it is one check. */
static bool
is_good(struct arena *arena, struct span text, struct accessor *left)
{
	struct compiler compiler;
	struct condition condition;
	struct compile_error error;
	struct parse_error syntax;
	const struct ast_node *refused;
	uint64_t codes[EVTCODE_WORDS];
	struct ast_node *tree;

	compiler_init(&compiler, arena, 1);
	compiler.undelivered = true;
	if (parse_condition(arena, text, 0, PARSE_DEPTH_RULES, &tree, &syntax) < 0 ||
	    compile_condition(&compiler, tree, &condition, &error) < 0 ||
	    rulecheck_codes(tree, codes, &refused) < 0)
		return false;
	*left = compiler.accessors[compiler.predicates[0].accessor];
	return true;
}

/* An operator that LEFT takes; seldom any, which the compiler may refuse. */
static enum ast_op
op_choose(struct choice *choice, const struct accessor *left)
{
	uint32_t group = left->is_list ? GROUP_LIST : left->group;
	enum ast_op op = (enum ast_op)choose(choice, OP_COUNT);

	if (chance(choice, 4))
		return op;
	while (!(op_groups(op) & group))
		op = (enum ast_op)((op + 1) % OP_COUNT);
	return op;
}

static bool
check_try(struct choice *choice, struct arena *arena, struct text *check, uint32_t event)
{
	char side[SIDE_BYTES], exists[SIDE_BYTES + 16];
	struct text operand, test;
	struct accessor left;
	enum ast_op op;
	bool around;

	text_init(&operand, side, sizeof(side));
	operand_write(choice, &operand, event, 0);
	text_init(&test, exists, sizeof(exists));
	text_bytes(&test, operand.buf, operand.len);
	/* The one field that nothing but `=` fits. */
	around = memmem(side, operand.len, "evt.around", strlen("evt.around")) != NULL;
	text_string(&test, around ? " = 0" : " exists");
	if (operand.truncated || !is_good(arena, (struct span){ test.buf, test.len }, &left))
		return false;
	op = around && chance(choice, 80) ? OP_EQ : op_choose(choice, &left);
	check->len = 0;
	text_bytes(check, operand.buf, operand.len);
	text_format(check, " %s", ast_op_text(op));
	right_write(choice, check, &left, op, event);
	return !check->truncated && is_good(arena, (struct span){ check->buf, check->len }, &left);
}

void
check_write(struct choice *choice, struct text *out, uint32_t event)
{
	static char buf[CHECK_BYTES];
	static struct arena arena; /* kept from check to check for its first chunk */
	struct text check;

	text_init(&check, buf, sizeof(buf));
	if (arena.bytes_max == 0) {
		arena_init(&arena, ARENA_BYTES);
		(void)arena_alloc(&arena, 1);
	}
	for (int i = 0; i < CHECK_TRIES; i++) {
		struct arena_mark mark = arena_mark(&arena);
		bool good = check_try(choice, &arena, &check, event);

		arena_reset(&arena, mark);
		if (!good)
			continue;
		text_bytes(out, check.buf, check.len);
		return;
	}
	text_string(out, "evt.num >= 0");
}
