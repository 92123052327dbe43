"""A headless Chromium, driven through its DevTools pipe: messages of JSON that end with a zero."""

import json
import os
import pathlib
import queue
import subprocess
import threading
import time

CHROMIUM = pathlib.Path("/usr/bin/chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--lang=en-GB", "--window-size=1280,900",
         "--remote-debugging-pipe")
SECONDS_MAX = 30


class Browser:
    """One page. `errors` are what its console complained about and what its scripts threw."""

    def __init__(self, profile):
        to_browser, self.sending = os.pipe()
        self.receiving, from_browser = os.pipe()
        # Chromium reads from 3 and writes to 4, whatever numbers the ends have here.
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", f'exec "$@" 3<&{to_browser} 4>&{from_browser}', "bash", CHROMIUM,
             *FLAGS, f"--user-data-dir={profile}"],
            pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.errors, self.answers, self.last_id, self.session = [], queue.Queue(), 0, None
        self.listener = threading.Thread(target=self._listen)
        self.listener.start()
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self.session = self.call("Target.attachToTarget", targetId=target,
                                     flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.close()
            raise

    def _listen(self):
        received = b""
        while part := os.read(self.receiving, 1 << 16):
            *messages, received = (received + part).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    self.answers.put(message)
                else:
                    self._note(message["method"], message["params"])

    def _note(self, method, params):
        if method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(params["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] == "error":
            self.errors.append(json.dumps(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(params["entry"]["text"] + " " + params["entry"].get("url", ""))

    def call(self, method, **params):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.sending, json.dumps(message).encode() + b"\0")
        answer = self.answers.get(timeout=SECONDS_MAX)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def evaluate(self, expression):
        """The value of a JavaScript expression, as JSON has it."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def open(self, url):
        self.call("Page.navigate", url=url)

    def text(self, selector):
        """What the first such element says; nothing while there is none."""
        return self.evaluate(f"document.querySelector({json.dumps(selector)})?.textContent") or ""

    def count(self, selector):
        return self.evaluate(f"document.querySelectorAll({json.dumps(selector)}).length")

    def click(self, selector):
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def wait_until(self, holds, what):
        """The page asks once a second by itself, so a test can only look again."""
        deadline = time.monotonic() + SECONDS_MAX
        while not holds():
            assert time.monotonic() < deadline, (
                f"{what}: not within {SECONDS_MAX} s; the page says {self.text('body')[:2000]!r}, "
                f"errors {self.errors}")
            time.sleep(0.05)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.sending)
        self.listener.join(10)
        os.close(self.receiving)
