#!/usr/bin/env python3
"""Reads the TDS server of the tests with clients of other makes:

    pip install pymssql python-tds pyarrow
    cargo build -p cdrql -p cdrql-udfs -p tds-server --bin tds-server
    tds_clients.py target/debug/tds-server

pymssql (FreeTDS, in C) and python-tds (in Python) must see the same values of every type, and every
row of the sample's tables exactly as pyarrow reads it from the mirror's own files.
"""
import argparse
import datetime as dt
import decimal
import json
import math
import pathlib
import subprocess
import uuid

import pyarrow.parquet
import pymssql
import pytds

SAMPLE = pathlib.Path(__file__).parents[2] / "sample-data"
USER, PASSWORD = "sa", "Passw0rd!"
D = decimal.Decimal

# (type, literal in T-SQL, what it is in Python)
VALUES = [
    ("bit", "1", True),
    ("tinyint", "255", 255),
    ("smallint", "-32768", -32768),
    ("int", "-2147483648", -(2**31)),
    ("bigint", "9223372036854775807", 2**63 - 1),
    ("real", "1.5", 1.5),
    ("float", "-1e300", -1e300),
    ("decimal(38,0)", "'" + "9" * 38 + "'", D("9" * 38)),
    ("decimal(9,2)", "'-9999999.99'", D("-9999999.99")),
    ("numeric(28,10)", "'123456789012345678.0123456789'", D("123456789012345678.0123456789")),
    ("money", "'-922337203685477.5808'", D("-922337203685477.5808")),
    ("smallmoney", "'214748.3647'", D("214748.3647")),
    ("date", "'0001-01-01'", dt.date(1, 1, 1)),
    ("time(7)", "'23:59:59.1234560'", dt.time(23, 59, 59, 123456)),
    ("time(0)", "'08:00:00'", dt.time(8)),
    ("datetime", "'1900-01-01T00:00:00.003'", dt.datetime(1900, 1, 1, 0, 0, 0, 3000)),
    ("datetime", "'9999-12-31T23:59:59.997'", dt.datetime(9999, 12, 31, 23, 59, 59, 997000)),
    ("smalldatetime", "'2079-06-06 23:59'", dt.datetime(2079, 6, 6, 23, 59)),
    ("datetime2(7)", "'0001-01-01 00:00:00.1234560'", dt.datetime(1, 1, 1, 0, 0, 0, 123456)),
    ("datetime2(3)", "'2014-02-03 08:00:00.125'", dt.datetime(2014, 2, 3, 8, 0, 0, 125000)),
    ("datetime2(0)", "'9999-12-31 23:59:59'", dt.datetime(9999, 12, 31, 23, 59, 59)),
    ("char(5)", "'a'", "a    "),
    ("varchar(20)", "'na\u00efve \u20ac'", "na\u00efve \u20ac"),
    ("varchar(max)", "'" + "gr\u00fc\u00dfe " * 5000 + "'", "gr\u00fc\u00dfe " * 5000),
    ("nchar(3)", "N'\u00e9'", "\u00e9  "),
    ("nvarchar(20)", "N'\U0001f600 smile'", "\U0001f600 smile"),
    ("nvarchar(20)", "N''", ""),
    ("nvarchar(max)", "N'" + "\U0001f600" * 9000 + "'", "\U0001f600" * 9000),
    ("ntext", "N'\u00e9'", "\u00e9"),
    ("xml", "N'<a>\u00e9</a>'", "<a>\u00e9</a>"),
    ("binary(4)", "0x0102", b"\1\2\0\0"),
    ("varbinary(10)", "0x00FF", b"\0\xff"),
    ("varbinary(max)", "0x" + "00FF10" * 5000, b"\0\xff\x10" * 5000),
    ("image", "0x0102", b"\1\2"),
    ("uniqueidentifier", "'00112233-4455-6677-8899-AABBCCDDEEFF'",
     uuid.UUID("00112233-4455-6677-8899-AABBCCDDEEFF")),
]


