"""MQTT 5.0, chapters 3.8 to 3.11, 4.7 and 4.8, and what 3.3 says of retained messages.

The number in a test's name is that of the statement of the standard. 3.9.2-1, 3.9.2-2, 3.11.2-1
and 3.11.2-2 are kept by never sending these properties (mqtt_3_1_2_29, test_mqtt5_connect.py), as
the refusals by policy are in test_mqtt.py. 4.7.3-3 is kept by a limit of 512 bytes, looked at here.
"""

import pytest

from wire import (AS_PUBLISHED, NO_LOCAL, NO_RETAINED, ONLY_WHEN_NEW, PUBACK, PUBCOMP, PUBLISH,
                  PUBREC, PUBREL, SUBACK, UNSUBACK, acknowledge_5, block, disconnect_5, packet,
                  property_bytes, publish_5, subscribe_5, text, unsubscribe_5)


def filtered(filter_, options=0):
    return subscribe_5([(filter_, options)])


ENDED = {
    "mqtt_3_8_1_1_subscribe_without_its_flags": (b"\x80" + filtered("a")[1:], 0x81),
    "mqtt_3_8_1_1_subscribe_with_other_flags": (b"\x83" + filtered("a")[1:], 0x81),
    "mqtt_3_10_1_1_unsubscribe_without_its_flags": (b"\xA0" + unsubscribe_5("a")[1:], 0x81),
    "mqtt_3_10_1_1_unsubscribe_with_other_flags": (b"\xA6" + unsubscribe_5("a")[1:], 0x81),
    "mqtt_2_2_1_3_subscribe_with_packet_id_0": (subscribe_5([("a", 0)], 0), 0x82),
    "mqtt_2_2_1_3_unsubscribe_with_packet_id_0": (unsubscribe_5("a", packet_id=0), 0x82),
    "mqtt_3_8_3_1_filter_not_utf_8": (filtered(b"a/\xff"), 0x81),
    "mqtt_3_8_3_2_no_filter": (subscribe_5([]), 0x81),
    "mqtt_3_8_3_filter_without_options": (packet(0x82, b"\0\1\0" + text("a")), 0x81),
    "mqtt_3_8_3_filter_cut_off": (packet(0x82, b"\0\1\0\0\5abc"), 0x81),
    "mqtt_3_8_3_1_qos_3": (filtered("a", 3), 0x81),
    "mqtt_3_8_3_1_retain_handling_3": (filtered("a", 0x30), 0x82),
    "mqtt_3_8_3_4_no_local_on_a_shared_subscription": (filtered("$share/g/a", NO_LOCAL), 0x82),
    "mqtt_3_8_3_5_reserved_bit_6": (filtered("a", 0x40), 0x81),
    "mqtt_3_8_3_5_reserved_bit_7": (filtered("a", 0x80), 0x81),
    "mqtt_3_8_2_1_2_identifier_0": (subscribe_5([("a", 0)], identifier=0), 0x82),
    "mqtt_3_8_2_1_2_identifier_twice": (
        packet(0x82, b"\0\1" + block(2 * property_bytes("identifier", 1)) + text("a") + b"\0"),
        0x82),
    "mqtt_1_5_5_1_identifier_of_five_bytes": (
        packet(0x82, b"\0\1" + block(b"\x0B\xff\xff\xff\xff\1") + text("a") + b"\0"), 0x81),
    "mqtt_2_2_2_2_property_of_another_packet": (
        packet(0xA2, b"\0\1" + block(property_bytes("identifier", 1)) + text("a")), 0x81),
    "mqtt_3_10_3_1_unsubscribe_not_utf_8": (unsubscribe_5(b"\xC0\x80"), 0x81),
    "mqtt_3_10_3_2_unsubscribe_without_filter": (unsubscribe_5(), 0x81),
    "mqtt_4_7_1_1_hash_not_last": (filtered("a/#/b"), 0x81),
    "mqtt_4_7_1_1_hash_not_a_whole_level": (filtered("a/b#"), 0x81),
    "mqtt_4_7_1_2_plus_not_a_whole_level": (filtered("a/b+/c"), 0x81),
    "mqtt_4_7_1_2_plus_before_letters": (filtered("+b"), 0x81),
    "mqtt_4_7_3_1_empty_filter": (filtered(""), 0x81),
    "mqtt_4_7_3_2_null_in_a_filter": (filtered("a\0b"), 0x81),
}


