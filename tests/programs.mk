# SPDX-License-Identifier: Apache-2.0
# Tests that are not unit tests of a folder: what each is made of.

MODEL_TESTS   := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/model/*_test.c))
TEST_PROGRAMS += $(MODEL_TESTS)
$(MODEL_TESTS): $(B)/tests/model/%: $(B)/tests/model/%.o $(B)/libshm.a $(B)/libbase.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lpthread

BENCHES := $(filter-out %/eval_bench,$(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/bench/*_bench.c)))
$(BENCHES): $(B)/tests/bench/%: $(B)/tests/bench/%.o $(B)/tests/pipeline/pipe.o $(B)/libshm.a $(B)/libbase.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lpthread

# One evaluator on records from memory: `make bench-eval RULES="FILE ..."`.
MIX        := $(patsubst tests/%.c,$(B)/tests/%.o,$(wildcard tests/bench/mix*.c))
EVAL_BENCH := $(B)/tests/bench/eval_bench
TEST_PROGRAMS += $(BENCHES) $(EVAL_BENCH)
RULES      ?= ../shared/upstream-rules/falco_rules.yaml ../shared/upstream-rules/falco-incubating_rules.yaml
$(B)/tests/bench/eval_%.o: ALL_CFLAGS += -Ievaluator
$(EVAL_BENCH): $(patsubst tests/%.c,$(B)/tests/%.o,$(wildcard tests/bench/eval_*.c)) $(MIX) \
    $(call without_main,evaluator) $(B)/libshm.a $(B)/libbase.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_saker-evaluator)

# That the mix is what it says is a test, beside the enricher that its full records are like.
$(B)/tests/unit/enricher/mix_test: $(MIX)

.PHONY: bench-eval
bench-eval: $(EVAL_BENCH)
	$(Q)$(EVAL_BENCH) -m $(RULES) || [ $$? -eq 77 ]

bench: all $(BENCHES) $(B)/tests/pipeline/load
	$(Q)for bench in $(BENCHES); do echo "== $$bench"; B=$(B) $$bench || exit; done

-include tests/syscall/syscall.mk

# Tests of the whole pipeline: each with the fixture pipe.c, besides the programs that serve as load.
PIPELINE_TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/pipeline/*_test.c))
PIPELINE_LOADS := $(patsubst %,$(B)/tests/pipeline/%,load nginx flood)
TEST_PROGRAMS  += $(PIPELINE_TESTS) $(PIPELINE_LOADS)
$(PIPELINE_TESTS): $(B)/tests/pipeline/%: $(B)/tests/pipeline/%.o $(B)/tests/pipeline/pipe.o $(B)/libshm.a $(B)/libbase.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lpthread
$(PIPELINE_LOADS): %: %.o
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

# The tests of fault points run programs of a build of their own.
.PHONY: faults
faults:
	$(Q)$(MAKE) FAULTS=1 all
$(patsubst %,$(B)/tests/pipeline/%_test,fault poison reload): | $(if $(FAULTS)$(SAN)$(CHECKED),,faults)

# The runner of rule-language cases: `make conformance CASES=FILE`.
CONFORMANCE   := $(B)/tests/conformance/conformance
TEST_PROGRAMS += $(CONFORMANCE)
$(B)/tests/conformance/%.o: ALL_CFLAGS += -Ievaluator
$(CONFORMANCE): $(patsubst %.c,$(B)/%.o,$(wildcard tests/conformance/*.c)) $(call without_main,evaluator) \
    $(B)/libshm.a $(B)/libbase.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ljansson $(LIBS_saker-evaluator)

.PHONY: conformance
conformance: $(CONFORMANCE)
	$(Q)$(CONFORMANCE) $(CASES)
