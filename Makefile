# Loa: `make demo` shows it, `make test` proves it.  One Makefile, all output under $(B).
# SPDX-License-Identifier: MIT
#
#   make                        build/loa               V=1              shows the commands
#   make deps                   the Debian packages     SAN=address,…    beside, in build-san
#   make demo [FILE= URL=]      a broadcast to watch    COV=1            beside, in build-cov
#   make test                   everything, a count     CI=1             a warning is an error
#   make unit lint bench fuzz   parts of it             FUZZ_SECONDS=60  a fuzz target
#   make chaos                  kills at random         STROKES=200
#   make bench-http           links over HTTP beside SMPP, a limit a minute
#   make flap                   a link that comes and goes, for a minute
#   make install                DESTDIR= PREFIX=/usr/local

PREFIX       ?= /usr/local
CC           := $(if $(filter default,$(origin CC)),$(if $(FUZZ),clang,gcc),$(CC))
V            ?= 0
FUZZ_SECONDS ?= 60
STROKES      ?= 200
Q            := $(if $(filter 1,$(V)),,@)
say           = $(if $(filter 1,$(V)),,@echo "  $(1) $(2)")
again        := +$(Q)$(MAKE) --no-print-directory

B    := build$(if $(SAN),-san)$(if $(COV),-cov)$(if $(FUZZ),-fuzz)
PKGS := libevent libevent_openssl libcurl hiredis libsmpp34 jansson yaml-0.1 libutf8proc \
        libxml-2.0 libsodium openssl

# A fresh machine has no pkg-config and no libraries yet: these goals install what they need and
# then call make again, so that the flags below are computed when everything is there.
FIRST := deps demo test bench clean
ifneq ($(filter-out $(FIRST),$(or $(MAKECMDGOALS),all)),)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
ifeq ($(PKG_LIBS),)
$(error Libraries are missing; `make deps` installs them)
endif
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef \
        -Wcast-qual -Wwrite-strings -Wpointer-arith -Wvla $(if $(CI),-Werror)
comma    := ,
sanitize := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer) \
            $(if $(FUZZ),-fsanitize=fuzzer-no-link$(comma)address$(comma)undefined)
CFLAGS   ?= -O2 -g
override CPPFLAGS += -I. -I$(B) -D_GNU_SOURCE -MMD -MP $(PKG_CFLAGS)
override CFLAGS   += -std=c17 $(WARN) $(sanitize) $(if $(COV),--coverage -O0)
override LDFLAGS  += $(sanitize) $(if $(COV),--coverage)
LDLIBS            := $(PKG_LIBS)

# Other flags than last time: everything again.
ifdef PKG_LIBS
flags := $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)
ifneq ($(flags),$(file <$(B)/flags))
$(shell mkdir -p $(B))$(file >$(B)/flags,$(flags))
endif
endif

