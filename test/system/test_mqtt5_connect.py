"""MQTT 5.0, chapters 3.1 and 3.2: how a connection begins, what its session and its will are.

The number in a test's name is that of the statement of the standard, or of the section where it has
no statement of its own (mqtt_3_1_2_11_2: section 3.1.2.11.2). Not tested, because a client keeps
them: 3.1.2-20, 3.1.2-21, 3.1.2-30, 3.1.3-10, 3.2.2-4, 3.2.2-5, 3.2.2-11, 3.2.2-14, 3.2.2-15,
3.2.2-17, 3.2.2-18, 3.2.2-21; because this server has no such limit: 3.2.2-9, 3.2.2-10, 3.2.2-12,
3.2.2-13 (every QoS and retained messages are there, test_mqtt5_publish.py); because CONNACK never
has user properties: 3.2.2-20.
"""

import time

import pytest

from wire import (CONNACK, NOT_AUTHORISED, PUBACK, PUBREC, PUBREL, Wire, Wire5, acknowledge_5,
                  block, connect_5, disconnect_5, packet, property_bytes, publish_5, subscribe_5,
                  text, unsubscribe_5)

HEAD = text("MQTT") + b"\5"


def connect(flags, payload=text("c"), between=b"\0"):
    """CONNECT with these flags, keep-alive 60 s and properties as bytes, with their length."""
    return packet(0x10, HEAD + bytes([flags]) + b"\0\x3c" + between + payload)


def doubled(name, value):
    return block(2 * property_bytes(name, value))


