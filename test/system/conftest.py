"""What the tests of one theme share: a serving cauce for each file, and its devices."""

import itertools

import pytest

from installation import Installation
from wire import Wire5


@pytest.fixture(scope="module")
def serving(pytestconfig, tmp_path_factory):
    """A cauce that serves while the tests of one file run."""
    data = tmp_path_factory.mktemp("serving") / "data"
    made = Installation(pytestconfig.cauce_program, data, 0, 0)
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    yield made
    made.stop()


@pytest.fixture(scope="module")
def opened(pytestconfig, tmp_path_factory):
    """A cauce that admits every client on every topic while the tests of one file run."""
    data = tmp_path_factory.mktemp("opened") / "data"
    made = Installation(pytestconfig.cauce_program, data, 0, 0)
    made.ports.append("--open")
    made.start()
    yield made
    made.stop()


NUMBERS = itertools.count(1)


@pytest.fixture
def fresh():
    """A name that no other test has, for a client or a topic."""
    return f"fresh-{next(NUMBERS)}"


@pytest.fixture
def join(opened, fresh):
    """Connects clients by MQTT 5, each with an id of its own unless it is named."""
    joined = []

    def join(client=None, **options):
        name = f"{fresh}-{len(joined)}" if client is None else client
        joined.append(Wire5(opened.mqtt(), name, **options))
        return joined[-1]

    yield join
    for wire in joined:
        wire.socket.close()
