"""Runs examples/orders: the same day twice, then the next.

Usage: orders_test.py BESSEMER
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
STEPS = 4


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        database = folder / "data/orders/orders.db"
        subprocess.run([sys.executable, ROOT / "examples/orders/make_orders.py", database],
                       check=True)

        def run(day):
            done = subprocess.run(
                [sys.argv[1], "run", ROOT / "examples/orders/pipeline.yaml", "--set",
                 f"day={day}"], cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout

        first = run(20089)
        assert "500 examples" in first, first
        assert len(re.findall(r"^✓", first, re.MULTILINE)) == STEPS, first
        # The database is as it was, so nothing is asked again.
        again = run(20089)
        assert len(re.findall(r"^=", again, re.MULTILINE)) == STEPS, again
        assert "500 examples" in run(20090)


main()
