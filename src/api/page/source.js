// What the curve shows: fetches points where they fit on the screen, and windows of a minute or an
// hour where they do not, or the windows that were chosen, and keeps them up to date.

import { all_items, get, series_path } from "./rest.js";

const minute = 60e3, hour = 60 * minute, day = 24 * hour;
const spans = { "15m": 15 * minute, "6h": 6 * hour, "24h": 24 * hour };
const points_shown_max = 2000;
const pages_max = 8;
// By the name of the resolution; a day has 23 or 25 hours when clocks change.
const widths = { minute, hour, "1m": minute, "15m": 15 * minute, "1h": hour, "1d": day };
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080]
  .map((minutes) => minutes * minute);
const end_of_time = 4102444799e3;  // the last second of 2099: later times do not exist here
const reload_every = 30e3;  // late values and new windows of the past

export class Source {
  constructor(series, range, window) {
    this.series = series;
    this.window = window in widths ? window : "";  // a name of `widths`, or empty: what fits
    this.range = range;  // a name of `spans`, "all", or {from, to}
    this.items = [];
    this.alarms = [];
    this.unit = "";
    this.loaded_at = 0;
    this.step = 0;  // of the windows that are shown
  }

  // What is drawn: at most about `count` items. Neighbouring windows become wider ones.
  shown(count) {
    if (this.kind === "points") return this.items;
    const single = widths[this.kind];
    const reach = length_of(this.items) + single;
    this.step = single;
    if (this.kind === "1d") return this.items;  // days of a site are no multiples of each other
    this.step = steps.find((step) => step >= single && reach / step <= count) || 30 * day;
    return this.step === single ? this.items : merged(this.items, this.step);
  }

  bounds(now) {
    if (typeof this.range === "object") return this.range;
    if (this.range in spans) return { from: now - spans[this.range], to: now };
    const first = this.items.length ? this.items[0].time : now - hour;
    const last = this.items.length ? this.items[this.items.length - 1].time : now;
    const room = Math.max(minute, (last - first) * 0.01);
    return { from: first - room, to: Math.max(last, Math.min(now, last + room)) + room };
  }

  async update(now) {
    if (now - this.loaded_at > reload_every) await this.load(now);
    else await this.extend(now);
    const { from, to } = this.bounds(now);
    const answer = await get(series_path(this.series, "alarms"),
      { from: iso(from), to: iso(to + 1), limit: 200 });
    this.alarms = answer.items.map((alarm) => ({ ...alarm, since: Date.parse(alarm.since),
      until: alarm.until ? Date.parse(alarm.until) : null }));
  }

  async load(now) {
    const all = this.range === "all";
    const { from, to } = all ? { from: 0, to: end_of_time } : this.bounds(now);
    if (this.window) {
      this.items = await this.windows(this.window, from, to + 1);
      this.kind = this.window;
      this.loaded_at = now;
      return;
    }
    let resolution = all || to - from > 4 * day ? "hour" : "minute";
    let windows = await this.windows(resolution, from, to + 1);
    if (resolution === "hour" && length_of(windows) < 4 * day && windows.length) {
      resolution = "minute";
      windows = await this.windows(resolution, windows[0].time, to + 1);
    }
    const count = windows.reduce((sum, window) => sum + window.count, 0);
    if (count <= points_shown_max || to - from <= 16 * minute) {
      await this.load_points(from, to + 1);
    } else {
      this.kind = resolution;
      this.items = windows;
    }
    this.loaded_at = now;
  }

  async load_points(from, to) {
    const answer = await all_items(series_path(this.series, "points"),
      { from: iso(from), to: iso(to) }, 2);
    this.kind = "points";
    this.unit = answer.unit;
    this.items = answer.items.map(point_of).filter(is_number);
  }

  async windows(resolution, from, to) {
    const answer = await all_items(series_path(this.series, "aggregates"),
      { resolution, from: iso(start_of(from, resolution)), to: iso(to) }, pages_max);
    this.unit = answer.unit;
    return answer.items.map(window_of);
  }

  // Only what is new since the last answer.
  async extend(now) {
    if (typeof this.range === "object" && this.range.to < now) return;
    const last = this.items[this.items.length - 1];
    if (!last) return this.load(now);
    if (this.kind === "points") {
      const answer = await all_items(series_path(this.series, "points"),
        { after: last.stamp }, 2);
      this.items.push(...answer.items.map(point_of).filter(is_number));
    } else {
      const fresh = await this.windows(this.kind, last.start, end_of_time);
      this.items = this.items.filter((item) => item.start < last.start).concat(fresh);
    }
    const { from } = this.bounds(now);
    if (this.range !== "all") this.items = this.items.filter((item) => item.time >= from);
  }

  // Longer than this without a value is a gap: nothing is drawn across it.
  gap(items) {
    const distances = items.slice(1).map((item, index) => item.time - items[index].time);
    if (!distances.length) return Infinity;
    distances.sort((one, other) => one - other);
    const usual = distances[Math.floor(distances.length * 0.9)];
    return Math.max(usual * 5, 10e3);
  }
}

function merged(windows, step) {
  const wide = [];
  for (const window of windows) {
    const start = Math.floor(window.start / step) * step;
    const last = wide[wide.length - 1];
    if (!last || last.start !== start) {
      wide.push({ ...window, start, time: start + step / 2 });
      continue;
    }
    const count = last.count + window.count;
    last.value += (window.value - last.value) * window.count / count;
    last.low = Math.min(last.low, window.low);
    last.high = Math.max(last.high, window.high);
    last.count = count;
  }
  return wide;
}

const iso = (moment) => new Date(Math.min(Math.max(moment, 0), end_of_time)).toISOString();
const is_number = (item) => typeof item.value === "number";
const length_of = (items) => (items.length ? items[items.length - 1].time - items[0].time : 0);
const start_of = (moment, resolution) => {
  if (resolution === "1d") return moment - day;  // the day that holds it, or one before
  return Math.floor(moment / widths[resolution]) * widths[resolution];
};

function point_of(point) {
  return { time: Date.parse(point.time), stamp: point.time, value: point.value };
}

// A window stands in its middle; one with a single value stands where that value is.
function window_of(window) {
  const start = Date.parse(window.start);
  const middle = (start + Date.parse(window.end)) / 2;
  return { start, time: window.count === 1 ? Date.parse(window.first_time) : middle,
    value: window.mean, low: window.min, high: window.max, count: window.count };
}
