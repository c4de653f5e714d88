"""A proxy that stands before a server and makes it fail on demand.

Faults are asked for by POST /_faults with a list of
    {"method": "GET", "path": "regular expression", "times": 2, "do": "503"}
where `do` is
    a number     answered with that status instead
    "truncate"   half of the body, then the connection breaks (Content-Length promises all)
    "hang_up"    the connection breaks before any answer
    "hang"       no answer while the test lasts
and is taken in order; GET /_log gives the requests seen so far as ["GET /bucket/key", …].
Conditional creation on Google's upload path (ifGenerationMatch=0), which the emulator does not
know, is done here. `check` of Faulty is called with each request and may refuse it.
"""

import http.client
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive"}


class Request:
    """What `check` is shown."""

    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status, body=b"", headers=(), sent=None):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if sent is None else body[:sent])

    def serve(self):
        proxy = self.server.proxy
        body = self.read_body()
        if self.path == "/_faults":
            with proxy.lock:
                proxy.faults = json.loads(body)
                proxy.seen = []
            return self.answer(200)
        if self.path == "/_log":
            return self.answer(200, json.dumps(proxy.seen).encode())
        request = Request(self.command, self.path, self.headers, body)
        do = proxy.note(request)
        if do == "hang":
            proxy.closing.wait()
        if do in ("hang", "hang_up"):
            self.close_connection = True
            return self.connection.close()
        if isinstance(do, int):
            return self.answer(do, b"<Error><Code>SlowDown</Code></Error>")
        refusal = proxy.check(request) if proxy.check else None
        if refusal:
            return self.answer(*refusal)
        status, headers, content = proxy.forward(request)
        if do == "truncate":
            self.answer(status, content, headers, sent=len(content) // 2)
            self.close_connection = True
            self.wfile.flush()
            return self.connection.close()
        if self.command == "HEAD":
            self.send_response_only(status)
            for name, value in headers:
                self.send_header(name, value)
            return self.end_headers()
        return self.answer(status, content, [h for h in headers if h[0].lower() != "content-length"])

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = serve


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # connections that were broken on purpose


class Faulty:
    """A context manager: Faulty(url_of_the_server, check)."""

    def __init__(self, target, check=None):
        self.target = urlsplit(target)
        self.check = check
        self.lock = threading.Lock()
        self.creating = threading.Lock()
        self.closing = threading.Event()
        self.faults, self.seen = [], []
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.proxy = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def note(self, request):
        with self.lock:
            self.seen.append(f"{request.method} {request.path}")
            for fault in self.faults:
                if fault["times"] > 0 and fault["method"] == request.method and re.search(
                        fault["path"], request.path):
                    fault["times"] -= 1
                    return fault["do"]
        return None

    def forward(self, request):
        query = parse_qs(urlsplit(request.path).query)
        if query.get("ifGenerationMatch") == ["0"]:
            bucket = re.search("/b/([^/]+)/o", request.path).group(1)
            name = quote(query["name"][0], safe="")
            with self.creating:
                there = self.send("GET", f"/storage/v1/b/{bucket}/o/{name}", {}, b"")
                if there[0] == 200:
                    return 412, [], b'{"error": {"message": "conditionNotMet"}}'
                return self.send(request.method, request.path, request.headers, request.body)
        return self.send(request.method, request.path, request.headers, request.body)

    def send(self, method, path, headers, body):
        connection = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=60)
        passed = {k: v for k, v in headers.items() if k.lower() not in HOP_BY_HOP}
        passed.pop("Content-Length", None)
        # The server makes URLs (of uploads that go on) from the host it is called by.
        connection.request(method, path, body or None, passed)
        response = connection.getresponse()
        content = response.read()
        kept = [h for h in response.getheaders() if h[0].lower() not in HOP_BY_HOP]
        connection.close()
        return response.status, kept, content

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