def clients(port):
    def freetds(database):
        return pymssql.connect("127.0.0.1", USER, PASSWORD, database, port=str(port),
                               tds_version="7.4", charset="UTF-8")

    def python_tds(database):
        return pytds.connect("127.0.0.1", database, USER, PASSWORD, port=port, autocommit=True)

    return {"pymssql": freetds, "python-tds": python_tds}


def query(connection, text, parameters=()):
    cursor = connection.cursor()
    cursor.execute(text, parameters)
    return cursor.fetchall()


def same(found, expected):
    if isinstance(expected, float) and isinstance(found, float) and math.isnan(expected):
        return math.isnan(found)
    if isinstance(found, memoryview):
        found = found.tobytes()
    return found == expected and isinstance(found, bool) == isinstance(expected, bool)


def check_values(name, connect):
    with connect("master") as connection:
        for sql_type, literal, expected in VALUES:
            text = f"SELECT CONVERT({sql_type}, {literal}), CONVERT({sql_type}, NULL)"
            [(found, null)] = query(connection, text)
            assert same(found, expected), (name, sql_type, found, expected)
            assert null is None, (name, sql_type, null)
        [(offset,)] = query(
            connection, "SELECT CONVERT(datetimeoffset(7), '2014-02-03 01:00:00.5000000 +01:30')")
        if isinstance(offset, dt.datetime):  # FreeTDS hands its own bytes over
            expected = dt.datetime(2014, 2, 2, 23, 30, 0, 500000, dt.timezone.utc)
            assert offset == expected and offset.utcoffset() == dt.timedelta(minutes=90), offset
    print(f"{name}: {len(VALUES)} values and their NULLs")


def check_parameters(name, connect):
    values = (7, "it's \U0001f600", D("1.25"), dt.datetime(2014, 2, 3, 8, 0, 0, 3000), None)
    with connect("master") as connection:
        [found] = query(connection, "SELECT %s, %s, %s, %s, %s", values)
    if name == "pymssql":  # writes parameters into the text, as literals
        found = found[:3] + values[3:]
    assert tuple(found) == values, (name, found)
    print(f"{name}: parameters")


def check_errors(name, connect):
    for text, number in [("SELECT * FROM nowhere", 208), ("USE nowhere", 911)]:
        try:
            with connect("master") as connection:
                query(connection, text)
        except (pymssql.Error, pytds.Error) as error:
            found = getattr(error, "number", None) or error.args[0]
            assert found == number, (name, text, error)
        else:
            raise AssertionError(f"{name}: {text} works")
    print(f"{name}: errors")


def stored_tables():
    newest = max((SAMPLE / "_cdrql/snapshots").glob("*.json"))
    snapshot = json.loads(newest.read_text().splitlines()[1])
    for table in snapshot["tables"]:
        definition = table["def"]
        files = [SAMPLE / file["path"] for file in table["files"]]
        yield definition, [pyarrow.parquet.read_table(file) for file in files]


def as_stored(value):
    """A client's value as a mirror has it: GUIDs as text, char(n) without the blanks behind."""
    if isinstance(value, uuid.UUID):
        return str(value).upper()
    return value.rstrip(" ") if isinstance(value, str) else value


def check_sample(name, connect):
    rows = 0
    for definition, files in stored_tables():
        columns = ", ".join(f"[{column['name']}]" for column in definition["columns"])
        with connect(definition["database"]) as connection:
            found = query(connection, f"SELECT {columns} FROM [dbo].[{definition['name']}]")
        expected = [tuple(row.values()) for file in files for row in file.to_pylist()]
        assert len(found) == len(expected), (name, definition["name"], len(found), len(expected))
        for row, stored in zip(found, expected):
            for value, right in zip(row, stored):
                assert as_stored(value) == right, (name, definition["name"], row, stored)
        rows += len(found)
    print(f"{name}: {rows} rows of the sample")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server", type=pathlib.Path)
    server = subprocess.Popen([parser.parse_args().server], stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        for name, connect in clients(port).items():
            check_values(name, connect)
            check_parameters(name, connect)
            check_errors(name, connect)
            check_sample(name, connect)
    finally:
        server.kill()


if __name__ == "__main__":
    main()
