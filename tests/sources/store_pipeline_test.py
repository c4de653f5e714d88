"""A whole pipeline whose data, root and served models lie on S3, as moto answers for it.

Usage: store_pipeline_test.py BESSEMER
"""

import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from servers.faulty import Faulty  # noqa: E402
from servers.moto import Moto  # noqa: E402
from servers.signatures import refusal  # noqa: E402

PIPELINE = """\
pipeline: remote
root: s3://data/runs/remote
metadata: {folder}/metadata.db
steps:
  - CsvExampleGen: {{input: 's3://data/in/*.csv', splits: {{train: 2, eval: 1}}}}
  - StatisticsGen
  - SchemaGen
  - ExampleValidator
  - Transform:
      outputs:
        label: 'b > 50'
        a: z_score(a)
        c: vocabulary(c, num_oov_buckets=1)
  - Trainer: {{learner: linear, label: label, train_args: {{num_steps: 5}}, seed: 3}}
  - Evaluator:
      eval_config: {{label: label, metrics: [AUC, ExampleCount], thresholds: {{auc: {{min: 0.0}}}}}}
  - InfraValidator
  - Pusher: {{destination: 's3://data/serving'}}
"""


def csv(seed):
    rng = random.Random(seed)
    rows = [f"{rng.random():.4f},{rng.randrange(100)},{rng.choice('xyz')}" for _ in range(400)]
    return "a,b,c\n" + "\n".join(rows) + "\n"


def keys(client, prefix):
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="data", Prefix=prefix)
    return [o["Key"] for page in pages for o in page.get("Contents", ()) if not o["Key"].endswith("/")]


def refuse(request):
    """Our own signature is of conditional puts; the others are the SDK's."""
    return refusal(request, "secret") if "If-None-Match" in request.headers else None


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def main():
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="bessemer-store-") as name, Moto() as moto, \
            Faulty(moto.url, refuse) as proxy:
        folder = pathlib.Path(name)
        client = moto.client("s3")
        client.create_bucket(Bucket="data")
        for part in range(2):
            client.put_object(Bucket="data", Key=f"in/part-{part}.csv", Body=csv(part))
        pipeline = folder / "pipeline.yaml"
        pipeline.write_text(PIPELINE.format(folder=folder))
        environment = dict(
            os.environ, AWS_ENDPOINT_URL=proxy.url, AWS_ACCESS_KEY_ID="key",
            AWS_SECRET_ACCESS_KEY="secret", AWS_EC2_METADATA_DISABLED="true", TMPDIR=name)
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

        served = keys(client, "serving/")
        models = [key for key in served if key.endswith("/saved_model.pb")]
        check(len(models) == 1 and re.fullmatch(r"serving/\d+/saved_model.pb", models[0]),
              f"served: {served}")
        check(not [k for k in served if "_PUBLISHING" in k or "_SUCCESS" in k], f"served: {served}")
        check(any(line.startswith("PUT") and "_PUBLISHING" in line for line in proxy.seen),
              "folders are not claimed")
        puts = [line.split()[1].split("?")[0] for line in proxy.seen
                if line.startswith("PUT ") and "/serving/" in line and "_PUBLISHING" not in line]
        puts = [path for path in puts if not path.endswith("/")]  # marks of empty folders
        check(puts[-1].endswith("saved_model.pb"), f"saved_model.pb is not the last put: {puts}")
        outputs = keys(client, "runs/remote/")
        check(not [k for k in outputs if "_PUBLISHING" in k], f"left behind: {outputs}")
        for part in ("CsvExampleGen/examples/", "Split-train/", "FeatureStats.pb", "schema.pbtxt",
                     "Format-Serving/saved_model.pb", "BLESSED", "INFRA_BLESSED", "_SUCCESS"):
            check(any(part in key for key in outputs), f"no {part} in {outputs}")
        for left in ("bessemer-staging-*/*", "bessemer-copy-*", "bessemer-upload-*"):
            check(not list(folder.glob(left)), f"left on the local disk: {left}")

        # Nothing has changed: nothing runs.
        code, text = run()
        check(code == 0 and "9 reused" in text or text.count("=") >= 9, f"the third run:\n{text}")
        check(len(keys(client, "runs/remote/")) <= len(outputs) + 1, "a reused step wrote something")

        # The tools, on one store's files and another's form.
        for words, want in (
                (["examples", "convert", "s3://data/in/part-0.csv", "s3://data/out/a.parquet"], "400"),
                (["stats", "generate", "s3://data/out/a.parquet", "-o", "s3://data/out/a.pb"], ""),
                (["stats", "show", "s3://data/out/a.pb"], "400 examples"),
                (["stats", "generate", "s3://elsewhere/*.csv", "-o", "/dev/null"],
                 "there is no bucket 'elsewhere'")):
            done = subprocess.run([binary, *words], env=environment, stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=300, check=False)
            check(want in done.stdout + done.stderr and (done.returncode == 0) != ("no" in want),
                  f"{words} ends with {done.returncode}: {done.stdout}{done.stderr}")
    print("a pipeline on S3: killed, resumed, served and reused")


main()
