"""Measures reading, statistics and validation beside other libraries, both sides in one run.

Usage: data_plane.py --out DIR [--tfdv] [--large] [--wide] [--images]

Each side is a process of its own whose CPU seconds and peak memory the kernel reports; start-up is
included. What the peers compute is in bench/peers. --tfdv adds TensorFlow Data Validation (minutes;
needs `tools/setup.sh interop`), --large a table of ten million rows, --wide tables of hundreds and
thousands of columns in every shape that is hard on memory, --images files of a GB of images. Writes
DIR/data_plane.{json,md}.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import BINARY, ROOT, measured

DEPS = pathlib.Path(os.environ.get("BESSEMER_DEPS", ROOT / ".deps"))
DATA = ROOT / "data" / "table"
RUNTIME = str(DEPS / "runtime" / "bin" / "python")
PEERS = ROOT / "bench" / "peers"
PANDAS_LIKE = ["duckdb_summarize", "polars_describe", "pyarrow_compute"]


def make(path, *command):
    """Runs a command that writes `path`, unless it is there."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name("part-" + path.name)
        subprocess.run([*command, str(part)], check=True)
        part.rename(path)
    return path


def table(rows, ending):
    """The taxi-like table as CSV, plain TFRecord or Parquet."""
    csv = DATA / ("table.csv" if rows == 1_000_000 else f"table_{rows}.csv")
    make(csv, RUNTIME, str(ROOT / "bench" / "generate_table.py"), str(rows))
    path = csv.with_suffix(ending)
    return make(path, str(BINARY), "examples", "convert", str(csv)) if ending != ".csv" else path


def wide(name="wide", rows=200_000, columns=500, *flags):
    generate = [RUNTIME, str(ROOT / "bench" / "generate_wide.py"), *flags, str(rows), str(columns)]
    return make(DATA / f"{name}.parquet", *generate)


def wide_cases():
    """Titles, files and rows of tables that are hard on memory."""
    for ending in (".csv", ".tfrecord"):
        convert = [str(BINARY), "examples", "convert", str(wide())]
        path = make(DATA / f"wide{ending}", *convert)
        yield f"{ending[1:]}, 200,000 × 500", path, 200_000
    thousands = wide("wide_2000", 50_000, 2000)
    yield "parquet, 50,000 × 2,000", thousands, 50_000
    text = wide("wide_text", 200_000, 500, "--text")
    yield "parquet, 200,000 × 500 of text", text, 200_000
    group = wide("wide_group", 600_000, 500, "--row-group", "600000")
    yield "parquet, 600,000 × 500 in one row group", group, 600_000


def image_cases():
    """Titles and files of 2,000 images."""
    shapes = (("", ".parquet", []), (", row groups of 100", "_groups.parquet", ["--row-group", "100"]),
              (", pages of 200 MB", "_pages.parquet", ["--page-bytes", str(200_000_000)]),
              ("", ".orc", []), ("", ".arrow", []))
    for shape, ending, flags in shapes:
        generate = [RUNTIME, str(ROOT / "bench" / "generate_images.py"), *flags, "2000"]
        title = f"{ending.split('.')[-1]}, 2,000 images of 0.1 to 1 MB{shape}"
        yield title, make(DATA / f"images{ending}", *generate)
    convert = [str(BINARY), "examples", "convert", str(DATA / "images.parquet")]
    for ending in (".tfrecord", ".jsonl"):
        yield f"{ending[1:]}, 2,000 images of 0.1 to 1 MB", make(DATA / f"images{ending}", *convert)


def peer(name, path):
    environment = "interop" if name.startswith("tfdv") else "bench"
    return [str(DEPS / environment / "bin" / "python"), str(PEERS / f"{name}.py"), str(path)]


