// The big curve: axes, line or band, alarms as shaded ranges, a read-out under the pointer or the
// arrow keys, and zoom by dragging. It draws what it is given and asks for another range by
// `on_range(from, to)`, or `on_range(null)` to go back.

import { Scale, time_label_options, time_ticks, value_ticks } from "./scale.js";
import { svg } from "./svg.js";
import { full_time, t, tick_number, time, with_unit } from "./texts.js";
import { short_alarm } from "./panels.js";

const top = 24, bottom = 28, right = 14;

export class Curve {
  constructor(root, readout, spoken, on_range) {
    this.root = root;
    this.readout = readout;
    this.spoken = spoken;
    this.on_range = on_range;
    this.chosen = -1;
    root.addEventListener("pointermove", (event) => this.point_at(event));
    root.addEventListener("pointerleave", () => this.choose(-1));
    root.addEventListener("pointerdown", (event) => this.start_drag(event));
    root.addEventListener("pointerup", (event) => this.end_drag(event));
    root.addEventListener("pointercancel", () => { this.drag = null; });
    root.addEventListener("dblclick", () => this.on_range(null));
    root.addEventListener("keydown", (event) => this.press(event));
    root.addEventListener("blur", () => this.choose(-1));
    new ResizeObserver(() => this.view && this.draw(this.view)).observe(root);
  }

