/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

static struct actor child;

/* init and a shell below it, told by a snapshot. */
static int
setup(void **state)
{
	(void)state;
	stage_begin(256);
	child = (struct actor){ 200, 200, 5, 2000, &shell };
	scene_names(&scene, NAMES_USERS, 1, "ann:x:1000:100:Ann:/home/ann:/bin/bash\n");
	scene_names(&scene, NAMES_GROUPS, 1, "users:x:100:\n");
	stage_tell();
	scene_snapshot_end(&scene, 1, 0);
	scene_tick(&scene);
	return 0;
}

static void
a_child_has_what_its_maker_had(void **state)
{
	(void)state;
	scene_clone(&scene, &child, "bash");
	(void)scene_open(&scene, &child, "/etc/passwd");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_lost), 0);
	assert_int_equal(world_derived(&world, D_parent), 100);
	assert_int_equal(world_derived(&world, D_process_start), 2000);
	assert_int_equal(world_derived(&world, D_parent_start), 1000);
	world_context(&world);
	assert_context_text(&world, C_comm, "bash");
	assert_context_text(&world, C_exepath, "/bin/bash");
	assert_context_text(&world, C_cwd, "/home");
	assert_context_text(&world, C_container_id, "host");
	assert_int_equal(slots_scalar_or(&world.view.slots, C_exe_ino, 0), 77);
	world_parent(&world);
	assert_context_text(&world, C_comm, "bash");
	world_parent(&world);
	assert_context_text(&world, C_comm, "init");
	assert_int_equal(world.view.head->parent_id, 0);
	assert_int_equal(world.view.head->lost & LOST_PARENT, 0);
}

static void
the_exec_event_sees_the_new_image(void **state)
{
	(void)state;
	scene_clone(&scene, &child, "bash");
	scene_exec(&scene, &child, "cat", "/usr/bin/cat");
	world_expect(&world, &scene, EV_execve);
	world_context(&world);
	assert_context_text(&world, C_comm, "cat");
	assert_context_text(&world, C_exepath, "/usr/bin/cat");
	assert_context_text(&world, C_user_name, "ann");
	assert_context_text(&world, C_user_home, "/home/ann");
	assert_context_text(&world, C_group_name, "users");
}

static void
the_exit_event_sees_the_exiting_task(void **state)
{
	(void)state;
	scene_clone(&scene, &child, "bash");
	scene_exit(&scene, &child, NULL, true);
	(void)scene_open(&scene, &child, "late");
	world_expect(&world, &scene, EV_procexit);
	assert_int_equal(world_derived(&world, D_lost), 0);
	world_context(&world);
	assert_context_text(&world, C_comm, "bash");
	assert_true(world_next(&world));
	assert_int_equal(world_derived(&world, D_lost), LOST_TASK | LOST_PARENT);
	assert_int_equal(world_derived(&world, D_context), 0);
	assert_int_equal(world_count(&world, STAT_ENRICHER_tasks_unknown), 1);
}

static void
another_image_is_never_judged_by_this_one(void **state)
{
	struct actor other = shell;

	(void)state;
	other.exec++;
	(void)scene_open(&scene, &other, "a");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_context), 0);
	other = shell;
	other.start++;
	(void)scene_open(&scene, &other, "b");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_context), 0);
	assert_int_equal(world_derived(&world, D_lost), LOST_TASK | LOST_PARENT);
	assert_int_equal(world_count(&world, STAT_ENRICHER_tasks_stale), 2);
}

static void
exec_of_an_unknown_task_heals(void **state)
{
	(void)state;
	child.exec = 7;
	scene_exec(&scene, &child, "id", "/bin/id");
	world_expect(&world, &scene, EV_execve);
	assert_int_equal(world_derived(&world, D_lost), 0);
	world_context(&world);
	world_parent(&world);
	assert_context_text(&world, C_comm, "bash");
}

