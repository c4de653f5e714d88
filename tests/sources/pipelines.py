"""One-step pipelines for the tests of sources, and what they wrote."""

import gzip
import json
import os
import pathlib
import signal
import struct
import subprocess
import sys
import time

PATIENCE = 300  # seconds for what takes a few: the machine may be slow, and busy with other tests
DEPS = pathlib.Path(os.environ.get("BESSEMER_DEPS",
                                   pathlib.Path(__file__).resolve().parents[2] / ".deps"))


def equal(got, want, what):
    if got != want:
        sys.exit(f"FAILED: {what}: got {got!r}, not {want!r}")


def parquet(columns):
    """The bytes of a Parquet file, written by pyarrow: that of the environment `runtime`."""
    write = ("import json, sys, pyarrow as pa, pyarrow.parquet as pq\n"
             "pq.write_table(pa.table(json.load(sys.stdin)), sys.stdout.buffer)")
    return subprocess.run([str(DEPS / "runtime" / "bin" / "python"), "-c", write], check=True,
                          input=json.dumps(columns).encode(), stdout=subprocess.PIPE).stdout


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def fields(data):
    """(number, value) of a protobuf message: bytes, or int for varints."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 5:
            value, at = data[at:at + 4], at + 4
        else:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        yield tag >> 3, value


def values(feature):
    for kind, content in fields(feature):
        for _, packed in fields(content):
            if kind == 1:
                yield packed
            elif kind == 2:
                yield from struct.unpack(f"<{len(packed) // 4}f", packed)
            elif isinstance(packed, int):
                yield packed
            else:
                at = 0
                while at < len(packed):
                    value, at = varint(packed, at)
                    yield value - (1 << 64) if value >> 63 else value


def example(record):
    """A tf.Example as {name: [values]}."""
    features = {}
    for _, content in fields(record):
        for _, entry in fields(content):
            pair = dict(fields(entry))
            features[pair[1].decode()] = list(values(pair.get(2, b"")))
    return features


def records(path):
    data = gzip.open(path).read()
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        yield data[at + 12:at + 12 + size]
        at += size + 16


class Runner:
    def __init__(self, binary, folder, environment):
        self.binary, self.folder, self.environment = binary, folder, environment
        self.count = 0

    def command(self, component, params):
        self.count += 1
        self.root = self.folder / f"run{self.count}"
        pipeline = self.folder / f"run{self.count}.yaml"
        pipeline.write_text(json.dumps({"pipeline": "test", "root": str(self.root),
                                        "steps": [{component: params}]}))
        return [self.binary, "run", str(pipeline)]

    def run(self, component, params):
        return subprocess.run(self.command(component, params), env=self.environment, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)

    def examples(self, component, params):
        """All examples that the component writes."""
        done = self.run(component, params)
        if done.returncode != 0:
            sys.exit(f"FAILED: {component} {params} ends with {done.returncode}:\n{done.stdout}")
        files = sorted(pathlib.Path(self.root, component).glob("examples/*/Split-*/*.gz"))
        return [example(record) for file in files for record in records(file)]

    def fails(self, component, params, want, absent=None):
        done = self.run(component, params)
        if done.returncode not in (2, 3) or want not in done.stdout:
            sys.exit(f"FAILED: '{want}' is not what {component} {params} says "
                     f"({done.returncode}):\n{done.stdout}")
        if absent and absent in done.stdout:
            sys.exit(f"FAILED: '{absent}' is told:\n{done.stdout}")

    def interrupted(self, component, params, ready):
        """The exit code after Ctrl-C as soon as `ready()`."""
        process = subprocess.Popen(self.command(component, params), env=self.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + PATIENCE
            while not ready():
                if process.poll() is not None or time.monotonic() > end:
                    sys.exit(f"FAILED: {component} {params} is not at work: {process.poll()}")
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            return process.wait(timeout=PATIENCE)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
