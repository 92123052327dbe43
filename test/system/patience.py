"""Waiting for what must become true, and looking at a program's own words."""

import json
import subprocess
import time


def until(condition, seconds=10, what="what was waited for"):
    """The first true answer of `condition`; exceptions count as not yet."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        try:
            last = condition()
            if last:
                return last
        except AssertionError:
            raise
        except Exception as failure:  # a program that is starting or stopping
            last = failure
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come within {seconds} s; last: {last!r}")


def cauce(program, *words, **options):
    """Runs one command to its end; answers its exit status and both outputs."""
    options = {"text": True, "timeout": 30, **options}
    return subprocess.run([program, *words], capture_output=True, **options)


def read_topic(installation, topic, *words):
    """The records of a topic as `cauce stream read` prints them, parsed."""
    done = cauce(installation.program, "stream", "read", "--data", installation.data,
                 "--topic", topic, *words)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def messages(installation, device):
    return [record for record in read_topic(installation, "raw")
            if record["kind"] == "message" and record["device"] == device]


def log_of(installation):
    return (installation.data / "cauce.log").read_text(errors="replace")


def log_since(installation, offset):
    return log_of(installation)[offset:]
