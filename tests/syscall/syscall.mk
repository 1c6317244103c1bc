# SPDX-License-Identifier: Apache-2.0
# One program that does every system call the schema names and compares what the probe tells; see harness.h.

SYSCALL_TESTS := $(B)/tests/syscall/probe_test
SYSCALL_OBJECTS := $(patsubst tests/%.c,$(B)/tests/%.o,$(wildcard tests/syscall/*.c))
TEST_PROGRAMS += $(SYSCALL_TESTS)
$(SYSCALL_TESTS): $(SYSCALL_OBJECTS) $(B)/libshm.a $(B)/libbase.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lbpf -lelf -lz -lpthread
