"""Runs examples/purchases on the rows that are made for it, in every format examples can be written in.

The splits are compared with what a few lines of Python make of the same rows.

Usage: purchases_test.py BESSEMER
"""

import collections
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
FORMATS = ("tf_example", "parquet", "tf_sequence_example")


def expected(folder):
    """Of the five days before the newest: rows of each split before balancing, by label."""
    rows = []
    for day in sorted(folder.iterdir())[-6:-1]:
        for part in sorted(day.iterdir()):
            with part.open(newline="", encoding="utf-8") as file:
                rows += [row for row in csv.DictReader(file) if row["fraud"] is not None]
    kept = {}
    for row in rows:
        if float(row["amount"]) <= 0:
            continue
        known = kept.get(row["order"])
        if known is None or int(row["updated"]) > int(known["updated"]):
            kept[row["order"]] = row
    in_order = sorted(row["bought"] for row in kept.values())
    boundary = in_order[round(0.8 * len(in_order))]
    splits = {"train": collections.Counter(), "eval": collections.Counter()}
    for row in kept.values():
        splits["train" if row["bought"] < boundary else "eval"][row["fraud"]] += 1
    return splits


def expect(condition, what):
    if not condition:
        sys.exit(f"purchases: {what}")


def run(binary, data, root, output_format):
    # Paths in the file are relative to the working directory: the root moves to the folder.
    text = (ROOT / "examples" / "purchases" / "pipeline.yaml").read_text(encoding="utf-8")
    file = root.with_suffix(".yaml")
    file.write_text(text.replace("root: runs/purchases", f"root: {root}"), encoding="utf-8")
    done = subprocess.run(
        [binary, "--json", "run", file, "--set", f"data={data}", "--set", f"format={output_format}"],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )
    expect(done.returncode == 0, f"{output_format}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return {step["id"]: step for step in json.loads(done.stdout)["steps"]}


def count_labels(binary, root, split):
    """Labels of the examples of a split, as anybody reads them."""
    (folder,) = root.glob(f"CsvExampleGen/examples/*/Split-{split}")
    shown = subprocess.run([binary, "--json", "examples", "show", folder, "-n", "100000"],
                           capture_output=True, text=True, timeout=300, check=True).stdout
    return collections.Counter(str(json.loads(line)["fraud"][0]) for line in shown.splitlines())


def statistics(binary, root):
    """What StatisticsGen found of each split, as text."""
    found = {}
    for split in ("train", "eval"):
        (folder,) = root.glob(f"StatisticsGen/statistics/*/Split-{split}")
        found[split] = subprocess.run([binary, "stats", "show", folder], capture_output=True,
                                      text=True, timeout=300, check=True).stdout
    return found


def main():
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        subprocess.run([sys.executable, ROOT / "examples/purchases/make_purchases.py",
                        folder / "data"], check=True)
        want = expected(folder / "data")
        fraud = want["train"]["1"]
        results = {}
        for output_format in FORMATS:
            root = folder / output_format
            summary = run(binary, folder / "data", root, output_format)["CsvExampleGen"]["summary"]
            expect("duplicates dropped" in summary, f"the summary names no duplicates: {summary}")
            expect("bad rows in quarantine" in summary, f"the summary names no bad rows: {summary}")
            train, held_out = (count_labels(binary, root, split) for split in ("train", "eval"))
            expect(train == {"1": fraud, "0": min(want["train"]["0"], 3 * fraud)},
                   f"{output_format}: train has {train}, of {want['train']} before balancing")
            expect(held_out == want["eval"], f"{output_format}: eval has {held_out}, not {want['eval']}")
            (rows,) = root.glob("CsvExampleGen/examples/*/quarantine/bad_rows.jsonl")
            expect(len(rows.read_text(encoding="utf-8").splitlines()) == 10, "10 lines are broken")
            results[output_format] = statistics(binary, root)
        for output_format, result in results.items():
            expect(result == results["tf_example"],
                   f"statistics of {output_format} differ:\n{result}\n{results['tf_example']}")
    print("purchases: the splits are those that Python makes")


if __name__ == "__main__":
    main()
