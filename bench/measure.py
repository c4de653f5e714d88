"""Measures pipelines step by step: wall and CPU seconds, peak memory, rows a second.

Usage: measure.py --out DIR NAME=PIPELINE.yaml:ROWS...

Every step runs in a process of its own (`bessemer run --only STEP --no-cache`), whose resource usage
the kernel reports; the numbers therefore include start-up and, where a step needs it, the loading of
TensorFlow. Writes DIR/NAME.json and DIR/README.md.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BINARY = ROOT / "bin" / "bessemer"


def measured(arguments):
    """Runs a command; returns its seconds, CPU seconds, peak memory in MiB, and exit code."""
    begin = time.monotonic()
    child = os.posix_spawn(
        arguments[0], arguments, os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(child, 0)
    return {
        "seconds": round(time.monotonic() - begin, 3),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 3),
        "peak_mib": round(usage.ru_maxrss / 1024, 1),
        "exit_code": os.waitstatus_to_exitcode(status),
    }


def steps_of(pipeline):
    """The step names of a pipeline file, in order."""
    names = []
    for line in pipeline.read_text(encoding="utf-8").split("\n"):
        step = re.match(r"  - ([A-Za-z]+)", line)
        if step:
            names.append(step.group(1))
        identifier = re.match(r"    id: (\S+)", line)
        if identifier:
            names[-1] = identifier.group(1)
    return names


def measure(name, pipeline, rows):
    with tempfile.TemporaryDirectory(prefix="bessemer-bench-", dir=ROOT / "data") as folder:
        copy = pathlib.Path(folder, "pipeline.yaml")
        text = pipeline.read_text(encoding="utf-8")
        copy.write_text(re.sub(r"(?m)^root: .*", f"root: {folder}/run", text))
        run = [str(BINARY), "run", str(copy), "--set", f"destination={folder}/serving"]
        if "destination:" not in text.split("steps:")[0]:
            run = run[:3]
        results = []
        for step in steps_of(pipeline):
            result = {"step": step, **measured(run + ["--only", step])}
            result["rows_per_second"] = round(rows / max(result["seconds"], 1e-3))
            results.append(result)
            print(name, result, file=sys.stderr)
        shutil.rmtree(pathlib.Path(folder, "run"))
        whole = {"step": "whole pipeline", **measured(run)}
        whole["rows_per_second"] = round(rows / whole["seconds"])
        cached = {"step": "whole pipeline, cached", **measured(run)}
        cached["rows_per_second"] = round(rows / cached["seconds"])
    return {"name": name, "rows": rows, "results": results + [whole, cached]}


def table(report):
    lines = [
        f"## {report['name']}: {report['rows']:,} rows",
        "",
        "| step | seconds | CPU seconds | peak MiB | rows/s |",
        "|---|---:|---:|---:|---:|",
    ]
    for row in report["results"]:
        failed = "" if row["exit_code"] == 0 else f" (exit {row['exit_code']})"
        lines.append(
            f"| {row['step']}{failed} | {row['seconds']:.2f} | {row['cpu_seconds']:.2f} "
            f"| {row['peak_mib']:.0f} | {row['rows_per_second']:,} |"
        )
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("pipelines", nargs="+", help="NAME=PIPELINE.yaml:ROWS")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    tables = []
    for spec in args.pipelines:
        name, rest = spec.split("=", 1)
        path, rows = rest.rsplit(":", 1)
        report = measure(name, pathlib.Path(path), int(rows))
        report["processors"] = os.cpu_count()
        report["machine"] = platform.machine()
        (args.out / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n")
        tables.append(table(report))
    heading = (
        "# Measurements\n\nWritten by `make bench`. Each step is a process of its own, so start-up is "
        f"included. {os.cpu_count()} processors.\n\n"
    )
    (args.out / "README.md").write_text(heading + "\n".join(tables))


if __name__ == "__main__":
    main()
