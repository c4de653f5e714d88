"""Runs the command-line tests: text files that hold commands and what they print.

A script (*.script) is read line by line:
    # text            a comment
    $ command         run by sh in a fresh folder, with `bessemer` on the PATH
    > more            continues the command above (here-documents, long lines)
    anything else     the expected output: stdout and stderr together, in the order written
    [3]               the expected exit code, after the output; 0 if absent
In expected output `...` stands for any text within a line, and a line `...` alone for any lines.
Commands of one script share the folder, so a later one sees the files of an earlier one.

Usage: run_scripts.py [--update] [--binary BIN] [SCRIPT...]
    --update rewrites the expected output of what differs; read the difference before committing it.
"""

import argparse
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Step:
    def __init__(self, command):
        self.command = [command]
        self.expected = []
        self.code = 0


def parse(text):
    """Returns the script as a list of comment lines (str) and steps (Step)."""
    parts = []
    for line in text.split("\n"):
        step = parts[-1] if parts and isinstance(parts[-1], Step) else None
        if line.startswith("$ "):
            parts.append(Step(line[2:]))
        elif line.startswith("> ") or line == ">":
            step.command.append(line[2:])
        elif line.startswith("#") and (step is None or not step.expected or step.expected[-1] == ""):
            parts.append(line)
        elif step and re.fullmatch(r"\[\d+\]", line):
            step.code = int(line[1:-1])
        elif step:
            step.expected.append(line)
        else:
            parts.append(line)
    for part in parts:
        while isinstance(part, Step) and part.expected and part.expected[-1] == "":
            part.expected.pop()
    return parts


def matches(expected, actual):
    pattern = ""
    for line in expected:
        if line == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += "[^\n]*".join(re.escape(piece) for piece in line.split("...")) + r"\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in actual)) is not None


def run_step(step, folder, environment):
    done = subprocess.run(
        ["sh", "-c", "\n".join(step.command)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    text = done.stdout.decode("utf-8", "replace").replace(folder, "FOLDER")
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines, done.returncode


def render(parts):
    lines = []
    for part in parts:
        if not isinstance(part, Step):
            lines.append(part)
            continue
        lines += ["$ " + part.command[0]] + [("> " + line).rstrip() for line in part.command[1:]]
        lines += part.expected
        if part.code:
            lines.append(f"[{part.code}]")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def run_script(path, binary, update):
    parts = parse(path.read_text(encoding="utf-8"))
    environment = dict(os.environ, NO_COLOR="1", LC_ALL="C.UTF-8", TZ="UTC", PROJECT=str(ROOT))
    environment["PATH"] = f"{binary.parent}:{environment['PATH']}"
    failures = 0
    with tempfile.TemporaryDirectory(prefix="bessemer-script-") as folder:
        for step in parts:
            if not isinstance(step, Step):
                continue
            actual, code = run_step(step, folder, environment)
            if matches(step.expected, actual) and code == step.code:
                continue
            if update:
                step.expected, step.code = actual, code
                continue
            failures += 1
            print(f"{path.name}: $ {step.command[0]}")
            print("\n".join(difflib.unified_diff(step.expected, actual, "expected", "got", "", "", 2, "")))
            if code != step.code:
                print(f"exit code {code}, expected {step.code}")
    if update:
        path.write_text(render(parts), encoding="utf-8")
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "bin" / "bessemer")
    parser.add_argument("scripts", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    scripts = args.scripts or sorted(pathlib.Path(__file__).parent.glob("*.script"))
    failed = [path for path in scripts if run_script(path, args.binary.resolve(), args.update)]
    print(f"{len(scripts) - len(failed)} of {len(scripts)} scripts pass")
    sys.exit(1 if failed or not scripts else 0)


main()
