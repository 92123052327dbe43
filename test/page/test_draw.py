"""The page that draws a file, as somebody meets it who has signed in."""

import datetime
import json

import pytest

from browser import CHROMIUM, Browser
from device import Device

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed")
CARS = ("mpg,weight,origin\n" + "\n".join(
    f"{12 + number % 23},{1800 + 37 * number % 3000},{('USA', 'Japan', 'Europe')[number % 3]}"
    for number in range(90)) + "\n")


@pytest.fixture
def browser(tmp_path):
    made = Browser(tmp_path / "profile")
    yield made
    made.close()


@pytest.fixture
def page(installation, browser):
    """Signed in, on /draw."""
    installation.start()
    installation.call("POST", "/companies", {"name": "acme", "title": "Acme"})
    browser.open((installation.data / "run" / "owner-link").read_text().strip())
    browser.wait_until(lambda: browser.text("#fresh-value"), "signing in by the link")
    browser.open(installation.url("/draw"))
    # The page that was open may still be there, or none yet.
    browser.wait_until(
        lambda: browser.evaluate("location.pathname === '/draw' && "
                                 "document.getElementById('app')?.hidden === false"), "the page")
    return browser


def choose_file(browser, name, content):
    browser.evaluate(
        "(() => { const files = new DataTransfer();"
        f"files.items.add(new File([{json.dumps(content)}], {json.dumps(name)}));"
        "const input = document.getElementById('file'); input.files = files.files;"
        "input.dispatchEvent(new Event('change')); })()")


def choose(browser, name, value):
    browser.evaluate(
        f"(() => {{ const select = document.getElementById('{name}');"
        f"select.value = {json.dumps(value)}; select.dispatchEvent(new Event('change')); }})()")


def shown(browser):
    """The path of the picture that is shown, once it has been loaded."""
    return browser.evaluate(
        "(() => { const picture = document.getElementById('picture');"
        "const figure = document.getElementById('figure');"
        "return !figure.hidden && !figure.classList.contains('waiting') && picture.complete &&"
        "picture.naturalWidth > 0 ? picture.getAttribute('src') : ''; })()")


def test_a_file_is_uploaded_its_columns_listed_and_drawn(page):
    choose_file(page, "cars.csv", CARS)
    page.wait_until(lambda: page.count("#column-list tr") == 3, "the columns")
    assert page.text("#columns-title") == "cars.csv: 90 rows, 3 columns"
    assert page.text("#column-list tr td:nth-child(2)") == "number"
    page.wait_until(lambda: shown(page), "the chart")
    first = shown(page)
    assert page.evaluate("document.getElementById('picture').alt").count("90") > 0
    for kind in ("bar", "box", "density", "histogram"):
        before = shown(page)
        choose(page, "kind", kind)
        page.wait_until(lambda: shown(page) not in ("", before), f"a {kind} chart")
    assert drawn_anew(page, "kind", "pairs") and drawn_anew(page, "color", "origin")
    for format in ("png", "svg", "pdf", "json"):
        status = page.evaluate(
            f"fetch(document.getElementById('{format}').href).then((answer) => answer.status)")
        assert status == 200, format
    link = page.evaluate("fetch(document.getElementById('link').href, {credentials: 'omit'})"
                         ".then((answer) => answer.status)")
    assert link == 200 and first != shown(page)
    assert page.errors == []


def drawn_anew(browser, name, value):
    """Chooses it and waits until another picture is shown."""
    before = shown(browser)
    choose(browser, name, value)
    browser.wait_until(lambda: shown(browser) not in ("", before), f"{name} {value}")
    return shown(browser)


