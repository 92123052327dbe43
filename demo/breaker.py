"""Damages one store on purpose, so that everybody can see the proof fail.

Each function does what a broken disk, a careless operator or a bug might do, and answers in words
what it did. cauce runs meanwhile; the checker reads the stores after it.
"""

import json
import random

import lmdb


def break_stream(installation):
    """Flips one bit in the middle of the oldest segment of `raw`."""
    segment = min((installation.data / "stream" / "raw" / "0").glob("*.seg"))
    offset = segment.stat().st_size // 2
    with open(segment, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1]))
    return f"one bit of {segment.name} flipped at byte {offset:,}"


def committed(installation, prefix):
    """Committed objects of a manifest, largest first."""
    entries = sorted((installation.data / "objects" / prefix / "_log").glob("*.json"))
    items = [item for entry in entries
             for item in json.loads(entry.read_text())["entry"]["objects"]]
    return sorted(items, key=lambda item: -item["rows"])


def break_lake(installation):
    """Deletes one committed object of the lake."""
    item = committed(installation, "lake")[0]
    (installation.data / "objects" / item["key"]).unlink()
    return f"{item['key']} with {item['rows']:,} messages deleted"


def break_facts(installation):
    """Deletes one committed object of the facts."""
    item = committed(installation, "facts")[0]
    (installation.data / "objects" / item["key"]).unlink()
    return f"{item['key']} with {item['rows']:,} facts deleted"


def break_stats(installation):
    """Changes the count of one minute's aggregate in the recent store."""
    months = [month for month in (installation.data / "recent").iterdir()
              if month.name[:1].isdigit()]
    month = sorted(months)[-1]
    environment = lmdb.open(str(month), max_dbs=0)
    with environment.begin(write=True) as transaction:
        keys = [key for key, _ in transaction.cursor() if key[0] == 2 and b"demo/" in key]
        key = random.Random(1).choice(keys)
        value = bytearray(transaction.get(key))
        value[0] ^= 1
        transaction.put(key, bytes(value))
    environment.close()
    return f"the count of one minute of {key[9:].decode()} changed"


STAGES = {
    "stream": break_stream,
    "lake": break_lake,
    "facts": break_facts,
    "stats": break_stats,
}


def damage(stage, installation):
    return STAGES[stage](installation)
