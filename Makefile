# thumbtag. `make demo` and `make check` need nothing but make and Debian; `make
# help` lists the rest.

VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build/release
V       ?= 0
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' '$(1)' '$(2)')

# ---------------------------------------------------------------- the layers
# Each layer is a folder, an archive and a row here: the layers that it may
# call. `make layers` links every archive whole against just those rows, so a
# call upwards or sideways is an undefined symbol. Within a layer no files need each other in a
# circle.
LAYERS := base config store image catalog nn learn formats train agree assist session term ui cli
# These start no threads and take no locks: what they do depends on their arguments alone.
SINGLE  := agree session
BELOW_base    :=
BELOW_config  := base
BELOW_store   := base
BELOW_image   := base
BELOW_catalog := image base
BELOW_nn      := base
BELOW_learn   := nn image store config base
BELOW_formats := image store config base
BELOW_train   := nn image store config base
BELOW_agree   := base
BELOW_assist  := learn nn catalog image store config base
BELOW_session := catalog image store config base
BELOW_term    := image config base
BELOW_ui      := session term catalog image store config base
BELOW_cli     := agree ui session assist formats train term learn nn catalog image store config base
# The commands that need less than all layers; `make layers` links each of them against
# just those of its row.
COMMANDS := show classes recover import export compare stats train eval predict model cache doctor
NEEDS_show    := term catalog image config base
NEEDS_classes := session term catalog image store config base
NEEDS_recover := term image store config base
NEEDS_import  := formats term catalog image store config base
NEEDS_export  := formats term image store config base
NEEDS_compare := agree term image store config base
NEEDS_stats   := session term catalog image store config base
NEEDS_train   := session train term learn nn catalog image store config base
NEEDS_eval    := assist session term learn nn catalog image store config base
NEEDS_predict := session assist term learn nn catalog image store config base
NEEDS_model   := term learn nn image store config base
NEEDS_cache   := term learn nn catalog image store config base
NEEDS_doctor  := train term learn nn image store config base

# ------------------------------------------------------------- the libraries
# For loops over many numbers. The options by name stay in force behind a user's -O2.
FAST = -O3 -ftree-vectorize $(if $(findstring clang,$(CC)),,-fvect-cost-model=dynamic -fsplit-loops -fpeel-loops)

# Required: ncursesw, libsixel, stb, iniparser, OpenBLAS, xxHash, Jansson, Expat. Optional, found by
# pkg-config and shown by `thumbtag doctor`: libjpeg-turbo, libpng, libwebp.
PKG_CONFIG ?= pkg-config
pkg = $(shell $(PKG_CONFIG) $(if $(STATIC),--static) $(1) 2>/dev/null)
have = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo yes)

JPEG ?= $(call have,libjpeg)
PNG  ?= $(call have,libpng)
WEBP ?= $(call have,libwebp)

