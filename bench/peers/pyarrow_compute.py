"""Arrow's kernels: nulls, extremes, mean, deviation, quartiles and value counts of each column.

Usage: pyarrow_compute.py FILE
"""

import sys

import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import pyarrow.types

path = sys.argv[1]
read = pyarrow.csv.read_csv if path.endswith(".csv") else pyarrow.parquet.read_table
table = read(path)
for column in table.columns:
    nulls, counts = column.null_count, pc.value_counts(column)
    assert nulls + len(counts) > 0
    if pyarrow.types.is_integer(column.type) or pyarrow.types.is_floating(column.type):
        pc.min_max(column), pc.mean(column), pc.stddev(column)
        pc.tdigest(column, q=[0.25, 0.5, 0.75])
