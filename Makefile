# The front door. `make help` says what there is; CMakePresets.json says how each build is made.
.DEFAULT_GOAL := all
.PHONY: all run test asan bench bench-proxy bogo doctor-table fuzz soak format lint help clean install

FUZZ_SECONDS ?= 3600
SOAK_SECONDS ?= 900
PREFIX ?= /usr/local
products := handfast handfast-bench bogo-shim limbo-harness
sources = $(shell git ls-files '*.h' '*.cc')

all:  ## install what is missing, then build build/release/{handfast,handfast-bench,bogo-shim,limbo-harness}
	@scripts/install-deps build
	cmake --preset release
	cmake --build --preset release --target $(products)

run: all  ## the same, then watch a handshake
	@scripts/install-deps run
	build/release/handfast demo

test:  ## all tests, in release and under ASan and UBSan
	@scripts/install-deps build
	@scripts/install-deps test || echo "Going on: tests that need a missing program are skipped, and say so."
	scripts/test release asan

asan:  ## the tests under ASan and UBSan alone
	@scripts/install-deps build
	scripts/test asan

bench: all  ## CPU and heap per handshake, beside libssl and the bare cryptography
	build/release/handfast-bench

bench-proxy: all  ## the proxy beside HAProxy, nginx, hitch and mitmproxy: some minutes, on loopback
	@scripts/install-deps bench || echo "Going on: what is missing is skipped, and that is said."
	cmake --build --preset release --target proxy-load
	python3 bench/proxy/driver.py build/release/proxy-load build/release/handfast

bogo: all  ## BoringSSL's protocol tests
	tests/bogo/run build/release/bogo-shim

doctor-table: all  ## what other programs say of the lab's servers, into docs/doctor.md
	@scripts/install-deps table || echo "Going on without what is missing."
	scripts/doctor-table build/release/handfast

fuzz:  ## every fuzzer, FUZZ_SECONDS (3600) in total
	@scripts/install-deps build fuzz
	scripts/fuzz $(FUZZ_SECONDS)

soak:  ## the proxy for SOAK_SECONDS (900) under ASan, with faults at random
	@scripts/install-deps build
	cmake --preset asan
	cmake --build --preset asan --target handfast make_pki
	python3 tests/soak/soak.py build/asan/handfast build/asan/tests/make_pki --seconds $(SOAK_SECONDS)

format:  ## bring the sources into their format
	@scripts/install-deps lint
	clang-format-19 -i $(sources)

lint:  ## format, clang-tidy and the rules of the house
	@scripts/install-deps build lint
	clang-format-19 --dry-run -Werror $(sources)
	python3 tests/architecture/check.py
	cmake --preset release
	run-clang-tidy-19 -quiet -p build/release '^$(CURDIR)/(src|tests|bench|examples|fuzz)/'

install: all  ## the library, to PREFIX (/usr/local)
	cmake --build --preset release --target handfast_library
	cmake --install build/release --prefix $(PREFIX)

clean:  ## remove all that was built
	rm -rf build

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  make \1\t\2/p' Makefile | expand -t 21