# xxHash by its header alone: it is compiled in. OpenBLAS' header is for all that call it.
CPPFLAGS_base   := $(call pkg,--cflags libxxhash openblas libutf8proc)
LIBS_base       := $(call pkg,--libs libutf8proc) -lm # logarithms of random numbers
ifeq ($(STATIC),)
SKIP_base       := src/base/blas_linked.c
LIBS_base       += -ldl
else
SKIP_base       := src/base/blas_loaded.c
LIBS_base       += $(call pkg,--libs openblas)
endif
# The sandbox of the system.
ifneq ($(findstring linux,$(shell $(CC) -dumpmachine)),)
SKIP_base       += src/base/sandbox/none.c
else
SKIP_base       += $(addprefix src/base/sandbox/,sandbox.c landlock.c seccomp.c)
endif
CPPFLAGS_config := -I/usr/include/iniparser
LIBS_config     := -liniparser
CPPFLAGS_image  := $(call pkg,--cflags stb)
LIBS_image      := -lm
ifeq ($(JPEG),yes)
CPPFLAGS_image  += -DHAVE_LIBJPEG $(call pkg,--cflags libjpeg)
LIBS_image      += $(call pkg,--libs libjpeg)
endif
ifeq ($(PNG),yes)
CPPFLAGS_image  += -DHAVE_LIBPNG $(call pkg,--cflags libpng)
LIBS_image      += $(call pkg,--libs libpng)
endif
ifeq ($(WEBP),yes)
CPPFLAGS_image  += -DHAVE_LIBWEBP $(call pkg,--cflags libwebp)
LIBS_image      += $(call pkg,--libs libwebp)
endif
CFLAGS_image/encode_stb := $(if $(SANITIZE),-fno-sanitize=shift) # stb shifts into the sign
LIBS_nn         := -lm
CFLAGS_nn/reference/conv := $(FAST) # all there is on a processor without kernels of its own
CPPFLAGS_formats := $(call pkg,--cflags jansson expat)
LIBS_formats    := $(call pkg,--libs jansson expat) -lm
LIBS_session    := -lm
LIBS_agree      := -lm
CPPFLAGS_learn  := $(call pkg,--cflags openblas)
LIBS_learn      := -lm
CFLAGS_learn/embedder := $(FAST)
CPPFLAGS_train  := $(call pkg,--cflags openblas)
LIBS_train      := -lm
CFLAGS_train/conv_blas := $(FAST)
CFLAGS_train/layers := $(FAST) -ffp-contract=fast
CFLAGS_train/depthwise := $(FAST) -ffp-contract=fast
CPPFLAGS_term   := $(call pkg,--cflags ncursesw libsixel)
LIBS_term       := $(call pkg,--libs ncursesw libsixel)
CFLAGS_term/sixel/quantize := $(FAST)
CFLAGS_term/sixel/encode := $(FAST)
CPPFLAGS_ui     := $(call pkg,--cflags ncursesw)
LIBS_ui         := $(call pkg,--libs ncursesw)

# ------------------------------------------------------------------ the flags
CC     ?= gcc
ifeq ($(origin CC),default)
CC     := gcc
endif
AR     ?= ar
NM     ?= nm
# Ours come first and the user's CPPFLAGS, CFLAGS, LDFLAGS and LDLIBS last, from the
# environment or the command line: what a packager says wins. Warnings are errors for
# developers only: `make check` says so, and `make WERROR=-Werror`.
WERROR ?=
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wold-style-definition -Wwrite-strings -Wformat=2 -Wvla -Wpointer-arith -Wcast-qual \
        -Wundef -Wimplicit-fallthrough -Wdouble-promotion
STD  := $(if $(CFLAGS),,-O2 -g) -std=c11 -D_GNU_SOURCE -pthread -fno-strict-aliasing -fvisibility=hidden \
        -fstack-protector-strong
LINK_FLAGS :=
ifneq ($(SANITIZE),)
STD += -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
LINK_FLAGS += -fsanitize=$(SANITIZE)
else
ifeq ($(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),)
STD += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
LINK_FLAGS += -Wl,-z,relro,-z,now
endif
ifneq ($(STATIC),)
LINK_FLAGS += -static
endif
# -ffp-contract=off: requantisation is defined in single precision, step by step.
STD += -ffp-contract=off
OWN_CPPFLAGS := -Iinclude -DTHUMBTAG_VERSION='"$(VERSION)"' -DTHUMBTAG_DATADIR='"$(PREFIX)/share/thumbtag"'
OWN_LDLIBS   := -pthread