@pytest.mark.parametrize("case", ENDED)
def test_a_packet_that_ends_the_connection(join, case):
    content, reason = ENDED[case]
    assert join().send(content).is_ended_with(reason)


@pytest.mark.parametrize("filter_", ["$share/a", "$share//a", "$share/a/", "$share/+/a",
                                     "$share/#"])
def test_mqtt_4_8_2_1_and_2_a_shared_filter_has_a_name_and_a_filter(join, fresh, filter_):
    client = join()
    assert client.subscribe(filter_) == 0x8F
    client.ping()


def test_mqtt_3_8_4_1_2_5_6_7_and_3_9_3_1_2_a_reason_for_each_filter_in_order(join, fresh):
    client = join()
    client.send(subscribe_5([(fresh + "/0", 0), ("$share//a", 1), (fresh + "/2", 2),
                             ("test/nosubscribe", 0), (fresh + "/1", 1)], 777))
    answer = client.hear()
    assert (answer.kind, answer.packet_id) == (SUBACK, 777)
    assert answer.reasons == [0, 0x8F, 2, 0x80, 1]
    # Those that were granted are there.
    for qos in (2, 0, 1):
        join().publish(f"{fresh}/{qos}", b"%d" % qos, 2)
        assert client.message().qos == qos


def test_mqtt_3_10_4_4_5_6_and_3_11_3_1_2_a_reason_for_each_filter_in_order(join, fresh):
    client = join()
    client.subscribe(fresh + "/a")
    client.subscribe(fresh + "/#")
    client.send(unsubscribe_5(fresh + "/b", fresh + "/a", fresh + "/+", fresh + "/#", packet_id=88))
    answer = client.hear()
    assert (answer.kind, answer.packet_id) == (UNSUBACK, 88)
    assert answer.reasons == [0x11, 0, 0x11, 0]


def test_mqtt_3_10_4_1_and_2_filters_are_compared_letter_by_letter(join, fresh):
    client, mouth = join(), join()
    client.subscribe(fresh + "/#")
    for other in (fresh + "/+", fresh, fresh.upper() + "/#", fresh + "//#"):
        assert client.send(unsubscribe_5(other)).hear().reasons == [0x11]
    mouth.publish(fresh + "/a", b"1")
    assert client.message().payload == b"1"
    client.subscribe(fresh + "/last")
    assert client.send(unsubscribe_5(fresh + "/#")).hear().reasons == [0]
    mouth.publish(fresh + "/a", b"2")
    mouth.publish(fresh + "/last", b"last")
    assert client.payloads_until(b"last") == []


def test_mqtt_3_10_4_3_what_was_begun_is_completed(join, fresh):
    client, mouth = join(fresh, session_expiry=60), join()
    client.subscribe(fresh, 2)
    mouth.publish(fresh, b"1", 1)
    mouth.publish(fresh, b"2", 2)
    first, second = client.hear(), client.hear()
    assert client.send(unsubscribe_5(fresh)).hear().reasons == [0]
    client.send(acknowledge_5(PUBREC, second.packet_id))
    assert client.answer_of(PUBREL, second.packet_id) == 0
    client.send(acknowledge_5(PUBCOMP, second.packet_id)).ping()
    client.socket.close()
    back = join(fresh, clean=False)
    again = back.hear()
    assert (again.payload, again.packet_id, again.duplicate) == (b"1", first.packet_id, True)
    back.send(acknowledge_5(PUBACK, again.packet_id)).ping()


@pytest.mark.parametrize("granted", [0, 1, 2])
def test_mqtt_3_8_4_8_the_lower_qos_counts(join, fresh, granted):
    client, mouth = join(), join()
    assert client.subscribe(fresh, granted) == granted
    for published in (0, 1, 2):
        mouth.publish(fresh, b"x", published)
        assert client.message().qos == min(published, granted)


