"""A MariaDB server of Debian's package, on loopback, for one test."""

import subprocess

from servers import certificates, database

PASSWORD = "s3cret-of-the-test"


class MariadbServer(database.DatabaseServer):
    """Has the database `test`, the user `tester` and its PASSWORD; TLS is there, by `ca`."""

    name = "mariadb"
    account = "nobody"  # the package of the server alone makes no account

    def prepare(self):
        self.data = self.folder / "data"
        self.data.mkdir()
        for path in (self.folder, self.data):
            self.own(path)
        self.run(["mariadb-install-db", "--no-defaults", f"--datadir={self.data}",
                  "--auth-root-authentication-method=normal", "--skip-test-db",
                  "--skip-name-resolve"])
        self.ca = certificates.authority(self, "ca")
        self.other_ca = certificates.authority(self, "other")
        self.key, self.certificate = self.folder / "server.key", self.folder / "server.crt"
        certificates.certify(self, self.ca, self.key, self.certificate)
        setup = self.folder / "setup.sql"
        setup.write_text(
            "CREATE DATABASE test CHARACTER SET utf8mb4;\n"
            f"CREATE USER tester@127.0.0.1 IDENTIFIED BY '{PASSWORD}';\n"
            "GRANT ALL ON test.* TO tester@127.0.0.1;\n"
            f"CREATE USER admin@127.0.0.1 IDENTIFIED BY '{PASSWORD}';\n"
            "GRANT ALL ON *.* TO admin@127.0.0.1;\n")
        self.own(setup)

    def command(self):
        return ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.data}",
                f"--socket={self.folder}/socket", f"--pid-file={self.folder}/pid",
                f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve",
                f"--init-file={self.folder}/setup.sql", "--innodb-flush-log-at-trx-commit=0",
                "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M",
                "--innodb-doublewrite=0", "--default-time-zone=+02:00",
                "--character-set-server=utf8mb4", f"--ssl-ca={self.ca}",
                f"--ssl-cert={self.certificate}", f"--ssl-key={self.key}"]

    def is_up(self):
        # It writes its number once it has the port, on which another server might answer otherwise.
        try:
            told = (self.folder / "pid").read_text().strip()
        except FileNotFoundError:
            return False
        return told == str(self.process.pid) and self.listens()

    def uri(self, user="tester", options=""):
        return f"mysql://{user}@127.0.0.1:{self.port}/test{options}"

    def environment(self):
        return {"MYSQL_PWD": PASSWORD}

    def execute(self, sql, user="admin"):
        """Runs statements in the database `test`; the rows as text, tab-separated."""
        done = subprocess.run(["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{self.port}",
                               f"-u{user}", "-N", "--default-character-set=utf8mb4", "test"],
                              input=sql, text=True, capture_output=True, check=False,
                              env={"MYSQL_PWD": PASSWORD})
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()
