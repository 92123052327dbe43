"""MQTT 5.0, chapters 3.3 to 3.7, 4.3 to 4.6 and 4.9: messages, their QoS, order and flow.

The number in a test's name is that of the statement of the standard. Not tested here, because a
client keeps them: 3.3.2-10, 3.3.4-8, 4.5.0-2, 4.6.0-1, 4.6.0-2, 4.6.0-3, 4.6.0-4; because one copy
alone is sent: 3.3.4-5. 3.4.2-2, 3.4.2-3, 3.5.2-2, 3.5.2-3, 3.6.2-2, 3.6.2-3, 3.7.2-2 and 3.7.2-3
are kept by never sending these properties (mqtt_3_1_2_29 in test_mqtt5_connect.py).
"""

import pytest

from wire import (PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Wire5, acknowledge_5, block,
                  disconnect_5, packet, property_bytes, publish_5, text)


def with_properties(content, qos=0):
    """PUBLISH with properties as bytes."""
    return packet(0x30 | qos << 1, text("t") + (b"\0\1" if qos else b"") + block(content) + b"p")


def twice(name, value):
    return with_properties(2 * property_bytes(name, value))


ENDED = {
    "mqtt_1_5_4_1_topic_with_a_surrogate": (publish_5(b"a\xED\xA0\x80"), 0x81),
    "mqtt_1_5_4_1_topic_in_overlong_form": (publish_5(b"a\xC0\xAF"), 0x81),
    "mqtt_1_5_4_2_topic_with_null": (publish_5(b"a\0b"), 0x81),
    "mqtt_1_5_5_1_endless_property_length": (packet(0x30, text("t") + b"\xff\xff\xff\xff\1"), 0x81),
    "mqtt_1_5_7_1_user_property_not_utf_8": (publish_5("t", user=(b"a", b"\xff")), 0x81),
    "mqtt_1_5_7_1_name_of_user_property_not_utf_8": (publish_5("t", user=(b"\0", b"b")), 0x81),
    "mqtt_2_2_1_3_packet_id_0": (publish_5("t", b"", 1, 0), 0x82),
    "mqtt_2_2_2_1_no_property_length": (packet(0x30, text("t")), 0x81),
    "mqtt_2_2_2_2_unknown_property": (with_properties(b"\x7e\0"), 0x81),
    "mqtt_2_2_2_2_property_of_another_packet": (publish_5("t", session_expiry=1), 0x82),
    "mqtt_2_2_2_2_property_cut_off": (with_properties(b"\2\0\0"), 0x81),
    "mqtt_3_3_1_2_duplicate_with_qos_0": (publish_5("t", duplicate=True), 0x81),
    "mqtt_3_3_1_4_qos_3": (publish_5("t", b"", 3), 0x81),
    "mqtt_3_3_2_1_no_topic": (packet(0x30, b""), 0x81),
    "mqtt_3_3_2_1_topic_cut_off": (packet(0x30, b"\0\5abc"), 0x81),
    "mqtt_3_3_2_2_wildcard_plus": (publish_5("a/+"), 0x81),
    "mqtt_3_3_2_2_wildcard_hash": (publish_5("a/#"), 0x81),
    "mqtt_3_3_2_3_2_payload_format_2": (publish_5("t", payload_format=2), 0x82),
    "mqtt_3_3_2_3_2_payload_format_twice": (twice("payload_format", 1), 0x82),
    "mqtt_3_3_2_3_3_message_expiry_twice": (twice("message_expiry", 1), 0x82),
    "mqtt_3_3_2_3_4_alias_twice": (twice("alias", 1), 0x82),
    "mqtt_3_3_2_3_4_alias_of_no_topic": (publish_5("", alias=3), 0x82),
    "mqtt_3_3_2_8_alias_0": (publish_5("t", alias=0), 0x94),
    "mqtt_3_3_2_9_alias_over_the_maximum": (publish_5("t", alias=11), 0x94),
    "mqtt_3_3_2_13_response_topic_not_utf_8": (publish_5("t", response_topic=b"\xff"), 0x81),
    "mqtt_3_3_2_14_wildcard_in_response_topic": (publish_5("t", response_topic="a/+"), 0x82),
    "mqtt_3_3_2_3_5_response_topic_twice": (twice("response_topic", "a"), 0x82),
    "mqtt_3_3_2_3_6_correlation_twice": (twice("correlation", "a"), 0x82),
    "mqtt_3_3_2_19_content_type_not_utf_8": (publish_5("t", content_type=b"\xff"), 0x81),
    "mqtt_3_3_2_3_9_content_type_twice": (twice("content_type", "a"), 0x82),
    "mqtt_3_3_4_6_subscription_identifier": (publish_5("t", identifier=1), 0x82),
    "mqtt_4_7_3_1_empty_topic": (publish_5(""), 0x82),
    "mqtt_2_1_3_1_puback_with_flags": (b"\x41\2\0\1", 0x81),
    "mqtt_2_1_3_1_pubrec_with_flags": (b"\x52\2\0\1", 0x81),
    "mqtt_3_6_1_1_pubrel_without_its_flags": (b"\x60\2\0\1", 0x81),
    "mqtt_3_6_1_1_pubrel_with_other_flags": (b"\x63\2\0\1", 0x81),
    "mqtt_2_1_3_1_pubcomp_with_flags": (b"\x78\2\0\1", 0x81),
    "mqtt_3_4_2_1_puback_with_another_reason": (acknowledge_5(PUBACK, 1, 0x92), 0x82),
    "mqtt_3_5_2_1_pubrec_with_another_reason": (acknowledge_5(PUBREC, 1, 0x92), 0x82),
    "mqtt_3_6_2_1_pubrel_with_another_reason": (acknowledge_5(PUBREL, 1, 0x80), 0x82),
    "mqtt_3_7_2_1_pubcomp_with_another_reason": (acknowledge_5(PUBCOMP, 1, 0x80), 0x82),
    "mqtt_2_2_1_5_puback_with_packet_id_0": (acknowledge_5(PUBACK, 0), 0x82),
    "mqtt_2_2_1_5_puback_cut_off": (packet(0x40, b"\0"), 0x81),
    "mqtt_3_4_2_puback_longer_than_its_fields": (packet(0x40, b"\0\1\0\0x"), 0x81),
    "mqtt_3_4_2_2_2_reason_string_not_utf_8": (
        acknowledge_5(PUBACK, 1, 0, reason_string=b"\xff"), 0x81),
    "mqtt_3_4_2_2_2_reason_string_twice": (
        packet(0x40, b"\0\1\0" + block(2 * property_bytes("reason_string", "a"))), 0x82),
}