# The kernels of an instruction set are compiled with its flags, and only where
# it exists; isa.c chooses among them at run time.
ISA_FLAGS_avx512vnni := -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni
ISA_FLAGS_avx2       := -mavx2
ISA_FLAGS_avxvnni    := -mavx2 -mavxvnni
ISA_FLAGS_amx        := $(ISA_FLAGS_avx512vnni) -mamx-tile -mamx-int8
ISA_FLAGS_neondot    := -march=armv8.2-a+dotprod
# gcc's detection of uses after return moves locals to memory that is not aligned
# for vectors.
SANITIZED_ISA   := $(if $(findstring address,$(SANITIZE)),$(if $(findstring clang,$(CC)),,--param asan-use-after-return=0))
ISAS_x86_64     := amx avx512vnni avxvnni avx2
ISAS_aarch64    := neondot
ISAS            := $(ISAS_$(firstword $(subst -, ,$(shell $(CC) -dumpmachine))))
OTHER_ISAS      := $(filter-out $(ISAS),$(patsubst ISA_FLAGS_%,%,$(filter ISA_FLAGS_%,$(.VARIABLES))))
SKIP_nn         := $(foreach i,$(OTHER_ISAS),$(wildcard src/nn/kernels/$(i)*.c))
$(foreach i,$(ISAS),$(foreach f,$(wildcard src/nn/kernels/$(i)*_*.c),\
    $(eval CFLAGS_$(f:src/%.c=%) := $(ISA_FLAGS_$(i)) $(SANITIZED_ISA))))

# The same for scaling.
CFLAGS_image/scale_generic := $(FAST) # gcc vectorises byte to float only there
ifneq ($(filter avx2,$(ISAS)),)
CFLAGS_image/scale_avx2 := $(FAST) $(ISA_FLAGS_avx2) $(SANITIZED_ISA)
else
SKIP_image := src/image/scale_avx2.c
endif

# The same for the trainer.
ISA_FLAGS_conv_amx := -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512bf16 -mamx-tile -mamx-bf16
SRC_conv_amx       := $(wildcard src/train/conv_amx*.c)
ifneq ($(filter amx,$(ISAS)),)
$(foreach f,$(SRC_conv_amx),$(eval CFLAGS_$(f:src/%.c=%) := $(FAST) $(ISA_FLAGS_conv_amx) $(SANITIZED_ISA)))
else
SKIP_train := $(SRC_conv_amx)
endif
ifneq ($(filter avx2,$(ISAS)),)
CFLAGS_train/conv_winograd_avx2 := $(FAST) $(ISA_FLAGS_avx2) -mfma -ffp-contract=fast $(SANITIZED_ISA)
else
SKIP_train += $(wildcard src/train/conv_winograd*.c)
endif

# $(call compile,the layer's and the file's own flags)
compile = $(CC) $(STD) $(WARN) $(WERROR) $(OWN_CPPFLAGS) $(1) $(CPPFLAGS) $(CFLAGS) -MMD -MP
# In front of what is linked, and behind it.
LINK   = $(CC) $(STD) $(CFLAGS) $(LINK_FLAGS) $(LDFLAGS)
LIBS   = $(OWN_LDLIBS) $(LDLIBS)

.PHONY: all
all: $(BUILD)/thumbtag

# -------------------------------------------------------------- the archives
define layer_rules
SRC_$(1) := $$(filter-out $$(SKIP_$(1)),$$(sort $$(wildcard src/$(1)/*.c src/$(1)/*/*.c)))
OBJ_$(1) := $$(SRC_$(1):src/%.c=$(BUILD)/%.o)
LINK_$(1) := $(foreach l,$(1) $(BELOW_$(1)),$(BUILD)/$(l).a)
ALLLIBS_$(1) := $(foreach l,$(1) $(BELOW_$(1)),$(LIBS_$(l)))
$$(OBJ_$(1)): $(BUILD)/$(1)/%.o: src/$(1)/%.c $(BUILD)/.flags
	$$(call say,CC,$$<)
	$(Q)mkdir -p $$(@D)
	$(Q)$$(call compile,-Isrc/$(1) $$(CPPFLAGS_$(1)) $$(CFLAGS_$(1)/$$*)) -c -o $$@ $$<
