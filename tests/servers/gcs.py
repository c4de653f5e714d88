"""Google Cloud Storage as gcp-storage-emulator answers for it, in memory."""

import sys
import urllib.request

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