@pytest.mark.parametrize("case", ENDED)
def test_a_packet_that_ends_the_connection(join, case):
    content, reason = ENDED[case]
    assert join().send(content).is_ended_with(reason)


@pytest.fixture
def ear(join, fresh):
    """Hears the topic `fresh` with QoS 2."""
    made = join(fresh + "-ear", session_expiry=60)
    made.subscribe(fresh, 2)
    return made


def cut_and_back(join, fresh, wire):
    wire.socket.close()
    back = join(fresh + "-ear", clean=False, session_expiry=60)
    assert back.connack.present
    return back


def test_mqtt_3_3_4_1_each_qos_has_its_answer(join, fresh, ear):
    mouth = join()
    mouth.send(publish_5(fresh, b"0")).ping()
    assert mouth.send(publish_5(fresh, b"1", 1, 11)).answer_of(PUBACK, 11) == 0
    assert mouth.send(publish_5(fresh, b"2", 2, 12)).answer_of(PUBREC, 12) == 0
    assert mouth.send(acknowledge_5(PUBREL, 12)).answer_of(PUBCOMP, 12) == 0
    heard = [ear.message() for _ in range(3)]
    assert [(message.payload, message.qos) for message in heard] == [
        (b"0", 0), (b"1", 1), (b"2", 2)]
    # mqtt_4_3_1_1, mqtt_4_3_2_2 and mqtt_4_3_3_2: no duplicates; mqtt_3_3_2_3: the topic.
    assert {(message.duplicate, message.topic) for message in heard} == {(False, fresh)}
    # mqtt_2_2_1_4, mqtt_4_3_2_1 and mqtt_4_3_3_1: ids that are not in use, and not 0.
    assert None not in {message.packet_id for message in heard[1:]}
    assert 0 not in {message.packet_id for message in heard}