def test_mqtt_3_8_3_3_no_local_keeps_own_messages_away(join, fresh):
    client, other = join(fresh, session_expiry=60), join()
    client.subscribe(fresh, 1 | NO_LOCAL)
    client.publish(fresh, b"own", 1)
    client.publish(fresh, b"own", 2)
    other.publish(fresh, b"last")
    assert client.payloads_until(b"last") == []
    # Of the client id: a connection that comes after it is the same client.
    client.socket.close()
    back = join(fresh, clean=False)
    back.publish(fresh, b"own")
    other.publish(fresh, b"last")
    assert back.payloads_until(b"last") == []
    # Without the option it hears itself.
    back.subscribe(fresh, 1)
    back.send(publish_5(fresh, b"own", 1))
    assert sorted(back.hear().kind for _ in range(2)) == [PUBLISH, PUBACK]


def test_mqtt_3_8_4_3_a_subscription_is_replaced(join, fresh):
    client, mouth = join(), join()
    assert client.subscribe(fresh, 0, identifier=5) == 0
    assert client.subscribe(fresh, 2, identifier=6) == 2
    mouth.publish(fresh, b"once", 2)
    mouth.publish(fresh, b"last", 2)
    message = client.message()
    assert (message.payload, message.qos, message.properties) == (b"once", 2, {"identifier": [6]})
    assert client.message().payload == b"last"
    assert client.subscribe(fresh, 1) == 1
    mouth.publish(fresh, b"without", 2)
    message = client.message()
    assert (message.qos, message.properties) == (1, {})


def test_mqtt_3_8_4_4_replacing_sends_retained_messages_again_and_loses_nothing(join, fresh):
    client, mouth = join(), join()
    mouth.publish(fresh, b"kept", 1, retain=True)
    client.subscribe(fresh)
    assert client.message().payload == b"kept"
    for number in range(10):
        mouth.send(publish_5(fresh, b"%d" % number, 1, number + 1))
    client.send(filtered(fresh, 1))
    payloads, kinds = [], []
    while len(payloads) < 11:
        heard = client.hear()
        kinds.append(heard.kind)
        if heard.kind == PUBLISH:
            payloads.append(heard.payload)
            client.send(acknowledge_5(PUBACK, heard.packet_id))
    assert kinds.count(SUBACK) == 1 and kinds.count(PUBLISH) == 11
    assert [payload for payload in payloads if payload != b"kept"] == [
        b"%d" % number for number in range(10)]


def test_mqtt_3_3_4_2_3_4_overlapping_subscriptions_give_one_message(join, fresh):
    client, mouth = join(), join()
    client.subscribe(fresh + "/#", 0, identifier=1)
    client.subscribe(fresh + "/+", 2, identifier=268435455)
    client.subscribe(fresh + "/a", 1)
    client.subscribe(fresh + "/b", 1, identifier=3)
    mouth.publish(fresh + "/a", b"1", 2)
    message = client.message()
    assert message.qos == 2 and sorted(message.properties["identifier"]) == [1, 268435455]
    mouth.publish(fresh + "/a/b", b"2", 2)
    message = client.message()
    assert (message.payload, message.qos, message.properties) == (b"2", 0, {"identifier": [1]})
    client.ping()


def test_mqtt_3_3_1_5_to_8_one_message_is_retained_for_each_topic(join, fresh):
    mouth = join()

    def retained():
        late = join()
        late.subscribe(fresh, 2)
        late.send(publish_5(fresh, b"last"))
        return late.payloads_until(b"last")

    mouth.publish(fresh, b"passes")
    assert retained() == []
    mouth.publish(fresh, b"first", 1, retain=True)
    mouth.publish(fresh, b"second", 2, retain=True)
    mouth.publish(fresh, b"passes", 1)
    assert retained() == [b"second"]
    early = join()
    early.subscribe(fresh)
    assert early.message().payload == b"second"
    # It is handed on as any other, and removes what was there.
    mouth.publish(fresh, b"", 1, retain=True)
    assert early.message().payload == b""
    assert retained() == []


