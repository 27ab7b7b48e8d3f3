"""psycopg 3 as applications use it. Prints what it sees; the same lines are expected from VecSql and from PostgreSQL."""
import datetime as dt
import decimal
import logging
import sys
import uuid

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

dsn = sys.argv[1]
logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns or not about what an aborted pipeline skips, depending on how packets fell
utc = dt.timezone.utc
VALUES = [
    ("int2", -32768), ("int4", 2147483647), ("int8", -9223372036854775808), ("float4", 1.5), ("float8", 1e-300), ("numeric", decimal.Decimal("-12345678901234567890.123456789")),
    ("numeric", decimal.Decimal("NaN")), ("text", "ä€😀\n'"), ("varchar", "v"), ("bytea", b"\x00\xff\\"), ("bool", True), ("date", dt.date(2024, 2, 29)), ("time", dt.time(23, 59, 59, 999999)),
    ("timestamp", dt.datetime(1999, 12, 31, 23, 59, 59, 1)), ("timestamptz", dt.datetime(2024, 2, 29, 12, 0, tzinfo=utc)), ("interval", dt.timedelta(days=-3, seconds=7, microseconds=5)),
    ("uuid", uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")), ("jsonb", Jsonb({"a": [1, None, "ä"]})), ("json", psycopg.types.json.Json({"b": 2})), ("int4[]", [1, None, 3]), ("int4[]", [[1, 2], [3, 4]]),
    ("text[]", ["a", 'q"u', None, ""]), ("int4", None),
]


def show(label, *values):
    print(label, *[repr(v) for v in values])


def types(connection):
    for binary in (False, True):
        with connection.cursor(binary=binary) as cursor:
            for name, value in VALUES:
                for mark in ("%s", "%b") if name != "interval" else ("%s",):
                    row = cursor.execute(f"SELECT {mark}::{name}", [value], prepare=True).fetchone()
                    show(f"{name} {binary} {mark}", row[0], cursor.description[0].type_code)


def statements(connection):
    connection.execute("CREATE TABLE py_items (id serial PRIMARY KEY, name text, price numeric, made timestamptz, tags text[])")
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.executemany("INSERT INTO py_items (name, price, made, tags) VALUES (%s, %s, %s, %s) RETURNING id, name",
                           [(f"n{i}", decimal.Decimal(i) / 4, dt.datetime(2024, 1, 1, i, tzinfo=utc), [f"t{i}", "x"]) for i in range(5)], returning=True)
        returned = []
        while True:
            returned += cursor.fetchall()
            if not cursor.nextset():
                break
        show("returning", returned)
        show("status", cursor.execute("UPDATE py_items SET price = price * 2 WHERE id > %s", [2]).rowcount, cursor.statusmessage)
        for row in cursor.execute("SELECT * FROM py_items WHERE name = ANY(%s) ORDER BY id", [["n1", "n4"]]):
            show("row", row)
    for _ in range(8):  # past the prepare threshold
        connection.execute("SELECT count(*) FROM py_items WHERE id < %s", [4])
    show("explained", len(connection.execute("EXPLAIN SELECT * FROM py_items WHERE id = %s", [3]).fetchall()) > 0)
    show("prepared", connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()[0] > 0)
    connection.commit()


def copies(connection):
    with connection.cursor() as cursor:
        with cursor.copy("COPY py_items (name, price, tags) FROM STDIN") as copy:
            copy.write_row(("tab\tand\nline", decimal.Decimal("1.10"), ["a", None]))
            copy.write_row((None, None, None))
        show("copied", cursor.rowcount)
        with cursor.copy("COPY py_items (name, price, tags) FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write('name,price,tags\n"raw, quoted",2,')
            copy.write("{}\n")
        with cursor.copy("COPY py_items (name, price) FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["text", "numeric"])
            copy.write_row(("binary", decimal.Decimal("3.33")))
        with cursor.copy("COPY (SELECT id, name, price, tags FROM py_items ORDER BY id) TO STDOUT") as copy:
            for row in copy.rows():
                show("text", row)
        with cursor.copy("COPY (SELECT id, price, made FROM py_items ORDER BY id) TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(["int4", "numeric", "timestamptz"])
            for row in copy.rows():
                show("binary", row)
        try:
            with cursor.copy("COPY py_items (name) FROM STDIN") as copy:
                copy.write("lost\n")
                raise ValueError("the client gives up")
        except (ValueError, psycopg.Error) as error:
            show("gave up", getattr(error, "sqlstate", None))
    connection.rollback()
    try:
        with connection.cursor().copy("COPY py_items (price) FROM STDIN") as copy:
            copy.write("1\nnot a number\n")
    except psycopg.Error as error:
        show("copy error", error.sqlstate, error.diag.message_primary, error.diag.context)
    connection.rollback()
    show("left", connection.execute("SELECT count(*) FROM py_items").fetchone())


def cursors(connection):
    for binary in (False, True):
        with connection.cursor("named", binary=binary) as cursor:
            cursor.itersize = 3
            cursor.execute("SELECT i, i * 0.5 FROM generate_series(1, %s) AS i", [8])
            show("fetch", cursor.fetchone(), cursor.fetchmany(2), sum(row[0] for row in cursor))
    with connection.cursor("scrolling", scrollable=True, withhold=True) as cursor:
        cursor.execute("SELECT i FROM generate_series(1, 10) AS i")
        connection.commit()
        cursor.scroll(4)
        show("scrolled", cursor.fetchone())
        cursor.scroll(-2)
        show("back", cursor.fetchone())
        cursor.scroll(0, mode="absolute")
        show("first", cursor.fetchall())
    connection.rollback()


def pipelines(connection):
    with connection.pipeline():
        first = connection.execute("SELECT %s::int", [1])
        second = connection.execute("INSERT INTO py_items (name) VALUES (%s) RETURNING name", ["piped"])
        third = connection.execute("SELECT count(*) FROM py_items")
        show("piped", first.fetchone(), second.fetchone(), third.fetchone())
    connection.rollback()
    try:
        with connection.pipeline():
            connection.execute("SELECT 1/0")
            connection.execute("SELECT 'never'")
    except psycopg.Error as error:
        show("pipeline error", type(error).__name__, error.sqlstate)
    connection.rollback()


def transactions(connection):
    with connection.transaction():
        connection.execute("INSERT INTO py_items (name) VALUES ('kept')")
        try:
            with connection.transaction():
                connection.execute("INSERT INTO py_items (id, name) VALUES (1, 'twice')")
        except psycopg.errors.UniqueViolation as error:
            show("unique", error.diag.constraint_name, error.diag.table_name, error.diag.schema_name, error.diag.message_detail)
    show("kept", connection.execute("SELECT count(*) FROM py_items WHERE name = 'kept'").fetchone(), connection.info.transaction_status.name)
    connection.rollback()
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    show("level", connection.execute("SHOW transaction_isolation").fetchone(), connection.execute("SHOW transaction_read_only").fetchone())
    try:
        connection.execute("DELETE FROM py_items")
    except psycopg.Error as error:
        show("read only", error.sqlstate, str(error))
    connection.rollback()
    connection.read_only = None
    connection.isolation_level = None
    try:
        connection.execute("SELECT missing FROM py_items")
    except psycopg.Error as error:
        show("error", error.sqlstate, error.diag.statement_position, error.diag.message_primary)
    connection.rollback()


with psycopg.connect(dsn) as connection:
    connection.prepare_threshold = 2
    connection.execute("SET timezone = 'UTC'")
    for part in (types, statements, copies, cursors, pipelines, transactions):
        try:
            part(connection)
        except psycopg.Error as error:
            show(f"FAILED {part.__name__}", getattr(error, "sqlstate", None), str(error))
            connection.rollback()
    connection.execute("DROP TABLE IF EXISTS py_items")
    listener = psycopg.connect(dsn, autocommit=True)
    listener.execute("LISTEN py_news")
    connection.execute("SELECT pg_notify('py_news', 'hello')")
    connection.commit()
    for note in listener.notifies():
        show("heard", note.channel, note.payload)
        break
    listener.close()
print("end")