def test_mqtt_3_4_2_1_and_3_5_2_1_reasons_of_answers(join, fresh):
    mouth = join()
    assert mouth.send(publish_5(fresh, b"", 1)).answer_of(PUBACK, 1) == 0x10
    assert mouth.send(publish_5(fresh, b"", 2)).answer_of(PUBREC, 1) in (0x00, 0x10)
    assert mouth.send(acknowledge_5(PUBREL, 1, 0x92)).answer_of(PUBCOMP, 1) == 0
    # mqtt_3_7_2_1: it is not there any more.
    assert mouth.send(acknowledge_5(PUBREL, 1)).answer_of(PUBCOMP, 1) == 0x92


def test_mqtt_2_2_1_4_ids_of_messages_on_their_way_are_all_different(join, fresh, ear):
    mouth = join()
    for number in range(20):
        mouth.publish(fresh, b"x", 1 + number % 2)
    ids = [ear.hear().packet_id for _ in range(20)]
    assert len(set(ids)) == 20 and 0 not in ids


def test_mqtt_3_3_1_3_duplicate_is_not_handed_on(join, fresh, ear):
    join().publish(fresh, b"again", 1, duplicate=True)
    message = ear.message()
    assert (message.payload, message.duplicate) == (b"again", False)


def test_mqtt_3_3_2_4_15_16_17_18_20_properties_arrive_unaltered(join, fresh, ear):
    given = {"payload_format": 1, "content_type": "application/json; a=\u00e9",
             "response_topic": "answers/to/me", "correlation": bytes(range(256)),
             "user": [("b", "1"), ("a", "2"), ("b", "1"), ("", "\ufeffno mark")]}
    join().publish(fresh, b"payload", **given)
    told = ear.message()
    assert told.properties == given and told.payload == b"payload"
    # mqtt_4_10_0: the answer to a request goes where it was asked to.
    asks = join()
    asks.subscribe(fresh + "/answers")
    join().publish(fresh, b"?", response_topic=fresh + "/answers", correlation=b"7")
    question = ear.message().properties
    ear.send(publish_5(question["response_topic"], b"!", correlation=question["correlation"]))
    assert asks.message().properties == {"correlation": b"7"}


def test_mqtt_1_5_4_3_a_byte_order_mark_is_a_character(join, fresh):
    listener = join()
    listener.subscribe("\ufeff" + fresh)
    mouth = join()
    mouth.publish(fresh, b"without")
    mouth.publish("\ufeff" + fresh, b"with")
    assert listener.message().topic == "\ufeff" + fresh


@pytest.mark.parametrize("qos", [1, 2])
def test_mqtt_3_3_2_5_and_6_expiry_is_counted_and_kept(join, fresh, ear, qos):
    ear.socket.close()
    mouth = join()
    mouth.publish(fresh, b"expires", qos, message_expiry=1)
    mouth.publish(fresh, b"stays", qos, message_expiry=100)
    mouth.publish(fresh, b"kept", qos, retain=True, message_expiry=100)
    mouth.publish(fresh + "/gone", b"kept", qos, retain=True, message_expiry=1)
    assert mouth.is_quiet_for(1.2)
    back = join(fresh + "-ear", clean=False)
    message = back.message()
    assert message.payload == b"stays" and 95 <= message.properties["message_expiry"] <= 99
    assert back.message().payload == b"kept"
    late = join()
    late.subscribe(fresh + "/#", 2)
    message = late.message()
    assert (message.payload, message.retain) == (b"kept", True)
    assert 95 <= message.properties["message_expiry"] <= 99
    late.ping()


