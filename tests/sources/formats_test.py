"""Files of every format, written by pyarrow, fastavro and Python's own libraries, read by bessemer.

Usage: formats_test.py BESSEMER DEPS

Each format gives the same rows: shown, counted, described and ingested. Avro by fastavro is left out
where the environment `interop` is not installed.
"""

import bz2
import gzip
import hashlib
import json
import pathlib
import struct
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


WRITE_TIMES = """
import json, sys
import pyarrow as pa, pyarrow.parquet
folder = json.load(sys.stdin)["folder"]
seconds = [-1, 0, 1_700_000_000, None]
columns = {f"stamp_{unit}": pa.array([None if s is None else s * scale + (scale > 1) for s in seconds],
                                     pa.timestamp(unit, tz="UTC"))
           for unit, scale in (("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9))}
columns["day"] = pa.array([-1, 0, 19000, None], pa.date32())
columns["time_ms"] = pa.array([0, 1, 86_399_999, None], pa.time32("ms"))
columns["time_ns"] = pa.array([0, 1, 86_399_999_999_999, None], pa.time64("ns"))
columns["length"] = pa.array([-5, 0, 7, None], pa.duration("s"))
pyarrow.parquet.write_table(pa.table(columns), folder + "/times.parquet")
"""


def numbers_of(*paths):
    """{feature: (type, min, max)} of files."""
    statistics = json.loads(run("stats", "generate", *paths, "--json"))["datasets"][0]
    return {feature["path"]["step"][0]: (feature.get("type", "INT"), feature["num_stats"].get("min"),
                                         feature["num_stats"].get("max"))
            for feature in statistics["features"]}


def check_times(scratch):
    """Statistics of columns of time are those of the examples made of them."""
    folder = scratch / "times"
    folder.mkdir()
    python("runtime", WRITE_TIMES, folder)
    file = folder / "times.parquet"
    pipeline = folder / "pipeline.json"
    step = {"ParquetExampleGen": {"input": str(file)}}
    pipeline.write_text(json.dumps({"pipeline": "t", "root": str(folder / "root"), "steps": [step]}))
    run("run", pipeline)
    of_columns, of_examples = numbers_of(file), numbers_of(
        *sorted((folder / "root").glob("ParquetExampleGen/examples/*/Split-*/*")))
    assert of_columns == of_examples, (of_columns, of_examples)
    for unit, low in (("s", -10**6), ("ms", -10**6 + 1000), ("us", -10**6 + 1), ("ns", -10**6)):
        assert of_columns[f"stamp_{unit}"][1] == low, of_columns
    assert of_columns["day"][1:] == (-1, 19000) and of_columns["length"][2] == 7 * 10**6, of_columns
    print(f"{len(of_columns)} columns of time: one rule for examples and statistics")


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def tfrecords(records):
    for record in records:
        size = struct.pack("<Q", len(record))
        yield (size + struct.pack("<I", crc32c(size)) + record + struct.pack("<I", crc32c(record)))


def check_import(folder, scratch):
    """ImportExampleGen: messages that are no examples are copied, Parquet stays Parquet."""
    own = scratch / "import"
    own.mkdir()
    messages = [bytes([10, 3]) + f"{i:03}".encode() for i in range(300)]  # field 1, a string
    (own / "messages.tfrecord").write_bytes(b"".join(tfrecords(messages)))

    def ingest(name, params, *more, expect=0):
        file = own / f"{name}.json"
        file.write_text(json.dumps({"pipeline": name, "root": str(own / name),
                                    "steps": [{"ImportExampleGen": params}, *more]}))
        done = subprocess.run([BINARY, "--json", "run", file], capture_output=True, text=True,
                              check=False)
        assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
        return done.stderr if expect == 2 else json.loads(done.stdout)["steps"]

    params = {"input": str(own / "messages.tfrecord"), "payload_format": "FORMAT_PROTO"}
    steps = ingest("proto", params, "StatisticsGen", expect=3)
    (examples,) = steps[0]["outputs"]["examples"]
    assert examples["custom_properties"]["payload_format"] == "FORMAT_PROTO", examples
    assert "there are no features to describe" in steps[1]["error"], steps[1]
    for split, buckets in (("train", {0, 1}), ("eval", {2})):
        want = [m for m in messages if int(hashlib.sha256(m).hexdigest(), 16) % 3 in buckets]
        (file,) = pathlib.Path(examples["uri"]).glob(f"Split-{split}/data_tfrecord-*.gz")
        assert gzip.decompress(file.read_bytes()) == b"".join(tfrecords(want)), split

    params = {"input": str(folder / "zstd.parquet"), "payload_format": "FORMAT_PARQUET"}
    steps = ingest("parquet", params, "StatisticsGen")
    (examples,) = steps[0]["outputs"]["examples"]
    assert examples["custom_properties"]["payload_format"] == "FORMAT_PARQUET", examples
    files = sorted(pathlib.Path(examples["uri"]).glob("Split-*/*"))
    assert [file.name for file in files] == ["data_parquet-00000-of-00001.parquet"] * 2, files
    counts = [int(run("examples", "count", file).split()[0]) for file in files]
    assert sum(counts) == len(ROWS) and min(counts) > 100, counts
    error = ingest("clash", {**params, "output_data_format": 6}, expect=2)
    assert "must be 15" in error, error
    print("ImportExampleGen: messages and Parquet stay what they are")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        folder = scratch / "data"
        folder.mkdir()
        write_files(folder)
        check_rows(folder)
        check_pipeline(folder, scratch)
        check_times(scratch)
        check_import(folder, scratch)


main()
