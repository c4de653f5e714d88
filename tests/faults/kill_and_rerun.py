"""Kills a pipeline run at many points, runs it again, and compares with an undisturbed run.

Usage: kill_and_rerun.py [--binary BIN] [--points N]

The command ends itself with SIGKILL at the n-th change of storage (BESSEMER_FAULT_AT), the points
spread evenly over the run. After the second run every artifact of the newest execution must have
the bytes it has in the undisturbed run, and nothing half-written may lie under a final name. The
same is done with a full disk, which must end in an error and not in a crash.
"""

import argparse
import hashlib
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from small_pipeline import csv_files, pipeline_text  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Files that hold times or identifiers of a run, and so differ between two good runs.
VARIABLE = ("events.out.tfevents", "training_curve.json", "eval_config.json")


def run(binary, pipeline, fault=None):
    environment = dict(os.environ)
    environment.pop("BESSEMER_FAULT_AT", None)
    if fault:
        environment["BESSEMER_FAULT_AT"] = fault
    return subprocess.run(
        [binary, "run", pipeline, "--threads", "1"], env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, check=False,
    )


def live_outputs(root):
    """Digests of the files of the newest live artifact of each output, by step/output/file."""
    database = sqlite3.connect(f"file:{root}/metadata.db?mode=ro", uri=True)
    uris = [uri for (uri,) in database.execute("SELECT uri FROM Artifact WHERE state = 2 ORDER BY id")]
    newest = {}
    for uri in uris:
        path = pathlib.Path(uri)
        newest["/".join(path.parts[-3:-1])] = path
    digests = {}
    for output, path in newest.items():
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            if not any(word in file.name for word in VARIABLE):
                name = f"{output}/{file.relative_to(path)}"
                digests[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return digests


def leftovers(root):
    return [str(p) for p in pathlib.Path(root).rglob(".staging-*")]


def fresh(folder, name):
    root = folder / name
    shutil.rmtree(root, ignore_errors=True)
    pipeline = folder / f"{name}.yaml"
    pipeline.write_text(pipeline_text(root, folder / "data", f"{root}/serving"))
    return root, str(pipeline)


def num_changes(binary, folder):
    """The number of storage changes of a whole run: the least n at which no fault strikes."""
    low, high = 1, 2
    while run(binary, fresh(folder, "count")[1], f"{high}:full").returncode != 0:
        low, high = high, high * 2
    while high - low > 8:
        middle = (low + high) // 2
        if run(binary, fresh(folder, "count")[1], f"{middle}:full").returncode != 0:
            low = middle
        else:
            high = middle
    return high


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=str(ROOT / "bin" / "bessemer"))
    parser.add_argument("--points", type=int, default=12)
    args = parser.parse_args()
    failures = []
    with tempfile.TemporaryDirectory(prefix="bessemer-faults-") as name:
        folder = pathlib.Path(name)
        (folder / "data").mkdir()
        for file, text in csv_files().items():
            (folder / "data" / file).write_text(text)
        root, pipeline = fresh(folder, "whole")
        done = run(args.binary, pipeline)
        if done.returncode != 0:
            sys.exit(f"the undisturbed run fails:\n{done.stdout.decode()}")
        wanted = live_outputs(root)
        changes = num_changes(args.binary, folder)
        for index in range(args.points):
            at = 1 + index * changes // args.points
            for kind in ("kill", "full"):
                root, pipeline = fresh(folder, f"{kind}-{at}")
                struck = run(args.binary, pipeline, f"{at}:{kind}")
                if kind == "kill" and struck.returncode not in (0, -9):
                    failures.append(f"{kind} {at}: exit {struck.returncode}\n{struck.stdout.decode()}")
                if kind == "full" and struck.returncode not in (0, 3):
                    failures.append(f"{kind} {at}: exit {struck.returncode}\n{struck.stdout.decode()}")
                again = run(args.binary, pipeline)
                if again.returncode != 0:
                    failures.append(f"{kind} {at}: the rerun fails:\n{again.stdout.decode()}")
                    continue
                got = live_outputs(root)
                different = {k for k in wanted.keys() | got.keys() if wanted.get(k) != got.get(k)}
                if different:
                    failures.append(f"{kind} {at}: differ: {sorted(different)[:6]}")
                if left := leftovers(root):
                    failures.append(f"{kind} {at}: left behind: {left[:3]}")
                shutil.rmtree(root, ignore_errors=True)
    print("\n".join(failures))
    print(f"{2 * args.points - len(failures)} passed, {len(failures)} failed ({changes} changes of storage)")
    sys.exit(1 if failures else 0)


main()
