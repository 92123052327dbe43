"""bench/log runs, deletes what it wrote, and says no ratio that is not one of medians."""

import importlib.machinery
import importlib.util
import pathlib
import types


ROOT = pathlib.Path(__file__).resolve().parents[2]
loader = importlib.machinery.SourceFileLoader("log", str(ROOT / "bench" / "log"))
bench = importlib.util.module_from_spec(importlib.util.spec_from_loader("log", loader))
loader.exec_module(bench)


def test_ratios_are_of_medians():
    def runs(*rates):
        return [{"bytes_per_second": rate} for rate in rates]

    found = bench.ratios({"raw": runs(100, 900, 200), 1: runs(100, 90, 1), 16: runs(150, 150, 9)})
    assert found == {1: 0.45, 16: 0.75}


def test_a_bench_that_fails_says_so_and_leaves_nothing(tmp_path, monkeypatch, capsys):
    program = tmp_path / "log_bench"
    program.write_text("#!/bin/sh\nmkdir -p \"$2\"; echo no room >&2; exit 1\n")
    program.chmod(0o755)
    scratch = tmp_path / "scratch"
    arguments = types.SimpleNamespace(program=program, turns=1, seconds=1, gigabytes=0.001,
                                      data=scratch, output=tmp_path / "output")
    monkeypatch.setattr(bench, "parse_arguments", lambda: arguments)
    assert bench.main() == 1
    assert "log_bench raw failed: no room" in capsys.readouterr().err
    assert not list(scratch.iterdir()) and not arguments.output.exists()


def test_a_stream_that_has_no_room_is_refused(tmp_path, monkeypatch, capsys):
    arguments = types.SimpleNamespace(program=pathlib.Path("/bin/true"), turns=1, seconds=1,
                                      gigabytes=1e9, data=tmp_path, output=tmp_path)
    monkeypatch.setattr(bench, "parse_arguments", lambda: arguments)
    assert bench.main() == 1
    assert "make room or say --gigabytes" in capsys.readouterr().err
