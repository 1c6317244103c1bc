# SPDX-License-Identifier: Apache-2.0
#
# The whole build, one file.  A folder is a program: adding a source is adding a file.
#
#   make               everything, under build/          make SAN=address,undefined    the same with sanitizers,
#   make check         all tests                         make SAN=thread               under build/address,undefined …
#   make run           live alerts                       make lint    our own rules and the linters
#   make deps          packages the build needs          make bench   measurements
#   make fuzz          fuzz targets                      make man     the manuals made from tables
#   make CHECKED=1     each event judged twice, under build/checked
#   make V=1           with the commands                 make bench-eval   the evaluator alone
#   make install PREFIX=/usr/local DESTDIR=

O       ?= build
B       := $(O)$(if $(SAN),/$(SAN))$(if $(FAULTS),/faults)$(if $(CHECKED),/checked)
G       := $(O)/gen
PREFIX  ?= /usr/local
CC      ?= gcc
CXX     ?= g++
CLANG   ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /sbin/bpftool) bpftool)
MANDOC  ?= mandoc
VERSION := 0.1.0
Q       := $(if $(V),,@)
quiet   := $(findstring s,$(filter-out -%,$(firstword $(MAKEFLAGS))))
say      = $(if $(V)$(quiet),,@printf '  %-7s %s\n' '$(1)' '$(2)')

WARN    := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wswitch-enum \
           $(if $(WERROR),-Werror)
CFLAGS  ?= -O2 -g
ALL_FLAGS  = -D_GNU_SOURCE -DSAKER_VERSION='"$(VERSION)"' $(CFLAGS) -fno-omit-frame-pointer -fstack-protector-strong \
           $(if $(SAN),-fsanitize=$(SAN)) $(if $(findstring thread,$(SAN)),-Wno-tsan) $(if $(FAULTS),-DSAKER_FAULTS) \
           $(if $(CHECKED),-DSAKER_CHECKED) \
           -Ibase -Ishm -I$(G)
ALL_CFLAGS = -std=gnu11 $(WARN) $(ALL_FLAGS)
ALL_CXXFLAGS = -std=gnu++17 $(filter-out %-prototypes,$(WARN)) $(ALL_FLAGS)
ALL_LDFLAGS = $(LDFLAGS) $(if $(SAN),-fsanitize=$(SAN)) -Wl,-z,relro,-z,now

# Programs: the folder each is made of, and the libraries that folder owns.
PROGRAMS := saker saker-keeper saker-collector saker-enricher saker-evaluator saker-spooler saker-sink
LIBS_saker           := -lyaml -lseccomp
LIBS_saker-keeper    := -lyaml -lseccomp
LIBS_saker-collector := -lbpf -lelf -lz -luring -lyaml -lseccomp
LIBS_saker-enricher  := -lyaml -lseccomp
LIBS_saker-evaluator := -lyaml -lseccomp -lm -lre2 -lstdc++
LIBS_saker-spooler   := -lzstd -lyaml -lseccomp
LIBS_saker-sink      := -lzstd -lyaml -lseccomp
OUTPUT_MAINS := outputs/spooler.c outputs/sink.c