def test_mqtt_4_3_3_7_and_13_what_was_sent_does_not_expire(join, fresh, ear):
    mouth = join()
    mouth.publish(fresh, b"begun", 2, message_expiry=1)
    begun = ear.hear()
    assert begun.payload == b"begun" and ear.is_quiet_for(1.2)
    back = cut_and_back(join, fresh, ear)
    again = back.message()
    assert (again.payload, again.packet_id, again.duplicate) == (b"begun", begun.packet_id, True)


def test_mqtt_3_3_2_12_every_alias_up_to_the_maximum_is_accepted(join, fresh):
    listener, mouth = join(), join()
    listener.subscribe(fresh + "/+")
    for alias in range(1, mouth.connack.properties["alias_maximum"] + 1):
        mouth.publish(f"{fresh}/{alias}", b"said", alias=alias)
        mouth.publish("", b"meant", alias=alias)
        heard = [listener.message() for _ in range(2)]
        assert {message.topic for message in heard} == {f"{fresh}/{alias}"}
        # An alias is of one connection.
        assert [message.properties for message in heard] == [{}, {}]
    mouth.publish(fresh + "/new", b"", alias=1)
    mouth.publish("", b"", alias=1)
    assert [listener.message().topic for _ in range(2)] == 2 * [fresh + "/new"]


def test_mqtt_3_3_2_7_aliases_end_with_their_connection(join, fresh):
    first = join(fresh, session_expiry=60, alias_maximum=5)
    first.subscribe(fresh)
    first.publish(fresh, b"1", 0, alias=1)
    assert first.message().properties == {"alias": 1}
    first.socket.close()
    second = join(fresh, clean=False, session_expiry=60)
    second.publish(fresh, b"2", 0)
    message = second.message()
    assert (message.topic, message.properties) == (fresh, {})
    assert second.send(publish_5("", alias=1)).is_ended_with(0x82)


def test_mqtt_3_1_2_26_and_27_and_3_3_2_11_aliases_to_a_client(join, fresh):
    listener, mouth = join(alias_maximum=2), join()
    listener.subscribe(fresh + "/+")
    topics, named = [f"{fresh}/{number}" for number in range(4)], {}
    for topic in 3 * topics:
        mouth.publish(topic, topic.encode())
        message = listener.message()
        alias = message.properties.get("alias")
        assert alias in (None, 1, 2)
        if message.topic and alias:
            named[alias] = message.topic
        assert (message.topic or named[alias]).encode() == message.payload
    assert named


def test_mqtt_3_3_4_7_more_than_receive_maximum_ends_the_connection(join, fresh):
    mouth = join()
    many = mouth.connack.properties["receive_maximum"]
    for packet_id in range(1, many + 1):
        mouth.send(publish_5(fresh, b"", 2, packet_id))
        assert mouth.answer_of(PUBREC, packet_id) < 0x80
    # QoS 0 does not count, and who has released may go on.
    mouth.send(publish_5(fresh)).ping()
    assert mouth.send(acknowledge_5(PUBREL, 1)).answer_of(PUBCOMP, 1) == 0
    assert mouth.send(publish_5(fresh, b"", 2, 1)).answer_of(PUBREC, 1) < 0x80
    assert mouth.send(publish_5(fresh, b"", 1, many + 1)).is_ended_with(0x93)


