"""/healthz: 503 and the name of what is wrong, and 200 again when it is over."""

import json
import os
import signal
import urllib.error
import urllib.request

import pytest

from patience import until


def health(installation):
    try:
        with urllib.request.urlopen(installation.url("/healthz"), timeout=5) as answer:
            return answer.status, json.load(answer)["problems"]
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)["problems"]


def complains(installation, *words):
    def complaint():
        status, problems = health(installation)
        return status == 503 and all(word in " ".join(problems) for word in words)
    until(complaint, 15, f"a 503 that says {words}")


def is_well(installation):
    until(lambda: health(installation) == (200, []), 15, "health")


@pytest.mark.parametrize("process", ["gateway", "flow", "alarms"])
def test_a_paused_process_is_named(serving, process):
    is_well(serving)
    os.kill(serving.pid_of(process), signal.SIGSTOP)
    try:
        complains(serving, f"The process {process} is paused")
    finally:
        os.kill(serving.pid_of(process), signal.SIGCONT)
    is_well(serving)


def test_a_gateway_that_writes_nothing_is_noticed(serving):
    is_well(serving)
    os.kill(serving.pid_of("gateway"), signal.SIGSTOP)
    try:
        complains(serving, "The gateway has written nothing")
    finally:
        os.kill(serving.pid_of("gateway"), signal.SIGCONT)
    is_well(serving)


def test_a_process_that_dies_again_and_again_is_named(serving):
    is_well(serving)

    def dies():
        if pid := serving.pid_of("alarms"):
            os.kill(pid, signal.SIGKILL)
        status, problems = health(serving)
        return status == 503 and "The process alarms is restarting: killed by signal 9." in problems

    until(dies, 20, "a 503 that names the process")
    is_well(serving)
