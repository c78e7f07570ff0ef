# SPDX-License-Identifier: ISC
#
# make            build/graveshift
# make check      unit tests, rules and end-to-end tests under prove
# make demo       a first look: graveshift demo
# make bench      the tables of README.md
# make fuzzers    the fuzz targets, with clang and libFuzzer, in build/fuzz
# make fuzz       each of them for TIME=60 seconds
# make man        the manual pages
# make install    PREFIX=/usr/local, DESTDIR= as usual
#
# SAN=address,undefined builds and tests with sanitizers; CC=clang with clang; PLANT=1 with the planted bugs
# that the tests switch on one at a time.  Each combination has a build folder of its own.

CC ?= cc
ifeq ($(origin CC),default)
CC := gcc
endif
PREFIX ?= /usr/local
SAN ?=
PLANT ?=
comma := ,
O := build/$(notdir $(CC))$(if $(SAN),-$(subst $(comma),-,$(SAN)))$(if $(PLANT),-plant)

LIBRARIES := libbsd-overlay sqlite3 yaml-0.1 jansson libxxhash ncursesw hiredis
# Its header is needed, its library only by a scenario that asks for it: sim/sink/postgres_library.h.
LOADED := libpq
ifneq ($(MAKECMDGOALS),clean)
ifneq ($(shell pkg-config --exists $(LIBRARIES) $(LOADED) cmocka && echo yes),yes)
$(error A library is missing: run tools/bootstrap, or install what `pkg-config --print-errors --exists $(LIBRARIES) $(LOADED) cmocka` names)
endif
endif

WARNINGS := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition -Wvla -Wshadow \
	-Wpointer-arith -Wundef -Wformat=2 -Wwrite-strings -Wno-unused-parameter
CFLAGS ?= -O2 -g
COMMON := -std=gnu17 -D_GNU_SOURCE -fno-common $(WARNINGS) $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer) $(if $(PLANT),-DPLANTED_BUGS)
CORE_FLAGS := $(COMMON)
SIM_FLAGS := $(COMMON) -iquote . $(shell pkg-config --cflags $(LIBRARIES) $(LOADED))
TEST_FLAGS := $(SIM_FLAGS) $(shell pkg-config --cflags cmocka)
LIBS := $(shell pkg-config --libs $(LIBRARIES)) -lpthread -lm
LDFLAGS += $(if $(SAN),-fsanitize=$(SAN))

