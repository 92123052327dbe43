"""The demo's alarms beside what the source data say about them.

Two episodes of steam are labelled in the source data set; three faults are planted. Every other
alarm has no label: it is listed and counted, whether it is a false alarm or something that nobody
wrote down.
"""

import datetime

import fleet

UNLABELLED_SHOWN_MAX = 20


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def raised_within(alarm, episode):
    return (alarm["device"] == episode["device"] and
            moment(episode["from"]) <= moment(alarm["since"]) <= moment(episode["to"]))


def subject(alarm):
    return f"{alarm['device']:<15} {alarm['text']['en']}"


class AlarmTable:
    """`known` is what sources.make() answers: labelled episodes and planted spikes."""

    def __init__(self, alarms, known):
        self.alarms = sorted(alarms, key=lambda alarm: alarm["id"])
        self.known = known
        self.missing = []
        self.lines = []
        self._left = list(self.alarms)
        self._labelled()
        self._planted()
        self._unlabelled()

    def _take(self, belongs):
        taken = [alarm for alarm in self._left if belongs(alarm)]
        self._left = [alarm for alarm in self._left if not belongs(alarm)]
        return taken

    def _labelled(self):
        self.labelled_found = 0
        for episode in self.known.get("labelled", []):
            taken = self._take(lambda alarm, episode=episode: raised_within(alarm, episode))
            # The detector has to find it, in the metric that the label is about.
            found = [alarm for alarm in taken if alarm["kind"] == "anomaly" and
                     alarm["metric"] == episode["metric"]]
            if found:
                self.labelled_found += 1
            else:
                self.missing.append(f"{episode['device']} {episode['metric']} "
                                    f"({episode['label']} from {episode['from']})")
            self.lines += [(subject(alarm), f"labelled: {episode['label']}") for alarm in taken]

    def _planted(self):
        for alarm in self._take(lambda alarm: alarm["kind"] in ("silence", "undecodable")):
            self.lines.append((subject(alarm), "planted"))
        for device, times in self.known.get("spikes", {}).items():
            moments = {moment(time) for time in times}
            taken = self._take(lambda alarm, device=device, moments=moments:
                               alarm["device"] == device and moment(alarm["since"]) in moments)
            found = {moment(alarm["since"]) for alarm in taken}
            if found != moments:
                self.missing.append(f"{device}: {len(moments - found)} spikes")
            self.lines.append((f"{device:<15} {len(found)} spikes of {len(moments)}", "planted"))

    def _unlabelled(self):
        self.unlabelled = self._left

    def text(self):
        lines = ["      ALARMS"] if self.alarms else ["      ALARMS   none were raised"]
        width = max((len(left) for left, _ in self.lines), default=0)
        lines += [f"      {left:<{width}}   {right}" for left, right in self.lines]
        episodes = self.known.get("labelled", [])
        count = len(self.unlabelled)
        if episodes:
            lines.append(f"      labelled found {self.labelled_found} of {len(episodes)}; "
                         f"{count} alarms have no label" + (":" if count else ""))
        lines += [f"      {subject(alarm)}" for alarm in self.unlabelled[:UNLABELLED_SHOWN_MAX]]
        if count > UNLABELLED_SHOWN_MAX:
            lines.append(f"      … and {count - UNLABELLED_SHOWN_MAX} more: cauce alarms "
                         f"--state all --company {fleet.COMPANY}")
        return "\n".join(lines)
