"""BigQueryExampleGen against a server that follows the documented protocol strictly.

Usage: bigquery_test.py BESSEMER
"""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: E402
from servers.bigquery import BigQuery, Result  # noqa: E402
from sources import pipelines  # noqa: E402


def column(name, kind, mode="NULLABLE", fields=None):
    return {"name": name, "type": kind, "mode": mode, **({"fields": fields} if fields else {})}


SCHEMA = [
    column("i", "INTEGER", "REQUIRED"), column("f", "FLOAT"), column("b", "BOOLEAN"),
    column("s", "STRING"), column("raw", "BYTES"), column("num", "NUMERIC"),
    column("big", "BIGNUMERIC"), column("d", "DATE"), column("t", "TIME"),
    column("dt", "DATETIME"), column("ts", "TIMESTAMP"), column("g", "GEOGRAPHY"),
    column("j", "JSON"), column("tags", "STRING", "REPEATED"),
    column("rec", "RECORD", fields=[column("x", "INTEGER"), column("ys", "FLOAT", "REPEATED")]),
]
ROWS = [[i, i / 2 if i % 7 else float("nan"), i % 2 == 0, None if i % 5 == 0 else f"s{i}",
         b"\x00\xff", "1.25", "3.14", "2024-02-29", "12:34:56.5", "2024-01-02T03:04:05",
         1_700_000_000_000_000 + i, "POINT(1 2)", '{"a": 1}', [f"t{i}", "u"][: i % 3],
         (i, [0.5, i])] for i in range(250)]

RESULTS = {
    "SELECT all": Result(SCHEMA, ROWS, polls=2),
    "SELECT none": Result(SCHEMA[:4], []),
    "SELECT slowly": Result(SCHEMA[:1], [], polls=10**9),
    "SELECT broken": Result(SCHEMA[:1], [], error=("invalidQuery", "Division by zero: 1 / 0")),
    "SELECT costly": Result(SCHEMA[:1], [], error=("bytesBilledLimitExceeded", "Query exceeded limit")),
}


def main():
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="bessemer-bigquery-") as name, BigQuery(RESULTS) as server:
        folder = pathlib.Path(name)
        environment = dict(os.environ, GOOGLE_APPLICATION_CREDENTIALS=server.key_file(folder))
        for variable in ("GOOGLE_CLOUD_PROJECT", "BIGQUERY_EMULATOR_HOST"):
            environment.pop(variable, None)
        run = pipelines.Runner(binary, folder, environment)
        step = {"query": "SELECT all", "endpoint": server.url, "page_rows": 60}

        server.fail("POST", "/jobs$", 403, "rateLimitExceeded", times=2)
        server.fail("GET", "/queries/", 503, "backendError", times=1)
        examples = run.examples("BigQueryExampleGen", step)
        pipelines.equal(len(examples), 250, "rows")
        by_i = {e["i"][0]: e for e in examples}
        pipelines.equal(sorted(by_i), list(range(250)), "all rows, once")
        pipelines.equal(by_i[3]["f"], [1.5], "FLOAT")
        pipelines.equal(by_i[4]["b"], [1], "BOOLEAN")
        pipelines.equal(by_i[5].get("s", []), [], "NULL")
        pipelines.equal(by_i[6]["s"], [b"s6"], "STRING")
        pipelines.equal(by_i[6]["raw"], [b"\x00\xff"], "BYTES")
        pipelines.equal(by_i[5]["tags"], [b"t5", b"u"], "REPEATED")
        pages = [q for m, p, q in server.requests if "/queries/" in p]
        pipelines.equal(sum("pageToken" in q for q in pages), 4, "pages after the first")
        pipelines.equal(len({q.get("location") for q in pages}), 1, "the job's location is used")
        pipelines.equal(sum(p == "/token" for _, p, _ in server.requests), 1, "one token will do")

        run.fails("BigQueryExampleGen", {**step, "query": "SELEC 1"}, "invalidQuery: Syntax error")
        run.fails("BigQueryExampleGen", {**step, "query": "SELECT broken"}, "Division by zero")
        run.fails("BigQueryExampleGen", {**step, "query": "SELECT costly"}, "bytesBilledLimitExceeded")
        run.fails("BigQueryExampleGen", {**step, "project": "other"}, "Not found: Project other")

        job = run.interrupted("BigQueryExampleGen", {**step, "query": "SELECT slowly"},
                              lambda: any("/queries/" in p for _, p, _ in server.requests[-3:])
                              and any(j.result.polls > 10**8 for j in list(server.jobs.values())))
        pipelines.equal(job, 130, "exit code when interrupted")
        pipelines.equal([j.cancelled for j in server.jobs.values() if j.result.polls > 10**8], [True],
                        "the interrupted job is cancelled")

        # Tokens: signed with another key, and expired ones.
        other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        server.key_file(folder, key=other)
        run.fails("BigQueryExampleGen", step, "Invalid JWT Signature", absent="PRIVATE KEY")
        server.key_file(folder, client_email="someone@else")
        run.fails("BigQueryExampleGen", step, "wrong issuer")
        server.token_seconds = -1
        server.key_file(folder)
        run.fails("BigQueryExampleGen", step, "authError")
    print("BigQuery: types, pages, tokens, quotas, errors, cancellation")


main()
