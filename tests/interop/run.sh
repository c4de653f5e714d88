#!/usr/bin/env bash
# Runs every check of the real libraries over what the demo wrote.
set -euo pipefail
cd "$(dirname "$0")/../.."
python="${BESSEMER_DEPS:-.deps}/interop/bin/python"
root=runs/flights
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1
evaluation=$(ls -d "$root"/Evaluator/evaluation/* | sort -V | tail -n 1)
"$python" -W ignore tests/interop/metadata_check.py "$root/metadata.db" --write
"$python" -W ignore tests/interop/evaluation_check.py "$evaluation" 2>/dev/null
"$python" -W ignore tests/interop/check_run.py "$root" 2>/dev/null
# Random schemas and statistics, put to TensorFlow Data Validation and to ours. Any difference fails but
# one: updating a schema by statistics of a deprecated sparse feature ends the original, and ours not.
cases=$(mktemp -d)
trap 'rm -rf "$cases"' EXIT
"$python" -W ignore tests/interop/validation_cases.py --count "${VALIDATION_CASES:-2000}" --seed "${SEED:-1}" \
  --out "$cases/validation_random.jsonl" 2>/dev/null
bin/conformance "$cases" --suite validation_random --list | tee "$cases/result.txt"
! grep -E '^ +random/' "$cases/result.txt" | grep -v 'expected an error, got none'