$(BUILD)/$(1).a: $$(filter-out $(BUILD)/cli/main.o,$$(OBJ_$(1)))
	$$(call say,AR,$$@)
	$(Q)rm -f $$@ && $(AR) rcs $$@ $$^
$(BUILD)/layers/$(1): $$(LINK_$(1))
	$$(call say,LAYER,$(1) -> $(if $(BELOW_$(1)),$(BELOW_$(1)),nothing))
	$(Q)mkdir -p $$(@D)
	$(Q)echo 'int main(void);int main(void){return 0;}' | $(LINK) -x c -o $$@ - -x none \
	    -Wl,--whole-archive $(BUILD)/$(1).a -Wl,--no-whole-archive \
	    $(foreach l,$(BELOW_$(1)),$(BUILD)/$(l).a) $$(ALLLIBS_$(1)) $(LIBS)
	$(Q)NM=$(NM) tests/circles.sh $$(OBJ_$(1))
	$(Q)$(if $(filter $(1),$(SINGLE)),if $(NM) -u $$(OBJ_$(1)) | grep -E ' (pthread|thread)_' >&2; then \
	    echo '$(1) starts threads or takes locks' >&2; exit 1; fi,:)
-include $$(OBJ_$(1):.o=.d)
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rules,$(l))))

# Of cli comes only what the command needs.
define command_rules
$(BUILD)/layers/command_$(1): $(BUILD)/cli/command_$(1).o $(BUILD)/cli.a $(NEEDS_$(1):%=$(BUILD)/%.a)
	$$(call say,LAYER,command $(1) -> $(NEEDS_$(1)))
	$(Q)mkdir -p $$(@D)
	$(Q)echo 'int main(void);int main(void){return 0;}' | $(LINK) -x c -o $$@ - -x none \
	    $$^ $(foreach l,$(NEEDS_$(1)),$(LIBS_$(l))) $(LIBS)
endef
$(foreach c,$(COMMANDS),$(eval $(call command_rules,$(c))))

