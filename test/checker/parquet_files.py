"""Reads Parquet objects through the manifest (docs/formats/manifest.md), with DuckDB's own library.

DuckDB is called through its C interface by ctypes; nothing of cauce is used.
"""

import csv
import ctypes
import glob
import json
import os
import pathlib
import tempfile

import crc32c

from stream_file import Damage


def _library():
    cache = os.environ.get("XDG_CACHE_HOME", str(pathlib.Path.home() / ".cache"))
    found = sorted(glob.glob(f"{cache}/cauce/duckdb-1.4.4/**/libduckdb.so", recursive=True))
    if not found:
        raise RuntimeError("libduckdb.so is missing; script/setup fetches it")
    return ctypes.CDLL(found[0])


class DuckDB:
    """A database in memory; rows come back as texts, by way of a CSV file."""

    def __init__(self):
        self.library = _library()
        self.database = ctypes.c_void_p()
        self.connection = ctypes.c_void_p()
        if self.library.duckdb_open(None, ctypes.byref(self.database)):
            raise RuntimeError("DuckDB does not open")
        self.library.duckdb_connect(self.database, ctypes.byref(self.connection))
        self.library.duckdb_result_error.restype = ctypes.c_char_p

    def execute(self, sql):
        result = ctypes.create_string_buffer(256)  # larger than any duckdb_result
        failed = self.library.duckdb_query(self.connection, sql.encode(), result)
        message = self.library.duckdb_result_error(result) if failed else b""
        self.library.duckdb_destroy_result(result)
        if failed:
            raise Damage(message.decode(errors="replace").splitlines()[0])

    def rows(self, sql):
        with tempfile.NamedTemporaryFile(suffix=".csv") as target:
            self.execute(f"COPY ({sql}) TO '{target.name}' (FORMAT csv, HEADER false)")
            with open(target.name, newline="") as file:
                yield from csv.reader(file)


def manifest_objects(data: pathlib.Path, prefix: str):
    """Answers (paths of the committed objects that are there, what is wrong with the others)."""
    root = data / "objects"
    paths, faults, cursor, epoch = [], [], 0, 0
    entries = sorted((root / prefix / "_log").glob("*.json"))
    for number, path in enumerate(entries):
        text = path.read_bytes()
        if int(path.stem) != number:
            raise Damage(f"{path}: entry {number} is missing")
        if text[:11] != b'{"crc32c":"' or text[19:29] != b'","entry":':
            raise Damage(f"{path}: not the text of an entry")
        body = text[29:-1]
        if crc32c.crc32c(body) != int(text[11:19], 16):
            raise Damage(f"{path}: the checksum is wrong")
        entry = json.loads(body)
        if entry["from"] != cursor or entry["epoch"] < epoch:
            raise Damage(f"{path}: covers from {entry['from']}, expected {cursor}")
        cursor, epoch = entry["to"], entry["epoch"]
        for item in entry["objects"]:
            object_path = root / item["key"]
            if not object_path.is_file():
                faults.append(f"{item['key']}: committed by {path.name} and not there")
            elif object_path.stat().st_size != item["bytes"]:
                faults.append(f"{item['key']}: has not the {item['bytes']} bytes of its entry")
            else:
                paths.append(object_path)
    return paths, faults


def list_of(paths):
    return "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths) + "]"