CORE_OBJECTS := $(patsubst %.c,$(O)/%.o,$(sort $(wildcard core/*.c)))
SIM_OBJECTS := $(patsubst %.c,$(O)/%.o,$(sort $(wildcard sim/*/*.c)))
TUI_OBJECTS := $(patsubst %.c,$(O)/%.o,$(sort $(wildcard tui/*/*.c)))
OBJECTS := $(SIM_OBJECTS) $(TUI_OBJECTS) $(CORE_OBJECTS)
UNIT_TESTS := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/unit/test_*.c)))
E2E_HELPERS := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/e2e/*.c)))
# Without libFuzzer the targets replay their corpus.
FUZZERS := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_OBJECTS := $(O)/tests/fuzz/support.o $(if $(findstring fuzzer,$(SAN)),,$(O)/tests/fuzz/replay.o) \
	$(filter-out $(O)/sim/util/fail.o,$(OBJECTS))
TIME ?= 60
MAN_PAGES := $(patsubst tools/man/%,$(O)/man/%,$(sort $(wildcard tools/man/*.[0-9])))
BENCH := $(patsubst %.c,$(O)/%,$(sort $(wildcard tools/bench/*.c)))

# Where the shells look for them, below share/; each begins with its shell's name.
COMPLETIONS := bash-completion/completions/graveshift zsh/site-functions/_graveshift fish/vendor_completions.d/graveshift.fish

# V=1 shows whole commands.
say = $(if $(V),,@echo "  $@";)

.PHONY: all check man demo bench install clean unit fuzzers fuzz fuzz-targets format lint build/graveshift
all: build/graveshift

# Where the examples of the documents find it, whatever was built last.
build/graveshift: $(O)/graveshift
	@mkdir -p $(@D)
	@ln -sfn $(abspath $<) $@

$(O)/graveshift: $(O)/sim/main.o $(OBJECTS)
	$(say) $(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

# core sees itself alone: no other folder is on its include path.
$(O)/core/%.o: core/%.c
	@mkdir -p $(@D)
	$(say) $(CC) $(CFLAGS) $(CORE_FLAGS) -MMD -MP -c -o $@ $<

$(O)/sim/main.o $(SIM_OBJECTS) $(TUI_OBJECTS): $(O)/%.o: %.c
	@mkdir -p $(@D)
	$(say) $(CC) $(CFLAGS) $(SIM_FLAGS) -MMD -MP -c -o $@ $<

# How much code each strategy is, as a comparison tells it.
$(O)/strategy_sizes.def: tools/count_code $(sort $(wildcard sim/strategy/*.c))
	@mkdir -p $(@D)
	$(say) tools/count_code $(filter %.c,$^) >$@.new && mv $@.new $@

$(O)/sim/compare/code_size.o: $(O)/strategy_sizes.def
$(O)/sim/compare/code_size.o: SIM_FLAGS += -iquote $(O)

$(UNIT_TESTS) $(E2E_HELPERS): $(O)/tests/%: tests/%.c $(OBJECTS)
	@mkdir -p $(@D)
	$(say) $(CC) $(CFLAGS) $(TEST_FLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(OBJECTS) $(LIBS) $$(pkg-config --libs cmocka)

.SECONDARY: $(FUZZERS:=.o) $(FUZZ_OBJECTS)
$(O)/tests/fuzz/%.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	$(say) $(CC) $(CFLAGS) $(SIM_FLAGS) -MMD -c -o $@ $<

$(O)/tests/fuzz/%: $(O)/tests/fuzz/%.o $(FUZZ_OBJECTS)
	$(say) $(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/tools/bench/postgres_floor: LIBS += $(shell pkg-config --libs libpq)
$(O)/tools/bench/%: tools/bench/%.c $(OBJECTS)
	@mkdir -p $(@D)
	$(say) $(CC) $(CFLAGS) $(SIM_FLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(OBJECTS) $(LIBS)

$(O)/tools/man/fill: tools/man/fill.c $(OBJECTS)
	@mkdir -p $(@D)
	$(say) $(CC) $(CFLAGS) $(SIM_FLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(OBJECTS) $(LIBS)

# It carries this scenario with it.
$(O)/sim/cli/demo.o: scenarios/11-nightly.yaml

# It carries the lessons with it.
LESSON_FILES := $(sort $(shell find scenarios/lessons -mindepth 2 -type f))
$(O)/lessons.def: tools/list_lessons always
	@mkdir -p $(@D)
	@tools/list_lessons scenarios/lessons >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(O)/sim/learn/shipped.o: $(O)/lessons.def $(LESSON_FILES)
$(O)/sim/learn/shipped.o: SIM_FLAGS += -iquote $(O)
.PHONY: always

# Whatever tables say is filled in.
$(O)/man/%: tools/man/% $(O)/tools/man/fill
	@mkdir -p $(@D)
	$(say) $(O)/tools/man/fill $< >$@.new && mv $@.new $@

man: $(MAN_PAGES)

unit: $(UNIT_TESTS)
	prove $(UNIT_TESTS)

check: all man $(UNIT_TESTS) $(E2E_HELPERS) $(FUZZERS)
	tests/run $(O)

fuzz-targets: $(FUZZERS)

fuzzers:
	$(MAKE) CC=clang O=build/fuzz SAN=fuzzer,address,undefined fuzz-targets

fuzz: fuzzers
	tests/fuzz/run build/fuzz/tests/fuzz $(TIME)

demo: all
	build/graveshift demo

bench: all $(BENCH)
	tools/bench/run $(O)

install: all man
	install -D -m 755 $(O)/graveshift $(DESTDIR)$(PREFIX)/bin/graveshift
	for page in $(MAN_PAGES); do \
		install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit 1; done
	mkdir -p $(DESTDIR)$(PREFIX)/share/graveshift
	cp -R scenarios $(DESTDIR)$(PREFIX)/share/graveshift/
	install -D -m 644 tests/data/superstore-sample.csv \
		$(DESTDIR)$(PREFIX)/share/graveshift/tests/data/superstore-sample.csv
	mkdir -p $(addprefix $(DESTDIR)$(PREFIX)/share/,$(dir $(COMPLETIONS)))
	$(foreach file,$(COMPLETIONS),$(O)/graveshift completion $(firstword $(subst -, ,$(subst /, ,$(file)))) \
		>$(DESTDIR)$(PREFIX)/share/$(file) &&) true

format:
	clang-format -i $$(git ls-files -co --exclude-standard '*.[ch]')

# What the compilers do not see.  cppcheck loses its way in the queue macros (uninitvar) and where
# a pointer is moved back from the end of a buffer (ctuPointerArith).
lint: $(O)/strategy_sizes.def $(O)/lessons.def
	cppcheck --enable=warning,performance,portability --std=c11 --language=c --inline-suppr \
		--error-exitcode=1 --suppress=missingIncludeSystem --suppress=uninitvar --suppress=ctuPointerArith --quiet \
		-D_GNU_SOURCE -I. -I$(O) core sim tui
	clang-tidy --quiet $(wildcard core/*.c sim/*.c sim/*/*.c tui/*/*.c) -- -std=gnu17 -D_GNU_SOURCE -iquote . -iquote $(O) \
		$(shell pkg-config --cflags $(LIBRARIES) $(LOADED))

clean:
	rm -rf build

-include $(shell find $(O) -name '*.d' 2>/dev/null)
