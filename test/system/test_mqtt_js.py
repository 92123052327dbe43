"""MQTT.js, the client of the web and of Node-RED, by both versions, over TCP and WebSocket."""

import json

import pytest

from installation import Installation
from npm import node, packages

# What every program below has: clients that remember what they heard, until so much is there.
BEGIN = """
const mqtt = require('mqtt');
const {url, version, user, password, place} = JSON.parse(process.argv[1]);
const clients = [];
function connect(clientId, more = {}) {
  const client = mqtt.connect(url, {clientId, protocolVersion: version, username: user, password,
                                    reconnectPeriod: 0, connectTimeout: 20000, ...more});
  client.heard = [];
  client.until = count => new Promise(resolve => {
    const look = () => { if (client.heard.length >= count) resolve(client.heard); };
    client.on('message', look);
    look();
  });
  client.on('message', (topic, payload, {qos, retain, properties}) => client.heard.push(
    {topic: topic.slice(place.length + 1), payload: payload.toString(), qos, retain,
     user: properties?.userProperties?.of ?? null, type: properties?.contentType ?? null}));
  clients.push(client);
  return new Promise((resolve, reject) => {
    client.on('connect', told => resolve(Object.assign(client, {present: told.sessionPresent})));
    client.on('error', reject);
  });
}
function run(body) {
  body().then(async told => {
    await Promise.all(clients.map(client => client.endAsync(true)));
    console.log(JSON.stringify(told));
  }, failure => {
    console.error(failure);
    process.exit(1);
  });
}
"""
SPEAK = BEGIN + """
run(async () => {
  const ear = await connect('ear');
  const granted = await ear.subscribeAsync(place + '/#', {qos: 2});
  const mouth = await connect('mouth', {
    will: {topic: place + '/will', payload: 'gone', qos: 1, retain: true}});
  const properties = {contentType: 'text/plain', userProperties: {of: ['1', '2']}};
  for (const qos of [0, 1, 2])
    await mouth.publishAsync(place + '/said', String(qos), {qos, properties});
  await mouth.publishAsync(place + '/state', 'kept', {qos: 2, retain: true});
  // What comes on another topic may overtake a message of QoS 2, which is heard with its PUBREL.
  await ear.until(4);
  mouth.stream.destroy();
  await ear.until(5);
  const late = await connect('late');
  await late.subscribeAsync(place + '/+', {qos: 1});
  await late.until(2);
  return {granted: granted.map(grant => grant.qos), ear: ear.heard, late: late.heard};
});
"""
RESUME = BEGIN + """
run(async () => {
  const kept = {clean: false, properties: {sessionExpiryInterval: 60}};
  const first = await connect('ear', kept);
  await first.subscribeAsync(place + '/said', {qos: 1});
  await first.endAsync();
  const mouth = await connect('mouth');
  for (const number of [1, 2, 3])
    await mouth.publishAsync(place + '/said', String(number), {qos: 1});
  const second = await connect('ear', kept);
  await second.until(3);
  return {present: [first.present, second.present], heard: second.heard};
});
"""
REFUSED = BEGIN + """
run(() => connect('ear').then(() => 'admitted', failure => failure.code));
"""


@pytest.fixture(scope="module")
def modules():
    return packages("mqtt-js", "mqtt@5.16.0")


@pytest.fixture(scope="module")
def web(pytestconfig, tmp_path_factory):
    """A cauce that takes WebSocket too."""
    place = tmp_path_factory.mktemp("web")
    made = Installation(pytestconfig.cauce_program, place / "data", 0, 0)
    made.config = place / "cauce.toml"
    made.config.write_text("[mqtt.websocket]\nport = 0\n")
    made.start()
    made.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    yield made
    made.stop()


def asked(web, door, version, name):
    """What a program is told of the installation and of a new device."""
    made = web.call("POST", "/devices", {"name": f"{name}-{door}-{version}"})
    address = web.addresses()["mqtt" if door == "mqtt" else "websocket"]
    return {"url": f"{door}://{address['host']}:{address['port']}", "version": version,
            "user": made["device"], "password": made["token"],
            "place": f"devices/{made['device']}"}


ways = pytest.mark.parametrize("door, version", [(door, version) for door in ("mqtt", "ws")
                                                 for version in (4, 5)])


def message(topic, payload, qos, retain=False, user=None, content_type=None):
    return {"topic": topic, "payload": payload, "qos": qos, "retain": retain, "user": user,
            "type": content_type}


@ways
def test_every_qos_retained_messages_and_wills(web, modules, door, version):
    told = node(modules, SPEAK, json.dumps(asked(web, door, version, "speaks")))
    more = {"user": ["1", "2"], "content_type": "text/plain"} if version == 5 else {}
    assert told["granted"] == [2]
    assert told["ear"] == [message("said", str(qos), qos, **more) for qos in (0, 1, 2)] + [
        message("state", "kept", 2), message("will", "gone", 1)]
    assert sorted(told["late"], key=lambda heard: heard["topic"]) == [
        message("state", "kept", 1, retain=True), message("will", "gone", 1, retain=True)]


@ways
def test_a_session_goes_on(web, modules, door, version):
    told = node(modules, RESUME, json.dumps(asked(web, door, version, "resumes")))
    assert told["present"] == [False, True]
    assert told["heard"] == [message("said", payload, 1) for payload in "123"]


@ways
def test_who_is_not_admitted_is_told(web, modules, door, version):
    stranger = {**asked(web, door, version, "stranger"), "password": "wrong"}
    assert node(modules, REFUSED, json.dumps(stranger)) == (0x87 if version == 5 else 5)
