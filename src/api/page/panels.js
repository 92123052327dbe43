// The panels below the curve. Each function makes its part of the page follow one answer.

import { follow, html, svg, write } from "./svg.js";
import { ago, bytes, full_time, number, sentence, span, t, with_unit } from "./texts.js";

const element = (id) => document.getElementById(id);

export function short_alarm(alarm, unit) {
  if (alarm.kind !== "threshold") return t(`short_${alarm.kind}`);
  return t(`short_${alarm.direction}`, with_unit(alarm.limit, alarm.unit || unit));
}

function none(parent, text) {
  follow(parent, [text], () => text, () => html("li", { class: "none" }), (row) =>
    write(row, text));
}

const link = (on_click) => {
  const button = html("button", { type: "button", class: "link" });
  button.addEventListener("click", on_click);
  return button;
};

export function show_alarms(alarms, now, has_curve, on_choose) {
  if (!alarms.length) return none(element("alarms"), t("no_alarms"));
  const make = (alarm) => {
    const device = link(() => on_choose(row.alarm));
    const row = html("li", { class: "alarm" }, html("span", { class: "dot" }),
      html("span", {}, device, " ", html("span")), html("span", { class: "when" }));
    row.alarm = alarm;
    return row;
  };
  follow(element("alarms"), alarms, (alarm) => alarm.id, make, (row, alarm) => {
    row.alarm = alarm;
    const open = alarm.state === "open";
    row.className = open ? "alarm" : "alarm past";
    row.children[0].className = `dot ${open ? alarm.severity : "past"}`;
    write(row.children[1].children[0], alarm.device);
    row.children[1].children[0].disabled = !has_curve(alarm.device);
    write(row.children[1].children[1], sentence(alarm.text));
    write(row.children[2], open ? ago(Date.parse(alarm.raised_at), now)
      : t("lasted", span((Date.parse(alarm.until || alarm.cleared_at) -
        Date.parse(alarm.since)) / 1000)));
    row.title = `${alarm.rule} · ${full_time(Date.parse(alarm.raised_at))}`;
  });
}

export function show_messages(installation) {
  element("messages-card").hidden = !installation;
  if (!installation) return;
  const rates = installation.messages_per_second_history;
  const digits = (rate) => number(rate >= 10 ? Math.round(rate) : Math.round(rate * 10) / 10);
  const current = installation.messages_per_second;
  write(element("messages-now"), current === null ? "–" : digits(current));
  const highest = Math.max(0, ...rates);
  write(element("messages-peak"), t("peak", digits(highest)));
  const chart = element("sparkline");
  const width = chart.clientWidth || 200, height = chart.clientHeight || 44;
  chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
  chart.setAttribute("aria-label", t("peak", digits(highest)));
  const step = (width - 4) / 299;
  const points = rates.map((rate, index) =>
    `${(width - 2 - (rates.length - 1 - index) * step).toFixed(1)},` +
    `${(height - 2 - rate / (highest || 1) * (height - 6)).toFixed(1)}`);
  const parts = [svg("line", { class: "grid-line", x1: 0, x2: width, y1: height - 1.5,
    y2: height - 1.5 })];
  if (points.length > 1) {
    const first = points[0].split(",")[0], last = points[points.length - 1].split(",")[0];
    parts.push(svg("path", { class: "band",
      d: `M${first},${height - 2}L${points.join("L")}L${last},${height - 2}Z` }));
    parts.push(svg("path", { class: "trace", d: `M${points.join("L")}` }));
  }
  chart.replaceChildren(...parts);
}

export function show_groups(groups) {
  const pair = () => html("li", {}, html("span"), html("span"));
  follow(element("groups"), groups, (group) => `${group.group}/${group.topic}`, pair,
    (row, group) => {
      write(row.children[0], group.group);
      write(row.children[1], group.records ? span(group.oldest_age_seconds)
        : t("nothing_waits"));
      row.children[1].className = group.oldest_age_seconds > 300 ? "late" : "";
      row.title = `${group.topic}: ${number(group.records)}`;
    });
}

export function show_disk(installation) {
  const disk = installation && installation.disk;
  element("disk-card").hidden = !disk;
  if (!disk) return;
  const share = disk.free_bytes / disk.total_bytes;
  write(element("disk-free"), `${number(share * 100, 3)} %`);
  write(element("disk-words"), t("disk_words", bytes(disk.free_bytes), bytes(disk.total_bytes)));
  const bar = element("disk-bar");
  bar.setAttribute("viewBox", "0 0 100 8");
  bar.setAttribute("aria-label", element("disk-words").textContent);
  const level = share < 0.05 ? " critical" : share < 0.15 ? " warning" : "";
  bar.replaceChildren(svg("rect", { class: "whole", width: 100, height: 8 }),
    svg("rect", { class: `used${level}`, width: 100 * (1 - share), height: 8 }));
}

export function show_silent(silent, now, has_curve, on_device) {
  if (!silent.length) return none(element("silent"), t("none_silent"));
  const make = (item) => html("li", {}, link(() => on_device(item.device)), html("span"));
  follow(element("silent"), silent, (item) => item.device, make, (row, item) => {
    write(row.children[0], item.device);
    row.children[0].disabled = !has_curve(item.device);
    write(row.children[1], item.last_seen ? ago(Date.parse(item.last_seen), now) : t("never"));
  });
}

export function show_undecodable(counts, now) {
  if (!counts.length) return none(element("undecodable"), t("none_undecodable"));
  const make = () => html("li", { class: "cause" }, html("span", {}, html("b"), " ", html("span")),
    html("span", { class: "count" }), html("span", { class: "quiet" }));
  follow(element("undecodable"), counts,
    (item) => `${item.device}/${item.stage}/${item.reason}`, make, (row, item) => {
      write(row.children[0].children[0], item.device);
      write(row.children[0].children[1], t(item.stage));
      write(row.children[1], number(item.count));
      write(row.children[2],
        `${sentence(item.text)} · ${ago(Date.parse(item.last_received_at), now)}`);
    });
}

function show_values(cell, device, on_device) {
  const make = (item) => link(() => on_device(device.name, item.metric));
  follow(cell, device.last_values, (item) => item.metric, make, (button, item) => {
    const value = typeof item.value === "number" ? with_unit(item.value, item.unit)
      : String(item.value);
    if (button.dataset.shown === value) return;
    button.dataset.shown = value;
    button.replaceChildren(html("span", {}, item.metric), ` ${value}`);
  });
}

export function show_devices(devices, more, now, on_device) {
  const make = (item) => html("tr", {}, html("td", {}, link(() => on_device(item.name))),
    html("td", { class: "spare" }), html("td"),
    html("td", {}, html("div", { class: "values" })));
  follow(element("devices"), devices, (item) => item.name, make, (row, item) => {
    write(row.children[0].children[0], item.name);
    write(row.children[1], [item.site, item.area].filter(Boolean).join(" · ") || "–");
    write(row.children[2], !item.enabled ? t("disabled")
      : item.last_seen ? ago(Date.parse(item.last_seen), now) : t("never"));
    show_values(row.children[3].children[0], item, on_device);
  });
  element("devices-more").hidden = !more;
  write(element("devices-more"), t("more_devices", number(devices.length)));
}
