"""Pipelines and commands over the result of a query, on a real engine.

Usage: query_test.py ENGINE --binary BIN [--unit EXAMPLE_GEN_TEST]

ENGINE is sqlite, duckdb, postgresql or mysql; for the last two a server is started. With --unit the
unit tests of the source that need the server run, too.
"""

import argparse
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1])]
from sources.engines import DAYS, ENGINES, rows_of  # noqa: E402
from sources.pipelines import PATIENCE  # noqa: E402


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def becomes(condition):
    """Whether it does while a patient reader would wait."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


class Test:
    def __init__(self, engine, binary, folder):
        self.engine, self.binary, self.folder = engine, binary, pathlib.Path(folder)

    def bessemer(self, *args, code=0, **environment):
        done = subprocess.run([self.binary, *args], capture_output=True, text=True,
                              cwd=self.folder, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False,
                              env={**os.environ, **self.engine.environment, **environment})
        check(done.returncode == code,
              f"{args}: exit code {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def query(self, query):
        return ["--source", self.engine.source, "--connection", self.engine.connection,
                "--query", query]

    def write_pipeline(self, name, **params):
        params = {"connection": self.engine.connection, **params}
        pipeline = {"pipeline": name, "root": f"runs/{name}",
                    "steps": [{self.engine.component: params}, "StatisticsGen"]}
        (self.folder / f"{name}.yaml").write_text(json.dumps(pipeline))  # JSON is YAML
        return f"{name}.yaml"

    def run(self, pipeline):
        """The marks of the two steps, e.g. "✓=": the first ran, the second was reused."""
        out = self.bessemer("run", pipeline)
        return "".join(re.findall(r"^([✓=✗-]) \w+Gen ", out, re.MULTILINE))

    def examples(self, pipeline):
        """Folder and properties of the newest examples."""
        store = sqlite3.connect(self.folder / f"runs/{pathlib.Path(pipeline).stem}/metadata.db")
        newest, uri = store.execute(
            "SELECT a.id, a.uri FROM Artifact a JOIN Type t ON t.id = a.type_id "
            "WHERE t.name = 'Examples' ORDER BY a.id DESC").fetchone()
        properties = dict(store.execute(
            "SELECT name, coalesce(int_value, string_value) FROM ArtifactProperty "
            "WHERE artifact_id = ?", [newest]))
        store.close()
        return uri, properties

    def rows(self, *args):
        out = self.bessemer("examples", "show", *args, "-n", "100000", "--json")
        return [json.loads(line) for line in out.splitlines()]

    # The tests.

    def one_query_split_by_hash(self):
        pipeline = self.write_pipeline(
            "daily", span=DAYS["20240102"],
            query=f"SELECT city, fare, tip FROM {self.engine.table} WHERE day = @span_yyyymmdd_utc "
                  "AND made_at >= @span_begin_timestamp AND made_at < @span_end_timestamp ORDER BY id")
        check(self.run(pipeline) == "✓✓", "first run")
        uri, properties = self.examples(pipeline)
        check(properties["span"] == DAYS["20240102"], properties)
        check(properties["num_rows"] == 200, properties)
        check(properties["num_rows_train"] > properties["num_rows_eval"] > 0, properties)
        got = self.rows(f"{uri}/Split-train") + self.rows(f"{uri}/Split-eval")
        want = [{"city": row[3], "fare": row[4], "tip": row[5]} for row in rows_of("20240102")]

        def plain(row):
            values = {name: value[0] if isinstance(value, list) and value else value
                      for name, value in row.items()}
            return sorted((name, value) for name, value in values.items()
                          if value is not None and value != [])

        check(sorted(map(plain, got)) == sorted(map(plain, want)), (got[:3], want[:3]))

    def what_is_reused(self):
        query = f"SELECT city, fare FROM {self.engine.table} ORDER BY day, id"
        pipeline = self.write_pipeline("reused", query=query)
        check(self.run(pipeline) == "✓✓", "first run")
        # What cannot be known to be the same is asked again; the same answer goes no further.
        check(self.run(pipeline) == ("==" if self.engine.remembers else "✓="), "second run")
        count = f"SELECT count(*) AS n FROM {self.engine.table}"
        cheap = self.write_pipeline("cheap", query=query, fingerprint_query=count)
        check(self.run(cheap) == "✓✓", "first run with a fingerprint")
        check(self.run(cheap) == "==", "second run with a fingerprint")
        self.engine.add_row()
        check(self.run(cheap) == "✓✓", "other data, with a fingerprint")
        check(self.run(pipeline) == "✓✓", "other data")

    def a_query_per_split(self):
        pipeline = self.write_pipeline("two", query={
            "old": f"SELECT id, city FROM {self.engine.table} WHERE day = '20240101' AND id < 999",
            "new": f"SELECT id, city FROM {self.engine.table} WHERE day > '20240101'"})
        self.run(pipeline)
        properties = self.examples(pipeline)[1]
        check(properties["num_rows_old"] == 200, properties)
        check(properties["num_rows_new"] == 400, properties)
        check(json.loads(properties["split_names"]) == ["old", "new"], properties)

    def commands(self):
        flags = self.query(f"SELECT city, fare, tip FROM {self.engine.table} "
                           "WHERE day = '20240103' ORDER BY id")
        shown = self.rows(*flags)
        check(len(shown) == 200 and "서울" in json.dumps(shown, ensure_ascii=False), shown[:4])
        self.bessemer("stats", "generate", *flags, "-o", "stats.pb")
        self.bessemer("examples", "convert", *flags, "rows.parquet")
        check(self.rows("rows.parquet") == shown, "other rows in Parquet")
        self.bessemer("stats", "generate", "rows.parquet", "-o", "again.pb")

    def mistakes(self):
        out = self.bessemer("examples", "show", *self.query("SELECT * FROM nowhere"), code=2)
        check(self.engine.unknown_table in out, out)
        pipeline = self.write_pipeline("wrong", query="SELECT @span_yyyymmdd AS d")
        out = self.bessemer("run", pipeline, code=2)
        check("did you mean '@span_yyyymmdd_utc'" in out, out)
        if self.engine.is_server:
            out = self.bessemer("examples", "show", *self.query("SELECT 1 AS x"), code=3,
                                **{self.engine.password: "hunter2"})
            check(self.engine.wrong_password in out and "hunter2" not in out, out)

    def start_forever(self, param="query"):
        """A run whose query never ends by itself; in a server it is running."""
        pipeline = self.write_pipeline("forever", **{"query": "SELECT 1 AS x",
                                                     param: self.engine.forever})
        process = subprocess.Popen([self.binary, "run", pipeline], cwd=self.folder, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   stdin=subprocess.DEVNULL,
                                   env={**os.environ, **self.engine.environment})
        started = self.folder / "runs/forever"

        def is_running():
            if self.engine.is_server:
                return self.engine.execute(self.engine.running) != "0"
            return any(started.glob(f"{self.engine.component}/**/*"))

        check(becomes(lambda: is_running() or process.poll() is not None), "the query did not start")
        check(process.poll() is None, "the query has ended")
        return process

    def interrupted(self):
        for param in ("query", "fingerprint_query") if self.engine.is_server else ("query",):
            process = self.start_forever(param)
            process.send_signal(signal.SIGINT)
            out = process.communicate(timeout=PATIENCE)[0]
            check(process.returncode == 130, f"exit code {process.returncode}\n{out}")
            if self.engine.is_server:
                # It acts on a cancellation after it took the request.
                check(becomes(lambda: self.engine.execute(self.engine.running) == "0"),
                      f"the {param} runs on")

    def a_certificate_is_verified(self):
        server = self.engine.server

        def show(connection, code=0):
            return self.bessemer("examples", "show", "--source", self.engine.source, "--connection",
                                 connection, "--query", self.engine.is_encrypted, "--json",
                                 code=code)

        out = show(self.engine.verified(server.ca))
        check('"x":[1]' in out.replace(" ", ""), f"not encrypted: {out}")
        out = show(self.engine.verified(server.other_ca), code=3)
        check(self.engine.wrong_ca in out, out)
        for connection, refusal in self.engine.other_names(server.ca):
            out = show(connection, code=0 if refusal is None else 3)
            check(refusal is None or refusal in out, out)

    def a_server_that_dies(self):
        process = self.start_forever()
        self.engine.server.crash()
        out = process.communicate(timeout=PATIENCE)[0]
        check(process.returncode == 3, f"exit code {process.returncode}\n{out}")
        check(self.engine.broken_off in out, out)


def run_unit_tests(engine, program):
    done = subprocess.run([program, f"--gtest_filter={engine.unit_tests}"], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE,
                          env={**os.environ, **engine.environment,
                               engine.variable: engine.test_address})
    if done.returncode != 0 or "SKIPPED" in done.stdout:
        print(done.stdout)
        sys.exit(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--unit")
    args = parser.parse_args()
    with ENGINES[args.engine]() as engine, tempfile.TemporaryDirectory() as folder:
        if args.unit:
            run_unit_tests(engine, args.unit)  # which leave nothing in the database
        engine.fill()
        test = Test(engine, os.path.abspath(args.binary), folder)
        steps = [test.one_query_split_by_hash, test.what_is_reused, test.a_query_per_split,
                 test.commands, test.mistakes, test.interrupted]
        if engine.is_server:
            steps += [test.a_certificate_is_verified, test.a_server_that_dies]
        for step in steps:
            began = time.monotonic()
            step()
            took = time.monotonic() - began
            print(f"{args.engine}: {step.__name__.replace('_', ' ')} ({took:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