static void
failed_calls_change_nothing(void **state)
{
	(void)state;
	scene_begin_exec(&scene, EV_execve, &shell, "evil", "/bin/evil");
	record_head(&scene.writer)->result = -2;
	(void)scene_end(&scene);
	world_expect(&world, &scene, EV_execve);
	world_context(&world);
	assert_context_text(&world, C_comm, "bash");
	scene_begin(&scene, EV_chdir, &shell);
	record_head(&scene.writer)->result = -13;
	scene_text(&scene, P_chdir_new_cwd, "/root");
	(void)scene_end(&scene);
	world_expect(&world, &scene, EV_chdir);
	world_context(&world);
	assert_context_text(&world, C_cwd, "/home");
}

static void
a_thread_shares_its_process(void **state)
{
	struct actor thread = { 101, 100, 5, 3000, &init };

	(void)state;
	scene_clone(&scene, &thread, "worker");
	scene_chdir(&scene, &thread, "/tmp/");
	(void)scene_open(&scene, &shell, "x");
	world_expect(&world, &scene, EV_open);
	world_context(&world);
	assert_context_text(&world, C_comm, "bash");
	assert_context_text(&world, C_cwd, "/tmp");
	(void)scene_open(&scene, &thread, "y");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_lost), 0);
	assert_int_equal(world_derived(&world, D_parent), 1);
	world_context(&world);
	assert_context_text(&world, C_comm, "worker");
	assert_context_text(&world, C_exepath, "/bin/bash");
	assert_context_text(&world, C_cwd, "/tmp");
	world_parent(&world);
	assert_context_text(&world, C_comm, "init");
}

static void
a_thread_that_is_not_known_changes_its_process(void **state)
{
	struct actor thread = { 101, 100, 5, 3000, &init };

	(void)state;
	scene_chdir(&scene, &thread, "/tmp");
	(void)scene_open(&scene, &shell, "x");
	world_expect(&world, &scene, EV_open);
	world_context(&world);
	assert_context_text(&world, C_cwd, "/tmp");
	thread.exec--; /* of another image */
	scene_chdir(&scene, &thread, "/var");
	(void)scene_open(&scene, &shell, "x");
	world_expect(&world, &scene, EV_open);
	world_context(&world);
	assert_context_text(&world, C_cwd, "/tmp");
}

static void
a_thread_that_execs_takes_its_process_over(void **state)
{
	struct actor thread = { 101, 100, 5, 3000, &init };

	(void)state;
	scene_clone(&scene, &thread, "worker");
	scene_exit(&scene, &shell, NULL, false); /* the leader goes, the group lives */
	scene_exec(&scene, &shell, "ls", "/bin/ls");
	(void)scene_open(&scene, &shell, "x");
	(void)scene_open(&scene, &thread, "y");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_lost), 0);
	world_context(&world);
	assert_context_text(&world, C_comm, "ls");
	assert_true(world_next(&world));
	assert_int_equal(world_derived(&world, D_context), 0);
	assert_int_equal(world.enricher->life.tasks.exited_count, 0);
}

static void
a_leader_stays_while_its_threads_live(void **state)
{
	struct actor thread = { 101, 100, 5, 3000, &init };

	(void)state;
	scene_clone(&scene, &thread, "worker");
	scene_exit(&scene, &shell, NULL, false);
	(void)scene_open(&scene, &thread, "y");
	world_expect(&world, &scene, EV_open);
	world_context(&world);
	assert_context_text(&world, C_exepath, "/bin/bash");
	scene_exit(&scene, &thread, &init, true);
	world_feed(&world, &scene);
	world_turn(&world);
	assert_int_equal(world.enricher->life.tasks.count, 1);
}

static void
a_thread_that_is_not_known_can_end_its_process(void **state)
{
	struct actor thread = { 101, 100, 5, 3000, &init };

	(void)state;
	scene_clone(&scene, &child, "bash");
	scene_exit(&scene, &shell, NULL, false);
	scene_exit(&scene, &thread, &init, true);
	(void)scene_open(&scene, &child, "x");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_parent), 1);
	assert_int_equal(world.enricher->life.tasks.count, 2);
}

static void
children_go_to_the_reaper(void **state)
{
	(void)state;
	scene_clone(&scene, &child, "bash");
	(void)scene_open(&scene, &child, "a");
	scene_exit(&scene, &shell, &init, true);
	(void)scene_open(&scene, &child, "b");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_parent), 100);
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_parent), 1);
	assert_int_equal(world_derived(&world, D_parent_start), 10);
	world_context(&world);
	world_parent(&world);
	assert_context_text(&world, C_comm, "init");
	assert_int_equal(world.enricher->life.tasks.count, 2);
}

