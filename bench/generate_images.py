"""Writes a seeded table of incompressible images of 100 KB to 1 MB, with a number and a label each, as
Parquet, ORC or Arrow IPC by the ending of the path.

Usage: generate_images.py [--page-bytes BYTES] [--row-group ROWS] ROWS OUT

As writers do that are given rows 100 at a time, a page of Parquet holds 100 images at least; --page-bytes
asks for larger ones. All rows are one row group, stripe or, for Arrow, batches of 100, unless --row-group
says otherwise.
"""

import argparse

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.orc as orc
import pyarrow.parquet as pq

SCHEMA = pa.schema([("id", pa.int64()), ("label", pa.string()), ("image", pa.binary())])
NOISE = np.random.default_rng(1).integers(0, 256, 64 << 20, dtype=np.uint8).tobytes()


def pieces(rows, step=100):
    rng = np.random.default_rng(2)
    for begin in range(0, rows, step):
        ids = range(begin, min(begin + step, rows))
        images = []
        for number in ids:
            size = int(rng.integers(100_000, 1_000_000))
            at = int(rng.integers(0, len(NOISE) - size))
            images.append(number.to_bytes(8, "little") + NOISE[at : at + size])
        labels = [f"class {number % 10}" for number in ids]
        yield pa.record_batch([pa.array(ids, pa.int64()), pa.array(labels), pa.array(images, pa.binary())],
                              schema=SCHEMA)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--page-bytes", type=int)
    parser.add_argument("--row-group", type=int)
    parser.add_argument("rows", type=int)
    parser.add_argument("path")
    args = parser.parse_args()
    table = pa.Table.from_batches(pieces(args.rows))
    group = args.row_group or args.rows
    if args.path.endswith(".orc"):
        orc.write_table(table, args.path)
    elif args.path.endswith(".arrow"):
        with ipc.new_file(args.path, SCHEMA) as writer:
            writer.write_table(table, max_chunksize=args.row_group or 100)
    else:
        pq.write_table(table, args.path, row_group_size=group, use_dictionary=args.page_bytes is None,
                       data_page_size=args.page_bytes)


main()
