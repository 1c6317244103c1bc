/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One evaluator on one core, records from memory: how many events a second it judges, cold, warm,
 * when no path comes twice and when every event matches; what twice the rules cost; how long rules
 * take to load; how much memory it needs.
 *
 *	eval_bench [-cm] [-w SECONDS] [-n EVENTS] [-s SEED] RULES ...
 *
 * The events are the mix M1 (mix.h), of which only what the rules ask for is judged, as a collector
 * sees to it.  Time is the process's own; each number is the median of RUNS.  -m tells which rules
 * matched the mix; -w judges warm for so long and does nothing else, for a profile.  -c measures
 * nothing: it sees that the answers are the same whatever the caches hold, and ends with 1 if not.
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "bench.h"
#include "eval_judge.h"
#include "eval_memory.h"
#include "eval_rules.h"
#include "evtcode.h"
#include "mix_full.h"

enum {
	RUNS = 5, COLD_EVENTS = 20000, CHUNK_EVENTS = 100000, MILLION = 1000000,
	SLICE_EVENTS = 1000, SLOTS = 64 * 1024, EXIT_SKIP = 77
};

static const size_t records_max = (size_t)2 << 30;

struct bench {
	struct bench_rules rules;
	struct ruleset ruleset;
	struct mix_full *full;
	struct judge_records records;
	struct judge judge;
	double warm; /* events a second */
	uint64_t seed;
	uint32_t events;
	bool tell_matches;
};

static void
must(int err, const char *what)
{
	if (err >= 0)
		return;
	(void)fprintf(stderr, "eval_bench: %s: %s\n", what, strerror(-err));
	exit(111);
}

