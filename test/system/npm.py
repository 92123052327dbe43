"""Packages of npm that a test runs with node; where there are none, the test is skipped visibly."""

import json
import pathlib
import shutil
import subprocess

import pytest

CACHE = pathlib.Path.home() / ".cache" / "cauce"


def packages(name, *wanted):
    """The folder node_modules with these packages (NAME@VERSION), kept below CACHE / `name`."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip(f"no node and npm to run {' and '.join(wanted)} with")
    place = CACHE / name
    modules = place / "node_modules"
    if not all((modules / package.rpartition("@")[0]).exists() for package in wanted):
        done = subprocess.run(["npm", "install", "--ignore-scripts", "--no-save", "--no-audit",
                               "--no-fund", "--prefix", place, *wanted],
                              capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            pytest.skip(f"no {' and '.join(wanted)}: {done.stderr.strip()[-200:]}")
    return modules


def node(modules, program, argument):
    """Runs it with `argument` as process.argv[1]; answers the JSON that it prints."""
    done = subprocess.run(["node", "-e", program, argument], cwd=modules.parent,
                          env={"NODE_PATH": str(modules), "PATH": "/usr/bin:/bin:/usr/local/bin"},
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
