# A thin front: CMake presets do the work and are usable directly.
PRESET ?= release
JOBS ?= $(shell nproc)
BUILD := build/$(PRESET)

.PHONY: all setup build test demo clean

all: build

setup:
	@tools/setup.sh build

$(BUILD)/build.ninja: | setup
	@cmake --preset $(PRESET) >/dev/null

build: setup $(BUILD)/build.ninja
	@cmake --build --preset $(PRESET) -j $(JOBS)

clean:
	rm -rf build bin
