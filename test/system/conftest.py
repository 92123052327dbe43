"""What the tests of one theme share: a serving cauce for each file, and its devices."""

import pytest

from installation import Installation


@pytest.fixture(scope="module")
def serving(pytestconfig, tmp_path_factory):
    """A cauce that serves while the tests of one file run."""
    data = tmp_path_factory.mktemp("serving") / "data"
    made = Installation(pytestconfig.cauce_program, data, 0, 0)
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    yield made
    made.stop()