@pytest.mark.parametrize("qos", [1, 2])
def test_mqtt_3_3_4_9_and_4_9_0_1_2_no_more_than_the_receive_maximum(join, fresh, qos):
    listener, mouth = join(receive_maximum=2), join()
    listener.subscribe(fresh, qos)
    for number in range(4):
        mouth.publish(fresh, b"%d" % number, qos)
    heard = [listener.hear() for _ in range(2)]
    # mqtt_3_3_4_10 and mqtt_4_9_0_3: everything else goes on.
    listener.ping()
    assert listener.subscribe(fresh + "/other") == 1
    listener.publish(fresh + "/nobody", b"", 1)
    if qos == 2:
        listener.send(acknowledge_5(PUBREC, heard[0].packet_id))
        assert listener.answer_of(PUBREL, heard[0].packet_id) == 0
        listener.ping()
    listener.send(acknowledge_5(PUBACK if qos == 1 else PUBCOMP, heard[0].packet_id))
    heard.append(listener.hear())
    listener.ping()
    # mqtt_3_3_4_9: a refusal is an answer too.
    listener.send(acknowledge_5(PUBACK if qos == 1 else PUBREC, heard[1].packet_id, 0x80))
    heard.append(listener.hear())
    assert [message.payload for message in heard] == [b"0", b"1", b"2", b"3"]


def test_mqtt_4_3_2_4_and_5_an_id_that_was_answered_is_free(join, fresh, ear):
    mouth = join()
    for payload, duplicate in ((b"1", False), (b"2", False), (b"3", True)):
        mouth.publish(fresh, payload, 1, 7, duplicate=duplicate)
    assert [ear.message().payload for _ in range(3)] == [b"1", b"2", b"3"]


def test_mqtt_4_3_3_8_10_11_12_qos_2_from_a_client_comes_once(join, fresh, ear):
    mouth = join()
    for duplicate in (False, True, False):
        mouth.send(publish_5(fresh, b"once", 2, 7, duplicate=duplicate))
        assert mouth.answer_of(PUBREC, 7) < 0x80
    for reason in (0, 0x92):
        assert mouth.send(acknowledge_5(PUBREL, 7)).answer_of(PUBCOMP, 7) == reason
    mouth.publish(fresh, b"new", 2, 7)
    mouth.publish(fresh, b"last", 2, 8)
    assert ear.payloads_until(b"last") == [b"once", b"new"]


def test_mqtt_4_3_3_10_qos_2_comes_once_over_a_lost_connection(join, fresh, ear):
    mouth = join(fresh, session_expiry=60)
    assert mouth.send(publish_5(fresh, b"once", 2, 7)).answer_of(PUBREC, 7) < 0x80
    mouth.socket.close()
    mouth = join(fresh, clean=False, session_expiry=60)
    assert mouth.send(publish_5(fresh, b"once", 2, 7, duplicate=True)).answer_of(PUBREC, 7) < 0x80
    assert mouth.send(acknowledge_5(PUBREL, 7)).answer_of(PUBCOMP, 7) == 0
    mouth.publish(fresh, b"last", 2, 8)
    assert ear.payloads_until(b"last") == [b"once"]


def test_mqtt_4_3_3_9_an_id_that_was_refused_is_free(serving):
    made = serving.call("POST", "/devices", {"name": "refused"})
    with Wire5(serving.mqtt(), "refused", user="refused", password=made["token"]) as device:
        device.subscribe(made["topic"], 2)
        device.send(publish_5("devices/other/telemetry", b"1", 2, 7))
        assert device.answer_of(PUBREC, 7) == 0x87
        device.send(publish_5(made["topic"], b'{"t": 1}', 2, 7))
        assert sorted(device.hear().kind for _ in range(2)) == [PUBLISH, PUBREC]


def test_mqtt_4_3_3_3_to_6_and_4_4_0_1_the_exchange_of_qos_2_goes_on_where_it_was(join, fresh, ear):
    mouth = join()
    for payload in (b"1", b"2"):
        mouth.publish(fresh, payload, 2)
    first, second = ear.hear(), ear.hear()
    ear.send(acknowledge_5(PUBREC, first.packet_id))
    assert ear.answer_of(PUBREL, first.packet_id) == 0
    back = cut_and_back(join, fresh, ear)
    # Of the first PUBREL again and not its PUBLISH; the second again, as a duplicate.
    assert back.answer_of(PUBREL, first.packet_id) == 0
    again = back.hear()
    assert (again.payload, again.packet_id, again.duplicate) == (b"2", second.packet_id, True)
    back.send(acknowledge_5(PUBCOMP, first.packet_id) + acknowledge_5(PUBREC, again.packet_id))
    assert back.answer_of(PUBREL, again.packet_id) == 0
    back.send(acknowledge_5(PUBCOMP, again.packet_id)).ping()
    cut_and_back(join, fresh, back).ping()


