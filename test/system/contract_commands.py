"""The chapter of the contract's story about what devices are asked to do."""

import contextlib
import sqlite3
import time

from patience import until

OF_A_DEVICE, OF_A_COMPANY = 100, 100_000
DAY_SECONDS, SECONDS_UNTIL_ROOM = 24 * 3600, 15
GIVEN = """
    WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers LIMIT ?)
    INSERT INTO commands(id, company, device, content_type, given_at, given_by, expires_at, payload)
    SELECT 'many-' || number, 'acme', 'many', '', ?, '', ?, x'' FROM numbers"""


def command_a_device(story):
    """Commands that are given, listed, shown and withdrawn."""
    give_too_many_in_a_day(story)
    given = story.own("send_command", 201, device="pump-1", body={"payload": {"valve": 1}}).value
    story.own("send_command", 422, device="pump-1", body={"payload": 1, "expires_in_s": 86401})
    story.own("send_command", 400, device="pump-1", body={"payload": 1, "expires_in_s": "soon"})
    story.places["command"] = given["id"]
    story.own("send_command", 201, device="pump-1", body={"payload": "x", "expires_in_s": 86400})
    until(lambda: all(item["position"] is not None for item in story.own(
        "list_commands", device="pump-1").value["items"]), 30, "their positions")
    story.pages("list_commands", places={"device": "pump-1"})
    shown = story.own("show_command", device="pump-1", command=given["id"]).value
    assert shown["payload"] == '{"valve":1}'
    for _ in range(2):
        story.own("withdraw_command", device="pump-1", command=given["id"])
    story.own("withdraw_command", 409, device="pump-1", command=expired(story))
    give_too_many_to_one(story)
    story.own("show_command", 404, device="pump-1", command="c-0123456789abcdef")


def expired(story):
    given = story.own("send_command", 201, device="pump-1", body={"payload": 1, "expires_in_s": 1})
    place = {"device": "pump-1", "command": given.value["id"]}
    until(lambda: story.own("show_command", **place).value["state"] == "expired", 30, "its end")
    return given.value["id"]


def give_too_many_to_one(story):
    items = story.own("list_commands", device="pump-1").value["items"]
    for _ in range(OF_A_DEVICE - sum(item["state"] == "waiting" for item in items)):
        story.own("send_command", 201, device="pump-1", body={"payload": 1})
    story.own("send_command", 409, device="pump-1", body={"payload": 1})


def give_too_many_in_a_day(story):
    """Nobody was counted yet. There is room again when those that the store holds are a day old."""
    over = time.time() + SECONDS_UNTIL_ROOM
    given_at = int((over - DAY_SECONDS) * 1e6)
    file = story.installation.data / "commands.db"
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as store:
        with store:
            store.execute(GIVEN, (OF_A_COMPANY, given_at, given_at))
        story.own("send_command", 429, device="safe", body={"payload": 1})
        with store:
            store.execute("DELETE FROM commands WHERE device = 'many'")
    time.sleep(max(0.0, over - time.time()))