  // view: {items: [{time, value, low?, high?, count?}], from, to, unit, gap, alarms, limits}
  draw(view) {
    this.view = view;
    const width = this.root.clientWidth, height = this.root.clientHeight;
    if (width < 60) return;
    this.root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const { low, high } = extent(view);
    const { ticks, step } = value_ticks(low, high, height > 300 ? 6 : 4);
    const labels = ticks.map((tick) => tick_number(tick, step));
    const left = 16 + Math.max(...labels.map((label) => label.length)) * 7;
    this.x = new Scale(view.from, view.to, left, width - right);
    this.y = new Scale(ticks[0], ticks[ticks.length - 1], height - bottom, top);
    const parts = [clip(left, width, height)];
    ticks.forEach((tick, index) => {
      const y = Math.round(this.y.at(tick)) + 0.5;
      parts.push(svg("line", { class: "grid-line", x1: left, x2: width - right, y1: y, y2: y }));
      if (!view.items.length) return;  // numbers of nothing
      parts.push(svg("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, labels[index]));
    });
    parts.push(...this.time_axis(width, height));
    const inside = svg("g", { "clip-path": "url(#curve-clip)" });
    inside.append(...this.shades(height), ...this.limit_lines(ticks, left, width), ...this.trace());
    parts.push(inside, ...this.shade_labels);
    this.cursor = svg("g");
    parts.push(this.cursor);
    this.root.replaceChildren(...parts);
    this.show_cursor();
  }

  time_axis(width, height) {
    const { moments, step } = time_ticks(this.view.from, this.view.to, Math.max(2, width / 120));
    const parts = [];
    for (const moment of moments) {
      const x = this.x.at(moment);
      const label = time(moment, time_label_options(step, moment));
      const half = label.length * 3.4;
      if (x - half < 0 || x + half > width) continue;
      parts.push(svg("text", { x, y: height - 8, "text-anchor": "middle" }, label));
    }
    return parts;
  }

  limit_lines(ticks, left, width) {
    return (this.view.limits || [])
      .filter((limit) => limit >= ticks[0] && limit <= ticks[ticks.length - 1])
      .map((limit) => {
        const y = this.y.at(limit);
        return svg("line", { class: "limit", x1: left, x2: width - right, y1: y, y2: y });
      });
  }

  // Lines break where more is missing than `gap`: nothing is drawn that was not measured.
  trace() {
    const { items, gap } = this.view;
    const runs = [];
    items.forEach((item, index) => {
      if (index === 0 || item.time - items[index - 1].time > gap) runs.push([]);
      runs[runs.length - 1].push(item);
    });
    const at = (item, value) => `${this.x.at(item.time).toFixed(1)},${this.y.at(value).toFixed(1)}`;
    const parts = [];
    for (const run of runs) {
      if (run[0].low !== undefined && run.length > 1) {
        const upper = run.map((item) => at(item, item.high));
        const lower = run.map((item) => at(item, item.low)).reverse();
        parts.push(svg("path", { class: "band", d: `M${upper.join("L")}L${lower.join("L")}Z` }));
      }
      if (run.length > 1) {
        const line = run.map((item) => at(item, item.value)).join("L");
        parts.push(svg("path", { class: "trace", d: `M${line}` }));
      }
    }
    // Dots only where they leave the line between them to be seen.
    if (items.length * 10 < this.x.end - this.x.start) {
      for (const item of items) parts.push(this.dot(item, 2.6));
    } else {
      for (const run of runs) if (run.length === 1) parts.push(this.dot(run[0], 2.6));
      if (items.length) parts.push(this.dot(items[items.length - 1], 3.6));
    }
    return parts;
  }

  dot(item, radius) {
    return svg("circle", { class: "mark", cx: this.x.at(item.time).toFixed(1),
      cy: this.y.at(item.value).toFixed(1), r: radius });
  }

  shades(height) {
    const parts = [];
    this.shade_labels = [];
    let free_from = 0;
    const alarms = [...this.view.alarms].sort((one, other) => one.since - other.since);
    for (const alarm of alarms) {
      const start = Math.max(this.x.at(alarm.since), this.x.start);
      const end = Math.min(this.x.at(alarm.until ?? this.view.to), this.x.end);
      if (end < this.x.start || start > this.x.end) continue;
      const width = Math.max(3, end - start);
      const kind = alarm.severity;
      parts.push(svg("rect", { class: `shade ${kind}`, x: start, y: top, width,
        height: height - top - bottom }));
      parts.push(svg("rect", { class: `shade-top ${kind}`, x: start, y: top - 3, width,
        height: 3 }));
      const label = short_alarm(alarm, this.view.unit);
      const room = label.length * 6.9;
      const x = Math.max(this.x.start, Math.min(start, this.x.end - room));
      if (x < free_from || room > this.x.end - this.x.start) continue;
      this.shade_labels.push(svg("text", { class: `shade-label ${kind}`, x, y: top - 9 }, label));
      free_from = x + room + 10;
    }
    return parts;
  }

  nearest(moment) {
    const { items } = this.view;
    let low = 0, high = items.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (items[middle].time < moment) low = middle + 1;
      else high = middle;
    }
    return low > 0 && moment - items[low - 1].time < items[low].time - moment ? low - 1 : low;
  }

  moment_of(event) {
    const pixel = event.clientX - this.root.getBoundingClientRect().left;
    return this.x.value(Math.min(Math.max(pixel, this.x.start), this.x.end));
  }

  point_at(event) {
    if (!this.view || !this.view.items.length) return;
    if (this.drag) {
      this.drag.to = this.moment_of(event);
      this.show_cursor();
      return;
    }
    this.choose(this.nearest(this.moment_of(event)));
  }

  start_drag(event) {
    if (!this.view || event.button !== 0 || event.pointerType === "touch") return;
    this.root.setPointerCapture(event.pointerId);
    this.drag = { from: this.moment_of(event), to: this.moment_of(event) };
  }

  end_drag() {
    const drag = this.drag;
    this.drag = null;
    if (!drag) return;
    const from = Math.min(drag.from, drag.to), to = Math.max(drag.from, drag.to);
    if (this.x.at(to) - this.x.at(from) > 12) this.on_range(from, to);
    this.show_cursor();
  }

  press(event) {
    if (!this.view) return;
    const { items, from, to } = this.view;
    const last = items.length - 1;
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -1e9, End: 1e9 };
    if (event.key in moves && last >= 0) {
      const start = this.chosen < 0 ? last + (moves[event.key] < 0 ? 1 : 0) : this.chosen;
      this.choose(Math.min(last, Math.max(0, start + moves[event.key])), true);
    } else if (event.key === "+" || event.key === "-") {
      const center = this.chosen < 0 ? (from + to) / 2 : items[this.chosen].time;
      const half = (to - from) * (event.key === "+" ? 0.25 : 1);
      this.on_range(center - half, center + half);
    } else if (event.key === "0" || event.key === "Escape") {
      this.choose(-1);
      this.on_range(null);
    } else {
      return;
    }
    event.preventDefault();
  }

