"""A device that sends readings to the installation under test."""

import paho.mqtt.client as mqtt


class Device:
    def __init__(self, installation, name):
        made = installation.call("POST", "/devices?company=acme", {"name": name})
        self.topic = f"devices/{name}/telemetry"
        self.client = mqtt.Client(client_id=name)
        self.client.username_pw_set(name, made["token"])
        self.client.connect(*installation.mqtt())
        self.client.loop_start()

    def send(self, payload):
        self.client.publish(self.topic, payload, qos=1).wait_for_publish(10)

    def close(self):
        self.client.loop_stop()
        self.client.disconnect()