SRC   := $(wildcard gateway/*.c gateway/*/*.c gateway/*/*/*.c queue/*.c)
OBJ   := $(SRC:%.c=$(B)/%.o)
LIB   := $(B)/libloa.a
SIM   := $(wildcard tests/sim/*.c)
HTTP_ := $(wildcard tests/sim/platform/*.c)
UNIT  := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
FUZZ_ := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/bench_*.c))

.PHONY: all deps demo test lint unit fuzz bench bench-http chaos flap install clean programs
.PHONY: demo-now test-now fuzz-now bench-now
.SECONDARY:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

all: $(B)/loa $(if $(SIM),$(B)/smsc) $(if $(HTTP_),$(B)/platforms)

# Everything that the tests run, of one variant.
programs: all $(UNIT) $(B)/unit/print_outcomes $(if $(SAN)$(COV),$(FUZZ_))

$(B)/loa: $(B)/gateway/main.o $(LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(LIB): $(filter-out $(B)/gateway/main.o,$(OBJ))
	$(Q)rm -f $@ && ar rcsT $@ $^

$(B)/%.o: %.c Makefile $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# libsmpp34 cannot be asked for its version when it runs.
$(B)/gateway/links/smpp/pdu.o: override CPPFLAGS += \
    -DLIBSMPP34_VERSION='"$(shell pkg-config --modversion libsmpp34 2>/dev/null)"'

# The Function library as one C string: the parts in the order of their names, loa.lua first.
LUA := queue/loa.lua $(filter-out queue/loa.lua,$(sort $(wildcard queue/*.lua)))
$(B)/queue/library.inc: $(LUA) Makefile
	@mkdir -p $(@D)
	$(Q)cat $(LUA) | sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' > $@
$(B)/queue/library.o: $(B)/queue/library.inc

# The abbreviations that the core has without a folder.
$(B)/gateway/core/abbreviations.inc: templates/abbreviations.tsv Makefile
	@mkdir -p $(@D)
	$(Q)sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $< > $@
$(B)/gateway/core/dictionary.o: $(B)/gateway/core/abbreviations.inc

# The lines that portals put round a text, as rows of a C table.
$(B)/gateway/core/furniture.inc: templates/furniture.tsv Makefile
	@mkdir -p $(@D)
	$(Q)awk -F'\t' '/^#|^begins\t/ || NF != 3 { next } \
	    { printf "{\"%s\", FURNITURE_%s, FURNITURE_%s},\n", $$1, toupper($$2), \
	      toupper($$3) }' $< > $@
$(B)/gateway/core/furniture.o: $(B)/gateway/core/furniture.inc

# What is said to be polite, the same way.
$(B)/gateway/core/courtesy.inc: templates/courtesy.tsv Makefile
	@mkdir -p $(@D)
	$(Q)awk -F'\t' '/^#|^words\t/ || NF != 2 { next } \
	    { printf "{\"%s\", COURTESY_%s},\n", $$1, toupper($$2) }' $< > $@
$(B)/gateway/core/courtesy.o: $(B)/gateway/core/courtesy.inc

# The words of templates/ as C strings by name, so that the program has them without a folder.
WORDS := $(sort $(wildcard templates/*/*.txt templates/*.tsv templates/*.txt))
$(B)/gateway/base/share.inc: $(WORDS) Makefile
	@mkdir -p $(@D)
	$(Q)for f in $(WORDS); do echo "{\"$${f#templates/}\","; \
	    sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $$f; echo '"" },'; done > $@
$(B)/gateway/base/share.o: $(B)/gateway/base/share.inc

# The SMSC of the tests: it shares no SMPP with the gateway, so that they never share a mistake.
$(B)/smsc: $(SIM:%.c=$(B)/%.o) $(B)/gateway/core/mem.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Zalo, Telegram and an SMS provider of the tests: no code of the gateway's either.
$(B)/platforms: $(HTTP_:%.c=$(B)/%.o) $(B)/gateway/core/mem.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/unit/%: $(B)/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

# Under FUZZ=1 libFuzzer brings its main; else replay.c, which runs the cases that are kept.
fuzz_main := $(if $(FUZZ),,$(B)/tests/fuzz/replay.o)
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(fuzz_main) $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(if $(FUZZ),-fsanitize=fuzzer) -o $@ $^ $(LDLIBS)

$(B)/bench/%: $(B)/tests/bench/%.o $(B)/tests/bench/pump.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

deps:
	$(Q)deploy/bootstrap $(or $(GROUP),run test)

demo:
	$(Q)deploy/bootstrap run
	$(again) demo-now
demo-now: all
	$(Q)FILE='$(subst ','\'',$(FILE))' URL='$(subst ','\'',$(URL))' BUILD=$(B) deploy/demo/run

test:
	$(Q)deploy/bootstrap run test
	$(again) test-now
test-now:
	+$(Q)BUILD=$(B) tests/run

unit: $(UNIT)
	$(Q)set -e; for t in $(UNIT); do $$t; done

lint: $(LIB)
	$(Q)BUILD=$(B) tests/lint/run

fuzz:
	$(again) FUZZ=1 fuzz-now
fuzz-now: $(FUZZ_)
	$(Q)tests/fuzz/run $(B) $(FUZZ_SECONDS) $(FUZZ_)

bench:
	$(Q)deploy/bootstrap run bench
	$(again) bench-now
bench-http: all
	$(Q)BUILD=$(B) QUICK=$(QUICK) tests/bench/http
bench-now: all $(BENCH)
	$(Q)BUILD=$(B) QUICK=$(QUICK) tests/bench/run

chaos: all
	$(Q)BUILD=$(B) tests/chaos/run --strokes $(STROKES)

flap: all
	$(Q)BUILD=$(B) tests/chaos/flap

# A copy that shares nothing with this directory: see "First real broadcast" in README.md.
share := $(DESTDIR)$(PREFIX)/share
units := $(DESTDIR)$(PREFIX)/lib/systemd/system
DOCS  := README.md deploy/README.vi.md queue/SCHEMA.md deploy/loa.yaml.example \
         deploy/redis-acl.example
install: all
	install -D -m 755 $(B)/loa $(DESTDIR)$(PREFIX)/bin/loa
	install -d $(share)/loa/templates $(share)/doc/loa
	cp -R templates/. $(share)/loa/templates/
	install -m 644 $(DOCS) $(share)/doc/loa/
	cp -R deploy/providers $(share)/loa/
	install -d $(units)
	sed 's|@PREFIX@|$(PREFIX)|g' deploy/loa.service > $(units)/loa.service
	sed 's|^RuntimeDirectory=.*|&-%i|; s|^Description=.*|& %i|' $(units)/loa.service \
	    > $(units)/loa@.service
	chmod 644 $(units)/loa.service $(units)/loa@.service

clean:
	rm -rf build build-*

-include $(OBJ:.o=.d) $(wildcard $(B)/tests/*/*.d $(B)/tests/*/*/*.d)
