"""The Debian package, on a clean Debian 12 root: installed by apt, started as its unit says, used,
stopped, removed and purged. Needs root and debootstrap; skipped visibly without them.

CAUCE_DEB names a package to test; otherwise one is made of the build tree that holds the program.
The clean root and Debian's own packages are kept in the user's cache between runs.
"""

import configparser
import contextlib
import ctypes
import json
import os
import pathlib
import re
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import urllib.request

import paho.mqtt.client as mqtt
import pytest

from patience import until

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
CACHE = CACHE / "cauce" / "package-test"
BASE = CACHE / "bookworm.tar"
MIRROR = "http://deb.debian.org/debian"
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root",
         "DEBIAN_FRONTEND": "noninteractive"}
CLONE_NEWNET = 0x40000000


def missing():
    if os.geteuid() != 0:
        return "installing a package needs root"
    for tool in ["debootstrap", "dpkg-shlibdeps", "unshare", "setpriv", "ip"]:
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    alone = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True)
    return alone.stderr.decode().strip() if alone.returncode else None


pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))


def run(*words, seconds=300, **options):
    done = subprocess.run(words, capture_output=True, text=True, timeout=seconds, **options)
    assert done.returncode == 0, f"{shlex.join(map(str, words))}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def package(pytestconfig):
    """The .deb."""
    if "CAUCE_DEB" in os.environ:
        return pathlib.Path(os.environ["CAUCE_DEB"])
    build = pytestconfig.cauce_program.parent
    if not (build / "CPackConfig.cmake").exists():
        pytest.skip(f"{build} is no build tree; name a package with CAUCE_DEB")
    run("cpack", "-G", "DEB", cwd=build, seconds=600)
    return max((build / "package").glob("cauce_*_amd64.deb"), key=lambda made: made.stat().st_mtime)


def make_base():
    CACHE.mkdir(parents=True, exist_ok=True)
    root = CACHE / f"bookworm.{os.getpid()}"
    try:
        run("debootstrap", "--variant=minbase", "bookworm", root, MIRROR, seconds=900)
        run("tar", "-C", root, "--one-file-system", "-cf", f"{root}.tar", ".")
        os.rename(f"{root}.tar", BASE)
    finally:
        shutil.rmtree(root, ignore_errors=True)


class Machine:
    """A root of its own, which has no init: what its units say is done by hand."""

    def __init__(self, root):
        self.root = root

    def do(self, *words, **options):
        return run("chroot", self.root, *words, env=CLEAN, **options)

    def apt(self, *words):
        return self.do("apt-get", "--yes", "--no-install-recommends", "-q", *words)

    def path(self, inside):
        return self.root / inside.lstrip("/")

    def account(self):
        """User and group id of cauce there."""
        line = self.do("getent", "passwd", "cauce").split(":")
        return int(line[2]), int(line[3])

    def unit(self):
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.optionxform = str
        parser.read(self.path("/lib/systemd/system/cauce.service"))
        return parser["Service"]


@pytest.fixture(scope="module")
def machine(package, tmp_path_factory):
    """A clean Debian 12 on which the package was installed."""
    if not BASE.exists():
        make_base()
    root = tmp_path_factory.mktemp("clean") / "root"
    root.mkdir(mode=0o755)
    run("tar", "-C", root, "-xf", BASE)
    made = Machine(root)
    shutil.copy("/etc/resolv.conf", made.path("/etc/resolv.conf"))
    archives = made.path("/var/cache/apt/archives")
    for kept in CACHE.glob("*.deb"):
        shutil.copy(kept, archives)
    shutil.copy(package, made.path("/cauce.deb"))
    made.apt("update")
    made.apt("install", "/cauce.deb")
    for fetched in archives.glob("*.deb"):
        shutil.copy(fetched, CACHE)
    yield made
    shutil.rmtree(root, ignore_errors=True)


