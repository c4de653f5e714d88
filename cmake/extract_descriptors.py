"""Collects message descriptors out of generated *_pb2.py files, without importing them.

A *_pb2.py module holds its .proto file as the serialised FileDescriptorProto that it passes to
AddSerializedFile. This writes the wanted files and all they import to one FileDescriptorSet, and
the names of the files that need C++ to a list.

Usage: extract_descriptors.py --out SET --list FILE --root DIR... -- PROTO...
"""

import argparse
import ast
import pathlib
import sys


def serialized_file(path):
    """Returns the bytes given to AddSerializedFile in the module, or None."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "attr", "") == "AddSerializedFile"
            and isinstance(node.args[0], ast.Constant)
        ):
            return node.args[0].value
    return None


def varint(data, position):
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, position


def imports(descriptor):
    """Returns the `dependency` entries (field 3) of a serialised FileDescriptorProto."""
    position, names = 0, []
    while position < len(descriptor):
        tag, position = varint(descriptor, position)
        if tag & 7 == 0:
            _, position = varint(descriptor, position)
            continue
        if tag & 7 != 2:
            raise ValueError(f"unexpected wire type {tag & 7}")
        size, position = varint(descriptor, position)
        if tag >> 3 == 3:
            names.append(descriptor[position : position + size].decode())
        position += size
    return names


def encode_varint(value):
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def find(roots, proto):
    module = proto[: -len(".proto")].replace("-", "_") + "_pb2.py"
    # Some wheels of TensorFlow keep the messages of XLA and TSL one folder deeper than their name.
    for prefix in ("", "tensorflow/", "tensorflow/compiler/"):
        for root in roots:
            path = pathlib.Path(root, prefix + module)
            if path.exists():
                return path
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--list", required=True)
    parser.add_argument("--root", action="append", required=True)
    parser.add_argument("proto", nargs="+")
    args = parser.parse_args()

    done, ordered = {}, []

    def add(name, needed_by):
        if name in done:
            return
        done[name] = True
        path = find(args.root, name)
        data = serialized_file(path) if path else None
        if data is None:
            if name.startswith("google/protobuf/"):
                return  # protoc knows it
            sys.exit(f"{name}: no descriptor found (imported by {needed_by})")
        for dependency in imports(data):
            add(dependency, name)
        ordered.append((name, data))

    for name in args.proto:
        add(name, "the build")
    out = b"".join(b"\x0a" + encode_varint(len(data)) + data for _, data in ordered)
    path = pathlib.Path(args.out)
    if not path.exists() or path.read_bytes() != out:  # else nothing is generated again
        path.write_bytes(out)
    generated = [name for name, _ in ordered if not name.startswith("google/protobuf/")]
    pathlib.Path(args.list).write_text("\n".join(generated) + "\n", encoding="utf-8")


main()
