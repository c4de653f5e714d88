"""Runs examples/flights_cpp twice on rows made here: every step runs, then none does.

Usage: flights_cpp_test.py FLIGHTS_CPP
"""

import pathlib
import subprocess
import sys
import tempfile

STEPS = [
    "CsvExampleGen",
    "StatisticsGen",
    "SchemaGen",
    "ExampleValidator",
    "Transform",
    "Trainer",
    "Evaluator",
    "Pusher",
]


def run(binary, data, root):
    done = subprocess.run([binary, data, root], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        sys.exit(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return {line.split()[0]: line.split()[1] for line in done.stdout.splitlines()}


def expect(got, state):
    wanted = {step: state for step in STEPS}
    if got != wanted:
        sys.exit(f"expected {wanted}, got {got}")


def main():
    rows = pathlib.Path(__file__).with_name("flights_rows.py")
    with tempfile.TemporaryDirectory(prefix="bessemer-flights-cpp-") as folder:
        data = f"{folder}/flights.csv"
        subprocess.run([sys.executable, rows, data, "3000", "1"], check=True)
        root = f"{folder}/runs"
        expect(run(sys.argv[1], data, root), "ran")
        pushed = list(pathlib.Path(root, "serving").rglob("saved_model.pb"))
        if len(pushed) != 1:
            sys.exit(f"expected one pushed model, got {pushed}")
        expect(run(sys.argv[1], data, root), "cached")


main()
