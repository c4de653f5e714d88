# A thin front: CMake presets do the work and are usable directly.
#   make            builds bin/bessemer
#   make demo       from a fresh machine to a blessed model, on a year of flights
#   make test       the whole test suite
#   make conformance [CASES=DIR]  what the real libraries answer to recorded inputs, and what ours do
#   make test-trino queries of a real Trino (800 MB, not part of make test)
#   make interop    the real TFX libraries read what the demo wrote
#   make bench      measures, and writes bench/results/
PRESET ?= release
JOBS ?= $(shell nproc)
BUILD := build/$(PRESET)

CASES ?= ../shared/conformance

.PHONY: all setup configure build test test-trino demo conformance interop bench clean

all: build

setup:
	@tools/setup.sh build

configure: setup
	@test -f $(BUILD)/build.ninja || cmake --preset $(PRESET)

build: configure
	@cmake --build --preset $(PRESET) -j $(JOBS)

test: build
	@tools/setup.sh servers
	@ctest --preset $(PRESET) -j $(JOBS)

demo: build
	@tools/demo_data.sh
	@bin/bessemer run examples/flights/pipeline.yaml || tools/only_anomalies.sh $$? runs/flights

# One program: --list, --json and the rest are options of bin/conformance.
conformance: configure
	@cmake --build --preset $(PRESET) -j $(JOBS) --target conformance >&2
	@bin/conformance "$(CASES)" $(ARGS)

test-trino: build
	@tools/setup.sh servers trino
	@$${BESSEMER_DEPS:-.deps}/servers/bin/python tests/sources/trino_test.py bin/bessemer

interop: demo
	@tools/setup.sh interop
	@tests/interop/run.sh

bench: build
	@tools/demo_data.sh
	@tools/setup.sh bench
	@bench/run.sh

clean:
	rm -rf build bin
