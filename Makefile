# Loa: `make demo` shows it, `make test` proves it.  One Makefile, all output under $(B).
# SPDX-License-Identifier: MIT

PREFIX ?= /usr/local
CC     ?= cc
V      ?= 0
Q      := $(if $(filter 1,$(V)),,@)

variant := $(if $(SAN),-san)$(if $(COV),-cov)
B       := build$(variant)

PKGS := libevent libevent_openssl libcurl hiredis libsmpp34 jansson yaml-0.1 libutf8proc libxml-2.0 libsodium openssl

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef \
        -Wcast-qual -Wwrite-strings -Wpointer-arith -Wvla $(if $(CI),-Werror)
override CPPFLAGS += -I. -I$(B) -D_GNU_SOURCE -MMD -MP $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
CFLAGS ?= -O2 -g
override CFLAGS += -std=c17 $(WARN) $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer) \
                   $(if $(COV),--coverage -O0)
override LDFLAGS += $(if $(SAN),-fsanitize=$(SAN)) $(if $(COV),--coverage)
LDLIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

SRC      := $(wildcard gateway/*.c gateway/*/*.c gateway/*/*/*.c queue/*.c)
OBJ      := $(SRC:%.c=$(B)/%.o)
MAIN_OBJ := $(B)/gateway/main.o
UNIT     := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))

.PHONY: all unit clean
.SECONDARY:
.DELETE_ON_ERROR:

all: $(B)/loa

$(B)/loa: $(OBJ)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The Function library as one C string: the parts in the order of their names, loa.lua first.
LUA := queue/loa.lua $(filter-out queue/loa.lua,$(sort $(wildcard queue/*.lua)))
$(B)/queue/library.inc: $(LUA) Makefile
	@mkdir -p $(@D)
	$(Q)cat $(LUA) | sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' > $@
$(B)/queue/library.o: $(B)/queue/library.inc

$(B)/unit/%: $(B)/tests/unit/%.o $(filter-out $(MAIN_OBJ),$(OBJ))
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

unit: $(UNIT)
	$(Q)set -e; for t in $(UNIT); do $$t; done

clean:
	rm -rf build build-san build-cov

-include $(OBJ:.o=.d) $(patsubst %,$(B)/tests/unit/%.d,$(notdir $(UNIT)))