def test_mqtt_4_3_2_3_and_3_3_1_1_and_4_4_0_1_qos_1_is_sent_again_in_order(join, fresh, ear):
    mouth = join()
    for number in range(5):
        mouth.publish(fresh, b"%d" % number, 1)
    heard = [ear.hear() for _ in range(5)]
    ear.send(acknowledge_5(PUBACK, heard[1].packet_id)).ping()
    # Only who comes again gets it again.
    assert ear.is_quiet_for(0.3)
    back = cut_and_back(join, fresh, ear)
    again = [back.message() for _ in range(4)]
    assert [message.payload for message in again] == [b"0", b"2", b"3", b"4"]
    assert all(message.duplicate for message in again)
    assert [message.packet_id for message in again] == [
        message.packet_id for message in heard if message is not heard[1]]


@pytest.mark.parametrize("qos", [1, 2])
def test_mqtt_4_4_0_2_what_a_client_refuses_is_not_sent_again(join, fresh, ear, qos):
    join().publish(fresh, b"refused", qos)
    message = ear.hear()
    ear.send(acknowledge_5(PUBACK if qos == 1 else PUBREC, message.packet_id, 0x97)).ping()
    cut_and_back(join, fresh, ear).ping()


def test_mqtt_4_3_an_answer_of_another_qos_is_a_protocol_error(join, fresh, ear):
    join().publish(fresh, b"1", 1)
    assert ear.send(acknowledge_5(PUBREC, ear.hear().packet_id)).is_ended_with(0x82)


@pytest.mark.parametrize("kind", [PUBACK, PUBREC, PUBCOMP])
def test_mqtt_2_2_1_5_answers_to_nothing_are_no_error(join, kind):
    client = join()
    client.send(acknowledge_5(kind, 99))
    if kind == PUBREC:
        # An exchange that we do not know is let end.
        assert client.answer_of(PUBREL, 99) in (0x00, 0x92)
    client.ping()


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_mqtt_4_6_0_5_and_6_messages_come_in_their_order(join, fresh, ear, qos):
    mouth, count = join(), 20
    mouth.send(b"".join(publish_5(fresh, b"%d" % number, qos, number + 1)
                        for number in range(count)))
    if qos:
        kind = PUBACK if qos == 1 else PUBREC
        assert all(mouth.answer_of(kind, number + 1) < 0x80 for number in range(count))
    assert [ear.hear().payload for _ in range(count)] == [
        b"%d" % number for number in range(count)]


def test_mqtt_4_5_0_1_each_who_subscribed_gets_it(join, fresh):
    listeners = [join() for _ in range(5)]
    for listener in listeners:
        listener.subscribe(fresh, 0)
    away = join(fresh, session_expiry=60)
    away.subscribe(fresh)
    away.send(disconnect_5()).is_closed()
    join().publish(fresh, b"to all")
    assert [listener.message().payload for listener in listeners] == 5 * [b"to all"]
    assert join(fresh, clean=False).message().payload == b"to all"


def test_mqtt_2_2_1_ids_may_be_the_same_both_ways(join, fresh, ear):
    # Section 2.2.1: a client and the server number their messages independently.
    join().publish(fresh, b"to ear", 2)
    theirs = ear.hear()
    ear.send(publish_5(fresh + "/other", b"of ear", 2, theirs.packet_id))
    assert ear.answer_of(PUBREC, theirs.packet_id) < 0x80
    ear.send(acknowledge_5(PUBREC, theirs.packet_id))
    assert ear.answer_of(PUBREL, theirs.packet_id) == 0
    ear.send(acknowledge_5(PUBREL, theirs.packet_id) + acknowledge_5(PUBCOMP, theirs.packet_id))
    assert ear.answer_of(PUBCOMP, theirs.packet_id) == 0
