"""A server of this project's own that follows the documented REST protocol of BigQuery, version 2,
strictly: what the documentation does not allow is refused.

Tokens: POST /token takes a service account's signed token (RFC 7523), verifies its signature with
the account's public key, its audience, scope and times, and gives an access token. Every call needs
one that was given and has not expired. Jobs: inserted with an id of the client's, polled until they
are complete, read in pages by page tokens; a job is only found in its location. `results` maps the
text of a query to a Result; anything else is an invalidQuery.
"""

import base64
import json
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

PROJECT = "test-project"
ACCOUNT = f"reader@{PROJECT}.iam.gserviceaccount.com"
SCOPES = {"https://www.googleapis.com/auth/bigquery", "https://www.googleapis.com/auth/cloud-platform"}


@dataclass
class Result:
    schema: list          # [{"name", "type", "mode", "fields"}]
    rows: list            # Python values in the order of the schema
    polls: int = 1        # answers "not complete" before it is
    error: tuple = None   # (reason, message): the job fails


@dataclass
class Job:
    result: Result
    location: str
    polls_left: int
    cancelled: bool = False
    tokens: dict = field(default_factory=dict)  # page token: first row


class Refused(Exception):
    def __init__(self, status, reason, message):
        super().__init__(message)
        self.status, self.reason = status, reason


def encode(value, column):
    """A value as BigQuery's JSON holds it."""
    if column.get("mode") == "REPEATED":
        single = {**column, "mode": "NULLABLE"}
        return {"v": [encode(item, single) for item in value]}
    if value is None:
        return {"v": None}
    if column["type"] in ("RECORD", "STRUCT"):
        return {"v": {"f": [encode(v, c) for v, c in zip(value, column["fields"], strict=True)]}}
    if isinstance(value, bool):
        return {"v": "true" if value else "false"}
    if isinstance(value, bytes):
        return {"v": base64.b64encode(value).decode()}
    return {"v": str(value)}


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = self.server.owner
        try:
            self.reply(200, server.handle(self.command, self.path, self.headers, body))
        except Refused as error:
            if error.status == 400 and self.path == "/token":
                return self.reply(400, {"error": error.reason, "error_description": str(error)})
            self.reply(error.status, {"error": {
                "code": error.status, "message": str(error),
                "errors": [{"message": str(error), "domain": "global", "reason": error.reason}]}})

    do_GET = do_POST = do_PUT = do_DELETE = serve