  choose(index, aloud = false) {
    this.chosen = index;
    this.chosen_time = index < 0 ? null : this.view.items[index].time;
    this.show_cursor();
    if (aloud && index >= 0) {
      const item = this.view.items[index];
      this.spoken.textContent = `${full_time(item.time)}: ${with_unit(item.value, this.view.unit)}`;
    }
  }

  show_cursor() {
    if (!this.cursor) return;
    this.cursor.replaceChildren();
    const height = this.root.clientHeight;
    if (this.drag) {
      const start = this.x.at(Math.min(this.drag.from, this.drag.to));
      const end = this.x.at(Math.max(this.drag.from, this.drag.to));
      this.cursor.append(svg("rect", { class: "chosen", x: start, y: top, width: end - start,
        height: height - top - bottom }));
    }
    const items = this.view.items;
    if (this.chosen_time !== null && this.chosen >= 0 && items.length) {
      this.chosen = this.nearest(this.chosen_time);  // the items may have moved since
    }
    const item = this.drag ? undefined : items[this.chosen];
    this.readout.hidden = !item;
    if (!item) return;
    const x = this.x.at(item.time);
    this.cursor.append(svg("line", { class: "guide", x1: x, x2: x, y1: top, y2: height - bottom }));
    this.cursor.append(this.dot(item, 4.5));
    this.fill_readout(item, x);
  }

  fill_readout(item, x) {
    const unit = this.view.unit;
    const lines = [full_time(item.time)];
    if (item.low !== undefined && item.count > 1) {
      lines.push(t("of_values", with_unit(item.low, unit), with_unit(item.high, unit), item.count));
    }
    for (const alarm of this.view.alarms) {
      if (alarm.since <= item.time && (alarm.until ?? Infinity) >= item.time) {
        lines.push(`${alarm.rule}: ${short_alarm(alarm, unit)}`);
      }
    }
    const value = document.createElement("b");
    const mean = item.low === undefined || item.count === 1 ? "" : ` ${t("mean")}`;
    value.textContent = with_unit(item.value, unit, mean ? 4 : 5) + mean;
    this.readout.replaceChildren(value, ...lines.map((line) => {
      const row = document.createElement("div");
      row.textContent = line;
      return row;
    }));
    const width = this.readout.offsetWidth;
    const place = x + 14 + width > this.root.clientWidth ? x - 14 - width : x + 14;
    this.readout.style.left = `${Math.max(0, place)}px`;
  }
}

function extent(view) {
  let low = Infinity, high = -Infinity;
  for (const item of view.items) {
    low = Math.min(low, item.low ?? item.value);
    high = Math.max(high, item.high ?? item.value);
  }
  if (low > high) return { low: 0, high: 1 };
  // A limit that an alarm passed belongs into the picture, unless it would flatten the curve.
  for (const limit of view.limits || []) {
    if (limit > low - (high - low) && limit < high + (high - low)) {
      low = Math.min(low, limit);
      high = Math.max(high, limit);
    }
  }
  return { low, high };
}

function clip(left, width, height) {
  const path = svg("clipPath", { id: "curve-clip" });
  path.append(svg("rect", { x: left - 5, y: top - 6, width: width - right - left + 10,
    height: height - top - bottom + 12 }));
  return path;
}