def test_each_way_to_draw_a_kind_can_be_chosen(page):
    choose_file(page, "cars.csv", CARS)
    page.wait_until(lambda: shown(page), "the chart")
    ways = {
        "scatter": [("color", "origin"), ("shape", "origin"), ("size", "mpg"), ("trend", "linear"),
                    ("facet", "origin")],
        "bar": [("direction", "upright"), ("aggregate", "sum")],
        "box": [("marks", "violin"), ("marks", "strip")],
        "density": [("y", "weight")],
    }
    for kind, choices in ways.items():
        if page.evaluate("document.getElementById('kind').value") != kind:
            drawn_anew(page, "kind", kind)
        for name, value in choices:
            drawn_anew(page, name, value)
            assert page.text("#chart-fault") == "", (kind, name, value)
    assert page.errors == []


def test_a_file_that_is_no_table_is_refused_with_its_place(page):
    choose_file(page, "broken.csv", "a,b\n1,2\n3,4,5\n")
    page.wait_until(lambda: page.text("#fault"), "the refusal")
    assert "3" in page.text("#fault")
    assert page.evaluate("document.getElementById('work').hidden")
    page.click("[data-language=es]")
    choose_file(page, "broken.csv", "a,b\n1,2\n3,4,5\n")
    page.wait_until(lambda: "la fila 2 (línea 3) tiene 3 campos" in page.text("#fault"),
                    "the refusal in Spanish")
    choose_file(page, "cars.csv", CARS)
    page.wait_until(lambda: shown(page), "the chart of a good file")
    assert page.text("#fault") == ""


def test_what_cannot_be_drawn_is_said_in_the_words_of_the_page(page):
    page.click("[data-language=es]")
    choose_file(page, "cars.csv", CARS)
    page.wait_until(lambda: shown(page), "the chart")
    choose(page, "x", "origin")
    page.wait_until(lambda: page.text("#chart-fault"), "the refusal")
    assert page.text("#chart-fault").startswith("origin es texto, y aquí la dispersión")
    choose(page, "x", "mpg")
    choose(page, "y", "mpg")
    page.wait_until(lambda: "frente a sí misma" in page.text("#chart-fault"), "another refusal")
    assert "elija otra columna para «Vertical (y)»" in page.text("#chart-fault")
    page.click("[data-language=en]")
    page.wait_until(lambda: "against itself" in page.text("#chart-fault"), "it in English")
    assert "take another column for “Up (y)”" in page.text("#chart-fault")


def test_dates_are_gathered_by_the_period_that_is_chosen(page):
    days = [datetime.date(2026, 1, 1) + datetime.timedelta(days=day) for day in range(90)]
    choose_file(page, "rain.csv", "day,rain\n" + "\n".join(f"{day},{day.day}" for day in days))
    page.wait_until(lambda: shown(page), "the chart")
    drawn_anew(page, "kind", "bar")
    assert not page.evaluate("document.getElementById('period').parentElement.hidden")
    drawn_anew(page, "period", "month")
    page.wait_until(lambda: "2026-02" in page.evaluate("document.getElementById('picture').alt"),
                    "bars of months")
    choose(page, "x", "rain")
    page.wait_until(lambda: page.evaluate("document.getElementById('period').parentElement.hidden"),
                    "no period for numbers")
    assert page.errors == []


def test_the_page_speaks_spanish_and_so_does_the_picture(page):
    choose_file(page, "cars.csv", CARS)
    page.wait_until(lambda: shown(page), "the chart")
    before = shown(page)
    page.click("[data-language=es]")
    page.wait_until(lambda: shown(page) not in ("", before), "the chart in Spanish")
    assert page.text("#columns-title") == "cars.csv: 90 filas, 3 columnas"
    assert page.text("#file-title") == "Un archivo"
    assert page.errors == []


def test_what_was_decided_about_a_file_is_said_in_the_words_of_the_page(page):
    numbers = "".join(f"{70000 + row},2\n" for row in range(200))
    choose_file(page, "zip.csv", f"zip,v\n02134,1\n{numbers}")
    page.wait_until(lambda: page.text("#notes"), "the note")
    assert page.text("#notes") == \
        "column zip is text: 1 of its cells has leading zeros, as codes have"
    page.click("[data-language=es]")
    page.wait_until(lambda: page.text("#notes").startswith("la columna zip es texto: 1 de sus"),
                    "the note in Spanish")
    assert page.errors == []


