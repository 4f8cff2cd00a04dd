# The commands of the project; `make` alone lists them. Dependencies come from tools/setup.sh, the build is CMake and Ninja.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-build setup-test setup-bench build serve test test-build asan tsan fuzz bench examples format clean
NINJA := ninja $(if $(JOBS),-j$(JOBS))
SERVE_FLAGS ?=
FUZZ_SECONDS ?= 60
BENCH_FLAGS ?=
CONFIGURE = cmake --preset $(1) --log-level=WARNING
# At a terminal, Ctrl-C is for the server alone: make would end by the signal instead of by the server's exit code. If what
# stands between the two is ended, the server is told to stop.
FOREGROUND = if [ -t 0 ]; then run="bash -mc 'setpriv --pdeathsig TERM \"\$$@\"' bash"; else run=exec; fi; eval $$run
# Where only `make setup-build` was run the release build is configured without tests: they need GoogleTest and Arrow.
TESTS_POSSIBLE := $(if $(and $(wildcard /usr/include/gtest/gtest.h),$(wildcard .deps/arrow/include/parquet)),ON,OFF)

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install everything: what the build needs and what the tests need
	@tools/setup.sh all

setup-build: ## install what `make build` and `make serve` need
	@tools/setup.sh build

setup-test: ## install what `make test` needs on top
	@tools/setup.sh test

setup-bench:
	@tools/setup.sh bench

build: | build/release/build.ninja ## build build/release/slipway and its backends
	@$(NINJA) -C build/release product

build/release/build.ninja:
	@$(call CONFIGURE,release) -DSLIPWAY_TESTS=$(TESTS_POSSIBLE) >/dev/null

serve: setup-build build ## set up, build, and serve the examples on 127.0.0.1:8080 (SERVE_FLAGS="--listen ...")
	@$(FOREGROUND) build/release/slipway serve --with-examples $(SERVE_FLAGS)

test: setup test-build ## set up, build, run every suite; ends with the count of cases passed and failed
	@tests/run.py release

test-build:
	@$(call CONFIGURE,release) -DSLIPWAY_TESTS=ON >/dev/null
	@$(NINJA) -C build/release product all_tests

asan: setup ## every suite under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(call CONFIGURE,asan) >/dev/null
	@$(NINJA) -C build/asan product all_tests
	@tests/run.py asan

tsan: setup ## what has threads under ThreadSanitizer
	@$(call CONFIGURE,tsan) >/dev/null
	@$(NINJA) -C build/tsan product all_tests
	@tests/run.py tsan

fuzz: setup ## run every fuzzer for FUZZ_SECONDS (60) each, starting from its corpus
	@$(call CONFIGURE,fuzz) >/dev/null
	@tests/fuzz/run.sh $(FUZZ_SECONDS)

bench: setup-bench build/bench/models/heavy.onnx ## measure (BENCH_FLAGS="--only P1,P5"); a page in bench/results/
	@$(call CONFIGURE,release) -DSLIPWAY_TESTS=ON >/dev/null
	@$(NINJA) -C build/release product bench_programs
	@PATH="$(CURDIR)/.deps/nginx/usr/sbin:$$PATH" bench/run.py $(BENCH_FLAGS)

build/bench/models/heavy.onnx: bench/make_models.py
	@.deps/venv-models/bin/python bench/make_models.py build/bench/models

rigs-%: setup test-build ## the long form of a rig: rigs-kill, -postgres, -swap, -crosstalk, -drain, -overload, -mirror, -leaks, -attack, -s3, -rollout_kill, -rollout_phases, -rollout_reaction
	@tests/rigs/$*.py --long

examples: setup-test ## train the example models again
	@for script in examples/*/train.py; do .deps/venv-models/bin/python $$script || exit 1; done

format: ## format all C++ sources
	@git ls-files -z '*.cc' '*.h' | xargs -0 -n 50 clang-format-19 -i

clean: ## remove build/ (what setup installed stays)
	@rm -rf build
