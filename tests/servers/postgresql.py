"""A PostgreSQL server of Debian's package, on loopback, for one test."""

import pathlib
import signal
import subprocess

from servers import certificates, database

PASSWORD = "s3cret-of-the-test"


def program(name):
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not found:
        raise RuntimeError(f"no {name}: run tools/setup.sh")
    return str(found[-1])


class PostgresqlServer(database.DatabaseServer):
    """Has the database `test`, the user `tester` and its PASSWORD; TLS is on, by `ca`."""

    name = "postgresql"
    account = "postgres"
    crash_signal = signal.SIGQUIT  # of SIGKILL its children would take a while to notice

    def prepare(self):
        self.data = self.folder / "data"
        self.data.mkdir()
        self.own(self.data)
        self.own(self.folder)
        secret = self.own_file("password", PASSWORD)
        self.run([program("initdb"), "-D", str(self.data), "-U", "tester", f"--pwfile={secret}",
                  "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
                  "--no-instructions"])
        self.ca = certificates.authority(self, "ca")
        self.other_ca = certificates.authority(self, "other")
        certificates.certify(self, self.ca, self.data / "server.key", self.data / "server.crt")

    def own_file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return self.own(path)

    def command(self):
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "fsync": "off", "ssl": "on",
                    "unix_socket_directories": self.folder, "shared_buffers": "32MB",
                    "synchronous_commit": "off", "full_page_writes": "off", "jit": "off",
                    "timezone": "Europe/Vienna", "max_wal_size": "1GB"}
        return [program("postgres"), "-D", str(self.data),
                *(f"--{name}={value}" for name, value in settings.items())]

    def is_up(self):
        # By its own word: on the port another server might answer.
        try:
            told = (self.data / "postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return False
        return len(told) > 7 and told[0] == str(self.process.pid) and told[7].strip() == "ready"

    @property
    def uri(self):
        return f"postgresql://tester@127.0.0.1:{self.port}/postgres"

    def environment(self):
        return {"PGPASSWORD": PASSWORD}

    def execute(self, sql):
        """Runs statements; the rows of the last as text, tab-separated."""
        done = subprocess.run([program("psql"), "-X", "-q", "-A", "-t", "-F", "\t",
                               "-v", "ON_ERROR_STOP=1", self.uri],
                              input=sql, text=True, capture_output=True, check=False,
                              env={"PGPASSWORD": PASSWORD})
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()
