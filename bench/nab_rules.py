"""The scoring of the Numenta Anomaly Benchmark, written from its published rules (Lavin and Ahmad,
"Evaluating Real-time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark", 2015, with the
weights and the probation of version 1.1).

- The first 15 % of a series, at most 750 rows, are not scored.
- A labelled window counts once, by its earliest detection: 1 at its left edge, falling along a
  sigmoid to 0 at its right edge. A window without a detection costs the weight of a miss.
- Every detected row outside the windows costs the weight of a false alarm, less for the rows that
  closely follow a window, by the same sigmoid.
- A row is detected when its score reaches the threshold. One threshold holds for all series; it is
  the one with the best sum ("optimised", as every published figure is), unless it is given.
- 100 is a perfect detector, 0 is one that never says anything.
"""

import csv
import dataclasses
import datetime
import math


@dataclasses.dataclass(frozen=True)
class Profile:
    """What a hit earns, and what a miss and a false alarm cost."""
    name: str
    hit: float
    miss: float
    false_alarm: float


PROFILES = (Profile("standard", 1.0, 1.0, 0.11),
            Profile("low-FP", 1.0, 1.0, 0.22),
            Profile("low-FN", 1.0, 2.0, 0.11))
PROBATION_SHARE = 0.15
PROBATION_ROWS_MAX = 750
FAR_WINDOWS = 3.0  # a row further behind a window than this many of its lengths costs in full


def sigmoid(position):
    return 2.0 / (1.0 + math.exp(5.0 * position)) - 1.0


def moment(text):
    return datetime.datetime.fromisoformat(text.strip())


class Labels:
    """The windows of one series, as what each of its rows is worth."""

    def __init__(self, times, windows):
        self.rows = len(times)
        self.first_scored = math.ceil(min(math.floor(PROBATION_SHARE * self.rows),
                                          PROBATION_ROWS_MAX))
        place = {}
        for row, time in enumerate(times):
            place.setdefault(time, row)
        self.windows = [(place[moment(begin)], place[moment(end)]) for begin, end in windows]

    def windows_scored(self):
        """Those that are not over before scoring begins."""
        return [number for number, (_, right) in enumerate(self.windows)
                if right >= self.first_scored]

    def worth(self, row):
        """(window, gain of a detection in it) or (None, cost factor of a false alarm)."""
        before = None
        for number, (left, right) in enumerate(self.windows):
            if left <= row <= right:
                position = -(right - row + 1) / (right - left + 1)
                return number, sigmoid(position) / sigmoid(-1.0)
            if right < row:
                before = number
        if before is None:
            return None, -1.0
        left, right = self.windows[before]
        distance = (row - right) / max(right - left, 1)
        return None, -1.0 if distance > FAR_WINDOWS else sigmoid(distance)


@dataclasses.dataclass
class Figures:
    score: float
    threshold: float
    windows_hit: int
    false_rows: int


class Corpus:
    """Labelled series by name; scores are given to it as {name: [score of each row]}."""

    def __init__(self, labels):
        self.labels = labels
        self.windows = sum(len(one.windows) for one in labels.values())

    def _detections(self, scores):
        """Rows that some threshold detects, the highest score first. Score 0 is no detection."""
        found = []
        for name, one in self.labels.items():
            if len(scores[name]) != one.rows:
                raise ValueError(f"{name}: {len(scores[name])} scores for {one.rows} rows")
            for row in range(one.first_scored, one.rows):
                if scores[name][row] > 0:
                    found.append((scores[name][row], name, row))
        found.sort(key=lambda item: -item[0])
        return found

    def figures(self, scores, profile, threshold=None):
        """At `threshold`, or at the best one."""
        missed = -profile.miss
        best_gain = {(name, window): missed for name, one in self.labels.items()
                     for window in one.windows_scored()}
        silent = total = sum(best_gain.values())
        detections = self._detections(scores)
        result = Figures(total, math.inf, 0, 0)
        hits = false_rows = 0
        for index, (score, name, row) in enumerate(detections):
            if threshold is not None and score < threshold:
                break
            window, worth = self.labels[name].worth(row)
            if window is None:
                total += profile.false_alarm * worth
                false_rows += 1
            else:
                gain = profile.hit * worth
                hits += best_gain[name, window] == missed
                total += max(0.0, gain - best_gain[name, window])
                best_gain[name, window] = max(gain, best_gain[name, window])
            is_last = index + 1 == len(detections) or detections[index + 1][0] < score
            if is_last and (threshold is not None or total > result.score):
                result = Figures(total, score, hits, false_rows)
        perfect = profile.hit * self.windows
        result.score = 100.0 * (result.score - silent) / (perfect - silent)
        if threshold is not None:
            result.threshold = threshold
        return result


def read_times(path):
    with open(path, newline="") as file:
        return [moment(row["timestamp"]) for row in csv.DictReader(file)]


def read_scores(path):
    with open(path, newline="") as file:
        return [float(row["anomaly_score"]) for row in csv.DictReader(file)]