def test_mqtt_3_3_1_9_10_11_retain_handling(join, fresh):
    join().publish(fresh, b"kept", 1, retain=True)
    client = join()
    for options, sends in ((NO_RETAINED, False), (ONLY_WHEN_NEW, False), (0, True),
                           (ONLY_WHEN_NEW, False), (NO_RETAINED, False), (0, True)):
        client.subscribe(fresh, 1 | options)
        if sends:
            message = client.message()
            assert (message.payload, message.retain) == (b"kept", True)
        client.ping()
    client.send(unsubscribe_5(fresh)).hear()
    client.subscribe(fresh, 1 | ONLY_WHEN_NEW)
    assert client.message().payload == b"kept"


def test_mqtt_3_3_1_12_and_13_retain_as_published(join, fresh):
    plain, exact, mouth = join(), join(), join()
    plain.subscribe(fresh, 1)
    exact.subscribe(fresh, 1 | AS_PUBLISHED)
    for retain in (True, False):
        mouth.publish(fresh, b"x", 1, retain=retain)
        assert not plain.message().retain
        assert exact.message().retain == retain


def test_mqtt_3_3_1_9_all_retained_messages_that_match_with_their_identifier(join, fresh):
    mouth, client = join(), join()
    for name in ("a", "b/c", "d"):
        mouth.publish(f"{fresh}/{name}", name.encode(), 1, retain=True, user=("of", name))
    client.subscribe(fresh + "/#", 2, identifier=9)
    heard = [client.message() for _ in range(3)]
    assert {message.topic for message in heard} == {f"{fresh}/{name}" for name in ("a", "b/c", "d")}
    assert all(message.qos == 1 and message.properties["identifier"] == [9]
               and message.properties["user"] == [("of", message.payload.decode())]
               for message in heard)


MATCHES = {
    "sport/tennis/player1/#": ["sport/tennis/player1", "sport/tennis/player1/ranking",
                               "sport/tennis/player1/score/wimbledon"],
    "sport/tennis/+": ["sport/tennis/player1", "sport/tennis/"],
    "sport/+": ["sport/", "sport/x"],
    "+/+": ["/finance", "a/b"],
    "/+": ["/finance"],
    "+": ["finance"],
    "a//+": ["a//b", "a//"],
    "+/b/#": ["/b", "x/b", "x/b//"],
    "ACCOUNTS": ["ACCOUNTS"],
    "caf\u00e9 one": ["caf\u00e9 one"],
}
MISSES = {
    "sport/tennis/player1/#": ["sport/tennis/player10", "sport/tennis"],
    "sport/tennis/+": ["sport/tennis", "sport/tennis/player1/ranking"],
    "sport/+": ["sport"],
    "+/+": ["finance", "a/b/c", "$SYS/b"],
    "/+": ["finance", "/a/b"],
    "+": ["/finance", "$SYS"],
    "a//+": ["a/b", "a/b/c"],
    "+/b/#": ["$SYS/b", "x/y/b"],
    # mqtt_4_7_3_4: nothing is made alike.
    "ACCOUNTS": ["Accounts", "ACCOUNTS/", "/ACCOUNTS", "ACCOUNTS "],
    "caf\u00e9 one": ["cafe\u0301 one", "caf\u00e9  one"],
}


@pytest.mark.parametrize("filter_", MATCHES)
def test_mqtt_4_7_which_topics_a_filter_matches(join, fresh, filter_):
    client, mouth = join(), join()
    client.subscribe(filter_, NO_RETAINED)
    client.subscribe(fresh, 0)
    for topic in MATCHES[filter_] + MISSES[filter_]:
        mouth.publish(topic, topic.encode())
    mouth.publish(fresh, b"last")
    assert client.payloads_until(b"last") == [topic.encode() for topic in MATCHES[filter_]]


@pytest.mark.parametrize("filter_", ["#", "+/monitor/#", "+/+/x"])
def test_mqtt_4_7_2_1_wildcards_do_not_begin_with_a_dollar(join, fresh, filter_):
    client, system, mouth = join(), join(), join()
    client.subscribe(filter_, NO_RETAINED)
    client.subscribe(fresh, 0)
    system.subscribe("$fresh/#", 0)
    mouth.publish("$fresh/monitor/x", b"hidden", retain=True)
    mouth.publish(fresh, b"last")
    assert b"hidden" not in client.payloads_until(b"last")
    assert system.message().payload == b"hidden"
    # Nor what is retained.
    late = join()
    late.subscribe(fresh, 0)
    late.subscribe(filter_, 0)
    late.send(publish_5(fresh, b"last"))
    assert b"hidden" not in late.payloads_until(b"last")
    late.subscribe("$fresh/monitor/+", 0)
    assert late.message().payload == b"hidden"


