/* SPDX-License-Identifier: Apache-2.0 */
/* The records of events.  See machine.h. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "evtcode.h"
#include "machine.h"
#include "pool.h"

static uint16_t
family_choose(struct choice *choice)
{
	static const uint16_t families[] = { AF_INET, AF_INET, AF_INET6, AF_UNIX, AF_NETLINK };

	return CHOOSE(choice, families);
}

static void
address_put(struct record_writer *writer, uint32_t slot, struct choice *choice)
{
	struct {
		struct wire_address head;
		char path[64];
	} made = { .head.family = family_choose(choice), .head.port = pool_port(choice) };
	size_t len = sizeof(made.head);

	if (made.head.family == AF_UNIX) {
		struct span path = pool_text(choice);

		len += path.len < sizeof(made.path) ? path.len : 0;
		memcpy(made.path, path.ptr, len - sizeof(made.head));
	} else {
		memcpy(made.head.addr, pool_address(choice, made.head.family), 16);
	}
	record_put_bytes(writer, slot, &made, len, PARAM_EXACT);
}

static void
tuple_put(struct record_writer *writer, uint32_t slot, struct choice *choice)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP,
		IPPROTO_RAW, 0 };
	static const uint8_t types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, 0 };
	struct {
		struct wire_tuple head;
		char path[64];
	} made = { .head.family = family_choose(choice) };
	size_t len = sizeof(made.head);

	made.head.protocol = CHOOSE(choice, protocols);
	made.head.type = CHOOSE(choice, types);
	made.head.source_port = pool_port(choice);
	made.head.destination_port = pool_port(choice);
	memcpy(made.head.source, pool_address(choice, made.head.family), 16);
	memcpy(made.head.destination, pool_address(choice, made.head.family), 16);
	if (made.head.family == AF_UNIX) {
		struct span path = pool_text(choice);

		made.head.source_id = pool_number(choice);
		len += path.len < sizeof(made.path) ? path.len : 0;
		memcpy(made.path, path.ptr, len - sizeof(made.head));
	}
	record_put_bytes(writer, slot, &made, len, PARAM_EXACT);
}

static void
dynamic_put(struct record_writer *writer, uint32_t slot, struct choice *choice)
{
	uint8_t made[9] = { (uint8_t)choose(choice, 3) };
	uint64_t number = pool_number(choice);

	memcpy(made + 1, &number, sizeof(number));
	record_put_bytes(writer, slot, made, sizeof(made), PARAM_EXACT);
}

static void
param_put(struct record_writer *writer, uint32_t slot, uint8_t type, struct choice *choice)
{
	enum param_state state = chance(choice, 85) ? PARAM_EXACT :
	    chance(choice, 50) ? PARAM_TRUNCATED : PARAM_UNREADABLE;
	struct span text;

	if (type == T_SOCKADDR) {
		address_put(writer, slot, choice);
	} else if (type == T_TUPLE) {
		tuple_put(writer, slot, choice);
	} else if (type == T_DYN) {
		dynamic_put(writer, slot, choice);
	} else if (param_type_is_bytes(type)) {
		text = pool_text(choice);
		record_put_bytes(writer, slot, text.ptr, state == PARAM_UNREADABLE ? 0 : text.len,
		    state);
	} else {
		record_put(writer, slot, pool_number(choice));
	}
}

/* What the enricher adds for TASK. */
static void
derived_put(struct machine *machine, struct record_writer *writer, uint32_t own, uint32_t task,
    struct choice *choice)
{
	static const uint32_t ids[] = { 100, 1, 5, 7 };
	uint32_t context = machine->tasks[task];

	for (uint32_t i = D_parent; i < D_COUNT; i++) {
		if (i == D_ancestors || i == D_session_context || i == D_session_slot ||
		    i == D_lost || chance(choice, 20))
			continue;
		record_put(writer, own + i, pool_number(choice));
	}
	if (chance(choice, 70))
		record_put_bytes(writer, own + D_ancestors, ids, choose(choice, 5) * sizeof(*ids),
		    PARAM_EXACT);
	record_put(writer, own + D_number, machine->number++);
	if (chance(choice, 10))
		record_put(writer, own + D_lost, choose(choice, 16));
	if (context != 0) {
		record_put(writer, own + D_context, machine->live[context - 1].ref.id);
		record_put(writer, own + D_context_slot, machine->live[context - 1].ref.slot);
	}
	context = machine->tasks[choose(choice, MACHINE_TASKS)];
	if (context != 0) {
		record_put(writer, own + D_session_context, machine->live[context - 1].ref.id);
		record_put(writer, own + D_session_slot, machine->live[context - 1].ref.slot);
	}
}

/* Bytes and fractions come from outside alone. */
static void
give(struct machine *machine, struct choice *choice)
{
	static const double shares[] = { 0, 1, 1.5, 100, -1, 0.25, -0.0 };
	static const struct span names[GIVEN_MAX] = { { "evt.buffer", 10 }, { "thread.cpu", 10 },
		{ "thread.cpu.user", 15 } };

	machine->view.given = machine->given;
	machine->view.given_count = choose(choice, GIVEN_MAX + 1);
	for (uint32_t i = 0; i < GIVEN_MAX; i++) {
		double share = CHOOSE(choice, shares);
		uint64_t bits;

		memcpy(&bits, &share, sizeof(bits));
		machine->given[i].text = names[i];
		if (i == 0)
			value_text(&machine->given[i].value, pool_text(choice));
		else
			value_number(&machine->given[i].value, bits);
	}
}

/* Results that a call may have: done, a descriptor, an error. */
static int64_t
result_choose(struct choice *choice)
{
	static const int64_t results[] = { 0, 3, 100, -2, -13, -115, -4095 };

	return CHOOSE(choice, results);
}

bool
machine_event(struct machine *machine, struct choice *choice, const struct kinds *kinds)
{
	const struct event_info *info = event_info(kinds->ids[choose(choice, kinds->count)]);
	uint32_t task = choose(choice, MACHINE_TASKS), own = info->param_count;
	struct record_writer writer;
	struct event_head *head;
	int len;

	record_begin(&writer, machine->made, sizeof(machine->made), info->id, own + D_COUNT);
	for (uint32_t i = 0; i < own; i++)
		if (chance(choice, 88))
			param_put(&writer, i, info->params[i].type, choice);
	if (info->id == EV_syscall)
		record_put(&writer, P_syscall_ID, 39 + choose(choice, 3));
	derived_put(machine, &writer, own, task, choice);
	head = record_head(&writer);
	machine->ts += 1 + choose(choice, 1000) * (chance(choice, 20) ? 1000003 : 1);
	head->ts = machine->ts;
	head->position = ++machine->position;
	head->tid = 100 + task;
	head->tgid = chance(choice, 70) ? head->tid : 100;
	head->cpu = (uint16_t)choose(choice, 2);
	head->result = result_choose(choice);
	len = record_end(&writer);
	if (len < 0 || record_check(&machine->record, machine->made, (size_t)len, RECORD_FULL) < 0)
		return false;
	give(machine, choice);
	view_begin(&machine->view, &machine->record);
	return true;
}
