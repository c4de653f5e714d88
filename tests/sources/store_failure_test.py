"""A store that stops in the middle of a step: told apart from damage, and tried again.

Usage: store_failure_test.py BESSEMER
"""

import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from servers.faulty import Faulty  # noqa: E402
from servers.moto import Moto  # noqa: E402
from sources.pipelines import DEPS  # noqa: E402

WRITE = """
import random, sys
import pyarrow as pa, pyarrow.feather, pyarrow.orc, pyarrow.parquet
rng = random.Random(7)
table = pa.table({"a": [rng.random() for _ in range(60000)], "b": list(range(60000))})
folder = sys.argv[1]
pyarrow.parquet.write_table(table, folder + "/rows.parquet", row_group_size=20000)
pyarrow.orc.write_table(table, folder + "/rows.orc", stripe_size=1 << 18)
pyarrow.feather.write_feather(table, folder + "/rows.feather", compression="uncompressed")
with pa.OSFile(folder + "/rows.arrows", "wb") as out, pa.ipc.new_stream(out, table.schema) as stream:
    stream.write_table(table, max_chunksize=5000)
"""


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


class Stores:
    """A moto of its own for each trial, with a proxy that stops it at some request."""

    def __init__(self, folder, binary):
        self.folder, self.binary = folder, binary

    def trial(self, file, content, stop_at=None, faults=(), retries=1):
        """The output and exit code of a pipeline that reads one file. `stop_at`: the GET of content
        (from 1) at which the server stops and hangs up, as it does from then on."""
        with Moto() as moto:
            moto.client("s3").create_bucket(Bucket="data")
            moto.client("s3").put_object(Bucket="data", Key=f"in/{file}", Body=content)
            reads = []

            def watch(request):
                if request.method == "GET" and f"/in/{file}" in request.path:
                    reads.append(request.headers.get("Range", ""))
                    if stop_at is not None and len(reads) >= stop_at:
                        moto.stop()
                return None

            with Faulty(moto.url, watch) as proxy:
                proxy.faults = [dict(fault) for fault in faults]
                return (*self.run(proxy.url, file, retries), reads)

    def run(self, url, file, retries):
        pipeline = self.folder / "pipeline.yaml"
        root = tempfile.mkdtemp(dir=self.folder)
        step = {"FileBasedExampleGen": {"input": f"s3://data/in/{file}"}, "retries": retries}
        pipeline.write_text(json.dumps({"pipeline": "p", "root": root, "steps": [step]}))
        environment = dict(os.environ, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="key",
                           AWS_SECRET_ACCESS_KEY="secret", AWS_EC2_METADATA_DISABLED="true",
                           AWS_MAX_ATTEMPTS="2", TMPDIR=str(self.folder))
        done = subprocess.run([self.binary, "run", str(pipeline)], env=environment, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=240)
        return done.returncode, done.stdout


def main():
    with tempfile.TemporaryDirectory(prefix="bessemer-stores-") as name:
        folder = pathlib.Path(name)
        subprocess.run([str(DEPS / "runtime/bin/python"), "-c", WRITE, name], check=True)
        text = "a,b\n" + "".join(f"{i / 7},{i}\n" for i in range(60000))
        (folder / "rows.csv").write_text(text)
        (folder / "rows.csv.gz").write_bytes(gzip.compress(text.encode(), 1))
        lines = "".join(json.dumps({"a": i / 7, "b": i}) + "\n" for i in range(30000))
        (folder / "rows.jsonl").write_text(lines)
        stores = Stores(folder, sys.argv[1])
        files = sorted(path for path in folder.glob("rows.*"))
        for path in files:
            content = path.read_bytes()
            code, output, reads = stores.trial(path.name, content)
            check(code == 0, f"{path.name} is not read ({code}):\n{output}")
            check(len(reads) > 1, f"{path.name} takes one request only: {reads}")

            # The server stops at the last read of the file's content, and stays away.
            code, output, _ = stores.trial(path.name, content, stop_at=len(reads))
            check(code == 3, f"{path.name} without its store ends with {code}:\n{output}")
            check(re.search(r"the store cannot be reached, or does not answer", output),
                  f"{path.name}: the store is not to blame:\n{output}")
            check("2 attempts" in output, f"{path.name}: the step was not tried again:\n{output}")
            check("not readable as" not in output, f"{path.name} is said to be damaged:\n{output}")

        # It comes back: the second attempt of the step reads what the first could not.
        gone = {"method": "GET", "path": "rows.parquet", "times": 2, "do": 503}
        content = (folder / "rows.parquet").read_bytes()
        code, output, _ = stores.trial("rows.parquet", content, faults=[gone])
        check(code == 0 and "2 attempts" in output, f"after it came back ({code}):\n{output}")

        # Damage is damage: another attempt would find the same.
        for path in files:
            if path.suffix in (".csv", ".jsonl"):
                continue
            content = path.read_bytes()
            code, output, _ = stores.trial(path.name, content[:len(content) // 2])
            check(code == 3 and "attempts" not in output, f"half of {path.name} ({code}):\n{output}")
            check("the store" not in output, f"half of {path.name} is the store's fault:\n{output}")
    print(f"{len(files)} formats: a store that stops is waited for, damage is not")


main()