def test_mqtt_4_7_3_3_a_topic_at_its_limit_and_one_byte_more(join, fresh):
    client = join()
    topic = fresh + "/" + "x" * (511 - len(fresh))
    assert client.subscribe(topic) == 1 and client.subscribe(topic + "x") == 0x97
    join().publish(topic, b"long")
    assert client.message().topic == topic
    assert client.send(publish_5(topic + "x", b"", 1)).is_ended_with(0x95)


def test_mqtt_4_8_2_each_message_goes_to_one_of_a_group(join, fresh):
    workers, other, single, mouth = [join(), join()], join(), join(), join()
    for worker in workers:
        worker.subscribe(f"$share/group/{fresh}/+", 1)
    other.subscribe(f"$share/another/{fresh}/#", 1)
    single.subscribe(fresh + "/a", 1)
    sent = [b"%d" % number for number in range(20)]
    for payload in sent:
        mouth.publish(fresh + "/a", payload)
    assert [other.message().payload for _ in sent] == sent
    assert [single.message().payload for _ in sent] == sent
    heard = [worker.message().payload for worker in workers for _ in range(10)]
    assert sorted(heard) == sorted(sent)
    for worker in workers:
        worker.ping()


def test_mqtt_4_8_2_3_each_of_a_group_gets_its_own_qos(join, fresh):
    workers, mouth = [join(), join(), join()], join()
    for qos, worker in enumerate(workers):
        assert worker.subscribe(f"$share/group/{fresh}", qos) == qos
    for _ in range(6):
        mouth.publish(fresh, b"x", 2)
    for qos, worker in enumerate(workers):
        assert [worker.message().qos for _ in range(2)] == [qos, qos]


def test_mqtt_4_8_2_4_qos_2_is_completed_with_who_began_it(join, fresh):
    one, other = join(fresh, session_expiry=60), join()
    one.subscribe(f"$share/group/{fresh}", 2)
    join().publish(fresh, b"begun", 2)
    begun = one.hear()
    other.subscribe(f"$share/group/{fresh}", 2)
    one.socket.close()
    other.ping()
    back = join(fresh, clean=False, session_expiry=60)
    again = back.message()
    assert (again.payload, again.packet_id) == (b"begun", begun.packet_id)
    other.ping()


def test_mqtt_4_8_2_5_qos_2_that_was_begun_goes_to_nobody_else(join, fresh):
    one, other, mouth = join(), join(), join()
    one.subscribe(f"$share/group/{fresh}", 2)
    mouth.publish(fresh, b"begun", 2)
    assert one.hear().payload == b"begun"
    other.subscribe(f"$share/group/{fresh}", 2)
    assert one.send(disconnect_5()).is_closed()
    mouth.publish(fresh, b"last", 2)
    assert other.payloads_until(b"last") == []


@pytest.mark.parametrize("kind, qos", [(PUBACK, 1), (PUBREC, 2)])
def test_mqtt_4_8_2_6_what_one_refuses_goes_to_nobody_else(join, fresh, kind, qos):
    one, other, mouth = join(), join(), join()
    one.subscribe(f"$share/group/{fresh}", qos)
    mouth.publish(fresh, b"refused", qos)
    message = one.hear()
    other.subscribe(f"$share/group/{fresh}", qos)
    one.send(acknowledge_5(kind, message.packet_id, 0x80)).ping()
    assert one.send(unsubscribe_5(f"$share/group/{fresh}")).hear().reasons == [0]
    mouth.publish(fresh, b"last", qos)
    assert other.payloads_until(b"last") == []


def test_mqtt_4_8_2_who_shares_gets_no_retained_messages(join, fresh):
    mouth = join()
    mouth.publish(fresh, b"kept", 1, retain=True)
    client = join()
    client.subscribe(f"$share/group/{fresh}", 1, identifier=4)
    mouth.publish(fresh, b"new", 1)
    message = client.message()
    assert (message.payload, message.properties) == (b"new", {"identifier": [4]})
