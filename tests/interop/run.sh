#!/usr/bin/env bash
# Runs every check of the real libraries over what the demo wrote.
set -euo pipefail
cd "$(dirname "$0")/../.."
python="${BESSEMER_DEPS:-.deps}/interop/bin/python"
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1
"$python" -W ignore tests/interop/check_run.py runs/flights 2> >(grep -vE 'WARNING|^[IWE][0-9]{4}' >&2)