objects  = $(patsubst %,$(B)/%.o,$(basename $(wildcard $(1)/*.c $(1)/*.cc)))
OBJ_saker           := $(call objects,cli)
OBJ_saker-keeper    := $(call objects,keeper)
OBJ_saker-collector := $(call objects,collector)
OBJ_saker-enricher  := $(call objects,enricher)
OBJ_saker-evaluator := $(call objects,evaluator)
OUTPUT_SHARED       := $(patsubst %.c,$(B)/%.o,$(filter-out $(OUTPUT_MAINS),$(wildcard outputs/*.c)))
OBJ_saker-spooler   := $(B)/outputs/spooler.o $(OUTPUT_SHARED)
OBJ_saker-sink      := $(B)/outputs/sink.o $(OUTPUT_SHARED)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all check run lint bench fuzz install deps clean man test-programs unit-tests
all: $(PROGRAMS:%=$(B)/bin/%) $(B)/bin/probe.bpf.o

$(B)/libbase.a: $(call objects,base)
$(B)/libshm.a: $(call objects,shm)
$(B)/%.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

define program
$(B)/bin/$(1): $$(OBJ_$(1)) $(B)/libshm.a $(B)/libbase.a
	$$(call say,LD,$$@)
	$(Q)mkdir -p $$(@D) && $$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(LIBS_$(1))
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

# A source sees base/, shm/ and its own folder; nothing else.
$(B)/%.o: %.c $(G)/syscalls.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -I$(dir $<) -MMD -MP -c $< -o $@

$(B)/%.o: %.cc
	$(call say,CXX,$@)
	$(Q)mkdir -p $(@D) && $(CXX) $(ALL_CXXFLAGS) -I$(dir $<) -MMD -MP -c $< -o $@

$(G)/syscalls.h: shm/syscalls.def
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D) && { echo '#include <asm/unistd.h>' | $(CC) -E -dM - | \
	  sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$$/{ \2, "\1" },/p'; \
	  sed -n 's/^SYSCALL(\([0-9]*\), \([a-z0-9_]*\))$$/{ \1, "\2" },/p' $<; } | sort -t' ' -k2 -n -u > $@

# The probe: every family compiled on its own, linked by bpftool, loaded from a skeleton.
BPF_SOURCES := $(wildcard bpf/*.bpf.c)
BPF_ARCH    := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(shell uname -m)))
$(G)/vmlinux.h:
	$(call say,BTF,$@)
	$(Q)mkdir -p $(@D) && $(BPFTOOL) btf dump file /sys/kernel/btf/vmlinux format c > $@
$(O)/bpf/%.bpf.o: bpf/%.bpf.c $(G)/vmlinux.h
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D) && $(CLANG) -target bpf -D__TARGET_ARCH_$(BPF_ARCH) -mcpu=v3 -O2 -g -Wall -Wextra $(if $(WERROR),-Werror) \
	  -Ibpf -Ishm -I$(G) -MMD -MP -c $< -o $@
$(B)/bin/probe.bpf.o: $(BPF_SOURCES:%.c=$(O)/%.o)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(BPFTOOL) gen object $@ $^

# Tests: tests/unit/FOLDER/x_test.c links that folder without its main; the others are listed in tests/programs.mk.
# (crash_test is for a build that has fault points, checked_test for one that judges twice: tests/sanitize/ runs them.)
UNIT_SOURCES := $(filter-out $(if $(FAULTS),,%/crash_test.c) $(if $(CHECKED),,%/checked_test.c),$(wildcard tests/unit/*/*_test.c))
UNIT_TESTS   := $(UNIT_SOURCES:tests/%.c=$(B)/tests/%)
TEST_LIBS    := -lcmocka -lbpf -lelf -lz -luring -lzstd -lyaml -lseccomp -lm -lpthread -lre2 -lstdc++
without_main  = $(filter-out $(B)/outputs/spooler.o $(B)/outputs/sink.o %/main.o,$(call objects,$(1)))
folder_of     = $(word 3,$(subst /, ,$(1)))
.SECONDEXPANSION:
$(B)/tests/unit/%: $(B)/tests/unit/%.o $$(if $$(filter base shm,$$(firstword $$(subst /, ,$$*))),,$$(call without_main,$$(firstword $$(subst /, ,$$*)))) \
    $(B)/libshm.a $(B)/libbase.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS)
$(B)/tests/%.o: tests/%.c $(G)/syscalls.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -I$(call folder_of,$<) -Itests -MMD -MP -c $< -o $@
-include tests/programs.mk

test-programs: all $(UNIT_TESTS) $(TEST_PROGRAMS)
unit-tests: $(UNIT_TESTS)
check: test-programs
	$(Q)B=$(B) sh tests/run.sh