class Report:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.cases = []

    def case(self, title, rows, sides):
        """`sides` is a list of (who, command)."""
        results = []
        for who, command in sides:
            result = {"who": who, **measured(command)}
            result["rows_per_cpu_second"] = round(rows / max(result["cpu_seconds"], 1e-3))
            results.append(result)
            print(title, result, file=sys.stderr)
        self.cases.append({"title": title, "rows": rows, "results": results})

    def statistics(self, title, path, rows, peers):
        with open(path, "rb") as file:  # the first side is not to pay for the disk
            while file.read(1 << 24):
                pass
        ours = [str(BINARY), "stats", "generate", str(path), "-o", str(self.folder / "stats.pb")]
        self.case(title, rows, [("bessemer", ours)] + [(name, peer(name, path)) for name in peers])

    def ingest(self, title, path, rows):
        pipeline = self.folder / "ingest.yaml"
        pipeline.write_text(
            f"pipeline: ingest\nroot: {self.folder}/run\nsteps:\n"
            f"  - CsvExampleGen:\n      input: {path}\n      splits: {{train: 2, eval: 1}}\n"
        )
        self.case(title, rows, [("bessemer", [str(BINARY), "run", str(pipeline), "--no-cache"])])

    def splits(self, title, path, rows):
        out = str(self.folder / "split")
        for name, flags in (("TFRecords", []), ("Parquet", ["--output-format", "parquet"])):
            command = [str(BINARY), "examples", "split", str(path), out, *flags]
            self.case(f"split into {name}, {title}", rows, [("bessemer", command)])
            shutil.rmtree(out)

    def validation(self, title, path, with_tfdv):
        stats, schema = self.folder / "wide.pb", self.folder / "schema.pbtxt"
        subprocess.run([BINARY, "stats", "generate", path, "-o", stats], check=True)
        subprocess.run([BINARY, "schema", "infer", stats, "-o", schema], check=True)
        ours = [str(BINARY), "validate", "--stats", str(stats), "--schema", str(schema)]
        self.case(title, 500, [("bessemer, whole process", ours)])
        if with_tfdv:
            command = peer("tfdv_validate", stats) + [str(schema)]
            text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            seconds = float(text.strip().split("\n")[-1])
            self.cases[-1]["results"].append(
                {"who": "tfdv, the call alone", "seconds": seconds, "cpu_seconds": seconds,
                 "peak_mib": 0, "exit_code": 0, "rows_per_cpu_second": round(500 / seconds)})

    def markdown(self):
        lines = [
            "# Data plane, beside other libraries",
            "",
            f"Written by `bench/data_plane.py`; both sides in one run, {os.cpu_count()} processors. "
            "What the peers compute is in bench/peers.",
            "",
            "| what | who | seconds | CPU seconds | peak MiB | rows/CPU s |",
            "|---|---|---:|---:|---:|---:|",
        ]
        for case in self.cases:
            for i, row in enumerate(case["results"]):
                failed = "" if row["exit_code"] == 0 else f" (exit {row['exit_code']})"
                lines.append(
                    f"| {case['title'] if i == 0 else ''} | {row['who']}{failed} "
                    f"| {row['seconds']:.3f} | {row['cpu_seconds']:.3f} | {row['peak_mib']:.0f} "
                    f"| {row['rows_per_cpu_second']:,} |"
                )
        return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--tfdv", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--images", action="store_true")
    args = parser.parse_args()
    million = 1_000_000
    with tempfile.TemporaryDirectory(prefix="bessemer-bench-") as folder:
        report = Report(folder)
        tfdv = ["tfdv_statistics"] if args.tfdv else []
        for ending, peers in ((".tfrecord", tfdv), (".csv", PANDAS_LIKE), (".parquet", PANDAS_LIKE)):
            title = f"statistics, {ending[1:]}, 1,000,000 × 20"
            report.statistics(title, table(million, ending), million, peers)
        report.statistics("statistics, parquet, 200,000 × 500", wide(), 200_000, PANDAS_LIKE)
        report.ingest("CSV to split gzip TFRecords, 1,000,000 × 20", table(million, ".csv"), million)
        report.validation("validation of 500 features", wide(), args.tfdv)
        if args.wide:
            report.splits("parquet, 200,000 × 500", wide(), 200_000)
            for title, path, rows in wide_cases():
                report.statistics(f"statistics, {title}", path, rows, [])
                report.splits(title, path, rows)
        for title, path in image_cases() if args.images else ():
            report.statistics(f"statistics, {title}", path, 2000, [])
            report.splits(title, path, 2000)
        if args.large:
            rows = 10 * million
            for ending in (".csv", ".tfrecord", ".parquet"):
                title = f"statistics, {ending[1:]}, 10,000,000 × 20"
                report.statistics(title, table(rows, ending), rows, [])
            report.ingest("CSV to split gzip TFRecords, 10,000,000 × 20", table(rows, ".csv"), rows)
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "data_plane.json").write_text(json.dumps(report.cases, indent=1) + "\n")
        (args.out / "data_plane.md").write_text(report.markdown())


main()
