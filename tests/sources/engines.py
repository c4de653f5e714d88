"""The query engines of the tests, each with the same table of trips."""

import pathlib
import shutil
import sqlite3
import tempfile

from servers.mariadb import MariadbServer
from servers.postgresql import PostgresqlServer

DAYS = {"20240101": 19723, "20240102": 19724, "20240103": 19725}  # date: span
CITIES = ["Oslo", "Zürich", "İzmir", "서울"]
COLUMNS = "id INTEGER, day CHAR(8), made_at BIGINT, city VARCHAR(20), fare DOUBLE PRECISION, tip INTEGER"
ONE_MORE = (999, "20240101", 1704070000, "Oslo", 1.0, 1)


def rows_of(day, count=200):
    """(id, day, seconds since 1970, city or None, fare, tip or None)"""
    for i in range(count):
        city = CITIES[i % 5] if i % 5 < 4 else None
        yield (i, day, DAYS[day] * 86400 + i * 400, city, i / 8 + 1, i % 7 or None)


def all_rows():
    return [row for day in DAYS for row in rows_of(day)]


def insert(rows):
    def literal(value):
        if value is None:
            return "NULL"
        return f"'{value}'" if isinstance(value, str) else repr(value)

    values = ",\n".join(f"({', '.join(map(literal, row))})" for row in rows)
    return f"INSERT INTO trips VALUES\n{values};\n"


class Engine:
    """`remembers`: unchanged data are known to be so, and not asked for again."""

    is_server, remembers = False, False
    table, environment = "trips", {}

    def fill(self):
        self.execute(f"CREATE TABLE trips ({COLUMNS});" + insert(all_rows()))

    def add_row(self):
        self.execute(insert([ONE_MORE]))


class Sqlite(Engine):
    source, component, remembers = "sqlite", "SqliteExampleGen", True
    forever = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
               "SELECT sum(i) AS s FROM n")
    unknown_table = "no such table: nowhere"

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bessemer_sqlite_"))
        self.connection = str(self.folder / "trips.db")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def execute(self, sql):
        database = sqlite3.connect(self.connection)
        database.executescript(sql)
        database.close()


class Duckdb(Engine):
    """Asks a CSV file, of which an engine in memory cannot tell that it is unchanged."""

    source, component, connection = "duckdb", "DuckdbExampleGen", ":memory:"
    forever = "SELECT count(*) AS n FROM range(100000000000) t(i) WHERE i % 7 = 3 AND i % 11 = 5"
    unknown_table = "Table with name nowhere does not exist"

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bessemer_duckdb_"))
        self.file = self.folder / "trips.csv"
        self.table = f"read_csv('{self.file}', types = {{'day': 'VARCHAR'}})"
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def fill(self):
        self.write(all_rows())

    def write(self, rows):
        lines = ["id,day,made_at,city,fare,tip"]
        lines += [",".join("" if value is None else str(value) for value in row) for row in rows]
        self.file.write_text("\n".join(lines) + "\n")

    def add_row(self):
        self.write(all_rows() + [ONE_MORE])


class Server(Engine):
    is_server = True

    def __enter__(self):
        self.server.__enter__()
        self.environment = self.server.environment()
        return self

    def __exit__(self, *_):
        self.server.__exit__(*_)

    def execute(self, sql):
        return self.server.execute(sql)


class Postgresql(Server):
    source, component = "postgresql", "PostgresqlExampleGen"
    unit_tests, variable, password = "Postgresql*", "BESSEMER_TEST_POSTGRESQL", "PGPASSWORD"
    forever = "SELECT pg_sleep(1000)::text AS s"
    running = ("SELECT count(*) FROM pg_stat_activity "
               "WHERE query LIKE 'COPY%pg_sleep%' AND state = 'active'")
    unknown_table = 'relation "nowhere" does not exist (line 1 of the query)'
    wrong_password = "password authentication failed"
    wrong_ca = "certificate verify failed"
    is_encrypted = "SELECT ssl::int AS x FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    broken_off = "connection"

    def __init__(self):
        self.server = PostgresqlServer()

    @property
    def connection(self):
        return self.server.uri

    test_address = connection

    def verified(self, ca):
        return f"{self.connection}?sslmode=verify-full&sslrootcert={ca}"

    def other_names(self, ca):
        """Connections by a name that the certificate does not have: refused, and taken."""
        uri = self.connection.replace("@127.0.0.1", "@db.example")
        uri += f"?hostaddr=127.0.0.1&sslrootcert={ca}&sslmode="
        return [(uri + "verify-full", "does not match host name"), (uri + "verify-ca", None)]


class Mysql(Server):
    source, component = "mysql", "MysqlExampleGen"
    unit_tests, variable, password = "Mysql*", "BESSEMER_TEST_MYSQL", "MYSQL_PWD"
    forever = "SELECT sleep(1000) AS s"
    running = ("SELECT count(*) FROM information_schema.processlist "
               "WHERE info LIKE 'SELECT sleep(1000)%' AND id <> connection_id() "
               "AND command <> 'Killed'")
    unknown_table = "Table 'test.nowhere' doesn't exist"
    wrong_password = "Access denied"
    wrong_ca = "certificate"
    is_encrypted = ("SELECT variable_value <> '' AS x FROM information_schema.session_status "
                    "WHERE variable_name = 'Ssl_cipher'")
    broken_off = "Lost connection"

    def __init__(self):
        self.server = MariadbServer()

    @property
    def connection(self):
        return self.server.uri()

    @property
    def test_address(self):
        return self.server.uri("admin")

    def verified(self, ca):
        return self.server.uri(options=f"?ssl=verify&ssl_ca={ca}")

    def other_names(self, ca):
        return []


ENGINES = {"sqlite": Sqlite, "duckdb": Duckdb, "postgresql": Postgresql, "mysql": Mysql}
