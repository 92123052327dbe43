#!/usr/bin/python3
"""The demo behind script/demo: publishes, kills cauce while it publishes, proves what arrived.

What is printed as proved comes from the checker (test/checker), which reads the source files, the
ledger of acknowledgements and the stores, and asks cauce for nothing.
"""

import argparse
import csv
import dataclasses
import datetime
import json
import pathlib
import shutil
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT / "test" / "checker")]

import alarm_table  # noqa: E402
import breaker  # noqa: E402
import check  # noqa: E402
import compare  # noqa: E402
import fleet  # noqa: E402
import pictures  # noqa: E402
import questions  # noqa: E402
import sources  # noqa: E402
from installation import Failure, Installation  # noqa: E402
from mqtt_publisher import Publisher  # noqa: E402

OUTPUT = ROOT / "demo-output"
CACHE = pathlib.Path.home() / ".cache" / "cauce"
CATCH_UP_SECONDS = 120
REPORT_LINES_MAX = 30
# The demo publishes no faster, so that its kills can be followed; cauce takes more (bench/).
MESSAGES_PER_SECOND_MAX = 6000
IN_FLIGHT_LEAST = 200  # a kill that nobody waits for shows nothing
UNNOTICED_SECONDS = 0.5
KILLS = ((0.25, "gateway"), (0.50, "everything"), (0.75, "flow"))


def say(text=""):
    print(text, flush=True)


def draw_progress(share, rate):
    """One line that moves, for people; nothing when the output is a file."""
    if sys.stdout.isatty():
        full = int(20 * share)
        print(f"\r      {'█' * full}{'░' * (20 - full)} {share:4.0%}  {rate:,.0f} messages/s ",
              end="\r" if share < 1 else "\r\033[K", flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="script/demo")
    parser.add_argument("--program", default=str(ROOT / "build/release/cauce"))
    parser.add_argument("--data", default=str(ROOT / "demo-data"), type=pathlib.Path)
    parser.add_argument("--input", type=pathlib.Path, metavar="DIR",
                        help="publish these CSVs (columns device,time,metric,value) instead")
    parser.add_argument("--fresh", action="store_true", help="delete an earlier demo's data first")
    parser.add_argument("--exit", action="store_true", help="stop cauce at the end and leave")
    parser.add_argument("--break", dest="damage", choices=sorted(breaker.STAGES), metavar="STAGE",
                        help="damage one store on purpose: the proof must then fail "
                             f"({', '.join(sorted(breaker.STAGES))})")
    parser.add_argument("--compare", action="store_true",
                        help="then the same messages and kills with mosquitto and a subscriber")
    parser.add_argument("--mqtt-port", type=int, default=1883)
    parser.add_argument("--http-port", type=int, default=8080)
    return parser.parse_args()


@dataclasses.dataclass
class Kill:
    text: str
    breaks_connections: bool
    when: float
    acknowledged: int
    reconnects: int
    in_flight: int


class Killer:
    """Kills at 25, 50 and 75 %, and says how long it took until the next acknowledgement."""

    def __init__(self, installation, publisher_of, total):
        self.installation, self.publisher_of, self.total = installation, publisher_of, total
        self.waiting = list(KILLS)
        self.open = None  # the Kill whose end is not seen yet
        self.began = self.last_drawn = time.monotonic()

    def __call__(self, acknowledged, in_flight):
        now = time.monotonic()
        publisher = self.publisher_of()
        if now - self.last_drawn > 0.2:
            self.last_drawn = now
            draw_progress(acknowledged / self.total, acknowledged / (now - self.began))
        if self.open:
            self._look(publisher, acknowledged, now)
        is_due = self.waiting and acknowledged >= self.waiting[0][0] * self.total
        if not self.open and is_due and in_flight >= IN_FLIGHT_LEAST:
            share, what = self.waiting.pop(0)
            self._kill(what)
            self.open = Kill(f"{share:5.0%}  kill -9 {what}", what != "flow", now, acknowledged,
                             publisher.reconnects, in_flight)

    def _kill(self, what):
        if what == "everything":
            self.installation.kill_everything()
            self.installation.start()
        else:
            self.installation.kill(what)

    def _look(self, publisher, acknowledged, now):
        kill = self.open
        if publisher.reconnects == kill.reconnects:
            # Answers that were on their way may still come in.
            kill.acknowledged = acknowledged
            is_over = now - kill.when >= UNNOTICED_SECONDS or acknowledged == self.total
            if kill.breaks_connections or not is_over:
                return
            back = "the devices noticed nothing"
        elif acknowledged == kill.acknowledged:
            return
        else:
            back = f"acknowledging again after {now - kill.when:.1f} s"
        self.open = None
        say(f"      {kill.text + ' ':.<34} {back}, {kill.in_flight:,} in flight")