static void
an_exited_ancestor_stays_while_its_reaper_is_not_known(void **state)
{
	(void)state;
	scene_clone(&scene, &child, "bash");
	scene_exit(&scene, &shell, NULL, true);
	(void)scene_open(&scene, &child, "b");
	world_expect(&world, &scene, EV_open);
	world_context(&world);
	world_parent(&world);
	assert_context_text(&world, C_comm, "bash");
	scene_exit(&scene, &child, NULL, true);
	world_feed(&world, &scene);
	world_turn(&world);
	assert_int_equal(world.enricher->life.tasks.count, 1);
	assert_int_equal(world.enricher->life.tasks.exited_count, 0);
}

static void
credentials_are_what_the_kernel_says(void **state)
{
	(void)state;
	scene_setuid(&scene, &shell, 0);
	world_expect(&world, &scene, EV_setuid);
	world_context(&world);
	assert_int_equal(slots_scalar_or(&world.view.slots, C_uid, 9), 0);
	assert_int_equal(slots_scalar_or(&world.view.slots, C_cap_effective, 9), 255);
	assert_int_equal(slots_scalar_or(&world.view.slots, C_gid, 9), 100);
}

static void
sessions_and_groups_follow(void **state)
{
	(void)state;
	scene_clone(&scene, &child, "bash");
	scene_begin(&scene, EV_setsid, &child);
	record_head(&scene.writer)->result = 200;
	scene_number(&scene, P_setsid_sid, 200);
	scene_number(&scene, P_setsid_new_pgid, 200);
	(void)scene_end(&scene);
	scene_begin(&scene, EV_setpgid, &shell);
	scene_number(&scene, P_setpgid_target, 200);
	scene_number(&scene, P_setpgid_new_pgid, 300);
	scene_number(&scene, P_setpgid_new_vpgid, 30);
	(void)scene_end(&scene);
	(void)scene_open(&scene, &child, "x");
	world_expect(&world, &scene, EV_setsid);
	assert_int_equal(world_derived(&world, D_sid), 200);
	assert_int_equal(world_derived(&world, D_pgid), 200);
	assert_int_equal(world_derived(&world, D_vpgid), 200);
	assert_int_equal(world_derived(&world, D_session_context),
	    world_derived(&world, D_context));
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_pgid), 300);
	assert_int_equal(world_derived(&world, D_vpgid), 30);
}

static void
an_ancestors_change_reaches_a_descendant_at_its_next_event(void **state)
{
	uint64_t before;

	(void)state;
	scene_clone(&scene, &child, "bash");
	(void)scene_open(&scene, &child, "a");
	world_expect(&world, &scene, EV_open);
	before = world_derived(&world, D_context);
	scene_chdir(&scene, &init, "/var");
	(void)scene_open(&scene, &child, "b");
	world_expect(&world, &scene, EV_open);
	assert_int_not_equal(world_derived(&world, D_context), before);
	world_context(&world);
	world_parent(&world);
	world_parent(&world);
	assert_context_text(&world, C_cwd, "/var");
}

static void
late_records_do_not_wind_back(void **state)
{
	(void)state;
	shell.exec++;
	scene_begin_exec(&scene, EV_execve, &shell, "new", "/bin/new");
	(void)scene_end(&scene);
	shell.exec--;
	scene_begin_exec(&scene, EV_execve, &shell, "old", "/bin/old");
	record_head(&scene.writer)->flags = EVENT_LATE;
	(void)scene_end(&scene);
	shell.exec++;
	(void)scene_open(&scene, &shell, "x");
	world_expect(&world, &scene, EV_open);
	world_context(&world);
	assert_context_text(&world, C_comm, "new");
}

static void
a_snapshot_sweeps_what_it_does_not_tell(void **state)
{
	(void)state;
	scene_clone(&scene, &child, "bash");
	scene_snapshot(&scene, &init, "init", 2);
	scene_snapshot(&scene, &child, "bash", 2);
	scene_snapshot_end(&scene, 2, scene.ts);
	scene_tick(&scene);
	(void)scene_open(&scene, &child, "x");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world.enricher->life.tasks.count, 2);
	assert_int_equal(world_derived(&world, D_lost), LOST_PARENT);
}

