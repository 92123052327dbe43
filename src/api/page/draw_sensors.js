// Choosing what sensors measured instead of a file: a series as it is or in windows, or the facts
// of its metric on all devices.

import { get } from "./rest.js";
import { html } from "./svg.js";

const element = (id) => document.getElementById(id);
const listed_max = 1000;  // others are drawn too when their name is typed

const column = (type, distinct) => (name) => ({ name, type, distinct, word: `column_${name}` });
const moment = column("datetime", Infinity);
const measured = column("number", Infinity);
const group = column("text", 1);

const statistics = ["mean", "min", "max", "p50", "p95", "deviation", "count", "first", "last"];
const point_columns = [moment("time"), measured("value")];
const window_columns = [moment("time"), ...statistics.map(measured)];
const fact_columns = [...point_columns,
  ...["device", "site", "area", "device_type", "text", "unit", "quality"].map(group)];

const of_points = ["scatter", "line", "box", "density", "histogram", "ecdf"];
const of_windows = [...of_points, "bar", "pairs"];
const of_facts = [...of_points, "bar", "heat"];
let texts = new Set();  // series whose last value is no number

export async function list_sensors(company) {
  const { items } = await get("series", { ...company, limit: listed_max });
  texts = new Set(items.filter((series) => typeof series.last.value !== "number")
    .map((series) => `${series.device}/${series.metric}`));
  element("sensor-choice").hidden = items.length === 0;
  element("sensors").replaceChildren(...items.map((series) =>
    html("option", { value: `${series.device}/${series.metric}` })));
}

// A device's name holds no "/", its metrics may.
const metric_of = (series) => series.slice(series.indexOf("/") + 1);

// In UTC, as the axis of the chart is.
const moment_of = (id) => {
  const chosen = element(id).value;
  return chosen ? { [id]: new Date(`${chosen}Z`).toISOString() } : {};
};

// What is chosen, as draw.js wants it: without the id of a data set, with the kinds of chart that
// its columns can be; or why it cannot be drawn; null when it is nothing.
export function chosen_sensor() {
  const series = element("sensor").value.trim();
  if (!series) return null;
  const shows = element("sensor-shows").value;
  const span = { ...moment_of("from"), ...moment_of("to") };
  if (shows === "facts") {
    const metric = metric_of(series);
    return { id: "", columns: fact_columns, source: { facts: metric, ...span },
      ...(texts.has(series) ? { kind: "bar", kinds: ["bar", "heat"], x: "text" }
        : { kind: "box", kinds: of_facts }) };
  }
  if (texts.has(series)) return { refusal: "no_numbers" };
  const resolution = shows === "values" ? {} : { resolution: shows };
  return { id: "", columns: shows === "values" ? point_columns : window_columns,
    source: { series, ...resolution, ...span }, kind: "line",
    kinds: shows === "values" ? of_points : of_windows };
}
