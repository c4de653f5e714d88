"""Google Cloud Storage as gcp-storage-emulator answers for it, in memory."""

import json
import sys
import urllib.request
from urllib.parse import quote

from servers.child import Child

SERVE = """
import threading
from gcp_storage_emulator.server import create_server
server = create_server("127.0.0.1", 0, in_memory=True)
server.start()
print("port", server._api._httpd.server_port, flush=True)
threading.Event().wait()
"""


class Gcs(Child):
    """Needs an interpreter that has the emulator: that of the environment `servers`."""

    def __init__(self):
        super().__init__([sys.executable, "-c", SERVE])
        self.url = f"http://127.0.0.1:{self.port}"

    def make_bucket(self, name):
        request = urllib.request.Request(
            f"{self.url}/storage/v1/b?project=test", method="POST",
            data=b'{"name": "%s"}' % name.encode(), headers={"Content-Type": "application/json"})
        urllib.request.urlopen(request).read()

    def put(self, bucket, key, content):
        request = urllib.request.Request(
            f"{self.url}/upload/storage/v1/b/{bucket}/o?uploadType=media&name={quote(key, safe='')}",
            method="POST", data=content, headers={"Content-Type": "application/octet-stream"})
        urllib.request.urlopen(request).read()

    def keys(self, bucket, prefix):
        url = f"{self.url}/storage/v1/b/{bucket}/o?prefix={quote(prefix, safe='')}"
        with urllib.request.urlopen(url) as answer:
            return [item["name"] for item in json.load(answer).get("items", ())]