static double
cpu_ns(void)
{
	return (double)clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* What an evaluator would not have stands in shared mappings: by these it is told apart. */
static void *
own_memory(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	must(at == MAP_FAILED ? -errno : 0, "memory");
	return at;
}

/* --- records --- */

static bool
wanted(const struct bench *bench, const void *bytes, int len)
{
	struct record record;

	must(record_check(&record, bytes, (size_t)len, RECORD_FULL), "a record");
	return program_wants(&bench->ruleset.program, evtcode_of(&record));
}

/* Replace the records by what is wanted of the next EVENTS of MIX, at most WANTED_COUNT. */
static void
records_make(struct bench *bench, struct mix *mix, uint32_t events, uint32_t wanted_count)
{
	struct judge_records *records = &bench->records;
	struct mix_event event;

	records->len = records->count = 0;
	records->made = 0;
	while (records->made < events && records->count < wanted_count &&
	    records->len + EVENT_RECORD_MAX <= records->size) {
		void *at = records->bytes + records->len;
		int len;

		mix_next(mix, &event);
		records->made++;
		len = mix_full_write(bench->full, mix, &event, at, EVENT_RECORD_MAX);
		must(len, "an event of the mix");
		if (!wanted(bench, at, len))
			continue;
		records->len += (size_t)len;
		records->count++;
	}
}

/* The arena and links of a new stream. */
static void
stream_open(struct bench *bench)
{
	must(mix_full_open(bench->full, SLOTS, bench->ruleset.interest.derived,
	    bench->ruleset.interest.contexts), "the arena");
}

static void
judge_open(struct bench *bench, const struct ruleset *ruleset)
{
	must(judge_open_take(&bench->judge, ruleset,
	    region_reopen(&bench->full->region, false)), "the evaluator");
}

static struct mix *
mix_open(const struct bench *bench, enum mix_paths paths, bool paths_only, bool matching)
{
	const struct mix_options options = { bench->seed, paths, paths_only, matching };
	struct mix *mix = mix_new(&options);

	must(mix == NULL ? -ENOMEM : 0, "the mix");
	return mix;
}

static void
mix_m1(struct bench *bench)
{
	struct mix *mix = mix_open(bench, MIX_ZIPF, false, false);

	records_make(bench, mix, bench->events, UINT32_MAX);
	mix_free(mix);
}

/* --- measuring --- */

/* Events a second of judging COUNT records. */
static double
run(struct bench *bench, uint32_t count)
{
	double begin = cpu_ns();

	(void)judge_run(&bench->judge, &bench->records, count);
	must(bench->judge.bad > 0 ? -EBADMSG : 0, "a record was refused");
	return count / (cpu_ns() - begin) * 1e9;
}

static void
tell(const struct bench *bench, const char *what, double rate, const char *unit)
{
	(void)printf("%-34s %9.3f M %s/s %7.0f ns  matches %llu", what, rate / 1e6, unit,
	    1e9 / rate, (unsigned long long)bench->judge.matched);
	if (bench->warm > 0)
		(void)printf("  %.2f x warm", bench->warm / rate);
	(void)printf("\n");
	(void)fflush(stdout);
}

static void
tell_matches(const struct bench *bench)
{
	for (uint32_t i = 0; i < bench->judge.ruleset->rule_count; i++)
		if (bench->judge.by_rule[i] > 0)
			(void)printf("    %8llu  %.*s\n",
			    (unsigned long long)bench->judge.by_rule[i],
			    (int)bench->judge.ruleset->rules[i].name.len,
			    bench->judge.ruleset->rules[i].name.ptr);
}

/* The warm rate of the records at hand. */
static double
run_warm(struct bench *bench)
{
	double runs[RUNS];

	(void)run(bench, bench->records.count);
	for (int i = 0; i < RUNS; i++)
		runs[i] = run(bench, bench->records.count);
	bench_sort(runs, RUNS);
	return runs[RUNS / 2];
}

static void
tell_memory(const char *what)
{
	(void)malloc_trim(0);
	(void)printf("%-34s %9.2f MiB PSS, without the contexts' arena, which is shared\n", what,
	    memory_pss_mib());
}

/* --- the measurements --- */

static void
measure_load(struct bench *bench)
{
	static struct ruleset other;
	double runs[RUNS];

	for (int i = 0; i < RUNS; i++) {
		runs[i] = cpu_ns();
		must(bench_rules_load(&bench->rules, &other), "the rules");
		runs[i] = (cpu_ns() - runs[i]) / 1e6;
		ruleset_fini(&other);
	}
	bench_sort(runs, RUNS);
	(void)printf("%-34s %9.1f ms\n", "loading and compiling the rules", runs[RUNS / 2]);
}

static void
measure_cold(struct bench *bench)
{
	uint32_t count = bench->records.count < COLD_EVENTS ? bench->records.count : COLD_EVENTS;
	double runs[RUNS];

	for (int i = 0; i < RUNS; i++) {
		judge_open(bench, &bench->ruleset);
		runs[i] = run(bench, count);
		if (i < RUNS - 1)
			judge_close(&bench->judge);
	}
	bench_sort(runs, RUNS);
	tell(bench, "M1, cold, first 20,000", runs[RUNS / 2], "events");
}

/* What the private copy and its check cost alone: less than that no evaluator takes. */
static void
tell_floor(struct bench *bench)
{
	double rate;

	bench->judge.check_only = true;
	rate = run_warm(bench);
	bench->judge.check_only = false;
	(void)printf("%-34s %9.3f M events/s %7.0f ns\n", "    copying and checking alone",
	    rate / 1e6, 1e9 / rate);
	(void)run(bench, bench->records.count);
}

/* The same answers, whatever is in the caches. */
static void
measure_warm(struct bench *bench)
{
	uint64_t cold, matched;
	double rate;

	judge_close(&bench->judge);
	judge_open(bench, &bench->ruleset);
	(void)run(bench, bench->records.count);
	cold = bench->judge.hash;
	matched = bench->judge.matched;
	rate = run_warm(bench);
	tell(bench, "M1, warm", rate, "events");
	bench->warm = rate;
	tell_floor(bench);
	if (bench->judge.hash != cold || bench->judge.matched != matched) {
		(void)printf("cold and warm differ: %llu matches, then %llu\n",
		    (unsigned long long)matched, (unsigned long long)bench->judge.matched);
		exit(1);
	}
	if (bench->tell_matches)
		tell_matches(bench);
}

/* COUNT events of a stream in which no path comes twice, in pieces of which each is judged once. */
static void
measure_stream(struct bench *bench, const char *what, struct mix *mix, uint32_t count)
{
	double ns = 0;
	uint64_t matched = 0;

	records_make(bench, mix, UINT32_MAX, CHUNK_EVENTS);
	(void)run(bench, bench->records.count);
	for (uint32_t done = 0; done < count; done += bench->records.count) {
		records_make(bench, mix, UINT32_MAX, CHUNK_EVENTS);
		ns += bench->records.count / run(bench, bench->records.count) * 1e9;
		matched += bench->judge.matched;
	}
	bench->judge.matched = matched;
	tell(bench, what, count / ns * 1e9, "events");
	mix_free(mix);
}

static void
measure_matching(struct bench *bench)
{
	struct mix *mix = mix_open(bench, MIX_ZIPF, false, true);
	double rate;

	records_make(bench, mix, UINT32_MAX, CHUNK_EVENTS);
	mix_free(mix);
	bench->judge.write = true;
	rate = run_warm(bench) * (double)bench->judge.matched / bench->records.count;
	bench->judge.write = false;
	tell(bench, "matching, with formatting", rate, "alerts");
	if (bench->judge.matched != bench->records.count)
		(void)printf("    only %llu of %u events matched\n",
		    (unsigned long long)bench->judge.matched, bench->records.count);
	(void)printf("    %llu bytes an alert\n", (unsigned long long)
	    (bench->judge.alert_bytes / (bench->judge.matched ? bench->judge.matched : 1)));
	if (bench->tell_matches)
		tell_matches(bench);
}

/* The oracle, which remembers nothing, over M1: its answers are the same. */
static void
measure_oracle(struct bench *bench)
{
	static struct oracle oracle;
	const uint64_t matched = bench->judge.matched; /* by the engine, just before */

	must(oracle_init(&oracle, &bench->ruleset, MATCH_FIRST), "the oracle");
	bench->judge.oracle = &oracle;
	tell(bench, "M1, by the oracle", run_warm(bench), "events");
	bench->judge.oracle = NULL;
	if (bench->judge.matched != matched) {
		(void)puts("the engine and the oracle differ in what matches");
		exit(1);
	}
	oracle_fini(&oracle);
}

/* Twice the rules, over M1 once more. */
static void
measure_doubled(struct bench *bench)
{
	static struct ruleset twice;
	struct bench_rules doubled;
	double rate;

	must(bench_rules_double(&doubled, &bench->rules), "doubling the rules");
	must(bench_rules_load(&doubled, &twice), "the doubled rules");
	judge_close(&bench->judge);
	judge_open(bench, &twice);
	rate = run_warm(bench);
	tell(bench, "M1, warm, rules doubled", rate, "events");
	(void)printf("    %u rules became %u; %u of the new have another constant\n",
	    bench->ruleset.rule_count, twice.rule_count, doubled.changed);
	judge_close(&bench->judge);
	ruleset_fini(&twice);
	bench_rules_free(&doubled);
}

/* A stream of its own: its contexts are another arena's. */
static void
stream_again(struct bench *bench)
{
	judge_close(&bench->judge);
	mix_full_close(bench->full);
	stream_open(bench);
	judge_open(bench, &bench->ruleset);
}

static void
measure_all(struct bench *bench)
{
	(void)printf("%u rules, %u predicates; M1: %u events, of which %u (%.1f %%) reach the "
	    "evaluator, %.0f bytes each\n", bench->ruleset.rule_count,
	    bench->ruleset.program.predicate_count, (unsigned)bench->records.made,
	    bench->records.count, 100.0 * bench->records.count / (double)bench->records.made,
	    (double)bench->records.len / bench->records.count);
	measure_load(bench);
	measure_cold(bench);
	measure_warm(bench);
	measure_oracle(bench);
	measure_doubled(bench);
	stream_again(bench);
	measure_stream(bench, "all paths distinct", mix_open(bench, MIX_DISTINCT, false, false),
	    RUNS * CHUNK_EVENTS);
	stream_again(bench);
	measure_stream(bench, "a million opens, all distinct", mix_open(bench, MIX_DISTINCT, true,
	    false), MILLION);
	stream_again(bench);
	measure_stream(bench, "paths alike but in the middle", mix_open(bench, MIX_ALIKE, false,
	    false), RUNS * CHUNK_EVENTS);
	stream_again(bench);
	measure_matching(bench);
}

/* Memory first, before anything else has taken and given back some. */
static void
measure_memory(struct bench *bench)
{
	judge_open(bench, &bench->ruleset);
	tell_memory("one evaluator, rules loaded");
	mix_m1(bench);
	(void)run(bench, bench->records.count);
	tell_memory("the same after M1");
	judge_close(&bench->judge);
}

/* Hash of the matches of M1 when the caches are forgotten every SLICE_EVENTS. */
static uint64_t
hash_of_slices(struct bench *bench)
{
	struct judge_records rest = bench->records;
	uint64_t hash = 0;

	while (rest.count > 0) {
		uint32_t count = rest.count < SLICE_EVENTS ? rest.count : SLICE_EVENTS;

		judge_open(bench, &bench->ruleset);
		rest.bytes += judge_run(&bench->judge, &rest, count);
		rest.count -= count;
		hash += bench->judge.hash;
		judge_close(&bench->judge);
	}
	return hash;
}

/* Returns the exit code. */
static int
check(struct bench *bench)
{
	uint64_t cold, warm, matched, slices;

	mix_m1(bench);
	judge_open(bench, &bench->ruleset);
	(void)run(bench, bench->records.count);
	cold = bench->judge.hash;
	(void)run(bench, bench->records.count);
	warm = bench->judge.hash;
	matched = bench->judge.matched;
	if (bench->tell_matches)
		tell_matches(bench);
	judge_close(&bench->judge);
	slices = hash_of_slices(bench);
	(void)printf("%u events reach the evaluator, %llu match; with cold, warm and forgotten "
	    "caches %s\n", bench->records.count, (unsigned long long)matched,
	    cold == warm && warm == slices ? "the same" : "not the same");
	if (matched == 0 || matched > bench->records.count / 1000) {
		(void)printf("on a busy host some do, but less than one in 1,000\n");
		return 1;
	}
	return cold == warm && warm == slices ? 0 : 1;
}

static void
keep_warm(struct bench *bench, double seconds)
{
	double begin = bench_ns(), rate = 0;

	judge_open(bench, &bench->ruleset);
	mix_m1(bench);
	while (bench_ns() - begin < seconds * 1e9)
		rate = run(bench, bench->records.count);
	tell(bench, "M1, warm", rate, "events");
}

int
main(int argc, char *argv[])
{
	static struct bench bench = { .seed = 1, .events = MILLION };
	const char *missing = "";
	bool only_check = false;
	double seconds = 0;
	int option;

	while ((option = getopt(argc, argv, "cmw:n:s:")) != -1) {
		switch (option) {
		case 'c': only_check = true; break;
		case 'm': bench.tell_matches = true; break;
		case 'w': seconds = strtod(optarg, NULL); break;
		case 'n': bench.events = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 's': bench.seed = strtoull(optarg, NULL, 10); break;
		default: return 100;
		}
	}
	if (optind == argc || bench_rules_read(&bench.rules, (const char *const *)argv + optind,
	        (size_t)(argc - optind), &missing) < 0) {
		(void)printf("no rules to measure with: %s is not there; RULES names others\n",
		    missing);
		return EXIT_SKIP;
	}
	evtcode_init();
	layout_init();
	must(bench_rules_load(&bench.rules, &bench.ruleset), "the rules");
	bench.full = own_memory(sizeof(*bench.full));
	bench.records = (struct judge_records){ .bytes = own_memory(records_max),
		.size = records_max };
	stream_open(&bench);
	if (only_check)
		return check(&bench);
	if (seconds > 0) {
		keep_warm(&bench, seconds);
		return 0;
	}
	measure_memory(&bench);
	measure_all(&bench);
	return 0;
}