# Small tables made from files of the tree.
$(BUILD)/config/themes_builtin.h: themes/generate.awk $(sort $(wildcard themes/*.ini))
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f themes/generate.awk $(filter %.ini,$^) > $@
$(BUILD)/config/theme.o: $(BUILD)/config/themes_builtin.h
CPPFLAGS_config += -I$(BUILD)/config

# The network inside the program (.incbin).
$(BUILD)/learn/backbone.o: src/learn/backbone.tflite

$(BUILD)/thumbtag: $(BUILD)/cli/main.o $(LINK_cli)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(ALLLIBS_cli) $(LIBS)

# A name that two layers define would be whichever the linker meets first.
.PHONY: layers
layers: $(LAYERS:%=$(BUILD)/layers/%) $(COMMANDS:%=$(BUILD)/layers/command_%)
	$(Q)twice=$$($(NM) -g --defined-only $(LAYERS:%=$(BUILD)/%.a) 2>/dev/null | \
	    awk 'NF == 3 { print $$3 }' | sort | uniq -d); \
	[ -z "$$twice" ] || { echo "defined by two layers: $$twice" >&2; exit 1; }

# ------------------------------------------------- the network inside, anew
# A day or more on two cores. src/learn/backbone.md tells what it is trained on.
PICTURES ?= build/backbone/pictures
TEACHER ?= build/backbone/teacher.tflite

.PHONY: backbone
backbone:
	$(Q)tests/install-packages.sh build backbone
	$(Q)$(FRESH) all
	$(Q)cp $(BUILD)/thumbtag build/backbone-thumbtag
	src/learn/backbone.sh $(PICTURES) $(TEACHER) build/backbone build/backbone-thumbtag \
	    src/learn/backbone.tflite

# The same recipe with pictures for research alone too; what it makes is not for shipping.
RESEARCH = build/backbone-research

.PHONY: backbone-research
backbone-research:
	$(Q)tests/install-packages.sh build backbone
	$(Q)$(FRESH) all
	$(Q)mkdir -p $(RESEARCH)
	$(Q)cp $(BUILD)/thumbtag $(RESEARCH)/thumbtag
	src/learn/backbone.sh $(PICTURES) $(TEACHER) $(RESEARCH) $(RESEARCH)/thumbtag \
	    $(RESEARCH)/backbone.tflite src/learn/backbone_sources.tsv src/learn/backbone_research.tsv

# ------------------------------------------------------------- the unit tests
# tests/LAYER/test_*.c is a program of its own, linked against its layer and
# those below. tests/support is there for each. Where layers meet through an interface, the
# tests also have what stands behind it.
BESIDE_session := assist learn nn
SUPPORT_SRC := $(wildcard tests/support/*.c)
SUPPORT     := $(if $(SUPPORT_SRC),$(BUILD)/tests/support.a)
$(BUILD)/tests/support.a: $(SUPPORT_SRC:%.c=$(BUILD)/%.o)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
CMOCKA_LIBS  = $(call pkg,--libs cmocka)

$(BUILD)/tests/%.o: tests/%.c $(BUILD)/.flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(call compile,-Itests/support $(CPPFLAGS_$(firstword $(subst /, ,$*)))) -c -o $@ $<

define unit_rules
TESTS_$(1) := $$(patsubst tests/%.c,$(BUILD)/tests/%,$$(sort $$(wildcard tests/$(1)/test_*.c)))
$$(TESTS_$(1)): $(BUILD)/tests/$(1)/%: $(BUILD)/tests/$(1)/%.o $$(SUPPORT) $(BUILD)/$(1).a \
    $(BESIDE_$(1):%=$(BUILD)/%.a) $(BELOW_$(1):%=$(BUILD)/%.a)
	$$(call say,LINK,$$@)
	$(Q)$(LINK) $$(LDFLAGS_$(1)/$$*) -o $$@ $$^ $$(CMOCKA_LIBS) \
	    $$(ALLLIBS_$(1)) $(foreach l,$(BESIDE_$(1)),$(LIBS_$(l))) $(LIBS)
endef
$(foreach l,$(LAYERS),$(eval $(call unit_rules,$(l))))
UNIT_TESTS := $(foreach l,$(LAYERS),$(TESTS_$(l)))
.PRECIOUS: $(BUILD)/tests/%.o
-include $(patsubst tests/%.c,$(BUILD)/tests/%.d,$(wildcard tests/*/*.c))

.PHONY: unit
unit: $(UNIT_TESTS) $(BUILD)/man/generate

include tests/rules.mk
include samples/rules.mk
include man/rules.mk

# ------------------------------------------- two commands for a fresh machine
# What is installed changes what pkg-config says, so make starts anew behind it.
FRESH = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

DEMO_LABELS ?= build/demo/labels.csv
DEMO_ARGS   ?= samples -o $(DEMO_LABELS)

.PHONY: demo check
demo:
	$(Q)tests/install-packages.sh build
	$(Q)$(FRESH) all
	$(Q)mkdir -p $(dir $(DEMO_LABELS))
	$(BUILD)/thumbtag $(DEMO_ARGS)

check:
	$(Q)tests/install-packages.sh build check
	$(Q)$(FRESH) -O WERROR=-Werror check-build
	$(Q)$(MAKE) --no-print-directory check-run