class BigQuery:
    """A context manager. `key_file(folder)` writes the account's key; `requests` is what was asked."""

    def __init__(self, results, token_seconds=3600):
        self.results, self.token_seconds = results, token_seconds
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.lock = threading.Lock()
        self.jobs, self.access, self.requests, self.faults = {}, {}, [], []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.owner = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def key_file(self, folder, key=None, **changes):
        pem = (key or self.key).private_bytes(serialization.Encoding.PEM,
                                              serialization.PrivateFormat.PKCS8,
                                              serialization.NoEncryption()).decode()
        content = {"type": "service_account", "project_id": PROJECT, "private_key_id": "k1",
                   "private_key": pem, "client_email": ACCOUNT, "token_uri": self.url + "/token"}
        path = folder / "key.json"
        path.write_text(json.dumps({**content, **changes}))
        return str(path)

    def fail(self, method, path, status, reason, times=1):
        """The next requests that match are refused."""
        self.faults.append([method, path, status, reason, times])

    def handle(self, method, target, headers, body):
        with self.lock:
            url = urlsplit(target)
            query = {k: v[0] for k, v in parse_qs(url.query, strict_parsing=bool(url.query)).items()}
            self.requests.append((method, url.path, query))
            for fault in self.faults:
                if fault[4] > 0 and fault[0] == method and re.search(fault[1], url.path):
                    fault[4] -= 1
                    raise Refused(fault[2], fault[3], "on demand")
            if (method, url.path) == ("POST", "/token"):
                return self.token(headers, body)
            self.check_access(headers)
            part = re.fullmatch(r"/bigquery/v2/projects/([^/]+)/(.*)", url.path)
            if not part:
                raise Refused(404, "notFound", f"no such path: {url.path}")
            if unquote(part.group(1)) != PROJECT:
                raise Refused(404, "notFound", f"Not found: Project {unquote(part.group(1))}")
            if method == "POST" and part.group(2) == "jobs":
                return self.insert(headers, body)
            if method == "GET" and (found := re.fullmatch(r"queries/([\w-]+)", part.group(2))):
                return self.get_results(self.job(found.group(1), query), found.group(1), query)
            if method == "POST" and (found := re.fullmatch(r"jobs/([\w-]+)/cancel", part.group(2))):
                self.job(found.group(1), query).cancelled = True
                return {"kind": "bigquery#jobCancelResponse"}
            raise Refused(404, "notFound", f"no such path: {method} {url.path}")

    def token(self, headers, body):
        if headers.get("Content-Type") != "application/x-www-form-urlencoded":
            raise Refused(400, "invalid_request", "wrong Content-Type")
        form = {k: v[0] for k, v in parse_qs(body.decode(), strict_parsing=True).items()}
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise Refused(400, "unsupported_grant_type", "Invalid grant_type")
        parts = form.get("assertion", "").split(".")
        if len(parts) != 3 or any("=" in part for part in parts):
            raise Refused(400, "invalid_grant", "not a compact JWS")
        header, claims = (json.loads(unpadded(part)) for part in parts[:2])
        if header != {"alg": "RS256", "typ": "JWT", "kid": "k1"}:
            raise Refused(400, "invalid_grant", "wrong header")
        try:
            self.key.public_key().verify(unpadded(parts[2]), ".".join(parts[:2]).encode(),
                                         padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise Refused(400, "invalid_grant", "Invalid JWT Signature.") from None
        now = time.time()
        if claims["iss"] != ACCOUNT or claims["aud"] != self.url + "/token":
            raise Refused(400, "invalid_grant", "wrong issuer or audience")
        if not claims["iat"] - 60 <= now < claims["exp"] or claims["exp"] - claims["iat"] > 3600:
            raise Refused(400, "invalid_grant", "Invalid JWT: must be a short-lived token")
        if not SCOPES & set(claims["scope"].split()):
            raise Refused(400, "invalid_scope", "no scope for BigQuery")
        access = secrets.token_urlsafe(24)
        self.access[access] = now + self.token_seconds
        return {"access_token": access, "token_type": "Bearer", "expires_in": self.token_seconds}

    def check_access(self, headers):
        kind, _, access = headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or self.access.get(access, 0) < time.time():
            raise Refused(401, "authError", "Request had invalid authentication credentials.")

    def insert(self, headers, body):
        if not headers.get("Content-Type", "").startswith("application/json"):
            raise Refused(400, "badRequest", "wrong Content-Type")
        job = json.loads(body)
        reference, configuration = job["jobReference"], job["configuration"]
        if set(job) != {"jobReference", "configuration"} or reference["projectId"] != PROJECT:
            raise Refused(400, "invalid", "wrong job resource")
        if not re.fullmatch(r"[\w-]{1,1024}", reference["jobId"]):
            raise Refused(400, "invalid", "wrong jobId")
        known = {"query", "useLegacySql", "useQueryCache", "priority", "maximumBytesBilled",
                 "defaultDataset"}
        if not set(configuration["query"]) <= known or not set(configuration) <= {"query", "labels"}:
            raise Refused(400, "invalid", "unknown member of the configuration")
        if reference["jobId"] in self.jobs:
            raise Refused(409, "duplicate", "Already Exists: Job")
        if configuration["query"].get("useLegacySql", True):
            raise Refused(400, "invalidQuery", "legacy SQL is not spoken here")
        result = self.results.get(configuration["query"]["query"])
        if result is None:
            raise Refused(400, "invalidQuery", "Syntax error: Unexpected identifier at [1:1]")
        location = reference.get("location", "EU")
        self.jobs[reference["jobId"]] = Job(result, location, result.polls)
        return {"kind": "bigquery#job", "jobReference": {**reference, "location": location},
                "status": {"state": "RUNNING"}}

    def job(self, job_id, query):
        job = self.jobs.get(job_id)
        if job is None or query.get("location", "US") != job.location:
            raise Refused(404, "notFound", f"Not found: Job {job_id}")
        return job

    def get_results(self, job, job_id, query):
        known = {"maxResults", "timeoutMs", "pageToken", "location", "formatOptions.useInt64Timestamp"}
        if not set(query) <= known or int(query["maxResults"]) < 1:
            raise Refused(400, "invalid", "unknown or wrong parameter")
        if job.cancelled:
            raise Refused(400, "stopped", "Job execution was cancelled: User requested cancellation")
        answer = {"kind": "bigquery#getQueryResultsResponse", "jobComplete": False,
                  "jobReference": {"projectId": PROJECT, "jobId": job_id, "location": job.location}}
        if job.polls_left > 0:
            job.polls_left -= 1
            return answer
        if job.result.error:
            raise Refused(400, *job.result.error)
        first = 0
        if "pageToken" in query:
            if query["pageToken"] not in job.tokens:
                raise Refused(400, "invalid", "Invalid page token")
            first = job.tokens[query["pageToken"]]
        schema, rows = job.result.schema, job.result.rows
        if query.get("formatOptions.useInt64Timestamp") != "true" and any(
                column["type"] == "TIMESTAMP" for column in schema):
            raise Refused(400, "invalid", "floating point timestamps are not spoken here")
        page = rows[first:first + int(query["maxResults"])]
        answer |= {"jobComplete": True, "totalRows": str(len(rows)), "schema": {"fields": schema}}
        if page:
            answer["rows"] = [
                {"f": [encode(v, c) for v, c in zip(row, schema, strict=True)]} for row in page]
        if first + len(page) < len(rows):
            token = secrets.token_urlsafe(9) + "="
            job.tokens[token] = first + len(page)
            answer["pageToken"] = token
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
