"""Writes a seeded table of many features as Parquet: two fifths integers, two fifths floats, one fifth
strings of 20 to 20,000 distinct values; every third feature misses 5 % of its values.

Usage: generate_wide.py ROWS FEATURES OUT.parquet
"""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def feature(rng, number, rows):
    kind = number % 5
    if kind < 2:
        values = rng.integers(0, 10 ** (1 + number % 7), rows)
    elif kind < 4:
        values = np.round(rng.gamma(2.0, 10.0, rows), number % 6)
    else:
        words = np.array([f"value_{i:x}" for i in range(20 * 10 ** (number // 5 % 4))])
        values = words[rng.zipf(1.3, rows) % len(words)]
    return pa.array(values, mask=rng.random(rows) < 0.05 if number % 3 == 0 else None)


def main():
    rows, features, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    chunk, writer = 50_000, None
    for begin in range(0, rows, chunk):
        rng = np.random.default_rng(begin)
        columns = {
            f"feature_{i:04}": feature(rng, i, min(chunk, rows - begin)) for i in range(features)
        }
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


main()
