"""Every command and verb has help that ends in examples, and every option says what it is.

Usage: help_test.py BESSEMER
"""

import re
import subprocess
import sys


def text(binary, *words):
    done = subprocess.run([binary, *words, "--help"], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)} --help: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def subcommands(help_text):
    section = re.search(r"^Subcommands:\n((?:  .*\n)+)", help_text, re.M)
    return re.findall(r"^  (\S+)", section.group(1), re.M) if section else []


def problems(binary, words):
    help_text = text(binary, *words)
    name = " ".join(["bessemer", *words])
    if words and "Examples:\n  " not in help_text:
        yield f"{name}: no examples"
    lines = help_text.split("\n")
    for line, below in zip(lines, lines[1:]):
        # What is said of a long option stands below it.
        silent = re.fullmatch(r"  --?[a-z][-\w,]*( [A-Z ]+(\.\.\.)?)?", line)
        if silent and not re.match(r" {20,}\S", below):
            yield f"{name}: '{line.strip()}' says nothing"
    for verb in subcommands(help_text):
        yield from problems(binary, [*words, verb])


def main():
    found = list(problems(sys.argv[1], []))
    print("\n".join(found) or "all commands have examples")
    sys.exit(bool(found))


main()
