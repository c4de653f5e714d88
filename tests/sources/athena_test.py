"""AthenaExampleGen against moto, behind a proxy that verifies every signature.

Usage: athena_test.py BESSEMER
"""

import json
import os
import pathlib
import re
import sys
import tempfile
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from servers.faulty import Faulty  # noqa: E402
from servers.moto import Moto  # noqa: E402
from servers.signatures import refusal  # noqa: E402
from sources import pipelines  # noqa: E402

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
COLUMNS = [("n", "bigint", 19, 0), ("price", "decimal", 9, 2), ("name", "varchar", 100, 0),
           ("ok", "boolean", 0, 0), ("x", "double", 17, 0), ("raw", "varbinary", 100, 0)]
ROWS = [[str(i), f"{i}.50", ["", None, 'say "hi"', "a,b\nc"][i % 4], ["true", "false"][i % 2],
         "NaN" if i == 5 else f"{i / 4}", "68 69"] for i in range(40)]


def queue(url, rows):
    """What moto answers the next query with: like Athena, the header is the first row."""
    def row(values):
        return {"Data": [{} if v is None else {"VarCharValue": v.replace('"', '""')} for v in values]}
    info = [{"Name": n, "Label": n, "Type": t, "Precision": p, "Scale": s} for n, t, p, s in COLUMNS]
    results = [{"rows": [row([c[0] for c in COLUMNS])] + [row(r) for r in rows], "column_info": info}]
    request = urllib.request.Request(
        url + "/moto-api/static/athena/query-results", method="POST",
        data=json.dumps({"region": "us-east-1", "results": results}).encode(),
        headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request).read()


def main():
    binary = sys.argv[1]
    unloads = []

    with tempfile.TemporaryDirectory(prefix="bessemer-athena-") as name, Moto() as moto:
        s3 = moto.client("s3")
        s3.create_bucket(Bucket="results")

        def check(request):
            if "/s3/" in request.headers.get("Authorization", ""):
                return None  # the SDK's own, of chunked bodies
            refused = refusal(request, SECRET, token="token")
            if not refused and request.headers.get("X-Amz-Target", "").endswith("StartQueryExecution"):
                unload(json.loads(request.body)["QueryString"])
            return refused

        def unload(sql):
            """moto runs nothing: does what UNLOAD does."""
            found = re.fullmatch(r"UNLOAD \((.*)\n\) TO 's3://results/([^']+)' WITH \(format = "
                                 r"'PARQUET', compression = 'SNAPPY'\)", sql, re.S)
            if not found:
                return
            unloads.append(found.group(1))
            for part in range(2):
                s3.put_object(Bucket="results", Key=f"{found.group(2)}2026_{part}",
                              Body=pipelines.parquet({"n": list(range(part * 50, part * 50 + 50)),
                                                      "tags": [[i, i + 1] for i in range(50)]}))

        with Faulty(moto.url, check) as proxy:
            environment = dict(os.environ, AWS_ENDPOINT_URL=proxy.url, AWS_ACCESS_KEY_ID="key",
                               AWS_SECRET_ACCESS_KEY=SECRET, AWS_SESSION_TOKEN="token",
                               AWS_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true")
            run = pipelines.Runner(binary, pathlib.Path(name), environment)
            step = {"query": "SELECT * FROM t", "output_location": "s3://results/q/"}

            queue(moto.url, ROWS)
            examples = run.examples("AthenaExampleGen", step)
            pipelines.equal(len(examples), len(ROWS), "rows by CSV")
            by_n = {e["n"][0]: e for e in examples}
            pipelines.equal(by_n[4]["name"], [b""], "an empty string is a value")
            pipelines.equal(by_n[1].get("name", []), [], "NULL is missing")
            pipelines.equal(by_n[2]["name"], [b'say "hi"'], "quotes")
            pipelines.equal(by_n[3]["name"], [b"a,b\nc"], "line breaks")
            pipelines.equal(by_n[7]["raw"], [b"hi"], "bytes")

            examples = run.examples("AthenaExampleGen", {**step, "result": "unload",
                                                         "query": "SELECT n, tags FROM t -- all\n;"})
            pipelines.equal(len(unloads), 1, "UNLOAD statements")
            pipelines.equal(sorted(e["n"][0] for e in examples), list(range(100)), "rows by UNLOAD")
            pipelines.equal({len(e["tags"]) for e in examples}, {2}, "arrays")
            left = [o["Key"] for o in s3.list_objects_v2(Bucket="results").get("Contents", ())
                    if "unload" in o["Key"]]
            pipelines.equal(left, [], "left behind by UNLOAD")

            run.environment["AWS_SECRET_ACCESS_KEY"] = "wrong"
            run.fails("AthenaExampleGen", step, "InvalidSignatureException", absent="wrong\"")
            del run.environment["AWS_REGION"]
            run.fails("AthenaExampleGen", step, "set 'region' or AWS_REGION")
    print("Athena: CSV, UNLOAD, signatures, errors")


main()
