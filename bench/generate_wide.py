"""Writes a seeded table of many features as Parquet: two fifths integers, two fifths floats, one fifth
strings of 20 to 20,000 distinct values; every third feature misses 5 % of its values.

Usage: generate_wide.py [--text] [--row-group ROWS] ROWS FEATURES OUT.parquet

--text makes every feature a string, half of them nearly all distinct. A row group has 50,000 rows
unless --row-group says otherwise.
"""

import argparse

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def words(rng, number, rows):
    known = np.array([f"value_{i:x}" for i in range(20 * 10 ** (number // 5 % 4))])
    return known[rng.zipf(1.3, rows) % len(known)]


def text(rng, number, rows):
    if number % 2:
        return words(rng, number, rows)
    return pa.array(rng.integers(0, 2**62, rows)).cast(pa.string())


def mixed(rng, number, rows):
    kind = number % 5
    if kind < 2:
        return rng.integers(0, 10 ** (1 + number % 7), rows)
    if kind < 4:
        return np.round(rng.gamma(2.0, 10.0, rows), number % 6)
    return words(rng, number, rows)


def feature(rng, number, rows, make):
    values = make(rng, number, rows)
    if number % 3 or not isinstance(values, np.ndarray):
        return pa.array(values)
    return pa.array(values, mask=rng.random(rows) < 0.05)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", action="store_true")
    parser.add_argument("--row-group", type=int, default=50_000)
    parser.add_argument("rows", type=int)
    parser.add_argument("features", type=int)
    parser.add_argument("path")
    args = parser.parse_args()
    chunk, writer = min(args.row_group, 50_000), None
    tables = []
    for begin in range(0, args.rows, chunk):
        rng = np.random.default_rng(begin)
        rows = min(chunk, args.rows - begin)
        table = pa.table({
            f"feature_{i:04}": feature(rng, i, rows, text if args.text else mixed)
            for i in range(args.features)
        })
        writer = writer or pq.ParquetWriter(args.path, table.schema)
        tables.append(table)
        if sum(t.num_rows for t in tables) >= args.row_group or begin + chunk >= args.rows:
            writer.write_table(pa.concat_tables(tables), row_group_size=args.row_group)
            tables = []
    writer.close()


main()
