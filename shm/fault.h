/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places where a test kills a process: every step of every hop.  Only a build with FAULTS=1 has
 * them; elsewhere the macro is nothing.
 */
#ifndef SHM_FAULT_H
#define SHM_FAULT_H

#ifdef SAKER_FAULTS
/*
 * Stand still for ever when the test has armed NAME (fault_page.h) and this is the pass it
 * counted down to: the test ends the process with SIGKILL there.
 */
void fault_point(const char *name);
#define FAULT_POINT(name) fault_point(name)
#else
#define FAULT_POINT(name) ((void)0)
#endif

#endif
