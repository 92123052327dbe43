"""What the tests of the whole program share: where it is, and a cauce that is stopped at the end.

CAUCE_PROGRAM names the program to test; without it, the dev build (with failpoints) is taken.
"""

import os
import pathlib
import shutil
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / place) for place in ("demo", "test/checker", "test/system")]

from installation import Installation  # noqa: E402


def pytest_configure(config):
    program = pathlib.Path(os.environ.get("CAUCE_PROGRAM", ROOT / "build/dev/cauce"))
    if not program.exists():
        pytest.exit(f"{program} does not exist; build it first: cmake --build --preset dev", 1)
    config.cauce_program = program


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call":
        item.passed = report.passed


@pytest.fixture(autouse=True)
def only_failures_keep_their_files(request, tmp_path):
    """A run would fill the disk otherwise: each installation sets some hundred MB aside."""
    yield
    if getattr(request.node, "passed", False):
        shutil.rmtree(tmp_path)


@pytest.fixture
def program(pytestconfig):
    return pytestconfig.cauce_program


@pytest.fixture
def installation(program, tmp_path):
    """A cauce on free ports and an empty directory, not started yet."""
    made = Installation(program, tmp_path / "data", 0, 0)
    yield made
    made.stop()
