#!/usr/bin/env bash
# Measures the flights, taxi and table pipelines, then the data plane beside its peers; tables and JSON
# go to bench/results. Arguments are those of data_plane.py.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${BESSEMER_DEPS:-.deps}/runtime/bin/python"
generate() {
  [ -e "$2" ] || { mkdir -p "$(dirname "$2")" && "$python" bench/generate_table.py "$1" "$2.part" && mv "$2.part" "$2"; }
}
generate 15000 data/taxi/trips.csv
generate 1000000 data/table/table.csv
"$python" bench/measure.py --out bench/results \
  flights=examples/flights/pipeline.yaml:336776 \
  taxi=examples/taxi/pipeline.yaml:15000 \
  table=bench/table.yaml:1000000
"$python" bench/data_plane.py --out bench/results "$@"
