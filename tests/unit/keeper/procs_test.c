/* SPDX-License-Identifier: Apache-2.0 */
/* The process table: every end has one writer, and nobody gets what is not for it. */
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "procs.h"

#define BIT(kind) (UINT32_C(1) << REGION_##kind)

static const struct proc_def *
writer_of(enum region_kind kind, uint32_t *count)
{
	const struct proc_def *writer = NULL;

	*count = 0;
	for (uint32_t i = 0; i < PROC_COUNT; i++) {
		if (procs[i].writes >> kind & 1) {
			writer = &procs[i];
			(*count)++;
		}
	}
	return writer;
}

static void
every_role_but_the_keeper_has_one_row(void **state)
{
	(void)state;
	assert_null(proc_find(ROLE_KEEPER));
	assert_null(proc_find(ROLE_COUNT));
	for (uint32_t role = ROLE_KEEPER + 1; role < ROLE_COUNT; role++) {
		assert_non_null(proc_find((enum role)role));
		assert_int_equal(proc_find((enum role)role)->role, role);
	}
}

static void
every_region_has_at_most_one_writer(void **state)
{
	uint32_t count;

	(void)state;
	for (uint32_t kind = REGION_NONE_KIND + 1; kind < REGION_COUNT; kind++) {
		(void)writer_of((enum region_kind)kind, &count);
		if (kind == REGION_CONFIG || kind == REGION_CONTROL ||
		    kind == REGION_STATS_KEEPER || kind == REGION_TAP_INTEREST)
			assert_int_equal(count, 0);
		else
			assert_int_equal(count, 1);
	}
}

static void
nobody_reads_and_writes_the_same_end(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < PROC_COUNT; i++)
		assert_int_equal(procs[i].reads & procs[i].writes, 0);
	assert_int_equal(procs_tap_reads & procs_tap_writes, 0);
}

static void
rings_join_a_producer_and_a_consumer(void **state)
{
	static const enum region_kind rings[] = { REGION_RAW_DATA, REGION_FULL_DATA,
		REGION_ALERT_DATA };
	uint32_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(rings) / sizeof(rings[0]); i++) {
		const struct proc_def *producer = writer_of(rings[i], &count);
		const struct proc_def *consumer = writer_of(rings[i] + 1, &count);

		assert_true(producer != consumer);
		assert_true(producer->reads >> (rings[i] + 1) & 1);
		assert_true(consumer->reads >> rings[i] & 1);
		assert_int_equal(consumer->input, rings[i]);
		assert_true(producer->role < consumer->role);
	}
}

static void
every_worker_has_its_stats_and_reads_config_and_control(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < PROC_COUNT; i++) {
		assert_true(procs[i].writes >> role_stats_region(procs[i].role) & 1);
		assert_true(procs[i].reads & BIT(CONFIG) && procs[i].reads & BIT(CONTROL));
	}
}

static void
only_the_collector_has_more_than_a_root_to_enter(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < PROC_COUNT; i++) {
		bool collector = procs[i].role == ROLE_COLLECTOR;

		assert_int_equal(procs[i].starts_as_root, collector);
		assert_int_equal(procs[i].starts_last, collector);
		assert_int_equal(procs[i].caps == UINT64_C(1) << CAP_SYS_CHROOT, !collector);
		assert_int_equal(procs[i].keeps_stdout, procs[i].role == ROLE_SINK);
	}
	assert_int_equal(procs_caps() >> CAP_SYS_ADMIN & 1, 0);
}

static void
clients_never_write_what_a_worker_reads_as_truth(void **state)
{
	(void)state;
	assert_int_equal(procs_tap_writes, BIT(TAP_INTEREST));
	assert_int_equal(procs_status_reads & (BIT(CONTEXTS) | BIT(STATE) | BIT(CONFIG)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_role_but_the_keeper_has_one_row),
		cmocka_unit_test(every_region_has_at_most_one_writer),
		cmocka_unit_test(nobody_reads_and_writes_the_same_end),
		cmocka_unit_test(rings_join_a_producer_and_a_consumer),
		cmocka_unit_test(every_worker_has_its_stats_and_reads_config_and_control),
		cmocka_unit_test(only_the_collector_has_more_than_a_root_to_enter),
		cmocka_unit_test(clients_never_write_what_a_worker_reads_as_truth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
