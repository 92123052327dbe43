"""The comparison with mosquitto counts what is lost, and what a kill must not cost is not lost."""

import secrets
import shutil
import sys

import pytest

import compare
from mqtt_publisher import Message

sys.path.insert(0, str(compare.PEERS))
import subscriber  # noqa: E402

needs_mosquitto = pytest.mark.skipif(
    shutil.which("mosquitto", path="/usr/bin:/usr/sbin:/usr/local/sbin") is None,
    reason="mosquitto is not installed; script/setup --peers installs it")


def messages(count):
    return [Message(f"mote-{number % 4}", secrets.token_bytes(90)) for number in range(count)]


def test_a_message_without_a_row_is_lost_and_one_sent_twice_needs_two():
    first, second, never = messages(3)
    again = Message(first.device, first.payload, "repeat")
    for message in (first, second, again):
        message.acknowledged_at = 1.0
    received = compare.collections.Counter(
        compare.hashlib.sha256(message.payload).hexdigest() for message in (first, second))
    assert compare.lost_of([first, second, never], received) == 0
    assert compare.lost_of([first, second, again], received) == 1
    assert compare.lost_of([first, second], compare.collections.Counter()) == 2


def test_messages_come_back_from_their_file_as_they_were(tmp_path):
    sent = messages(3)
    compare.write_messages(tmp_path / "messages.csv", sent)
    assert compare.read_messages(tmp_path / "messages.csv") == sent
    with pytest.raises(compare.Failure, match="--fresh"):
        compare.read_messages(tmp_path / "none.csv")


def test_the_subscriber_cuts_off_a_torn_row(tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text("devices/a/telemetry,6162\n" + "devices/b/telemetry," + "61" * 5000)
    subscriber.os.close(subscriber.open_output(rows))
    assert rows.read_text() == "devices/a/telemetry,6162\n"


@needs_mosquitto
def test_killing_the_subscriber_alone_loses_nothing(tmp_path):
    """It acknowledges after its own sync, and the broker keeps the rest for it."""
    run = compare.Run("subscriber", "subscriber")
    outcome = compare.run_once(compare.find_mosquitto(), tmp_path / "run", messages(4000), run,
                               window=256, pace=0)
    assert (outcome.acknowledged, outcome.lost) == (4000, 0)


@needs_mosquitto
def test_what_the_subscriber_loses_is_counted(tmp_path):
    """A subscriber whose file is gone has lost what it acknowledged, and the count says so."""
    broker = compare.Broker(compare.find_mosquitto(), tmp_path / "run", "")
    sent = messages(200)
    try:
        broker.start_broker()
        broker.start_subscriber()
        publisher = compare.Publisher(("127.0.0.1", broker.port),
                                      {message.device: "any" for message in sent}, sent)
        publisher.run()
        broker.drain()
        assert compare.lost_of(sent, broker.received()[0]) == 0
        broker.rows.unlink()
        assert compare.lost_of(sent, broker.received()[0]) == 200
    finally:
        broker.stop()
