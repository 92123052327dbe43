"""What the tests of one theme share: a serving cauce for each file, and its devices."""

import pytest

from installation import Installation


@pytest.fixture(scope="module")
def serving(pytestconfig, tmp_path_factory):
    """A cauce that serves while the tests of one file run."""
    made = Installation(pytestconfig.cauce_program, tmp_path_factory.mktemp("serving") / "data", 0, 0)
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    yield made
    made.stop()


@pytest.fixture
def device(serving, request):
    """A device of plain JSON with the name of the test; answers what its creation answered."""
    return serving.call("POST", "/devices", {"name": request.node.name.replace("[", "-")[-60:-1]})