# The CONNECT, and the reason that CONNACK has; None: closed without a word.
REFUSED = {
    "mqtt_3_1_0_1_publish_first": (publish_5("t"), None),
    "mqtt_3_1_0_1_pingreq_first": (b"\xC0\0", None),
    "mqtt_3_1_0_1_auth_first": (b"\xF0\0", None),
    "mqtt_3_14_0_1_disconnect_first": (disconnect_5(), None),
    "mqtt_2_1_3_1_flags": (b"\x11" + connect_5("c")[1:], None),
    "mqtt_3_1_2_1_another_name": (packet(0x10, text("MQTX") + b"\5\2\0\x3c\0" + text("c")), 0x84),
    "mqtt_3_1_2_3_reserved_flag": (connect(0x03), 0x81),
    "mqtt_3_1_2_9_will_without_its_fields": (connect(0x06), 0x81),
    "mqtt_3_1_2_9_will_without_its_payload": (connect(0x06, text("c") + b"\0" + text("t")), 0x81),
    "mqtt_3_1_2_11_will_qos_without_will": (connect(0x0A), 0x81),
    "mqtt_3_1_2_12_will_qos_3": (connect(0x1E, text("c") + b"\0" + text("t") + text("w")), 0x81),
    "mqtt_3_1_2_13_will_retain_without_will": (connect(0x22), 0x81),
    "mqtt_3_1_2_16_user_name_without_flag": (connect(0x02, text("c") + text("user")), 0x81),
    "mqtt_3_1_2_17_flag_without_user_name": (connect(0x82), 0x81),
    "mqtt_3_1_2_18_password_without_flag": (
        connect(0x82, text("c") + text("u") + text("p")), 0x81),
    "mqtt_3_1_2_19_flag_without_password": (connect(0xC2, text("c") + text("u")), 0x81),
    "mqtt_3_1_3_3_no_client_id": (connect(0x02, b""), 0x81),
    "mqtt_3_1_3_4_client_id_not_utf_8": (connect_5(b"\xff\xfe"), 0x85),
    "mqtt_3_1_3_8_client_id_too_long": (connect_5("x" * 257), 0x85),
    "mqtt_3_1_3_11_will_topic_not_utf_8": (connect_5("c", will=(b"\xC0\x80", "", 0, {})), 0x81),
    "mqtt_3_1_3_12_user_name_not_utf_8": (connect_5("c", user=b"\xED\xA0\x80"), 0x81),
    "mqtt_3_1_4_1_truncated": (packet(0x10, HEAD + b"\2\0"), 0x81),
    "mqtt_3_1_4_1_longer_than_its_fields": (connect(0x02, text("c") + b"\0"), 0x81),
    "mqtt_3_1_4_1_properties_longer_than_the_packet": (connect(0x02, between=b"\x7f"), 0x81),
    "mqtt_1_5_5_1_endless_property_length": (connect(0x02, between=b"\xff\xff\xff\xff\1"), 0x81),
    "mqtt_2_2_2_2_unknown_property": (connect(0x02, between=block(b"\x7e\0")), 0x81),
    "mqtt_2_2_2_2_property_of_another_packet": (connect_5("c", alias=1), 0x82),
    "mqtt_3_1_2_11_2_session_expiry_twice": (
        connect(0x02, between=doubled("session_expiry", 1)), 0x82),
    "mqtt_3_1_2_11_3_receive_maximum_twice": (
        connect(0x02, between=doubled("receive_maximum", 1)), 0x82),
    "mqtt_3_1_2_11_3_receive_maximum_0": (connect_5("c", receive_maximum=0), 0x82),
    "mqtt_3_1_2_11_4_maximum_packet_size_twice": (
        connect(0x02, between=doubled("packet_maximum", 99)), 0x82),
    "mqtt_3_1_2_11_4_maximum_packet_size_0": (connect_5("c", packet_maximum=0), 0x82),
    "mqtt_3_1_2_11_5_topic_alias_maximum_twice": (
        connect(0x02, between=doubled("alias_maximum", 1)), 0x82),
    "mqtt_3_1_2_11_6_request_response_2": (connect_5("c", request_response=2), 0x82),
    "mqtt_3_1_2_11_7_request_problem_2": (connect_5("c", request_problems=2), 0x82),
    "mqtt_3_1_2_11_9_method_twice": (
        connect(0x02, between=doubled("authentication_method", "m")), 0x82),
    "mqtt_3_1_2_11_10_authentication_without_method": (connect_5("c", authentication=b"x"), 0x82),
    "mqtt_3_1_3_2_2_will_delay_twice": (
        connect(0x06, text("c") + doubled("will_delay", 1) + text("t") + text("w")), 0x82),
    "mqtt_3_1_3_2_3_will_payload_format_2": (
        connect_5("c", will=("t", "w", 0, {"payload_format": 2})), 0x82),
    "mqtt_3_1_3_2_topic_alias_of_a_will": (connect_5("c", will=("t", "w", 0, {"alias": 1})), 0x82),
    "mqtt_4_7_0_1_wildcard_in_will_topic": (connect_5("c", will=("t/#", "w", 0, {})), 0x81),
    "mqtt_4_7_3_1_empty_will_topic": (connect_5("c", will=("", "w", 0, {})), 0x82),
    "mqtt_4_12_0_1_authentication_method": (
        connect_5("c", authentication_method="SCRAM-SHA-1"), 0x8C),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_connect_that_is_refused(opened, case):
    content, reason = REFUSED[case]
    with Wire(opened.mqtt()) as wire:
        heard = wire.send(content).hear()
        if reason is None:
            assert heard is None
            return
        # mqtt_3_2_2_6_and_7_and_8, mqtt_4_13_2_1: no session, a reason of CONNACK, and the end.
        assert (heard.kind, heard.acknowledge_flags, heard.reason) == (CONNACK, 0, reason)
        assert wire.is_closed()


def test_mqtt_3_1_2_2_another_version_is_told_so_and_closed(opened):
    # In the words of 3.1.1, which every version can read so far.
    with Wire(opened.mqtt()) as wire:
        wire.send(packet(0x10, text("MQTT") + b"\6\2\0\x3c\0" + text("c")))
        assert wire.next() == (CONNACK, b"\0\1") and wire.is_closed()


def test_mqtt_3_1_0_2_a_second_connect_is_a_protocol_error(join, fresh):
    assert join(fresh).send(connect_5(fresh)).is_ended_with(0x82)


def test_mqtt_3_1_4_2_who_is_not_admitted_is_refused_and_closed(serving):
    with Wire(serving.mqtt()) as wire:
        heard = wire.send(connect_5("c", user="nobody", password="wrong")).hear()
        assert (heard.kind, heard.acknowledge_flags, heard.reason) == (CONNACK, 0, 0x87)
        assert wire.is_closed()
    with Wire(serving.mqtt()) as wire:
        assert wire.connect("nobody", "wrong") == NOT_AUTHORISED and wire.is_closed()


def test_mqtt_3_2_2_19_a_refusal_is_told_in_words_where_they_fit(serving):
    serving.call("POST", "/devices", {"name": "listener"})
    said = []
    for user in ("nobody", "listener"):  # a stranger does not learn who is a device
        with Wire(serving.mqtt()) as wire:
            heard = wire.send(connect_5("c", user=user, password="wrong",
                                        request_problems=1)).hear()
            assert (heard.kind, heard.reason) == (CONNACK, 0x87) and wire.is_closed()
            said.append(heard.properties)
    assert said == 2 * [{"reason_string": "not admitted: its credentials are no device's"}]
    with Wire(serving.mqtt()) as wire:
        heard = wire.send(connect_5("c", user="nobody", password="wrong", request_problems=1,
                                    packet_maximum=heard.size - 1)).hear()
        assert (heard.reason, heard.properties) == (0x87, {}) and wire.is_closed()


def test_mqtt_3_2_2_3_9_a_device_is_told_what_it_may_not(serving):
    made = serving.call("POST", "/devices", {"name": "testator"})
    with Wire(serving.mqtt()) as wire:
        heard = wire.send(connect_5("c", user="testator", password=made["token"],
                                    will=("devices/other/telemetry", "gone", 0, {}),
                                    request_problems=1)).hear()
        assert (heard.kind, heard.reason) == (CONNACK, 0x87) and wire.is_closed()
    assert heard.properties == {
        "reason_string": 'not admitted: it may not publish its will on "devices/other/telemetry"'}


def test_mqtt_3_1_4_6_what_follows_a_refused_connect_is_not_processed(opened, join, fresh):
    ear = join()
    ear.subscribe(fresh)
    with Wire(opened.mqtt()) as wire:
        wire.send(connect_5("c", receive_maximum=0) + publish_5(fresh, b"ignored", 1))
        assert wire.hear().reason == 0x82 and wire.is_closed()
    join().publish(fresh, b"last")
    assert ear.payloads_until(b"last") == []


def test_mqtt_3_1_4_5_what_follows_at_once_is_answered_behind_connack(opened, fresh):
    with Wire(opened.mqtt()) as wire:
        wire.send(connect_5(fresh) + subscribe_5([(fresh, 0)]) + b"\xC0\0")
        assert [wire.hear().kind for _ in range(3)] == [CONNACK, 9, 13]


def test_mqtt_3_1_3_1_all_fields_in_their_order(opened, join, fresh):
    ear = join()
    ear.subscribe(fresh)
    with Wire5(opened.mqtt(), "order", user=fresh, password=b"\xff\0 any bytes",
               will=(fresh, b"last", 0, {"content_type": "text/plain"}), session_expiry=0):
        pass
    message = ear.message()
    assert (message.payload, message.properties) == (b"last", {"content_type": "text/plain"})


@pytest.mark.parametrize("length", [1, 23])
def test_mqtt_3_1_3_5_client_ids_of_letters_and_digits(join, length):
    letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for start in range(0, len(letters), 23):
        joined = join((letters[start:] + letters)[:length])
        assert "assigned_client" not in joined.connack.properties
        joined.ping()


def test_mqtt_3_1_3_6_7_and_3_2_2_16_no_client_id_gets_one_that_is_new(join, fresh):
    assigned = [join("", user=fresh, session_expiry=60) for _ in range(2)]
    names = [client.connack.properties["assigned_client"] for client in assigned]
    assert len(set(names)) == 2 and all(names)
    # It is the name of its session.
    assert join(names[0], user=fresh, clean=False).connack.present
    assert assigned[0].is_ended_with(0x8E)


def test_mqtt_3_1_2_4_and_3_2_2_2_clean_start_discards_the_session(join, fresh):
    with join(fresh, session_expiry=60) as first:
        first.subscribe(fresh)
        assert not first.connack.present
    with join(fresh, clean=True, session_expiry=60) as second:
        assert not second.connack.present
        assert second.send(unsubscribe_5(fresh)).hear().reasons == [0x11]


def test_mqtt_3_1_2_5_23_and_3_2_2_3_a_session_goes_on(join, fresh):
    with join(fresh, session_expiry=60) as first:
        first.subscribe(fresh)
    join().publish(fresh, b"meanwhile")
    second = join(fresh, clean=False, session_expiry=60)
    # mqtt_3_2_0_1: CONNACK was first.
    assert second.connack.present and second.message().payload == b"meanwhile"


def test_mqtt_3_1_2_6_and_3_2_2_3_without_a_session_one_begins(join, fresh):
    assert not join(fresh, clean=False).connack.present


def test_mqtt_3_1_2_23_without_an_expiry_the_session_ends_with_its_connection(join, fresh):
    with join(fresh) as first:
        first.send(disconnect_5())
        assert first.is_closed()
    assert not join(fresh, clean=False).connack.present


def test_mqtt_3_1_3_2_each_client_id_has_a_session_of_its_own(join, fresh):
    with join(fresh + "-a", user=fresh, session_expiry=60):
        pass
    assert not join(fresh + "-b", user=fresh, clean=False).connack.present
    assert join(fresh + "-a", user=fresh, clean=False).connack.present


def test_mqtt_3_1_4_3_and_4_a_client_that_comes_again_takes_over(join, fresh):
    first = join(fresh, session_expiry=60)
    first.subscribe(fresh)
    second = join(fresh, clean=False, session_expiry=60)
    assert second.connack.present and first.is_ended_with(0x8E)
    assert not join(fresh, clean=True).connack.present and second.is_ended_with(0x8E)


def test_mqtt_3_2_0_2_and_3_2_2_1_one_connack_without_reserved_flags(join, fresh):
    client = join(fresh)
    assert client.connack.acknowledge_flags == 0
    client.ping()


def test_mqtt_3_2_2_3_what_connack_tells_is_of_connack(join):
    told = join(keep_alive=60).connack.properties
    assert told.keys() == {"receive_maximum", "alias_maximum", "packet_maximum"}
    assert told["receive_maximum"] > 0 and told["packet_maximum"] > 0
    # mqtt_4_12_0_6 and mqtt_3_1_2_28: no method, no response information that nobody asked for.
    told = join(request_response=0, request_problems=0).connack.properties
    assert "response_information" not in told and "authentication_method" not in told


@pytest.mark.parametrize("wanted", [0, 61, 65535])
def test_mqtt_3_2_2_3_14_another_keep_alive_is_told(join, wanted):
    assert join(keep_alive=wanted).connack.properties["server_keep_alive"] == 60


def test_mqtt_3_2_2_3_2_a_shorter_session_is_told(join):
    assert join(session_expiry=0xFFFFFFFF).connack.properties["session_expiry"] == 86400
    assert "session_expiry" not in join(session_expiry=86400).connack.properties


def test_mqtt_3_1_2_22_and_3_2_2_22_a_silent_client_is_closed_as_if_the_network_failed(join, fresh):
    ear = join()
    ear.subscribe(fresh)
    silent = join(keep_alive=1, will=(fresh, b"silent", 0, {}))
    alive = join(keep_alive=2)
    assert "server_keep_alive" not in silent.connack.properties
    began = time.monotonic()
    assert silent.is_ended_with(0x8D)
    assert 1.4 < time.monotonic() - began < 4
    assert ear.message().payload == b"silent"
    alive.ping()


def test_mqtt_3_1_2_23_and_4_1_0_2_a_session_ends_when_its_expiry_has_passed(join, fresh):
    with join(fresh, session_expiry=1) as first:
        # mqtt_4_1_0_1: not while it is connected.
        assert first.is_quiet_for(1.2)
        first.subscribe(fresh)
    with join(fresh, clean=False, session_expiry=1) as second:
        assert second.connack.present
    assert join().is_quiet_for(1.2)
    assert not join(fresh, clean=False).connack.present


def leave(client, how):
    if how == "cut":
        client.socket.close()
    elif how == "error":
        assert client.send(b"\xF0\0").is_ended_with(0x82)
    else:
        assert client.send(disconnect_5(how)).is_closed()


@pytest.mark.parametrize("how", ["cut", "error", 0x04, 0x80])
def test_mqtt_3_1_2_7_and_8_a_will_is_published(join, fresh, how):
    ear = join()
    ear.subscribe(fresh, 2)
    leave(join(will=(fresh, b"will", 0x10, {})), how)
    message = ear.message()
    # mqtt_3_1_2_14: not retained.
    assert (message.payload, message.qos, message.retain) == (b"will", 2, False)
    late = join()
    late.subscribe(fresh)
    late.ping()


def test_mqtt_3_1_2_10_and_3_14_4_3_a_normal_goodbye_removes_the_will(join, fresh):
    ear = join()
    ear.subscribe(fresh)
    leave(join(will=(fresh, b"will", 0, {})), 0x00)
    join().publish(fresh, b"last")
    assert ear.payloads_until(b"last") == []


def test_mqtt_3_1_2_10_a_will_that_was_published_is_gone(join, fresh):
    ear = join()
    ear.subscribe(fresh + "/#")
    leave(join(fresh, session_expiry=60, will=(fresh + "/will", b"will", 0, {})), "cut")
    assert ear.message().payload == b"will"
    leave(join(fresh, clean=False), "cut")
    join().publish(fresh + "/end", b"last")
    assert ear.payloads_until(b"last") == []


def test_mqtt_3_1_2_15_a_will_can_be_retained(join, fresh):
    ear = join()
    ear.subscribe(fresh)
    leave(join(will=(fresh, b"will", 0x28, {})), "cut")
    assert not ear.message().retain
    late = join()
    late.subscribe(fresh)
    message = late.message()
    assert (message.payload, message.retain) == (b"will", True)


def test_mqtt_3_1_3_2_the_properties_of_a_will_are_those_of_its_message(join, fresh):
    given = {"payload_format": 1, "content_type": "text/plain", "response_topic": "answers",
             "correlation": b"\0\xff", "user": [("b", "1"), ("a", "2"), ("b", "3")]}
    ear = join()
    ear.subscribe(fresh)
    leave(join(will=(fresh, b"will", 0, {**given, "message_expiry": 100})), "cut")
    told = ear.message().properties
    assert 98 <= told.pop("message_expiry") <= 100
    assert told == given


def test_mqtt_3_1_3_9_a_will_with_delay_is_not_sent_when_the_client_is_back(join, fresh):
    ear = join()
    ear.subscribe(fresh)
    will = (fresh, b"late", 0, {"will_delay": 1})
    lost, back = fresh + "-lost", fresh + "-back"
    leave(join(lost, session_expiry=60, will=will), "cut")
    leave(join(back, session_expiry=60, will=(fresh, b"never", 0, {"will_delay": 1})), "cut")
    began = time.monotonic()
    join(back, clean=False, session_expiry=60)
    # mqtt_3_1_2_8: when the delay has passed.
    assert ear.message().payload == b"late"
    assert time.monotonic() - began > 0.8
    assert ear.is_quiet_for(0.5)


def test_mqtt_3_1_2_8_a_will_with_delay_comes_at_the_latest_when_its_session_ends(join, fresh):
    ear = join()
    ear.subscribe(fresh)
    leave(join(will=(fresh, b"will", 0, {"will_delay": 60})), "cut")
    assert ear.message().payload == b"will"


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_mqtt_3_1_2_24_and_25_what_is_too_large_counts_as_sent(join, fresh, qos):
    ear = join(packet_maximum=60, session_expiry=60)
    ear.subscribe(fresh, qos)
    mouth = join()
    room = 60 - len(publish_5(fresh, b"", qos))
    mouth.publish(fresh, b"x" * (room + 1), qos)
    mouth.publish(fresh, b"y" * room, qos)
    message = ear.message()
    assert (message.payload, message.size) == (b"y" * room, 60)
    ear.ping()


def test_mqtt_3_1_2_24_no_answer_exceeds_the_maximum_packet_size(opened, join, fresh):
    with Wire(opened.mqtt()) as wire:
        heard = wire.send(connect_5(fresh, packet_maximum=8)).hear()
        assert (heard.kind, heard.reason, heard.size) == (CONNACK, 0x95, 5) and wire.is_closed()
    with Wire(opened.mqtt()) as wire:
        assert wire.send(connect_5(fresh, packet_maximum=4)).is_closed()
    for ask in (subscribe_5([(f"{fresh}/{number}", 0) for number in range(30)]),
                unsubscribe_5(*(f"{fresh}/{number}" for number in range(30)))):
        client = join(packet_maximum=30)
        assert client.send(ask).is_ended_with(0x95)


def test_mqtt_3_1_2_24_reason_strings_are_left_out_where_they_do_not_fit(join):
    client = join(packet_maximum=30, request_problems=1)
    answer = client.send(b"\xF0\0").hear()
    assert (answer.reason, answer.properties) == (0x82, {}) and answer.size <= 30
    answer = join(request_problems=1).send(b"\xF0\0").hear()
    assert answer.reason == 0x82 and "AUTH" in answer.properties["reason_string"]


def test_mqtt_3_1_2_29_no_reason_strings_on_answers_who_does_not_ask(serving):
    made = serving.call("POST", "/devices", {"name": "quiet"})
    with Wire5(serving.mqtt(), "quiet", user="quiet", password=made["token"],
               request_problems=0) as client:
        client.send(publish_5("devices/other/telemetry", b"1", 1)
                    + publish_5("devices/other/telemetry", b"1", 2, 2)
                    + subscribe_5([("#", 1)]) + unsubscribe_5("#") + acknowledge_5(PUBREL, 77))
        heard = [client.hear() for _ in range(5)]
        assert [answer.kind for answer in heard] == [PUBACK, PUBREC, 9, 11, 7]
        assert [answer.properties for answer in heard] == 5 * [{}]
