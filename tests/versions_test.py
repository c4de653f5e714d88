"""Validates data that arrives in spans and versions against the span and the version before.

Usage: versions_test.py BESSEMER
"""

import json
import pathlib
import subprocess
import sys
import tempfile

SCHEMA = """\
feature {
  name: "x" type: FLOAT presence { min_fraction: 1 min_count: 1 } shape { dim { size: 1 } }
  drift_comparator { infinity_norm { threshold: 0.3 } }
}
dataset_constraints {
  num_examples_drift_comparator { min_fraction_threshold: 0.5 }
  num_examples_version_comparator { min_fraction_threshold: 0.9 }
}
"""


PIPELINE = """\
pipeline: versions
root: {folder}/root
vars: {{day: null}}
steps:
  - CsvExampleGen:
      input: '{folder}/data/day-{{SPAN}}/v{{VERSION}}/rows.csv'
      span: ${{day}}
  - StatisticsGen
  - ImportSchemaGen: {{schema_file: '{folder}/schema.pbtxt'}}
  - ExampleValidator: {{}}
    inputs: {{previous_statistics: previous_span, previous_version_statistics: previous_version}}
"""


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


class Pipeline:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        (folder / "schema.pbtxt").write_text(SCHEMA)
        self.file = folder / "pipeline.yaml"
        self.file.write_text(PIPELINE.format(folder=folder))

    def put(self, day, version, rows, shift=0.0):
        path = self.folder / f"data/day-{day}/v{version}/rows.csv"
        path.parent.mkdir(parents=True)
        path.write_text("x\n" + "".join(f"{i % 10 / 10 + shift}\n" for i in range(rows)))

    def run(self, day):
        """What the validator was given, what it said, and what it found."""
        done = subprocess.run([self.binary, "--json", "run", self.file, "--set", f"day={day}"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=120, check=False)
        expect(done.returncode in (0, 1), f"day {day}: {done.stdout}{done.stderr}")
        steps = {step["id"]: step for step in json.loads(done.stdout)["steps"]}
        step = steps["ExampleValidator"]
        compared = {}
        for port, artifacts in step["inputs"].items():
            for artifact in artifacts:
                if port.startswith("previous"):
                    compared[port] = (artifact["properties"]["span"],
                                      artifact["custom_properties"].get("version"))
        return compared, step["summary"], done.returncode


def main():
    with tempfile.TemporaryDirectory(prefix="bessemer-versions-") as name:
        pipeline = Pipeline(sys.argv[1], pathlib.Path(name))
        pipeline.put(1, 1, 900)
        compared, _, code = pipeline.run(1)
        expect(compared == {} and code == 0, f"the first of all: {compared}, {code}")

        # A second version of the first day, with too few rows for a version of it.
        pipeline.put(1, 2, 600)
        compared, summary, code = pipeline.run(1)
        expect(compared == {"previous_version_statistics": (1, 1)}, f"version 2: {compared}")
        expect(code == 1 and "version 2 of the span, compared with version 1" in summary,
               f"version 2 ends with {code}: {summary}")

        # The next day: against the newest version of the day before, by drift and by number.
        pipeline.put(2, 1, 620)
        compared, summary, code = pipeline.run(2)
        expect(compared == {"previous_statistics": (1, 2)}, f"day 2: {compared}")
        expect(code == 0, f"day 2 ends with {code}: {summary}")

        # A restated day, against both: nearer to its first version in number, far off in value.
        pipeline.put(2, 2, 600, shift=0.5)
        compared, summary, code = pipeline.run(2)
        expect(compared == {"previous_statistics": (1, 2), "previous_version_statistics": (2, 1)},
               f"day 2, version 2: {compared}")
        expect(code == 1 and "x" in summary, f"day 2, version 2 ends with {code}: {summary}")

        # Back to the first day: it is compared with its own past, not with what came later.
        compared, summary, code = pipeline.run(1)
        expect(compared == {"previous_version_statistics": (1, 1)}, f"day 1 again: {compared}")
    print("5 runs, each compared with the span and the version before")


main()
