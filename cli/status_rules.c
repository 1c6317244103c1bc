/* SPDX-License-Identifier: Apache-2.0 */
/* `saker status --rules`: what each rule costs, the dearest first, added up over evaluators. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "costs.h"
#include "status.h"

struct rules_table {
	struct costs_row *rows;
	uint32_t count;
	uint32_t without_row; /* rules that have no place in their evaluator's table */
	uint64_t hashes[EVALUATORS_MAX];
	uint32_t evaluators;
};

static uint64_t
mean_ns(const struct rule_cost *cost)
{
	return cost->samples > 0 ? cost->sampled_ns / cost->samples : 0;
}

/* What all evaluations took, by those that were timed. */
static uint64_t
estimated_ns(const struct rule_cost *cost)
{
	double ns;

	if (cost->samples == 0)
		return 0;
	ns = (double)cost->sampled_ns / (double)cost->samples * (double)cost->evaluations;
	/* An evaluator may write what it likes. */
	return ns < 1e18 ? (uint64_t)ns : UINT64_C(1000000000000000000);
}

static int
by_name(const void *a, const void *b)
{
	const struct costs_row *left = a, *right = b;

	if (left->name_hash != right->name_hash)
		return left->name_hash < right->name_hash ? -1 : 1;
	return strcmp(left->name, right->name);
}

static int
descending(uint64_t left, uint64_t right)
{
	return (left < right) - (left > right);
}

static int
by_cost(const void *a, const void *b)
{
	const struct costs_row *left = a, *right = b;
	int order = descending(estimated_ns(&left->cost), estimated_ns(&right->cost));

	if (order == 0)
		order = descending(left->cost.evaluations, right->cost.evaluations);
	return order != 0 ? order : strcmp(left->name, right->name);
}

/* Rows of the same rule become one. */
static void
table_merge(struct rules_table *table)
{
	uint32_t kept = 0;

	qsort(table->rows, table->count, sizeof(table->rows[0]), by_name);
	for (uint32_t i = 0; i < table->count; i++) {
		struct rule_cost *sum = &table->rows[kept > 0 ? kept - 1 : 0].cost;
		const struct rule_cost *cost = &table->rows[i].cost;

		if (kept == 0 || by_name(&table->rows[kept - 1], &table->rows[i]) != 0) {
			table->rows[kept++] = table->rows[i];
			continue;
		}
		sum->evaluations += cost->evaluations;
		sum->hits += cost->hits;
		sum->sampled_ns += cost->sampled_ns;
		sum->samples += cost->samples;
	}
	table->count = kept;
	qsort(table->rows, table->count, sizeof(table->rows[0]), by_cost);
}

/* Add the table of one evaluator, if it stands. */
static void
table_add(struct rules_table *table, const struct costs *shared, struct costs *copy)
{
	enum { ATTEMPTS = 100 };
	uint32_t rows;

	for (int i = 0; !costs_read(shared, copy); i++)
		if (i == ATTEMPTS)
			return;
	rows = costs_rows(copy->rule_count);
	table->hashes[table->evaluators++] = copy->rules_hash;
	table->without_row += copy->rule_count - rows;
	memcpy(&table->rows[table->count], copy->rows, rows * sizeof(copy->rows[0]));
	table->count += rows;
}

static int
table_take(struct rules_table *table, struct keeper *keeper)
{
	struct costs *copy = malloc(sizeof(*copy));
	int fd;

	memset(table, 0, sizeof(*table));
	table->rows = calloc((size_t)EVALUATORS_MAX * COSTS_RULES_MAX,
	    sizeof(table->rows[0]));
	while (copy != NULL && table->rows != NULL && table->evaluators < EVALUATORS_MAX &&
	    (fd = keeper_take_end(keeper, REGION_COSTS)) >= 0) {
		struct region region;

		if (region_attach_take(&region, fd, REGION_COSTS, false) < 0)
			continue;
		if (region_content_bytes(&region) >= COSTS_CONTENT)
			table_add(table, region_content(&region), copy);
		region_close(&region);
	}
	free(copy);
	if (copy == NULL || table->rows == NULL)
		return -ENOMEM;
	table_merge(table);
	return 0;
}

static void
print_text(const char *bytes, bool json, FILE *out)
{
	char buf[COSTS_NAME_MAX * 6 + 3];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	if (json)
		text_json(&text, bytes, strlen(bytes));
	else
		text_visible(&text, bytes, strlen(bytes));
	(void)fputs(buf, out);
}

static void
print_row(const struct costs_row *row, FILE *out)
{
	const struct rule_cost *cost = &row->cost;

	(void)fprintf(out, "%14" PRIu64 " %10" PRIu64, cost->evaluations, cost->hits);
	if (cost->samples > 0)
		(void)fprintf(out, " %9" PRIu64 " %12.3f", mean_ns(cost),
		    (double)estimated_ns(cost) / 1e6);
	else
		(void)fprintf(out, " %9s %12s", "-", "-");
	(void)fprintf(out, "  ");
	print_text(row->name, false, out);
	(void)fputc('\n', out);
}

static void
print_table(const struct rules_table *table, FILE *out)
{
	uint32_t idle = 0;

	(void)fprintf(out, "%14s %10s %9s %12s  %s\n", "evaluations", "hits", "mean ns",
	    "estimated ms", "rule");
	for (uint32_t i = 0; i < table->count; i++) {
		if (table->rows[i].cost.evaluations > 0)
			print_row(&table->rows[i], out);
		else
			idle++;
	}
	if (idle > 0)
		(void)fprintf(out, "%u rules were never tried.\n", idle);
	if (table->without_row > 0)
		(void)fprintf(out, "%u rules have no place in the table.\n", table->without_row);
}

static void
print_json_row(const struct costs_row *row, FILE *out)
{
	const struct rule_cost *cost = &row->cost;

	(void)fprintf(out, "{\"rule\":\"");
	print_text(row->name, true, out);
	(void)fprintf(out, "\",\"evaluations\":%" PRIu64 ",\"hits\":%" PRIu64, cost->evaluations,
	    cost->hits);
	(void)fprintf(out, ",\"samples\":%" PRIu64 ",\"sampled_ns\":%" PRIu64, cost->samples,
	    cost->sampled_ns);
	if (cost->samples > 0)
		(void)fprintf(out, ",\"mean_ns\":%" PRIu64 ",\"estimated_ns\":%" PRIu64 "}",
		    mean_ns(cost), estimated_ns(cost));
	else
		(void)fprintf(out, ",\"mean_ns\":null,\"estimated_ns\":null}");
}

static void
print_json(const struct rules_table *table, FILE *out)
{
	(void)fprintf(out, "{\"version\":\"%s\",\"rules_hashes\":[", SAKER_VERSION);
	for (uint32_t i = 0; i < table->evaluators; i++)
		(void)fprintf(out, "%s\"%016" PRIx64 "\"", i > 0 ? "," : "", table->hashes[i]);
	(void)fprintf(out, "],\"without_row\":%u,\"rules\":[", table->without_row);
	for (uint32_t i = 0; i < table->count; i++) {
		(void)fputs(i > 0 ? "," : "", out);
		print_json_row(&table->rows[i], out);
	}
	(void)fprintf(out, "]}\n");
}

int
status_rules(struct keeper *keeper, bool json, FILE *out)
{
	struct rules_table table;
	int err = table_take(&table, keeper);

	if (err == 0) {
		if (json)
			print_json(&table, out);
		else
			print_table(&table, out);
	}
	free(table.rows);
	return err;
}
