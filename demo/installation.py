"""A cauce that the demo starts, kills, starts again and asks."""

import datetime
import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request


TICKS_BEHIND = 3


class Failure(Exception):
    """One sentence for whoever runs the demo."""


class Installation:
    def __init__(self, program, data, mqtt_port, http_port):
        self.program = pathlib.Path(program)
        self.data = pathlib.Path(data)
        self.ports = self._ports(mqtt_port, http_port)
        self.config = pathlib.Path(__file__).with_name("demo.toml")
        self.process = None

    @staticmethod
    def _ports(mqtt_port, http_port, ingest_port=0):
        return ["--mqtt-port", str(mqtt_port), "--http-port", str(http_port),
                "--ingest-port", str(ingest_port)]

    def start(self):
        self.data.mkdir(parents=True, exist_ok=True)
        log_path = self.data / "cauce.log"
        addresses = self.data / "run" / "addresses.json"
        addresses.unlink(missing_ok=True)
        command = [self.program, "serve", "--data", self.data, "--config", self.config, *self.ports]
        with open(log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log,
                                            start_new_session=True)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                last = log_path.read_text(errors="replace").strip().splitlines()
                raise Failure(last[-1] if last else f"{self.program} ended at once")
            if addresses.exists() and self.healthy():
                # Any free port the first time is the same one after a kill.
                self.ports = self._ports(self.mqtt()[1], self.addresses()["http"]["port"],
                                         self.ingest()[1])
                return
            time.sleep(0.02)
        raise Failure(f"cauce did not become healthy within 30 s: {self.health()}; see {log_path}")

    def addresses(self):
        return json.loads((self.data / "run" / "addresses.json").read_text())

    def mqtt(self):
        address = self.addresses()["mqtt"]
        return address["host"], address["port"]

    def ingest(self):
        address = self.addresses()["ingest"]
        return address["host"], address["port"]

    def url(self, path=""):
        address = self.addresses()["http"]
        return f"http://{address['host']}:{address['port']}{path}"

    def health(self):
        """What /healthz says, or why it says nothing."""
        try:
            with urllib.request.urlopen(self.url("/healthz"), timeout=2) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()
        except (OSError, ValueError, KeyError) as error:
            return str(error)

    def healthy(self):
        try:
            with urllib.request.urlopen(self.url("/healthz"), timeout=2) as answer:
                return answer.status == 200
        except (OSError, ValueError, KeyError):
            return False

    def call(self, method, path, body=None):
        """One call of the REST interface with the command line's token; answers the JSON."""
        token = (self.data / "run" / "token").read_text().strip()
        request = urllib.request.Request(
            self.url("/api/v1" + path), method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                content = answer.read()
                return json.loads(content) if content else None
        except urllib.error.HTTPError as error:
            raise Failure(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def upload(self, path, file):
        """Sends a file as the body of a POST; answers the JSON."""
        token = (self.data / "run" / "token").read_text().strip()
        request = urllib.request.Request(
            self.url("/api/v1" + path), method="POST", data=pathlib.Path(file).read_bytes(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "text/csv"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise Failure(f"POST {path}: {error.code} {error.read().decode()}") from error

    def fetch(self, link):
        """What a signed link shows; no token goes with it."""
        try:
            with urllib.request.urlopen(self.url(link), timeout=60) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise Failure(f"GET {link}: {error.code} {error.read().decode()}") from error

    def items(self, path):
        """All items of a list, page by page."""
        items, after = [], ""
        while True:
            mark = "&" if "?" in path else "?"
            cursor = f"&after={after}" if after else ""
            page = self.call("GET", f"{path}{mark}limit=1000{cursor}")
            items += page["items"]
            after = page.get("next")
            if not after:
                return items

    def wait_until_caught_up(self, company, seconds):
        """Until no group of consumers is behind, in a sample taken after the call; answers how long
        it took. This is cauce's own word: what it is worth, the checker says."""
        began, called_at = time.monotonic(), datetime.datetime.now(datetime.timezone.utc)
        behind = "unknown"
        while time.monotonic() - began < seconds:
            try:
                overview = self.call("GET", f"/overview?company={company}")
                # The gateway's ticks keep coming: a few records behind is as near as it gets.
                behind = {lag["group"]: lag["records"] for lag in overview["groups"]
                          if lag["records"] > TICKS_BEHIND}
                sampled_at = datetime.datetime.fromisoformat(
                    overview["sampled_at"].replace("Z", "+00:00"))
                if not behind and overview["groups"] and sampled_at > called_at:
                    return time.monotonic() - began
            except (Failure, OSError, AttributeError):
                pass  # the api itself may be what was killed
            time.sleep(0.05)
        raise Failure(f"cauce did not catch up within {seconds} s; still behind: {behind}")

    def _processes(self):
        return json.loads((self.data / "run" / "processes.json").read_text())["processes"]

    def processes(self):
        """The numbers of the supervisor's processes by their names."""
        return {item["name"]: item["pid"] for item in self._processes()}

    def pid_of(self, process):
        return self.processes()[process]

    def deaths(self):
        """How often processes ended since the supervisor started."""
        return sum(item["restarts"] for item in self._processes())

    def kill(self, process):
        os.kill(self.pid_of(process), signal.SIGKILL)

    def kill_everything(self):
        """kill -9 of the supervisor, whose processes die with it; then starts it again."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
