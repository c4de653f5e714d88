#!/usr/bin/env bash
# Builds the fuzz targets with clang and runs each for a while; corpora are kept in data/corpus/.
# Usage: tools/fuzz.sh [SECONDS [TARGET...]]      (default: 60 seconds each, all targets)
set -euo pipefail
cd "$(dirname "$0")/.."
seconds="${1:-60}"
[ $# -gt 0 ] && shift
command -v clang++-14 >/dev/null || {
  echo "fuzzing needs clang++-14 and libclang-rt-14-dev (apt-get install clang-14 libclang-rt-14-dev)" >&2
  exit 2
}
[ -e build/fuzz/build.ninja ] || cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=($(ls build/fuzz/fuzz))
for target in "${targets[@]}"; do
  corpus="data/corpus/$target"
  mkdir -p "$corpus"
  seeds=()
  [ -d "tests/corpus/$target" ] && seeds=("tests/corpus/$target")
  echo "== $target for $seconds s, seed 1"
  "build/fuzz/fuzz/$target" -seed=1 -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 \
    -print_final_stats=1 -artifact_prefix="data/corpus/$target-crash-" "$corpus" "${seeds[@]}" 2>&1 |
    grep -E 'stat::|ERROR|SUMMARY|crash-' || true
done
! ls data/corpus/*-crash-* 2>/dev/null