# -------------------------------------------------- installing and the rest
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
DATADIR := $(PREFIX)/share/thumbtag
# FILE:PLACE of all that `make install` puts in place.
INSTALLED = $(BUILD)/thumbtag:$(BINDIR)/thumbtag \
    $(foreach f,$(wildcard man/*.1),$(f):$(MANDIR)/man1/$(notdir $(f))) \
    $(foreach f,$(wildcard man/*.5),$(f):$(MANDIR)/man5/$(notdir $(f))) \
    $(foreach f,$(wildcard themes/*.ini),$(f):$(DATADIR)/$(f)) \
    $(foreach f,$(wildcard man/thumbtag.ini),$(f):$(DATADIR)/thumbtag.ini) \
    $(foreach f,$(wildcard man/thumbtag.bash),$(f):$(PREFIX)/share/bash-completion/completions/thumbtag) \
    $(foreach f,$(wildcard man/_thumbtag),$(f):$(PREFIX)/share/zsh/site-functions/_thumbtag) \
    $(foreach f,$(wildcard man/thumbtag.fish),$(f):$(PREFIX)/share/fish/vendor_completions.d/thumbtag.fish)

.PHONY: install uninstall
install: all
	$(Q)for pair in $(INSTALLED); do \
	    from=$${pair%%:*}; to='$(DESTDIR)'"$${pair#*:}"; \
	    mode=644; [ ! -x "$$from" ] || mode=755; \
	    install -D -m $$mode "$$from" "$$to" && echo "  INSTALL $$to" || exit 1; \
	done

uninstall:
	$(Q)for pair in $(INSTALLED); do rm -f '$(DESTDIR)'"$${pair#*:}"; done
	$(Q)rmdir '$(DESTDIR)$(DATADIR)/themes' '$(DESTDIR)$(DATADIR)' 2>/dev/null || true

# One file for any Linux of this processor. Only the login names of a directory
# service (beyond /etc/passwd) still want the C library that it was linked with.
.PHONY: static
static:
	$(Q)$(FRESH) BUILD=build/static STATIC=yes all
	$(Q)ls -l build/static/thumbtag

.PHONY: clean
clean:
	rm -rf build

.PHONY: help
help:
	@echo 'make demo       install what is missing, build, label the sample pictures'
	@echo 'make check      install what is missing, build, run every test'
	@echo
	@echo 'make            build $(BUILD)/thumbtag'
	@echo 'make test       the tests of this build alone, nothing is installed'
	@echo 'make asan       the same with the address and undefined-behaviour sanitizers'
	@echo 'make tsan       what has threads, with the thread sanitizer'
	@echo 'make arm        the tests of the lowest layers for AArch64, in an emulator'
	@echo 'make layers     prove that no layer calls upwards or sideways'
	@echo 'make bench      print the measures'
	@echo 'make fuzz       fuzz the readers for FUZZ_SECONDS=$(FUZZ_SECONDS)'
	@echo 'make docs       make the manual and the completions anew'
	@echo 'make backbone   train the network inside anew, from PICTURES with a TEACHER'
	@echo 'make backbone-research   the same, with pictures for research alone too; not to be shipped'
	@echo 'make samples    draw the sample pictures anew'
	@echo 'make static     build one static binary, build/static/thumbtag'
	@echo 'make install    into PREFIX=$(PREFIX), below DESTDIR; make uninstall'
	@echo 'make clean      remove build/'
	@echo
	@echo 'Variables: CC CPPFLAGS CFLAGS LDFLAGS LDLIBS BUILD V=1 WERROR=-Werror'
	@echo '           SANITIZE=address,undefined'
	@echo '           JPEG= (without libjpeg-turbo) PNG= (without libpng)'
	@echo '           WEBP= (without libwebp)'

# ------------------------------------------------------- the flags of a build
# The stamp that all objects depend on changes when what they are built with
# does.
FLAG_NAMES := $(sort $(filter CFLAGS_% CPPFLAGS_% LIBS_% LDFLAGS_%,$(.VARIABLES)))
FLAGS      := $(filter-out $(WERROR),$(call compile)) $(LINK) $(LIBS) $(foreach v,$(FLAG_NAMES),$(v)=$($(v)))
$(BUILD)/.flags:
	$(Q)mkdir -p $(@D) && printf '%s\n' '$(subst ','\'',$(FLAGS))' >$@
ifneq ($(file <$(BUILD)/.flags),$(FLAGS))
.PHONY: $(BUILD)/.flags
endif
