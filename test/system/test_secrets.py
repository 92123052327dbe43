"""What must not be read by others, from the data directory or from a log."""

import stat

from patience import log_of
from wire import admitted


def test_nobody_else_reads_what_is_secret_in_the_data_directory(serving):
    for path in ["run", "secret"]:
        assert stat.S_IMODE((serving.data / path).stat().st_mode) == 0o700, path
    for path in ["run/token", "run/owner-link", "secret/master.key", "business/business.db"]:
        assert stat.S_IMODE((serving.data / path).stat().st_mode) == 0o600, path


def test_tokens_and_keys_are_nowhere_in_the_data_directory_or_the_log(serving):
    made = serving.call("POST", "/devices", {"name": "secretive", "encrypted": True})
    with admitted(serving.mqtt(), made) as wire:
        wire.publish(made["topic"], b"plain")
    renewed = serving.call("POST", "/devices/secretive/token")["token"]
    shown_once = serving.call("POST", "/tokens", {"title": "dashboard"})["token"]
    assert shown_once not in str(serving.items("/tokens"))
    local = (serving.data / "run" / "token").read_text()
    master = (serving.data / "secret" / "master.key").read_text().strip()
    texts = [made["token"], renewed, made["key"], shown_once, local, master]
    secrets = [text.encode() for text in texts] + [bytes.fromhex(made["key"])]
    their_own = {serving.data / "run" / "token", serving.data / "secret" / "master.key"}
    read = 0
    for path in serving.data.rglob("*"):
        if not path.is_file() or path in their_own:
            continue
        content = path.read_bytes()
        read += 1
        assert not any(secret in content for secret in secrets), path
    assert read > 20
    assert not any(text in log_of(serving) for text in texts)