# Fuzz targets: tests/fuzz/x_fuzz.c, and tests/fuzz/x/ where it has one, with base/, shm/ and, but for its mains, the one
# folder whose parser it is.
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))
FUZZ_FOLDERS := config:base text:base enrich:enricher segment:outputs cursor:outputs
fuzz_folder   = $(or $(patsubst $(1):%,%,$(filter $(1):%,$(FUZZ_FOLDERS))),evaluator)
fuzz_sources  = $(filter-out %/main.c $(OUTPUT_MAINS),$(sort $(wildcard base/*.c shm/*.c $(call fuzz_folder,$(1))/*.c)))
FUZZ_FLAGS   := -D_GNU_SOURCE -DSAKER_VERSION='"fuzz"' -O1 -g -w -fsanitize=fuzzer-no-link,address,undefined \
  -fno-sanitize-recover=all -Ibase -Ishm -I$(G)
fuzz_name     = $(firstword $(subst /, ,$(1:_fuzz=)))
fuzz_objects  = $(patsubst %.c,$(O)/fuzz/%.o,tests/fuzz/$(1)_fuzz.c $(wildcard tests/fuzz/$(1)/*.c) $(call fuzz_sources,$(1))) \
  $(if $(filter evaluator,$(call fuzz_folder,$(1))),$(O)/fuzz/evaluator/regex.o)
fuzz_compile  = $(Q)mkdir -p $(@D) && $(CLANG) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<
fuzz: $(FUZZ_TARGETS)
$(O)/fuzz/tests/fuzz/%.o: tests/fuzz/%.c $(G)/syscalls.h
	$(fuzz_compile) -std=gnu11 -I$(call fuzz_folder,$(call fuzz_name,$*)) -Itests/fuzz/$(call fuzz_name,$*)
$(O)/fuzz/%.o: %.c $(G)/syscalls.h
	$(fuzz_compile) -std=gnu11 -I$(dir $<)
$(O)/fuzz/%.o: %.cc
	$(fuzz_compile) -x c++ -std=gnu++17 -I$(dir $<)
$(O)/fuzz/%_fuzz: $$(call fuzz_objects,$$*)
	$(call say,FUZZ,$@)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ -lyaml -lseccomp -lzstd -lm -lre2 -lstdc++

ARGS = -r rules
run: all
	$(Q)$(B)/bin/saker run $(ARGS)

MANUALS := $(wildcard */*.[1578])
lint:
	$(Q)B=$(B) MANDOC=$(MANDOC) sh tests/lint.sh

deps:
	$(Q)sh packaging/deps.sh

# Manuals made from the tables, beside those that lie in the folders.
man:
	$(call say,MAN,$(G)/man)
	$(Q)CC=$(CC) sh packaging/manuals.sh $(G)/man

LIBEXEC := $(PREFIX)/libexec/saker
SYSTEM  := $(PREFIX)/lib
install: all man
	$(call say,INSTALL,$(DESTDIR)$(PREFIX))
	$(Q)install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBEXEC) $(DESTDIR)/etc/saker/rules.d \
	  $(DESTDIR)$(SYSTEM)/systemd/system $(DESTDIR)$(SYSTEM)/sysusers.d
	$(Q)install -m 0755 $(filter-out $(B)/bin/saker,$(PROGRAMS:%=$(B)/bin/%)) $(DESTDIR)$(LIBEXEC)
	$(Q)install -m 0755 $(B)/bin/saker $(DESTDIR)$(PREFIX)/bin
	$(Q)install -m 0644 $(B)/bin/probe.bpf.o $(DESTDIR)$(LIBEXEC)
	$(Q)install -m 0644 rules/*.yaml $(DESTDIR)/etc/saker/rules.d
	$(Q)sed 's|/usr/local/libexec/saker|$(LIBEXEC)|' packaging/saker.service \
	  > $(DESTDIR)$(SYSTEM)/systemd/system/saker.service
	$(Q)install -m 0644 packaging/saker.sysusers.conf $(DESTDIR)$(SYSTEM)/sysusers.d/saker.conf
	$(Q)for page in $(MANUALS) $(G)/man/*.7; do install -D -m 0644 $$page \
	  $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit; done

clean:
	rm -rf $(O)

-include $(shell find $(O) -name '*.d' 2>/dev/null)
