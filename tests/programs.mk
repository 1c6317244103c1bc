# SPDX-License-Identifier: Apache-2.0
# Tests that are not unit tests of a folder: what each is made of.

MODEL_TESTS   := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/model/*_test.c))
TEST_PROGRAMS += $(MODEL_TESTS)
$(MODEL_TESTS): $(B)/tests/model/%: $(B)/tests/model/%.o $(B)/libshm.a $(B)/libbase.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lpthread

BENCHES := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/bench/*_bench.c))
$(BENCHES): $(B)/tests/bench/%: $(B)/tests/bench/%.o $(B)/libshm.a $(B)/libbase.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lpthread

-include tests/syscall/syscall.mk
