"""`cauce detect`, and its score on the Numenta Anomaly Benchmark by bench/nab.

The benchmark is not part of the tree: its tests are skipped where ../shared/data is absent.
"""

import csv
import json
import pathlib
import random
import subprocess
import sys

import pytest

from patience import cauce

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SHARED = ROOT.parent / "shared"
sys.path.insert(0, str(ROOT / "bench"))

import nab_rules  # noqa: E402

needs_benchmark = pytest.mark.skipif(not (SHARED / "data/nab").is_dir(),
                                     reason=f"{SHARED}/data/nab is absent")
STANDARD_LEAST = 66.0


def steady(rows, spike_at=None):
    lines = ["timestamp,value"]
    for row in range(rows):
        value = 90 if row == spike_at else 20 + row % 7 / 10
        lines.append(f"2026-11-21 {row // 3600:02}:{row // 60 % 60:02}:{row % 60:02},{value}")
    return "\n".join(lines) + "\n"


def test_a_spike_stands_out_in_the_file_that_comes_out(program, tmp_path):
    (tmp_path / "in.csv").write_text(steady(2000, spike_at=1500))
    done = cauce(program, "detect", "--data", tmp_path / "in.csv", "--out", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    with open(tmp_path / "out.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["timestamp", "value", "anomaly_score"]
    assert len(rows) == 2000
    scores = [float(row["anomaly_score"]) for row in rows]
    assert max(range(2000), key=scores.__getitem__) == 1500
    assert 0.5 < scores[1500] <= 1
    assert all(0 <= score < 0.5 for index, score in enumerate(scores) if index != 1500)
    assert not (tmp_path / "out.csv.part").exists()


def test_what_comes_later_changes_no_score(program, tmp_path):
    chance = random.Random(3)
    lines = ["timestamp,value"] + [
        f"2026-11-{1 + row // 1440:02} {row // 60 % 24:02}:{row % 60:02}:00,{chance.gauss(20, 3)}"
        for row in range(9000)]
    whole = cauce(program, "detect", "--data", "-", input="\n".join(lines) + "\n")
    part = cauce(program, "detect", "--data", "-", input="\n".join(lines[:4001]) + "\n")
    assert whole.returncode == part.returncode == 0
    assert whole.stdout.splitlines()[:4001] == part.stdout.splitlines()
    assert any(not line.endswith(",0") for line in part.stdout.splitlines()[1:])


def test_a_pipe_gets_each_score_before_the_next_row_is_sent(program):
    with subprocess.Popen([program, "detect", "--data", "-"], text=True, bufsize=1,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write("timestamp,value\n2026-11-21T10:00:00Z,1\n")
        process.stdin.flush()
        assert process.stdout.readline() == "timestamp,value,anomaly_score\n"
        assert process.stdout.readline() == "2026-11-21T10:00:00Z,1,0\n"
        process.stdin.close()
        assert process.wait(10) == 0


def test_a_faulty_row_is_named_and_no_file_is_left(program, tmp_path):
    (tmp_path / "in.csv").write_text(steady(10) + "2026-11-21 01:00:00,warm\n")
    done = cauce(program, "detect", "--data", tmp_path / "in.csv", "--out", tmp_path / "out.csv")
    assert done.returncode == 1
    assert f'{tmp_path}/in.csv: line 12, column value: "warm" is not a number' in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_missing_file_is_named(program, tmp_path):
    done = cauce(program, "detect", "--data", tmp_path / "absent.csv")
    assert done.returncode == 1
    assert "absent.csv" in done.stderr and "No such file" in done.stderr


@needs_benchmark
def test_the_score_on_the_benchmark_is_kept_and_computed_by_its_rules(program, tmp_path):
    """Ours and the reference scorer, which shares no code with it, agree to 0.01."""
    data = SHARED / "data/nab"
    done = subprocess.run([ROOT / "bench/nab", "--program", program, "--data", data, "--json",
                           "--results", tmp_path / "results"],
                          capture_output=True, text=True, check=True)
    ours = json.loads(done.stdout)["profiles"]
    assert ours["standard"]["score"] >= STANDARD_LEAST
    pytest.importorskip("numpy", reason="the reference scorer needs python3-numpy")
    compare(ours, tmp_path / "results", data)


@needs_benchmark
def test_both_scorers_agree_on_scores_that_are_chance(tmp_path):
    """Ties, detections in every window, floods of false alarms: what good scores never have."""
    pytest.importorskip("numpy", reason="the reference scorer needs python3-numpy")
    data = SHARED / "data/nab"
    chance = random.Random(1)
    windows = json.loads((data / "labels.json").read_text())
    labels = {}
    scores = {}
    for name in windows:
        times = nab_rules.read_times(data / "data" / name)
        labels[name] = nab_rules.Labels(times, windows[name])
        scores[name] = [round(chance.random() ** 40, 2) for _ in times]
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        target.write_text("anomaly_score\n" + "\n".join(map(str, scores[name])) + "\n")
    corpus = nab_rules.Corpus(labels)
    ours = {profile.name: vars(corpus.figures(scores, profile)) for profile in nab_rules.PROFILES}
    compare(ours, tmp_path, data)


def compare(ours, results, data):
    names = {"standard": "standard", "low-FP": "reward_low_FP_rate", "low-FN": "reward_low_FN_rate"}
    done = subprocess.run(["/usr/bin/python3", SHARED / "tools/nab_score.py", "--json", "--data",
                           data / "data", "--labels", data / "labels.json", "--results", results],
                          capture_output=True, text=True, check=True)
    reference = json.loads(done.stdout)["profiles"]
    for name, other in names.items():
        assert abs(ours[name]["score"] - reference[other]["score"]) < 0.01
        assert ours[name]["windows_hit"] == reference[other]["windows_hit"]
        assert ours[name]["false_rows"] == reference[other]["fp_rows"]
