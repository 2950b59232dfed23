# How the tests are built and run. `make check` is three builds: the release,
# which all tests run on; one with sanitizers, which all but those in windows
# and over slow lines run on; and one by clang, which needs only to compile.
ASAN_BUILD  ?= build/asan
CLANG_BUILD ?= build/clang
FUZZ_BUILD  ?= build/fuzz
SANITIZERS  := address,undefined

CLI_TESTS  := $(sort $(wildcard tests/cli/*.sh))
REAL_TESTS := $(sort $(wildcard tests/real/*.sh))
SOURCE_TESTS := $(sort $(wildcard tests/source/*.sh)) # of the sources: of no build
# Not under sanitizers: what is in windows and over slow lines, and what counts the calls of
# sessions like those of screens.sh, whose memory is looked at there.
RELEASE_TESTS := $(addprefix tests/real/,$(addsuffix .sh,xterm xterm_tmux mlterm foot kitty link refine state keys)) \
    tests/cli/opens.sh

# Per-test link flags: LDFLAGS_LAYER/test_NAME := ...
LDFLAGS_base/test_sandbox := -Wl,--wrap=syscall
LDFLAGS_base/test_new_folder := -Wl,--wrap=ioctl
LDFLAGS_base/test_spill := -Wl,--wrap=open
LDFLAGS_image/test_picture_cache := -Wl,--wrap=image_read_file
LDFLAGS_store/test_faults := $(foreach f,openat __openat_2 pwrite fsync fdatasync ftruncate renameat unlinkat close,-Wl,--wrap=$(f))
LDFLAGS_store/test_power := $(foreach f,openat __openat_2 pwrite fsync fdatasync ftruncate renameat unlinkat close,-Wl,--wrap=$(f))
LDFLAGS_session/test_class_change := $(foreach f,pwrite fsync fdatasync ftruncate renameat unlinkat,-Wl,--wrap=$(f))
LDFLAGS_assist/test_guesser := -Wl,--wrap=looker_start
NO_SYNC := -Wl,--wrap=fsync -Wl,--wrap=fdatasync -Wl,-u,__wrap_fsync # tests/support/no_sync.c
$(foreach t,conflict foreign kill labels operations people planted,$(eval LDFLAGS_store/test_$(t) := $(NO_SYNC)))
LDFLAGS_store/test_kill += $(foreach f,openat pwrite ftruncate renameat unlinkat,-Wl,--wrap=$(f))
LDFLAGS_fuzz/fuzz_operations := $(NO_SYNC)
LDFLAGS_store/test_places := $(NO_SYNC) -Wl,--wrap=flock -Wl,--wrap=fcntl
LDFLAGS_learn/test_cache_faults := $(foreach f,openat pwrite ftruncate unlinkat mkdirat flock,-Wl,--wrap=$(f))
LDFLAGS_ui/test_viewer := $(foreach f,frames_get frames_unpin frames_forget frames_set_style screen_picture screen_piece screen_piece_due screen_busy screen_flush,-Wl,--wrap=$(f))
LDFLAGS_cli/test_alloc := -Wl,--wrap=newterm,--wrap=getpwuid,--wrap=getpwuid_r -lutil
LDFLAGS_bench/bench_train := $(foreach f,scratch_bytes forward backward_filter backward_input,-Wl,--wrap=conv_$(f))
LDFLAGS_bench/bench_sixel := $(foreach f,file_read image_decode_file image_scale quantize_picture sixel_encode_indexed,-Wl,--wrap=$(f))

# tests/run.sh's arguments for a build: name, its folder, factor on the time
# limits, shell tests.
test_group = --group $(1) $(2)/thumbtag $(3) $(UNIT_TESTS:$(BUILD)/%=$(2)/%) $(4)
RELEASE_GROUP   = $(call test_group,release,$(BUILD),1,$(CLI_TESTS) $(REAL_TESTS) $(SOURCE_TESTS))
SANITIZED_TESTS = $(filter-out $(RELEASE_TESTS),$(CLI_TESTS) $(REAL_TESTS))

.PHONY: test asan asan-build clang-build check-build check-run
test: all unit
	$(Q)tests/run.sh $(if $(SANITIZE),$(call test_group,asan,$(BUILD),3,$(SANITIZED_TESTS)),$(RELEASE_GROUP))

asan:
	$(Q)$(MAKE) --no-print-directory BUILD=$(ASAN_BUILD) SANITIZE=$(SANITIZERS) test

# S11: what has threads, under the thread sanitizer: its unit tests and the scripted
# screens. A report fails the test.
TSAN_BUILD ?= build/tsan
TSAN_UNITS := $(foreach t,base/test_thread base/test_scheduler catalog/test_catalog assist/test_guesser \
    session/test_session term/test_frames image/test_picture_cache,$(TSAN_BUILD)/tests/$(t))

.PHONY: tsan tsan-build
tsan:
	$(Q)tests/install-packages.sh build check
	$(Q)$(MAKE) --no-print-directory BUILD=$(TSAN_BUILD) SANITIZE=thread tsan-build
	$(Q)TSAN_OPTIONS='halt_on_error=1 exitcode=66' \
	    tests/run.sh --group tsan $(TSAN_BUILD)/thumbtag 10 $(TSAN_UNITS) tests/cli/screens.sh

tsan-build: all $(if $(SANITIZE),$(TSAN_UNITS))

check-build: all unit layers asan-build clang-build

asan-build:
	$(Q)$(MAKE) --no-print-directory BUILD=$(ASAN_BUILD) SANITIZE=$(SANITIZERS) all unit

clang-build:
	$(Q)if command -v clang >/dev/null; then \
	    $(MAKE) --no-print-directory BUILD=$(CLANG_BUILD) CC=clang all unit; \
	else \
	    echo 'clang is not installed: not compiled with it'; \
	fi

check-run:
	$(Q)tests/run.sh $(RELEASE_GROUP) $(call test_group,asan,$(ASAN_BUILD),3,$(SANITIZED_TESTS))

# ------------------------------------------------------ another processor
# `make arm` cross-compiles the lowest layers and their tests for AArch64 and
# runs these in an emulator, with a stand-in for cmocka.
ARM_BUILD ?= build/arm
ARM_CC    ?= aarch64-linux-gnu-gcc
ARM_RUN   ?= qemu-aarch64 -L /usr/aarch64-linux-gnu
# utf8proc is there for the machine at hand only, and the sandbox is the kernel's.
ARM_TESTS := $(filter-out %/test_normalize %/test_text_same %/test_sandbox,$(TESTS_base) $(TESTS_nn))
ifeq ($(CMOCKA),tests/arm)
OWN_CPPFLAGS += -Itests/arm -idirafter /usr/include # for xxhash.h and utf8proc.h
$(foreach l,base nn,$(eval ALLLIBS_$(l) := $(filter-out -lutf8proc,$(ALLLIBS_$(l)))))
CMOCKA_LIBS :=
$(ARM_TESTS): $(BUILD)/tests/arm/cmocka.o
endif

.PHONY: arm arm-build arm-tests
arm:
	$(Q)tests/install-packages.sh build arm
	$(Q)$(FRESH) arm-build
	$(Q)tests/run.sh --under '$(ARM_RUN)' \
	    --group arm $(ARM_BUILD)/thumbtag 5 $(ARM_TESTS:$(BUILD)/%=$(ARM_BUILD)/%)

arm-build:
	$(Q)$(MAKE) --no-print-directory BUILD=$(ARM_BUILD) CC=$(ARM_CC) CMOCKA=tests/arm arm-tests

arm-tests: $(ARM_TESTS)

# Writes tests/screens/*.golden anew; read the difference before you commit it.
.PHONY: golden
golden: all
	$(Q)UPDATE=1 THUMBTAG=$(abspath $(BUILD)/thumbtag) bash tests/cli/screens.sh

# ------------------------------------------------- programs of all layers
# tests/bench/bench_*.c and tests/fuzz/fuzz_*.c may call every layer.
ALL_CPPFLAGS   := $(foreach l,$(LAYERS),$(CPPFLAGS_$(l)))
CPPFLAGS_bench := $(ALL_CPPFLAGS)
CPPFLAGS_fuzz  := $(ALL_CPPFLAGS)
CPPFLAGS_support := $(CPPFLAGS_term)
BENCHES := $(patsubst tests/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/bench/bench_*.c)))
FUZZERS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

$(BENCHES) $(FUZZERS): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(SUPPORT) $(LINK_cli)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(LDFLAGS_$*) $(if $(filter fuzz/%,$*),-fsanitize=fuzzer) -o $@ $^ \
	    $(CMOCKA_LIBS) $(ALLLIBS_cli) $(LIBS)

# Each prints its rows; the programs first, then the scripts.
.PHONY: bench bench-run
bench:
	$(Q)tests/install-packages.sh build check
	$(Q)$(FRESH) all bench-build
	$(Q)$(MAKE) --no-print-directory bench-run

.PHONY: bench-build
bench-build: $(BENCHES)

bench-run:
	$(Q)for b in $(BENCHES); do $$b || exit 1; done
	$(Q)for b in $(sort $(wildcard tests/bench/*.sh)); do \
	    THUMBTAG=$(abspath $(BUILD)/thumbtag) bash $$b || exit 1; done

# What shell tests and measures drive the program with.
TOOLS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/tools/*.c)))
$(TOOLS): $(BUILD)/tests/%: $(BUILD)/tests/%.o
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ -lutil -lm $(LIBS)
unit: $(TOOLS)

# What is put in front of the C library by LD_PRELOAD; the sanitizers must come first,
# so not for theirs.
PRELOADS := $(patsubst tests/%.c,$(BUILD)/tests/%.so,$(sort $(wildcard tests/preload/*.c)))
$(PRELOADS): $(BUILD)/tests/%.so: tests/%.c $(BUILD)/.flags
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(call compile) -fPIC -shared -MF $@.d -o $@ $<
unit: $(if $(SANITIZE),,$(PRELOADS))

FUZZ_SECONDS ?= 60
.PHONY: fuzz fuzz-build
fuzz:
	$(Q)tests/install-packages.sh build fuzz
	$(Q)$(FRESH) BUILD=$(FUZZ_BUILD) CC=clang SANITIZE=fuzzer-no-link,$(SANITIZERS) fuzz-build
	$(Q)tests/fuzz/run.sh $(FUZZ_BUILD) $(FUZZ_SECONDS) $(FUZZERS:$(BUILD)/%=$(FUZZ_BUILD)/%)

fuzz-build: $(FUZZERS)
