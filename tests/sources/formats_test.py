"""Files of every format, written by pyarrow, fastavro and Python's own libraries, read by bessemer.

Usage: formats_test.py BESSEMER DEPS

Each format gives the same rows: shown, counted, described and ingested. Avro by fastavro is left out
where the environment `interop` is not installed.
"""

import bz2
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile
import zlib

BINARY, DEPS = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
ROWS = [
    {"id": 2**53 + 1 + i, "x": None if i % 3 == 0 else i / 4, "name": ["", "é", None, "a|b"][i % 4],
     "ok": i % 2 == 0, "tags": [[], ["u"], ["v", "w"]][i % 3], "user": {"age": i, "zip": f"0{i}"}}
    for i in range(500)
]
AVRO = {"type": "record", "name": "row", "fields": [
    {"name": "id", "type": "long"}, {"name": "x", "type": ["null", "double"]},
    {"name": "name", "type": ["null", "string"]}, {"name": "ok", "type": "boolean"},
    {"name": "tags", "type": {"type": "array", "items": "string"}},
    {"name": "user", "type": {"type": "record", "name": "user", "fields": [
        {"name": "age", "type": "int"}, {"name": "zip", "type": "string"}]}}]}
WRITE_AVRO = """
import json, sys, fastavro
given = json.load(sys.stdin)
for codec in ("null", "deflate", "bzip2"):
    with open(f"{given['folder']}/fast_{codec}.avro", "wb") as out:
        fastavro.writer(out, fastavro.parse_schema(given["schema"]), given["rows"], codec,
                        sync_interval=2000)
"""
WRITE_ARROW = """
import json, sys
import pyarrow as pa, pyarrow.feather, pyarrow.orc, pyarrow.parquet
given = json.load(sys.stdin)
table = pa.Table.from_pylist(given["rows"])
folder = given["folder"]
for codec in ("snappy", "zstd", "gzip", "brotli", "lz4", "none"):
    pyarrow.parquet.write_table(table, f"{folder}/{codec}.parquet", compression=codec,
                                row_group_size=100)
for codec in ("zlib", "snappy", "zstd", "lz4", "uncompressed"):
    pyarrow.orc.write_table(table, f"{folder}/{codec}.orc", compression=codec)
for codec in ("lz4", "zstd", "uncompressed"):
    pyarrow.feather.write_feather(table, f"{folder}/{codec}.feather", compression=codec, chunksize=90)
with pa.OSFile(f"{folder}/stream.arrows", "wb") as out:
    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table, max_chunksize=70)
text = open(f"{folder}/plain.jsonl", "rb").read()
for codec in ("zstd", "lz4"):
    with pa.CompressedOutputStream(f"{folder}/{codec}.jsonl.{'zst' if codec == 'zstd' else codec}",
                                   codec) as out:
        out.write(text)
"""


def run(*arguments, expect=0):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == expect, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout


def python(environment, program, folder):
    given = json.dumps({"folder": str(folder), "rows": ROWS, "schema": AVRO})
    subprocess.run([DEPS / environment / "bin/python", "-c", program], input=given, text=True,
                   check=True)


def write_files(folder):
    text = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    (folder / "plain.jsonl").write_bytes(text)
    (folder / "g.jsonl.gz").write_bytes(gzip.compress(text))
    (folder / "b.jsonl.bz2").write_bytes(bz2.compress(text))
    (folder / "z.jsonl.zz").write_bytes(zlib.compress(text))
    python("runtime", WRITE_ARROW, folder)
    if (DEPS / "interop/bin/python").exists():
        python("interop", WRITE_AVRO, folder)


def expected():
    """What `examples show --json` says of the rows."""
    for row in ROWS:
        shown = {"id": [row["id"]], "x": None if row["x"] is None else [row["x"]],
                 "name": None if row["name"] is None else [row["name"]], "ok": [int(row["ok"])],
                 "tags": row["tags"], "user.age": [row["user"]["age"]],
                 "user.zip": [row["user"]["zip"]]}
        yield shown


def check_rows(folder):
    wanted = list(expected())
    for path in sorted(folder.iterdir()):
        shown = [json.loads(line) for line in
                 run("examples", "show", path, "-n", len(ROWS), "--json").splitlines()]
        assert shown == wanted, (path.name, shown[:2], wanted[:2])
        assert run("examples", "count", path).split()[0] == str(len(ROWS)), path.name
        run("examples", "diff", path, folder / "plain.jsonl")
        statistics = json.loads(run("stats", "generate", path, "--json"))["datasets"][0]
        assert int(statistics["num_examples"]) == len(ROWS), path.name
    print(f"{len(list(folder.iterdir()))} files of the same rows")


def check_pipeline(folder, scratch):
    """A format by its name, bad rows set aside, and the same examples from each."""
    text = (folder / "plain.jsonl").read_text()
    (scratch / "bad.jsonl").write_text(text + "not json\n")
    examples = {}
    for name, component, params in (
            ("json", "JsonExampleGen", {"input": str(scratch / "bad.jsonl"),
                                        "on_bad_row": "quarantine"}),
            ("parquet", "FileBasedExampleGen", {"input": str(folder / "zstd.parquet")}),
            ("arrow", "ArrowExampleGen", {"input": str(folder / "stream.arrows")}),
            ("orc", "FileBasedExampleGen", {"input": str(folder / "zlib.orc"), "format": "orc"})):
        pipeline = {"pipeline": name, "root": str(scratch / name), "steps": [{component: params}]}
        file = scratch / f"{name}.yaml"
        file.write_text(json.dumps(pipeline))
        run("run", file)
        found = sorted((scratch / name).glob(f"{component}/examples/*"))
        assert len(found) == 1, found
        examples[name] = found[0]
    quarantine = (examples["json"] / "quarantine/bad_rows.jsonl").read_text()
    assert json.loads(quarantine)["line"] == len(ROWS) + 1, quarantine
    for name, uri in examples.items():
        for split in ("Split-train", "Split-eval"):
            run("examples", "diff", uri / split, examples["json"] / split)
    print(f"{len(examples)} components gave the same splits")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        folder = scratch / "data"
        folder.mkdir()
        write_files(folder)
        check_rows(folder)
        check_pipeline(folder, scratch)


main()
