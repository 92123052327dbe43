"""What the benches of the gateway share: processes, speed of the disk, machine, ledger."""

import array
import contextlib
import datetime
import getpass
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "bench" / "peers"), str(ROOT / "test" / "checker")]

import stream_file  # noqa: E402

MOSQUITTO_CONFIGURATION = ROOT / "bench" / "peers" / "mosquitto-memory.conf"
START_SECONDS = 30
SYNC_BYTES = 64 << 10
SYNC_SECONDS = 2
WINDOW, PAYLOAD_BYTES = 16, 128


class Failure(Exception):
    """One sentence for whoever runs the bench."""


@contextlib.contextmanager
def running(command, log_path):
    with open(log_path, "ab") as log:
        process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(is_true, process, what):
    deadline = time.monotonic() + START_SECONDS
    while not is_true():
        if process.poll() is not None or time.monotonic() > deadline:
            raise Failure(f"{what} did not start")
        time.sleep(0.02)


@contextlib.contextmanager
def running_gateway(program, directory, door="mqtt", more=()):
    """cauce's gateway role, durable, with the port of that door; its data below `directory`."""
    data = directory / "data"
    addresses = data / "run" / "addresses.json"
    command = [program, "serve", "--open", "--role", "gateway", "--data", data, "--mqtt-port", 0,
               "--ingest-port", 0, *more]
    with running(command, directory / "log") as gateway:
        wait_until(addresses.exists, gateway, "cauce")
        yield gateway, json.loads(addresses.read_text())[door]["port"]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as holder:
        return holder.getsockname()[1]


def listens(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


def mosquitto_program():
    path = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise Failure("mosquitto is not installed; script/setup --peers installs it")
    return path


@contextlib.contextmanager
def running_mosquitto(directory):
    """mosquitto that keeps everything in memory, with its port."""
    port = free_port()
    configuration = directory / "mosquitto.conf"
    configuration.write_text(f"{MOSQUITTO_CONFIGURATION.read_text()}\n"
                             f"listener {port} 127.0.0.1\nuser {getpass.getuser()}\n")
    with running([mosquitto_program(), "-c", configuration], directory / "log") as broker:
        wait_until(lambda: listens(port), broker, "mosquitto")
        yield broker, port


def resident_kib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+)", status, re.MULTILINE).group(1))


def own_resident_kib(pid):
    """Without the pages of files that it maps."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^RssAnon:\s+(\d+)", status, re.MULTILINE).group(1))


def run_load(load, *words):
    """What mqttload says of a run."""
    done = subprocess.run([str(word) for word in (load, *words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(done.stderr.strip() or "mqttload failed")
    return json.loads(done.stdout)


def missing(ledger, stored):
    """How many acknowledged messages are not among `stored`, a set of their 8 bytes."""
    content = ledger.read_bytes()
    acknowledged = {content[at:at + 8] for at in range(0, len(content), 8)}
    if len(acknowledged) * 8 != len(content):
        raise Failure(f"{ledger} names a message twice")
    return len(acknowledged - stored)


def identity(payload):
    """The 8 bytes by which mqttload knows a message of its own."""
    if payload[:4] == b"LOAD":
        return payload[4:12]
    if payload[:12] == b'{"message":"':
        return bytes.fromhex(payload[12:28].decode())
    return None


def missing_in_stream(ledger, data):
    return missing(ledger, {identity(payload) for payload in stream_file.payloads(data)})


def disk_spans(file, seconds):
    """What the disk allows: milliseconds of append + fdatasync of 64 KiB, one after the other."""
    spans, block = array.array("d"), os.urandom(SYNC_BYTES)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        os.write(file.fileno(), block)
        os.fdatasync(file.fileno())
        spans.append((time.monotonic() - began) * 1000)
    return spans


def percentiles(values):
    ordered = sorted(values)
    return {"p50_ms": round(ordered[len(ordered) // 2], 3),
            "p99_ms": round(ordered[int(len(ordered) * 0.99)], 3)}


def disk_figures(directory):
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        return percentiles(disk_spans(file, SYNC_SECONDS))


def processor_ticks():
    """Those that the host gave to others while we had work, and all, since the start."""
    ticks = [int(word) for word in pathlib.Path("/proc/stat").read_text().split()[1:9]]
    return ticks[7], sum(ticks)


def told(command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def machine(arguments):
    return {**place(arguments.data), "cauce": told([str(arguments.program), "--version"])}


def place(data):
    """Machine, disk below `data`, commit and command."""
    model = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    mount = told(["findmnt", "-no", "SOURCE,FSTYPE,OPTIONS", "--target", str(data)])
    return {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "cpu": model.group(1) if model else "unknown", "cores": os.cpu_count(),
            "memory_mb": int(memory.group(1)) // 1024, "kernel": os.uname().release,
            "disk": mount, "load_average_before": os.getloadavg()[0],
            "commit": told(["git", "describe", "--always", "--dirty"]),
            "command": " ".join([f"bench/{pathlib.Path(sys.argv[0]).name}", *sys.argv[1:]])}


def page_of_machine(facts):
    names = {"cpu": "CPU", "cores": "cores", "memory_mb": "memory, MB", "disk": "disk",
             "kernel": "kernel", "cauce": "cauce", "commit": "commit", "mosquitto": "mosquitto",
             "rabbitmq": "RabbitMQ", "date": "date", "load_average_before": "load average before"}
    return "\n".join(["| | |", "|---|---|"] + [f"| {text} | {facts[key]} |"
                                              for key, text in names.items() if key in facts])


def check_programs(*programs):
    for program in programs:
        if not program.exists():
            raise Failure(f"{program} does not exist; cmake --preset release && "
                          f"ninja -C build/release {program.name}")
