"""Installs the package, builds examples/gate_cpp on it as a project of its own, and runs that.

Usage: package_test.py CMAKE BUILD_FOLDER
"""

import pathlib
import subprocess
import sys
import tempfile


def run(*command, expected=0):
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != expected:
        sys.exit(f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def main():
    cmake, build = sys.argv[1:]
    root = pathlib.Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory(prefix="bessemer-package-") as name:
        folder = pathlib.Path(name)
        run(cmake, "--install", build, "--prefix", str(folder / "installed"))
        project = str(root / "examples" / "gate_cpp")
        run(cmake, "-S", project, "-B", str(folder / "build"), "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={folder}/installed", "-DCMAKE_BUILD_TYPE=Debug")
        run(cmake, "--build", str(folder / "build"))
        gate = str(folder / "build" / "gate")
        (folder / "good.csv").write_text("city,price\nOslo,1.5\nRome,2.5\n", encoding="utf-8")
        (folder / "bad.csv").write_text("city,price\nOslo,1.5\nParis,2.5\n", encoding="utf-8")
        run(gate, f"{folder}/good.csv", f"{folder}/good.csv")
        found = run(gate, f"{folder}/good.csv", f"{folder}/bad.csv", expected=1)
        if "city" not in found or "Paris" not in found:
            sys.exit(f"the anomaly is not named:\n{found}")
        (folder / "cities.csv").write_text(
            'city,price\n"Oslo ",1.5\nRome,2.5\n" Rimini",1\n', encoding="utf-8")
        own = run(str(folder / "build" / "own_statistic"), f"{folder}/cities.csv")
        wanted = ["All Examples: city: 2 untrimmed", "letter  : city: 1 untrimmed",
                  "letter O: city: 1 untrimmed"]
        if own.splitlines() != wanted:
            sys.exit(f"not what the own statistic counts:\n{own}")
        version = run(str(folder / "installed" / "bin" / "bessemer"), "--version")
        if not version.startswith("bessemer "):
            sys.exit(f"not a version: {version}")


main()
