"""kill -9 of the gateway while devices send batches by HTTP: what got a 200 is in the stream."""

import collections
import hashlib
import http.client
import json
import os
import signal
import threading

from stream_file import read_raw

DEVICES = 4
BATCHES_EACH = 60
MESSAGES_EACH = 20
KILLS_AT = [30, 90, 150]  # batches acknowledged by all devices together
BATCH = "application/vnd.cauce.batch+json"


class Sender(threading.Thread):
    """One device: sends each batch until it is acknowledged, as a device does."""

    def __init__(self, address, made, on_acknowledged):
        super().__init__(daemon=True)
        self.address, self.made, self.on_acknowledged = address, made, on_acknowledged
        self.acknowledged = []
        self.sent_again = 0
        self.refused = collections.Counter()

    def run(self):
        path = f"/api/v1/devices/{self.made['device']}/messages"
        headers = {"Authorization": f"Bearer {self.made['token']}", "Content-Type": BATCH}
        connection = None
        for batch in range(BATCHES_EACH):
            payloads = [json.dumps({"t": batch + number / 100}) for number in range(MESSAGES_EACH)]
            body = '{"messages": [%s]}' % ", ".join('{"payload": %s}' % one for one in payloads)
            while True:
                try:
                    connection = connection or http.client.HTTPConnection(*self.address, timeout=20)
                    connection.request("POST", path, body, headers)
                    answer = connection.getresponse()
                    content = answer.read()
                except (OSError, http.client.HTTPException):
                    connection = None
                    self.sent_again += 1
                    continue
                if answer.status == 200:
                    assert json.loads(content) == {"accepted": MESSAGES_EACH}
                    break
                self.refused[answer.status] += 1
            self.acknowledged += payloads
            self.on_acknowledged()


def test_what_http_acknowledged_survives_kills(installation):
    installation.start()
    installation.call("POST", "/companies", {"name": "demo", "title": "Demo"})
    counted = threading.Lock()
    state = {"acknowledged": 0, "killed": 0}

    def on_acknowledged():
        with counted:
            state["acknowledged"] += 1
            due = state["killed"] < len(KILLS_AT)
            if due and state["acknowledged"] >= KILLS_AT[state["killed"]]:
                state["killed"] += 1
                pid = installation.pid_of("gateway")
                assert pid != 0, "it is not back from the last kill, 60 batches ago"
                os.kill(pid, signal.SIGKILL)

    senders = [Sender(installation.ingest(),
                      installation.call("POST", "/devices", {"name": f"pump-{number}"}),
                      on_acknowledged) for number in range(DEVICES)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(120)
        assert not sender.is_alive()
    assert state["killed"] == len(KILLS_AT)
    assert installation.deaths() >= 1
    installation.stop()
    stored = collections.Counter((message.device, message.sha256)
                                 for message in read_raw(installation.data)[0].values())
    acknowledged = {(sender.made["device"], hashlib.sha256(payload.encode()).hexdigest())
                    for sender in senders for payload in sender.acknowledged}
    lost = acknowledged - stored.keys()
    again = sum(sender.sent_again + sum(sender.refused.values()) for sender in senders)
    print(f"\n{state['killed']} kills, {len(acknowledged):,} messages acknowledged, "
          f"{again} batches sent again, {len(lost)} lost")
    assert len(acknowledged) == DEVICES * BATCHES_EACH * MESSAGES_EACH
    assert lost == set()
    # Nothing is there beside it but repeats of what a kill left unanswered.
    assert stored.keys() == acknowledged
    assert sum(stored.values()) <= len(acknowledged) + again * MESSAGES_EACH
