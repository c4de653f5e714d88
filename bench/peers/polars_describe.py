"""Polars' describe (nulls, mean, deviation, extremes, quartiles) and the distinct values of each column.

Usage: polars_describe.py FILE
"""

import sys

import polars

path = sys.argv[1]
scan = polars.scan_csv if path.endswith(".csv") else polars.scan_parquet
frame = scan(path, **({"infer_schema_length": 100_000} if path.endswith(".csv") else {}))
assert len(frame.describe()) and len(frame.select(polars.all().n_unique()).collect())