static void
a_snapshot_does_not_revive_the_dead(void **state)
{
	struct actor ghost = { 300, 300, 1, 900, &init };

	(void)state;
	scene_clone(&scene, &ghost, "ghost");
	scene_exit(&scene, &ghost, NULL, true);
	scene_snapshot(&scene, &ghost, "ghost", 2);
	world_feed(&world, &scene);
	world_turn(&world);
	assert_int_equal(world.enricher->life.tasks.count, 2);
}

static void
a_loss_of_life_makes_all_suspect_until_a_snapshot(void **state)
{
	(void)state;
	scene_lost_life(&scene);
	(void)scene_open(&scene, &shell, "x");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_lost), LOST_TASK | LOST_PARENT);
	scene_snapshot(&scene, &init, "init", 2);
	scene_snapshot(&scene, &shell, "bash", 2);
	scene_snapshot_end(&scene, 2, scene.ts);
	scene_tick(&scene);
	(void)scene_open(&scene, &shell, "x");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_lost), 0);
}

static void
a_parent_told_after_its_child_is_found(void **state)
{
	struct actor late = { 50, 50, 1, 500, &init }, below = { 400, 400, 1, 4000, &late };

	(void)state;
	scene_snapshot(&scene, &below, "below", 2);
	(void)scene_open(&scene, &below, "x");
	world_expect(&world, &scene, EV_open);
	world_context(&world);
	assert_int_equal(world.view.head->lost, LOST_PARENT);
	scene_snapshot(&scene, &late, "late", 2);
	(void)scene_open(&scene, &below, "x");
	world_expect(&world, &scene, EV_open);
	world_context(&world);
	assert_int_equal(world.view.head->lost, 0);
	world_parent(&world);
	assert_context_text(&world, C_comm, "late");
}

static void
a_child_of_an_unknown_maker_is_partial_until_it_execs(void **state)
{
	struct actor stranger = { 70, 70, 1, 700, &init }, below = { 71, 71, 1, 4000, &stranger };

	(void)state;
	scene_clone(&scene, &below, "below");
	(void)scene_open(&scene, &below, "x");
	world_expect(&world, &scene, EV_open);
	assert_int_equal(world_derived(&world, D_lost), LOST_TASK | LOST_PARENT);
	world_context(&world);
	assert_context_text(&world, C_comm, "below");
	assert_int_equal(slots_state(&world.view.slots, C_exepath), PARAM_ABSENT);
	scene_exec(&scene, &below, "ls", "/bin/ls");
	world_expect(&world, &scene, EV_execve);
	assert_int_equal(world_derived(&world, D_lost) & LOST_TASK, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_child_has_what_its_maker_had),
		TEST(the_exec_event_sees_the_new_image),
		TEST(the_exit_event_sees_the_exiting_task),
		TEST(another_image_is_never_judged_by_this_one),
		TEST(exec_of_an_unknown_task_heals),
		TEST(failed_calls_change_nothing),
		TEST(a_thread_shares_its_process),
		TEST(a_thread_that_is_not_known_changes_its_process),
		TEST(a_thread_that_execs_takes_its_process_over),
		TEST(a_leader_stays_while_its_threads_live),
		TEST(a_thread_that_is_not_known_can_end_its_process),
		TEST(children_go_to_the_reaper),
		TEST(an_exited_ancestor_stays_while_its_reaper_is_not_known),
		TEST(credentials_are_what_the_kernel_says),
		TEST(sessions_and_groups_follow),
		TEST(an_ancestors_change_reaches_a_descendant_at_its_next_event),
		TEST(late_records_do_not_wind_back),
		TEST(a_snapshot_sweeps_what_it_does_not_tell),
		TEST(a_snapshot_does_not_revive_the_dead),
		TEST(a_loss_of_life_makes_all_suspect_until_a_snapshot),
		TEST(a_parent_told_after_its_child_is_found),
		TEST(a_child_of_an_unknown_maker_is_partial_until_it_execs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
