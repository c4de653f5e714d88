#!/usr/bin/env bash
# Builds the fuzz targets with clang and runs each for a while; corpora are kept in data/corpus/.
# Usage: tools/fuzz.sh [-j JOBS] [SECONDS [TARGET...]]
#   (default: one at a time, 60 seconds each, all targets)
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=1
if [ "${1:-}" = -j ]; then
  jobs="$2"
  shift 2
fi
export seconds="${1:-60}"
[ $# -gt 0 ] && shift
command -v clang++-14 >/dev/null || {
  echo "fuzzing needs clang++-14 and libclang-rt-14-dev (apt-get install clang-14 libclang-rt-14-dev)" >&2
  exit 2
}
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=($(find src -name '*_fuzz.cc' -exec basename {} .cc \; | sort))
[ -e build/fuzz/build.ninja ] || cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target "${targets[@]}"

run() {
  local target="$1" corpus="data/corpus/$1" seeds=()
  mkdir -p "$corpus"
  [ -d "tests/corpus/$target" ] && seeds=("tests/corpus/$target")
  "build/fuzz/fuzz/$target" -seed=1 -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 \
    -print_final_stats=1 -artifact_prefix="data/corpus/$target-crash-" "$corpus" "${seeds[@]}" \
    >"$corpus.log" 2>&1 || true
  echo "== $target for $seconds s, seed 1; the rest is in $corpus.log"
  grep -E 'DONE|stat::|ERROR|SUMMARY|crash-' "$corpus.log" || true
}
export -f run
printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I{} bash -c 'run {}'
! ls data/corpus/*-crash-* 2>/dev/null
