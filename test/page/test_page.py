"""The page, as somebody meets it who opens the link that cauce printed."""

import datetime
import json

import pytest

from browser import CHROMIUM, Browser
from device import Device

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed")


@pytest.fixture
def kitchen(installation):
    """A device whose steam raised an alarm, and which once sent what is not JSON."""
    installation.start()
    installation.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    device = Device(installation, "kitchen")
    installation.call("POST", "/rules?company=acme", {
        "name": "steam", "kind": "threshold", "device": "kitchen", "metric": "humidity",
        "direction": "above", "raise_at": 80, "clear_at": 65, "severity": "critical"})
    start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5)
    for index, humidity in enumerate([45, 46, 91.5, 90, 60, 47]):
        moment = start + datetime.timedelta(seconds=20 * index)
        device.send(json.dumps({"time": moment.isoformat(), "humidity": humidity}))
    device.send("steam!")
    yield device
    device.close()


@pytest.fixture
def browser(tmp_path):
    made = Browser(tmp_path / "profile")
    yield made
    made.close()


def signed_in(installation, browser):
    browser.open((installation.data / "run" / "owner-link").read_text().strip())
    browser.wait_until(lambda: browser.text("#fresh-value"), "signing in by the link")


def test_the_printed_link_signs_in_and_its_key_leaves_the_address(installation, kitchen, browser):
    signed_in(installation, browser)
    assert "key=" not in browser.evaluate("location.href")
    browser.wait_until(lambda: "kitchen" in browser.text("#devices"), "the list of devices")
    assert browser.errors == []


def test_a_series_is_drawn_with_its_alarm_and_follows_what_arrives(installation, kitchen, browser):
    signed_in(installation, browser)
    browser.wait_until(lambda: browser.text("#curve-title") == "humidity · kitchen", "the series")
    browser.wait_until(lambda: browser.count("#curve .mark") >= 6, "its values")
    browser.wait_until(lambda: browser.count("#curve .shade.critical") == 1, "the alarm's range")
    assert browser.text("#now-value").startswith("47")
    assert "humidity up to 91.5, above 80 from" in browser.text("#alarms")
    kitchen.send('{"humidity": 48.25}')
    browser.wait_until(lambda: browser.text("#now-value").startswith("48.25"), "the new value")
    assert browser.errors == []


def test_the_page_speaks_spanish_after_the_switch(installation, kitchen, browser):
    signed_in(installation, browser)
    browser.wait_until(lambda: "above 80" in browser.text("#alarms"), "the alarm")
    browser.click("[data-language=es]")
    browser.wait_until(lambda: "humidity hasta 91,5, por encima de 80" in browser.text("#alarms"),
                       "the alarm in Spanish")
    browser.wait_until(lambda: "no se pueden interpretar" in browser.text("#undecodable"),
                       "what could not be read, in Spanish")
    assert browser.text("#alarms-title") == "Alarmas"
    assert browser.evaluate("document.documentElement.lang") == "es"
    assert browser.errors == []


def test_what_is_wrong_with_a_device_is_told_in_both_languages(installation, kitchen, browser):
    signed_in(installation, browser)
    browser.wait_until(lambda: "1 of its 7 messages could not be read" in
                       browser.text("#ledger-findings"), "what the ledger says")
    assert browser.text("#ledger-title") == "What arrives from kitchen"
    assert "7 · 7" in browser.text("#ledger-counts")
    browser.click("[data-language=es]")
    browser.wait_until(lambda: "1 de sus 7 mensajes no se pudieron leer" in
                       browser.text("#ledger-findings"), "the same in Spanish")
    assert browser.errors == []


def test_a_command_is_given_watched_and_withdrawn(installation, kitchen, browser):
    signed_in(installation, browser)
    browser.wait_until(lambda: browser.text("#commands-title") == "Commands for kitchen",
                       "the card")
    assert browser.text("#commands-none") == "None in the last 30 days."
    for payload in ('{"valve": 1}', "<b>open</b>"):
        fill(browser, {"#commands-payload": payload})
        browser.click("#commands-form button")
        browser.wait_until(lambda: browser.evaluate(
            "document.querySelector('#commands-payload').value") == "", "that it was given")
    browser.wait_until(lambda: "<b>open</b>" in browser.text("#commands"), "the text as it is")
    assert '{"valve":1}' in browser.text("#commands")
    assert "waits for the device · 24 h left" in browser.text("#commands")
    browser.click("#commands li button")
    browser.wait_until(lambda: "withdrawn" in browser.text("#commands li"), "the withdrawal")
    browser.click("[data-language=es]")
    browser.wait_until(lambda: "espera al dispositivo · quedan" in browser.text("#commands"),
                       "the same in Spanish")
    assert browser.text("#commands-title") == "Órdenes para kitchen"
    assert browser.errors == []


def test_a_used_link_is_refused_in_words(installation, kitchen, browser):
    signed_in(installation, browser)
    browser.open(installation.url("/?key=used"))
    browser.wait_until(lambda: "was used already" in browser.text("#login-fault"), "the refusal")


def fill(browser, fields):
    for selector, value in fields.items():
        browser.evaluate(f"document.querySelector({json.dumps(selector)}).value = "
                         f"{json.dumps(value)}")


def test_the_first_owner_chooses_a_name_and_signs_in_with_it(installation, kitchen, browser):
    signed_in(installation, browser)
    fill(browser, {"#fresh-user": "Ana@example.org", "#fresh-password": "correct horse"})
    browser.click("#fresh-form button")
    browser.wait_until(lambda: "Done." in browser.text("#fresh-fault"), "the new user")
    browser.click("#leave")
    browser.open(installation.url("/"))
    browser.wait_until(lambda: browser.count("#login:not([hidden])") == 1, "the form")
    fill(browser, {"#user": "ana@example.org", "#secret": "wrong horse"})
    browser.click("#login-form button")
    browser.wait_until(lambda: "do not match" in browser.text("#login-fault"), "the refusal")
    fill(browser, {"#secret": "correct horse"})
    browser.click("#login-form button")
    browser.wait_until(lambda: "kitchen" in browser.text("#devices"), "the list of devices")
