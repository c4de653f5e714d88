"""Amazon's services as moto answers for them: S3, Athena, Glue."""

import sys

from servers.child import Child

SERVE = """
import threading
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("port", server.get_host_and_port()[1], flush=True)
threading.Event().wait()
"""


class Moto(Child):
    """Needs an interpreter that has moto: that of the environment `servers`."""

    def __init__(self):
        super().__init__([sys.executable, "-c", SERVE])
        self.url = f"http://127.0.0.1:{self.port}"

    def client(self, service):
        import boto3

        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1",
                            aws_access_key_id="key", aws_secret_access_key="secret")