def window_of(devices):
    """Messages of one device that may be in flight."""
    return max(256, 2000 // devices)


def publish(installation, demo, the_fleet, credentials):
    messages = fleet.messages_of(the_fleet, credentials)
    tokens = {device: token for device, (token, _, _) in credentials.items()}
    compare.write_messages(demo / "messages.csv", messages)
    publisher = None
    killer = Killer(installation, lambda: publisher, len(messages))
    publisher = Publisher(installation.mqtt(), tokens, messages, window=window_of(len(tokens)),
                          on_progress=killer, pace=MESSAGES_PER_SECOND_MAX)
    say(f"      {len(messages):,} messages, encrypted, MQTT QoS 1, {len(tokens)} devices")
    publisher.run()
    killer(publisher.acknowledged, 0)
    draw_progress(1.0, 0)
    publisher.write_ledger(demo / "ledger.csv")
    say(f"      {publisher.acknowledged:,} acknowledged in {publisher.seconds:.1f} s: "
        f"{publisher.acknowledged / publisher.seconds:,.0f} messages/s; PUBACK "
        f"p50 {publisher.latency_ms(0.5):.0f} ms, p99 {publisher.latency_ms(0.99):.0f} ms; "
        f"{publisher.resent:,} sent again")
    return publisher


def describe_alarms(installation, demo):
    """Prints the alarms beside what is known; answers what should be among them and is not."""
    alarms = installation.items(f"/alarms?company={fleet.COMPANY}&state=all")
    known = demo / "known.json"
    table = alarm_table.AlarmTable(alarms, json.loads(known.read_text()) if known.exists() else {})
    say("\n" + table.text())
    return table.missing


def wait_for_planted_alarms(installation, the_fleet):
    """The silence of freezer-7 is judged 5 s of stream time after its last message."""
    wanted = {rule["name"] for rule in fleet.rules_of(the_fleet) if rule["kind"] != "anomaly"}
    if "undecodable" in wanted and not set(the_fleet.types.get("undecodable_devices", [])) & set(
            the_fleet.measured):
        wanted.discard("undecodable")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        raised = {alarm["rule"]
                  for alarm in installation.items(f"/alarms?company={fleet.COMPANY}&state=all")}
        if wanted <= raised:
            return
        time.sleep(0.2)
    raise Failure(f"planted alarms are missing: {', '.join(sorted(wanted - raised))}")


def describe_report(installation):
    """Of each site the last two days that have facts."""
    rows = questions.report_of(installation, fleet.COMPANY)
    days = {site: sorted({row["day"] for row in rows if row["site"] == site})[-2:]
            for site in sorted({row["site"] for row in rows})}
    shown = [row for row in rows if row["day"] in days[row["site"]]]
    if not shown:
        return
    say(f"\n      {'REPORT by site and local day':<34}{'metric':<18}{'facts':>7}{'min':>10}"
        f"{'mean':>10}{'p95':>10}{'max':>10}")
    for row in shown[:REPORT_LINES_MAX]:
        where = f"{row['site'] or 'no site'}  {row['day']}"
        say(f"      {where:<34.33}{row['metric']:<18.17}{row['facts']:>7,}{row['min']:>10.6g}"
            f"{row['mean']:>10.6g}{row['p95']:>10.6g}{row['max']:>10.6g}")
    say("      all of it: cauce report daily-site-summary")


def series_to_draw(demo):
    """Device, metric, first and last time of the first labelled series, else of the first file."""
    known = json.loads((demo / "known.json").read_text()) if (demo / "known.json").exists() else {}
    labelled = known.get("labelled")
    device = labelled[0]["device"] if labelled else None
    file = demo / "sources" / f"{device}.csv" if device else min((demo / "sources").glob("*.csv"))
    with open(file, newline="") as source:
        rows = [row for row in csv.DictReader(source) if row["device"] == (device or row["device"])]
    device = device or rows[0]["device"]
    metric = labelled[0]["metric"] if labelled else rows[0]["metric"]
    times = sorted(fleet.rfc3339(row["time"]) for row in rows if row["device"] == device)
    return device, metric, times[0], times[-1]


def describe_pictures(installation, demo, arguments):
    """Draws, the first time; each time says where the pictures are."""
    kept = demo / "pictures.json"
    if not kept.exists():
        say("\n      PICTURES")
        tables = None if arguments.input else sources.tables(CACHE / "demo")
        drawn = pictures.draw_all(installation, fleet.COMPANY, tables, OUTPUT,
                                  series_to_draw(demo), say)
        kept.write_text(json.dumps(drawn))
    drawn = json.loads(kept.read_text())
    say(f"      {len(drawn)} charts as PNG and SVG in {OUTPUT}, and for 30 days at")
    for name, path in drawn:
        say(f"      {name:<26} {installation.url(path)}")


def prove(demo, data):
    report = check.check(data=data, ledger=demo / "ledger.csv", sources=demo / "sources",
                         types=demo / "types.json", company=fleet.COMPANY,
                         answers=demo / "answers")
    say(report.table())
    return report


def compare_with_mosquitto(demo, report):
    say("\n      sending the same messages to mosquitto, four times: a minute or so")
    version, outcomes = compare.run_all(demo / "mosquitto", demo / "messages.csv", window_of,
                                        MESSAGES_PER_SECOND_MAX)
    acknowledged = sum(check.read_ledger(demo / "ledger.csv")[0].values())
    say(compare.table(version, outcomes, acknowledged, report.lost))


def first_run(installation, demo, arguments):
    types = {} if arguments.input else json.loads((HERE / "types.json").read_text())
    demo.mkdir(parents=True, exist_ok=True)
    (demo / "types.json").write_text(json.dumps(types))
    if arguments.input:
        shutil.copytree(arguments.input, demo / "sources", dirs_exist_ok=True)
    else:
        known = sources.make(demo / "sources", CACHE / "demo",
                             datetime.datetime.now(datetime.timezone.utc))
        (demo / "known.json").write_text(json.dumps(known))
    the_fleet = fleet.Fleet(demo / "sources", types)
    say(f"      {the_fleet.message_count():,} messages with {the_fleet.readings():,} values from "
        f"{arguments.input or 'real motes, Seattle and New York weather, three made-up freezers'}")
    credentials = fleet.provision(installation, the_fleet)
    publish(installation, demo, the_fleet, credentials)
    caught_up = installation.wait_until_caught_up(fleet.COMPANY, CATCH_UP_SECONDS)
    wait_for_planted_alarms(installation, the_fleet)
    say(f"[5/5] what happened (backlog zero {caught_up:.1f} s after the last acknowledgement)")


def first_day(directory):
    """The day before the oldest value: no local day begins earlier."""
    oldest = min(time for _, _, time in check.Sources(directory, {}).values)
    day = datetime.date(1970, 1, 1) + datetime.timedelta(microseconds=oldest, days=-1)
    return str(max(day, datetime.date(1970, 1, 1)))


def main():
    arguments = parse_arguments()
    data, demo = arguments.data.resolve() / "cauce", arguments.data.resolve() / "demo"
    if arguments.fresh:
        shutil.rmtree(arguments.data, ignore_errors=True)
    began = time.monotonic()
    installation = Installation(arguments.program, data, arguments.mqtt_port, arguments.http_port)
    try:
        say("[3/5] start")
        installation.start()
        say(f"      4 processes, 7 roles, data in {data}, loopback only")
        if (demo / "ledger.csv").exists():
            say("[4/5] publish: not again, the data of an earlier demo is here (--fresh starts "
                "over)\n[5/5] what happened")
        else:
            say("[4/5] publish")
            first_run(installation, demo, arguments)
        questions.write_answers(installation, fleet.COMPANY, demo / "answers",
                                first_day(demo / "sources"))
        if arguments.damage:
            say(f"      damaging on purpose: {breaker.damage(arguments.damage, installation)}")
        report = prove(demo, data)
        if report.failed_stages:
            say(f"\nFAILED at: {', '.join(report.failed_stages)}")
            return 1
        missing = describe_alarms(installation, demo)
        describe_report(installation)
        if missing:
            say(f"\nFAILED: no alarm for {', '.join(missing)}")
            return 1
        describe_pictures(installation, demo, arguments)
        if arguments.compare:
            compare_with_mosquitto(demo, report)
        finish(installation, arguments, demo, began)
        return 0
    except (Failure, ValueError, RuntimeError) as failure:
        say(f"\nscript/demo: {failure}")
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        installation.stop()


def finish(installation, arguments, demo, began):
    link = installation.data / "run" / "owner-link"
    host, port = installation.mqtt()
    say(f"\n      all of it took {time.monotonic() - began:.0f} s\n")
    look = link.read_text().strip() if link.exists() else installation.url("/")
    if (demo / "known.json").exists():  # the page opens on the first labelled curve
        first = json.loads((demo / "known.json").read_text())["labelled"][0]
        look += f"#company={fleet.COMPANY}&device={first['device']}&metric={first['metric']}"
    say("Look   " + look)
    try:
        made = installation.call("POST", f"/devices?company={fleet.COMPANY}", {"name": "try-me"})
        say(f"Send   {made['publish']}")
    except Failure:
        say(f"Send   your own: mosquitto_pub -h {host} -p {port} … (cauce device add NAME)")
    say("Check  script/demo --break lake     deletes one object; this page must then fail")
    say("Stop   Ctrl-C keeps the data; script/demo --fresh starts over")
    if not arguments.exit:
        installation.process.wait()


if __name__ == "__main__":
    sys.exit(main())
