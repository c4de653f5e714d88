"""DuckDB's SUMMARIZE: count, distinct, extremes, mean, deviation, quartiles and nulls of each column.

Usage: duckdb_summarize.py FILE
"""

import sys

import duckdb

path = sys.argv[1]
rows = duckdb.sql(f"SUMMARIZE SELECT * FROM '{path}'").fetchall()
assert rows
