"""Runs the tests of object stores against real servers behind a proxy that breaks things.

Usage: object_store_test.py IO_TEST [arguments for it]
"""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from servers.faulty import Faulty  # noqa: E402
from servers.gcs import Gcs  # noqa: E402
from servers.moto import Moto  # noqa: E402


def main():
    with Moto() as s3, Gcs() as gcs, Faulty(s3.url) as faulty_s3, Faulty(gcs.url) as faulty_gcs:
        s3.client("s3").create_bucket(Bucket="data")
        gcs.make_bucket("data")
        environment = dict(os.environ, BESSEMER_TEST_S3=faulty_s3.url, BESSEMER_TEST_GCS=faulty_gcs.url,
                           AWS_EC2_METADATA_DISABLED="true")
        done = subprocess.run([sys.argv[1], "--gtest_filter=*ObjectStore*", *sys.argv[2:]],
                              env=environment, check=False, timeout=1200)
    sys.exit(done.returncode)


main()
