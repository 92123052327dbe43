"""`cauce backup` and `cauce restore`: what is copied, what is refused, and in which words."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

from installation import Installation
from patience import cauce, messages, until
from test_full_disk import small_disk
from wire import admitted


@pytest.fixture(scope="module")
def published(pytestconfig, tmp_path_factory):
    """A cauce with one device, some readings and a few objects; stopped."""
    made = Installation(pytestconfig.cauce_program, tmp_path_factory.mktemp("data") / "data", 0, 0)
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    device = made.call("POST", "/devices", {"name": "m", "encrypted": True})
    with admitted(made.mqtt(), device) as wire:
        for number in range(20):
            wire.publish(device["topic"], b'{"t": %d}' % number, number + 1)
    until(lambda: len(list((made.data / "objects" / "lake").glob("**/*.parquet"))) >= 1)
    until(lambda: (made.data / "dead_letters.db").exists())
    made.stop()
    return made


def back_up(installation, target, *words):
    return cauce(installation.program, "backup", "--data", installation.data, "--to", target,
                 *words)


def restore(program, target, data):
    return cauce(program, "restore", "--from", target, "--data", data)


@pytest.fixture
def backup(published, tmp_path):
    done = back_up(published, tmp_path / "backup")
    assert done.returncode == 0, done.stderr
    return tmp_path / "backup"


def files_of(directory):
    return sorted(path for path in directory.rglob("*") if path.is_file())


def test_a_backup_is_private_and_says_that_the_key_is_in_it(published, backup, tmp_path):
    done = back_up(published, tmp_path / "other")
    assert "master.key is in it" in done.stdout
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "other").rglob("*"))
    assert not list(backup.rglob("run")) and not list(backup.rglob("*-wal"))
    note = json.loads((backup / "BACKUP.json").read_text())
    assert note["topics"]["raw"]["end"] >= 20
    # The list is one that sha256sum checks as well.
    subprocess.run(["sha256sum", "--check", "--quiet", f"{note['stores']}.sha256"], cwd=backup,
                   check=True)


def test_a_restored_cauce_has_it_all_and_goes_on(program, published, backup, tmp_path):
    done = restore(program, backup, tmp_path / "restored")
    assert done.returncode == 0, done.stderr
    restored = Installation(program, tmp_path / "restored", 0, 0)
    stored = messages(published, "m")
    assert len(stored) == 20 and messages(restored, "m") == stored
    restored.start()
    try:
        made = restored.call("POST", "/devices?company=acme", {"name": "another"})
        with admitted(restored.mqtt(), made) as wire:
            wire.publish(made["topic"], b'{"t": 21.5}')
        until(lambda: restored.call("GET", "/devices/another?company=acme")["last_values"])
    finally:
        restored.stop()


def test_a_damaged_file_is_named_and_nothing_is_restored(program, backup, tmp_path):
    lists = {path for path in files_of(backup) if path.suffix == ".sha256"}
    lock = backup / "cauce-backup.lock"
    for path in files_of(backup):
        if path == lock or path.stat().st_size == 0:
            continue
        content = path.read_bytes()
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1:])
        done = restore(program, backup, tmp_path / "restored")
        assert done.returncode == 1 and str(path) in done.stderr, (path, done.stderr)
        assert not (tmp_path / "restored").exists()
        path.write_bytes(content)
    assert lists
    key = next(path for path in files_of(backup) if path.name == "master.key")
    key.unlink()
    verified = cauce(program, "backup", "--verify", backup)
    assert verified.returncode == 1 and f"{key} (missing)" in verified.stderr


def test_a_second_backup_copies_new_objects_alone(published, backup):
    before = {path: path.stat().st_ino for path in files_of(backup / "objects")}
    assert before
    done = back_up(published, backup)
    assert done.returncode == 0 and " 0 new objects" in done.stdout
    assert {path: path.stat().st_ino for path in files_of(backup / "objects")} == before
    assert len(list(backup.glob("stores-*.sha256"))) == 1
    verified = cauce(published.program, "backup", "--verify", backup)
    assert verified.returncode == 0 and "is whole" in verified.stdout


def test_without_the_key_a_restore_says_where_to_put_it(program, published, tmp_path):
    done = back_up(published, tmp_path / "backup", "--without-key")
    assert done.returncode == 0 and not list((tmp_path / "backup").rglob("master.key"))
    done = restore(program, tmp_path / "backup", tmp_path / "restored")
    key = tmp_path / "restored" / "secret" / "master.key"
    assert done.returncode == 0 and str(key) in done.stdout
    words = ["serve", "--data", tmp_path / "restored", "--mqtt-port", "0", "--http-port", "0",
             "--role", "api"]
    refused = cauce(program, *words)
    assert refused.returncode == 1 and "master.key" in refused.stderr
    key.parent.mkdir(mode=0o700)
    shutil.copy(published.data / "secret" / "master.key", key)
    restored = Installation(program, tmp_path / "restored", 0, 0)
    restored.start()
    restored.stop()


def test_what_is_not_ours_is_left_alone(program, published, backup, tmp_path):
    full = tmp_path / "full"
    full.mkdir()
    (full / "photograph").write_text("mine")
    for done in [back_up(published, full), restore(program, backup, full)]:
        assert done.returncode == 1 and "photograph" in done.stderr
    assert [path.name for path in full.iterdir()] == ["photograph"]
    for target in [published.data / "backup", published.data, published.data.parent]:
        done = back_up(published, target)
        assert done.returncode == 1 and "lie in each other" in done.stderr
    nothing = restore(program, tmp_path, tmp_path / "restored")
    assert nothing.returncode == 1 and "holds no backup" in nothing.stderr
    empty = cauce(program, "backup", "--data", full, "--to", tmp_path / "b")
    assert empty.returncode == 1 and "holds no data of cauce" in empty.stderr


def test_another_installation_does_not_mix_with_a_backup(program, published, backup, tmp_path):
    other = Installation(program, tmp_path / "other", 0, 0)
    other.start()
    until(lambda: list((other.data / "objects" / "lake" / "_log").glob("*.json")))
    other.stop()
    done = back_up(other, backup)
    assert done.returncode == 1 and "another installation" in done.stderr
    assert cauce(program, "backup", "--verify", backup).returncode == 0


def test_an_unfinished_restore_is_not_served(program, backup, tmp_path):
    assert restore(program, backup, tmp_path / "restored").returncode == 0
    (tmp_path / "restored" / "unfinished-restore").touch()
    for words in [["serve", "--mqtt-port", "0", "--http-port", "0"],
                  ["backup", "--to", tmp_path / "b"]]:
        done = cauce(program, *words, "--data", tmp_path / "restored")
        assert done.returncode == 1 and "was not finished" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_target_keeps_the_backup_before(published, tmp_path):
    with small_disk(tmp_path / "disk", 8) as disk:
        target = disk / "backup"
        assert back_up(published, target).returncode == 0
        note = (target / "BACKUP.json").read_text()
        with open(disk / "filler", "wb") as filler:
            state = os.statvfs(disk)
            os.posix_fallocate(filler.fileno(), 0, state.f_bavail * state.f_frsize - 65536)
        refused = back_up(published, target)
        assert refused.returncode == 1
        assert "No space left on device" in refused.stderr or "full" in refused.stderr
        assert "holds the backup of" in refused.stderr
        assert (target / "BACKUP.json").read_text() == note
        assert cauce(published.program, "backup", "--verify", target).returncode == 0
        assert len(list(target.glob("stores-*"))) == 2


def test_a_cauce_that_was_killed_is_backed_up_whole(program, tmp_path):
    killed = Installation(program, tmp_path / "data", 0, 0)
    killed.start()
    killed.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    device = killed.call("POST", "/devices", {"name": "m"})
    with admitted(killed.mqtt(), device) as wire:
        for number in range(50):
            wire.publish(device["topic"], b'{"t": %d}' % number, number + 1)
    killed.kill_everything()
    # As a power cut may leave it: the head is older than what was synced.
    head = pathlib.Path(killed.data / "stream" / "raw" / "0" / "head")
    head.write_bytes(b"CAUCEHD1" + bytes(4088))
    assert back_up(killed, tmp_path / "backup").returncode == 0
    assert restore(program, tmp_path / "backup", tmp_path / "restored").returncode == 0
    restored = Installation(program, tmp_path / "restored", 0, 0)
    restored.start()
    try:
        assert len(messages(restored, "m")) == 50
    finally:
        restored.stop()


def test_a_command_without_its_directories_is_refused(program, tmp_path):
    for words in [["backup"], ["backup", "--to", "a", "--verify", "b"], ["restore"],
                  ["restore", "--from", "a"], ["restore", "--data", "a"],
                  ["doctor", "--format", "xml"]]:
        assert cauce(program, *words, cwd=tmp_path).returncode == 2, words
    assert not list(tmp_path.iterdir())