def as_the_unit_says(machine):
    """The unit's command line and what surrounds it: user, rights, limits, what it may write."""
    unit, root = machine.unit(), machine.root
    state = f"{root}/var/lib/{unit['StateDirectory']}"
    assert unit["ProtectSystem"] == "strict" and unit["PrivateTmp"] == "yes"
    writable = [f"mount --bind {state} {state}", f"mount -o remount,bind,rw {state}",
                f"mount -t tmpfs tmpfs {root}/tmp",
                f"mount -t tmpfs tmpfs {root}/var/tmp", f"mount --rbind /proc {root}/proc"]
    # A container may allow less than the unit asks for.
    files = min(int(unit["LimitNOFILE"]), resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    steps = ["ip link set lo up", f"mount --bind {root} {root}",
             f"mount -o remount,bind,ro {root}", *writable,
             f"umask {unit['UMask']}", f"ulimit -n {files}"]
    assert unit["NoNewPrivileges"] == "yes" and unit["CapabilityBoundingSet"] == ""
    become = ["setpriv", "--reuid", unit["User"], "--regid", unit["Group"], "--init-groups",
              "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    words = ["chroot", str(root), *become, *shlex.split(unit["ExecStart"])]
    script = " && ".join([*steps, f"exec {shlex.join(words)}"])
    return ["unshare", "--net", "--mount", "sh", "-c", script]


@contextlib.contextmanager
def network_of(pid):
    """What is connected meanwhile is connected there."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net") as own, open(f"/proc/{pid}/ns/net") as its:
        assert libc.setns(its.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        try:
            yield
        finally:
            assert libc.setns(own.fileno(), CLONE_NEWNET) == 0


class Manager:
    """What systemd would be to it: the socket it tells that it is ready."""

    def __init__(self, machine):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(60)
        place = machine.path("/run/notify")
        place.unlink(missing_ok=True)
        self.socket.bind(str(place))
        place.chmod(0o777)

    def hears(self):
        return self.socket.recv(4096).decode()


@contextlib.contextmanager
def started(machine, log):
    """The service, ready."""
    assert machine.unit()["Type"] == "notify"
    manager = Manager(machine)
    environment = {**CLEAN, "NOTIFY_SOCKET": "/run/notify"}
    with open(log, "ab") as output:
        service = subprocess.Popen(as_the_unit_says(machine), stdout=output, stderr=output,
                                   env=environment)
    try:
        assert manager.hears() == "READY=1", log.read_text()
        yield service
        service.send_signal(signal.SIGTERM)
        assert manager.hears() == "STOPPING=1"
        assert service.wait(20) == 0
    finally:
        service.kill()
        service.wait()
        manager.socket.close()


def ask(machine, path):
    token = machine.path("/var/lib/cauce/run/token").read_text()
    request = urllib.request.Request(f"http://127.0.0.1:8080/api/v1{path}",
                                     headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def publish(device, token, payload):
    client = mqtt.Client(client_id=device)
    client.username_pw_set(device, token)
    client.connect("127.0.0.1", 1883)
    client.loop_start()
    try:
        client.publish(f"devices/{device}/telemetry", payload, qos=1).wait_for_publish(20)
    finally:
        client.loop_stop()
        client.disconnect()


def test_what_is_installed_is_complete_and_its_own(machine):
    assert machine.do("cauce", "--version").startswith("cauce ")
    libraries = machine.do("ldd", "/usr/bin/cauce")
    assert "not found" not in libraries
    seen = machine.do("sh", "-c", "cauce doctor --data /nowhere || true")
    assert re.search(r"ok +libduckdb +/usr/(bin/../)?lib/cauce/libduckdb.so", seen)
    notices = machine.path("/usr/share/doc/cauce/copyright").read_text()
    assert "Stichting DuckDB Foundation" in notices and "Apache-2.0" in notices
    wanted = machine.path("/etc/systemd/system/multi-user.target.wants/cauce.service")
    assert wanted.is_symlink()
    data = machine.path("/var/lib/cauce").stat()
    assert (data.st_uid, data.st_gid) == machine.account()
    assert data.st_mode & 0o777 == 0o700
    assert machine.do("dpkg-query", "-W", "-f", "${Conffiles}", "cauce").split()[0] == (
        "/etc/cauce/cauce.toml")


def test_systemd_reads_the_unit_without_complaint(machine, program, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    unit = machine.path("/lib/systemd/system/cauce.service").read_text()
    place = tmp_path / "cauce.service"
    place.write_text(unit.replace("/usr/bin/cauce", str(program)))  # this machine may not have it
    done = subprocess.run(["systemd-analyze", "verify", place], capture_output=True, text=True)
    assert [line for line in done.stderr.splitlines() if "cauce" in line] == []
    judged = run("systemd-analyze", "security", "--offline=true", "--threshold=15", place)
    assert "OK" in judged.splitlines()[-1]


def test_it_runs_as_its_unit_says_and_keeps_what_it_was_sent(machine, tmp_path):
    log = tmp_path / "service.log"
    with started(machine, log) as service, network_of(service.pid):
        owner, _ = machine.account()
        assert os.stat(f"/proc/{service.pid}").st_uid == owner
        assert "?key=" in machine.path("/var/lib/cauce/run/owner-link").read_text()
        added = machine.do("cauce", "device", "add", "first", "--no-wait", "--data",
                           "/var/lib/cauce")
        token = added.split("token")[1].split()[0]
        publish("first", token, '{"t": 21.5}')
        until(lambda: ask(machine, "/devices/first")["last_values"][0]["value"] == 21.5, seconds=30)
    with started(machine, log) as service, network_of(service.pid):
        until(lambda: ask(machine, "/devices/first")["last_values"][0]["value"] == 21.5, seconds=30)
    stored = machine.do("cauce", "stream", "read", "--data", "/var/lib/cauce", "--topic", "raw",
                        "--format", "payload")
    assert stored.splitlines() == ['{"t": 21.5}']


def test_removing_keeps_data_and_settings_purging_keeps_data(machine):
    position = machine.path("/var/lib/cauce/stream/raw")
    settings = machine.path("/etc/cauce/cauce.toml")
    assert position.exists()
    settings.write_text(settings.read_text() + "\n[log]\nlevel = \"detail\"\n")
    machine.apt("remove", "cauce")
    assert not machine.path("/usr/bin/cauce").exists()
    assert not machine.path("/usr/lib/cauce").exists()
    assert position.exists() and settings.exists()
    machine.apt("install", "/cauce.deb")
    assert 'level = "detail"' in settings.read_text()
    said = machine.apt("purge", "cauce")
    assert "rm -r /var/lib/cauce && deluser --system cauce" in said
    assert position.exists() and not settings.exists()
    assert not machine.path("/etc/systemd/system/multi-user.target.wants/cauce.service").exists()
    machine.account()
