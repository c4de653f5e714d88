"""TrinoExampleGen against a real Trino (make test-trino).

Usage: trino_test.py BESSEMER
"""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from servers.trino import Trino  # noqa: E402
from sources import pipelines  # noqa: E402

# One row of every type, and one of NULLs.
TYPES = """SELECT * FROM (VALUES
 (true, tinyint '1', smallint '-2', 3, bigint '9223372036854775807', real '1.5', double 'NaN',
  decimal '123.45', varchar 'a''é', char 'x  ', X'00FF', date '2024-02-29', time '01:02:03.456789',
  timestamp '2024-01-02 03:04:05.123456', timestamp '2024-07-01 12:00:00 America/New_York',
  ARRAY[1.5e0, 2.5e0], MAP(ARRAY['k'], ARRAY[7]), CAST(ROW(1, 'z') AS ROW(a bigint, b varchar)),
  JSON '{"a":1}', uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59', INTERVAL '1' DAY, null),
 (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
  null, null, null, null, null, null))
 AS t(a_boolean, a_tinyint, a_smallint, an_integer, a_bigint, a_real, a_double, a_decimal,
  a_varchar, a_char, a_varbinary, a_date, a_time, a_timestamp, a_zoned, an_array, a_map, a_row,
  a_json, a_uuid, an_interval, nothing)"""


def main():
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="bessemer-trino-") as name, Trino() as server:
        run = pipelines.Runner(binary, pathlib.Path(name), dict(os.environ))
        step = {"host": "127.0.0.1", "port": server.port, "user": "tester", "catalog": "tpch",
                "schema": "tiny"}

        examples = run.examples("TrinoExampleGen", {
            **step, "query": "SELECT orderkey, totalprice, orderdate, orderpriority FROM orders"})
        pipelines.equal(len(examples), 15000, "rows of tpch.tiny.orders")
        pipelines.equal(len({e["orderkey"][0] for e in examples}), 15000, "orders, once each")

        examples = run.examples("TrinoExampleGen", {**step, "query": TYPES})
        row = max(examples, key=lambda e: sum(map(len, e.values())))
        for feature, want in {
                "a_boolean": [1], "a_tinyint": [1], "a_smallint": [-2],
                "a_bigint": [9223372036854775807], "a_real": [1.5], "a_varchar": ["a'é".encode()],
                "a_char": [b"x  "], "a_varbinary": [b"\x00\xff"], "an_array": [1.5, 2.5],
                "a_json": [b'{"a":1}'], "an_interval": [b"1 00:00:00.000"]}.items():
            pipelines.equal(row[feature], want, feature)

        run.fails("TrinoExampleGen", {**step, "query": "SELECT nope FROM orders"},
                  "COLUMN_NOT_FOUND")
        run.fails("TrinoExampleGen", {**step, "query": "SELEC 1"}, "SYNTAX_ERROR")
        run.fails("TrinoExampleGen", {**step, "port": 9, "max_attempts": 2, "query": "SELECT 1"},
                  "http://127.0.0.1:9/v1/statement")
    print("Trino: types, pages, errors")


main()