def test_what_suits_the_file_is_offered_and_drawn_by_one_click(page):
    choose_file(page, "cars.csv", CARS)
    page.wait_until(lambda: page.count("#advised li") >= 2, "the recommendations")
    page.wait_until(lambda: shown(page), "the chart")
    before = shown(page)
    page.click("#advised li:nth-child(2) button")
    page.wait_until(lambda: shown(page) not in ("", before), "the chart that was recommended")
    assert page.evaluate("document.getElementById('kind').value") == "box"
    reason = page.text("#advised li span")
    page.click("[data-language=es]")
    page.wait_until(lambda: page.text("#advised li span") not in ("", reason), "it in Spanish")
    assert page.errors == []


def send_ten_minutes(installation):
    device = Device(installation, "kitchen")
    start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=11)
    for index in range(60):
        moment = start + datetime.timedelta(seconds=10 * index)
        device.send(json.dumps({"time": moment.isoformat(), "humidity": 40 + index % 17}))
    device.close()


def test_what_a_sensor_measured_is_drawn_as_it_is_and_in_windows(installation, page):
    send_ten_minutes(installation)
    page.wait_until(lambda: installation.call("GET", "/series?company=acme")["items"], "a series")
    points = "/series/acme/kitchen/humidity/points"
    page.wait_until(lambda: len(installation.call("GET", points)["items"]) == 60, "all readings")
    page.open(installation.url("/draw"))
    page.wait_until(lambda: page.count("#sensors option") == 1, "the sensors")
    assert page.evaluate("document.getElementById('sensors').children[0].value") == \
        "kitchen/humidity"
    choose(page, "sensor", "kitchen/humidity")
    page.wait_until(lambda: shown(page), "the chart of the series")
    alternative = "document.getElementById('picture').alt"
    assert "60" in page.evaluate(alternative)
    assert page.evaluate("document.getElementById('columns-card').hidden")
    drawn_anew(page, "sensor-shows", "1m")
    drawn_anew(page, "y", "p95")
    assert "p95" in page.evaluate(alternative)
    drawn_anew(page, "kind", "box")
    choose(page, "sensor", "kitchen/steam")
    page.wait_until(lambda: page.text("#chart-fault"), "the refusal of a series")
    choose(page, "sensor-shows", "facts")
    page.wait_until(lambda: "steam" in page.text("#chart-fault"), "the refusal of facts")
    choose_file(page, "cars.csv", CARS)
    page.wait_until(lambda: page.count("#column-list tr") == 3, "the columns of a file")
    page.wait_until(lambda: shown(page), "the chart of a file")
    assert page.evaluate("document.getElementById('sensor').value") == ""
    # The browser itself notes the two refusals, and nothing else.
    assert len(page.errors) == 2 and all("/api/v1/charts?" in error for error in page.errors)


def test_charts_with_an_address_are_listed_and_can_be_removed(page):
    choose_file(page, "cars.csv", CARS)
    page.wait_until(lambda: page.count("#kept li") == 1, "the first chart")
    page.wait_until(lambda: shown(page), "the chart")
    choose(page, "kind", "bar")
    page.wait_until(lambda: page.count("#kept li") == 2, "the second chart")
    # However long the words of a chart are, the page does not become wider than the window.
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    link = page.evaluate("document.querySelector('#kept li:last-child a').href")
    page.click("#kept li:last-child button")
    page.wait_until(lambda: page.count("#kept li") == 1, "one chart less")
    assert page.errors == []
    # Not from the browser's memory, which may keep what never changes.
    status = page.evaluate(
        f"fetch({json.dumps(link)}, {{cache: 'no-store'}}).then((answer) => answer.status)")
    assert status == 404


def test_who_has_not_signed_in_is_sent_to_the_sign_in(installation, browser):
    installation.start()
    browser.open(installation.url("/draw"))
    browser.wait_until(lambda: "Sign in first" in browser.text("#stranger"), "the words")
