"""A whole pipeline whose data, root and served models lie on an object store: S3 as moto answers for
it, or Google Cloud Storage as gcp-storage-emulator does.

Usage: store_pipeline_test.py BESSEMER s3|gs
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from servers.faulty import Faulty  # noqa: E402
from servers.gcs import Gcs  # noqa: E402
from servers.moto import Moto  # noqa: E402
from servers.signatures import refusal  # noqa: E402
from small_pipeline import csv_files, pipeline_text  # noqa: E402


class S3Store:
    scheme = "s3"

    def __init__(self):
        self.server = Moto()

    def make(self):
        self.client = self.server.client("s3")
        self.client.create_bucket(Bucket="data")

    def put(self, key, text):
        self.client.put_object(Bucket="data", Key=key, Body=text)

    def keys(self, prefix):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket="data", Prefix=prefix)
        found = [o["Key"] for page in pages for o in page.get("Contents", ())]
        return [key for key in found if not key.endswith("/")]

    @staticmethod
    def environment(url):
        return {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "key",
                "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}

    @staticmethod
    def refuse(request):
        """Our own signature is of conditional puts; the others are the SDK's."""
        return refusal(request, "secret") if "If-None-Match" in request.headers else None

    @staticmethod
    def written(line):
        """The key that a request writes, or None."""
        method, path = line.split(" ", 1)
        return path.split("?")[0].removeprefix("/data/") if method == "PUT" else None


class GcsStore:
    scheme = "gs"

    def __init__(self):
        self.server = Gcs()

    def make(self):
        self.server.make_bucket("data")

    def put(self, key, text):
        self.server.put("data", key, text.encode())

    def keys(self, prefix):
        return [key for key in self.server.keys("data", prefix) if not key.endswith("/")]

    @staticmethod
    def environment(url):
        return {"STORAGE_EMULATOR_HOST": url}

    refuse = None

    @staticmethod
    def written(line):
        """Uploads begin by a POST with the name, in the query or, for those that go on, the URL."""
        method, path = line.split(" ", 1)
        parts = urlsplit(path)
        name = parse_qs(parts.query).get("name")
        return name[0] if method == "POST" and name and "/upload/" in parts.path else None


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def main():
    binary, scheme = sys.argv[1:]
    store = {"s3": S3Store, "gs": GcsStore}[scheme]()
    with tempfile.TemporaryDirectory(prefix="bessemer-store-") as name, store.server, \
            Faulty(store.server.url, store.refuse) as proxy:
        folder = pathlib.Path(name)
        store.make()
        for name_of_file, text in csv_files().items():
            store.put(f"in/{name_of_file}", text)
        pipeline = folder / "pipeline.yaml"
        root = f"{scheme}://data/runs/remote"
        pipeline.write_text(pipeline_text(root, f"{scheme}://data/in", f"{scheme}://data/serving",
                                          folder / "metadata.db", infra_validator=True))
        environment = {**os.environ, **store.environment(proxy.url), "TMPDIR": name}
        environment.pop("BESSEMER_FAULT_AT", None)

        def run(**more):
            done = subprocess.run([binary, "run", str(pipeline)], env={**environment, **more},
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=900, check=False)
            return done.returncode, done.stdout + done.stderr

        # The process is killed in the middle of writing; the next run goes on.
        code, text = run(BESSEMER_FAULT_AT="60:kill")
        check(code == -9, f"a killed run ends with {code}:\n{text}")
        proxy.seen.clear()
        code, text = run()
        check(code == 0, f"the run after it ends with {code}:\n{text}")

        served = store.keys("serving/")
        models = [key for key in served if key.endswith("/saved_model.pb")]
        check(len(models) == 1 and re.fullmatch(r"serving/\d+/saved_model.pb", models[0]),
              f"served: {served}")
        check(not [k for k in served if "_PUBLISHING" in k or "_SUCCESS" in k], f"served: {served}")
        puts = [key for key in map(store.written, proxy.seen) if key is not None]
        check(any("_PUBLISHING" in key for key in puts), f"folders are not claimed: {puts}")
        puts = [key for key in puts  # those ending so are marks of empty folders
                if "serving/" in key and "_PUBLISHING" not in key and not key.endswith("/")]
        check(puts[-1].endswith("saved_model.pb"), f"saved_model.pb is not the last put: {puts}")
        outputs = store.keys("runs/remote/")
        check(not [k for k in outputs if "_PUBLISHING" in k], f"left behind: {outputs}")
        for part in ("CsvExampleGen/examples/", "Split-train/", "FeatureStats.pb", "schema.pbtxt",
                     "Format-Serving/saved_model.pb", "BLESSED", "INFRA_BLESSED", "_SUCCESS"):
            check(any(part in key for key in outputs), f"no {part} in {outputs}")
        for left in ("bessemer-staging-*/*", "bessemer-copy-*", "bessemer-upload-*"):
            check(not list(folder.glob(left)), f"left on the local disk: {left}")

        # Nothing has changed: nothing runs, and no input is read to see that.
        proxy.seen.clear()
        code, text = run()
        check(code == 0 and "9 cached" in text, f"the third run ends with {code}:\n{text}")
        check(len(store.keys("runs/remote/")) <= len(outputs) + 1, "a reused step wrote something")
        reads = [line for line in proxy.seen
                 if re.match(r"GET /data/in/.*csv|GET .*in(/|%2F)part.*alt=media", line)]
        check(not reads, f"inputs that have not changed are read: {reads}")

        # The tools, on one store's files and another's form.
        for words, want in (
                (["examples", "convert", f"{scheme}://data/in/part-0.csv",
                  f"{scheme}://data/out/a.parquet"], "400"),
                (["stats", "generate", f"{scheme}://data/out/a.parquet",
                  "-o", f"{scheme}://data/out/a.pb"], ""),
                (["stats", "show", f"{scheme}://data/out/a.pb"], "400 examples"),
                (["stats", "generate", f"{scheme}://elsewhere/*.csv", "-o", "/dev/null"],
                 "there is no bucket 'elsewhere'")):
            done = subprocess.run([binary, *words], env=environment, stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=300, check=False)
            check(want in done.stdout + done.stderr and (done.returncode == 0) != ("no" in want),
                  f"{words} ends with {done.returncode}: {done.stdout}{done.stderr}")
    print(f"a pipeline on {scheme}://: killed, resumed, served and reused")


main()
