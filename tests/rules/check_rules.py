"""Rules of the house as a test: layering, names, sizes, headers, no aborts in libraries.

Usage: check_rules.py            from the project's root; prints each violation, exit 1 if any
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "bessemer"

# Hard limits; the house aims lower (400 / 800 / 250).
MAX_LINES = {"source": 450, "test": 800, "header": 300}
MAX_LINE_LENGTH = 100
BANNED_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager"}
# A library ends no process and writes nothing to the terminal. (The first alternatives are calls.)
BANNED_CALLS = re.compile(r"\b(abort|std::terminate|std::cerr|std::cout|assert)\s*[(<]|\bexit\(")
MAY_TALK = {"cli"}
# Json::dump throws on text that is not UTF-8.
MAY_DUMP = {"base/json_text.h"}


def layers():
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"set\(BESSEMER_LAYERS\s+([^)]*)\)", text).group(1).split()


def files():
    for pattern in ("*.h", "*.cc"):
        yield from sorted(SOURCE.rglob(pattern))


def kind(path):
    if path.suffix == ".h":
        return "header"
    return "test" if path.stem.endswith(("_test", "_fuzz", "_benchmark")) else "source"


def check_file(path, order):
    relative = path.relative_to(ROOT)
    library = path.relative_to(SOURCE).parts[0]
    lines = path.read_text(encoding="utf-8").split("\n")

    limit = MAX_LINES[kind(path)]
    if len(lines) > limit:
        yield f"{relative}: {len(lines)} lines, more than the {limit} of a {kind(path)}"
    if path.stem.removesuffix("_test").split("_")[-1] in BANNED_NAMES:
        yield f"{relative}: a file's name says what it holds, not 'util', 'common' and the like"
    if library not in order:
        yield f"{relative}: '{library}' is not in BESSEMER_LAYERS of CMakeLists.txt"
        return

    for number, line in enumerate(lines, 1):
        where = f"{relative}:{number}"
        if len(line) > MAX_LINE_LENGTH and "http" not in line and 'R"' not in line:
            yield f"{where}: {len(line)} columns, more than {MAX_LINE_LENGTH}"
        included = re.match(r'\s*#include "bessemer/([a-z_]+)/', line)
        if included:
            other = included.group(1)
            if other not in order:
                yield f"{where}: includes '{other}', which is no layer"
            elif order.index(other) > order.index(library):
                yield f"{where}: {library} may not use {other}, which lies above it"
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            yield f"{where}: unfinished work is recorded elsewhere, not in the code"
        code = line.split("//")[0]
        if kind(path) != "test" and library not in MAY_TALK and BANNED_CALLS.search(code):
            yield f"{where}: a library neither ends the process nor writes to the terminal"
        may_dump = kind(path) == "test" or str(path.relative_to(SOURCE)) in MAY_DUMP
        if ".dump(" in code and not may_dump:
            yield f"{where}: JsonText, which never throws, in place of dump()"

    if path.suffix == ".cc" and path.with_suffix(".h").exists():
        own = str(path.with_suffix(".h").relative_to(ROOT / "src"))
        first = next((line for line in lines if line.startswith("#include")), "")
        if first != f'#include "{own}"':
            yield f"{relative}: includes its own header first, which proves that it compiles alone"

    if path.suffix == ".h":
        guard = "BESSEMER_" + re.sub(r"[/.]", "_", str(path.relative_to(SOURCE))).upper() + "_"
        if f"#ifndef {guard}" not in lines:
            yield f"{relative}: the include guard should be {guard}"


def check_components():
    """Components meet in artifacts: none includes another."""
    folder = SOURCE / "components"
    for path in sorted(folder.glob("*/*")):
        if path.suffix not in (".h", ".cc"):
            continue
        for other in re.findall(r'#include "bessemer/components/([a-z_]+)/', path.read_text()):
            if other != path.parent.name:
                yield f"{path.relative_to(ROOT)}: includes component '{other}'"


def check_readmes():
    for library in sorted(SOURCE.iterdir()):
        if library.is_dir() and not (library / "README.md").exists():
            yield f"{library.relative_to(ROOT)}: has no README.md"


def main():
    order = layers()
    violations = []
    for path in files():
        violations.extend(check_file(path, order))
    violations.extend(check_components())
    violations.extend(check_readmes())
    print("\n".join(violations) or f"rules hold in {sum(1 for _ in files())} files")
    sys.exit(1 if violations else 0)


main()
