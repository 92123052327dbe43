// The page that draws a file, or what sensors measured: takes the file in with its progress, lists
// the columns, and shows the chart of those that are chosen. It uses the REST interface and nothing
// else.

import { draw_texts } from "./draw_texts.js";
import { advise, forget_lists, list_kept } from "./draw_lists.js";
import { chosen_sensor, list_sensors } from "./draw_sensors.js";
import { get, post } from "./rest.js";
import { html } from "./svg.js";
import { add_texts, apply_texts, bytes, choose_language, current_language, number, t, time }
  from "./texts.js";

const element = (id) => document.getElementById(id);
const state = { company: "", set: null, drawings: 0, sending: null };

// Which columns each kind takes: what stands there by itself is needed.
const roles = {
  scatter: { x: "x", y: "y", color: "color", size: "size", shape: "shape", trend: "trend",
    facet: "facet" },
  bar: { x: "key", period: "period", y: "values", color: "color", aggregate: "aggregate",
    bars: "bars", direction: "direction", facet: "facet" },
  box: { y: "values", by: "by", marks: "marks", facet: "facet" },
  density: { x: "values", y: "second", by: "by", facet: "facet" },
  histogram: { x: "values", by: "by", facet: "facet" },
  ecdf: { x: "values", by: "by", facet: "facet" },
  line: { x: "x", period: "period", y: "y", color: "color", facet: "facet" },
  heat: { x: "x", period: "period", y: "y", color: "color", aggregate: "aggregate",
    facet: "facet" },
  pairs: { columns: "columns", color: "color", facet: "facet" },
};
const column_roles = ["x", "y", "color", "size", "shape", "by", "facet"];
const optional = new Set(["color", "size", "shape", "by", "facet"]);
const is_optional = (kind, role) => optional.has(role) || (kind === "density" && role === "y");
const pairs_max = 8;  // columns of a pair plot
const picture_width = 720;  // CSS pixels; on a narrow screen it is drawn as wide as its room …
const narrowest = 320;      // … but not narrower, and text keeps its size

// --- taking a file in -----------------------------------------------------------------------

function complain(text, problem = {}) {
  element("fault").textContent = text;
  const faults = problem.errors || [];
  element("faults").hidden = faults.length === 0;
  element("faults").tBodies[0].replaceChildren(...faults.map((fault) => html("tr", {},
    html("td", {}, fault.line === null ? "" : String(fault.line)),
    html("td", {}, fault.column || ""), html("td", {}, fault.value || ""))));
  if (faults.length > 0 && problem.error_count > faults.length) {
    element("fault").append(" ", t("more_faults", number(problem.error_count), faults.length));
  }
}

function show_progress(sent, all) {
  element("progress").max = all || 1;
  element("progress").value = sent;
  element("sent").textContent = sent < all ? t("sent", bytes(sent), bytes(all)) : t("reading");
}

function answer_of(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return {};
  }
}

// XMLHttpRequest, because fetch does not tell how much has been sent.
function send_file(file) {
  const request = new XMLHttpRequest();
  const query = new URLSearchParams({ name: file.name || "data" });
  if (state.company) query.set("company", state.company);
  request.open("POST", `/api/v1/datasets?${query}`);
  request.setRequestHeader("X-Requested-With", "cauce");
  request.upload.addEventListener("progress", (event) => show_progress(event.loaded, event.total));
  const form = new FormData();
  form.append("file", file, file.name || "data");
  return new Promise((resolve) => {
    const end = (problem) =>
      resolve({ status: request.status, answer: answer_of(request), problem });
    request.addEventListener("load", () => end(null));
    request.addEventListener("error", () => end("not_sent"));
    request.addEventListener("abort", () => end("stopped"));
    state.sending = request;
    request.send(form);
  });
}

async function take_file(file) {
  if (!file || state.sending) return;
  complain("");
  element("sending").hidden = false;
  show_progress(0, file.size || 1);
  const { status, answer, problem } = await send_file(file);
  state.sending = null;
  element("sending").hidden = true;
  element("file").value = "";
  if (problem) return complain(t(problem));
  if (status === 403) return complain(t("may_not"));
  if (status !== 201) {
    return complain(answer.text?.[current_language()] || answer.detail || t("not_sent"), answer);
  }
  await list_known();
  show_data_set(answer);
}

// --- what is here -------------------------------------------------------------------------------

const of_company = () => (state.company ? { company: state.company } : {});

async function list_known() {
  const { items } = await get("datasets", { ...of_company(), limit: 200 });
  element("known-choice").hidden = items.length === 0;
  element("known").replaceChildren(html("option", { value: "" }, t("choose_known")),
    ...items.map((set) => html("option", { value: set.id }, set.name)));
  element("known").value = state.set ? state.set.id : "";
}

function cell(value) {
  return value === null || value === undefined ? "" :
    typeof value === "number" ? number(value) : String(value);
}

function show_columns() {
  const { set } = state;
  element("columns-title").textContent =
    t("columns_of", set.name, number(set.rows, 15), number(set.columns.length));
  element("column-list").replaceChildren(...set.columns.map((column) => html("tr", {},
    html("td", { title: column.name }, column.name), html("td", {}, t(column.type)),
    html("td", { class: "count" }, number(column.missing, 15)),
    html("td", { class: "count" }, number(column.distinct, 15)),
    html("td", { class: "count" }, cell(column.min)),
    html("td", { class: "count" }, cell(column.max)))));
  element("notes").replaceChildren(
    ...set.notes.map((note) => html("li", {}, note[current_language()])));
}

function fill(select, columns, chosen, with_none) {
  const none = with_none ? [html("option", { value: "" }, t("none"))] : [];
  select.replaceChildren(...none,
    ...columns.map(({ name, word }) => (word
      ? html("option", { value: name, "data-text": word }, t(word))
      : html("option", { value: name }, name))));
  select.value = chosen;
}

// Numbers for what is measured; for groups a column of few different values.
function choose_first_columns() {
  const { columns } = state.set;
  const numbers = columns.filter((column) => column.type === "number");
  const groups = columns.filter((column) => column.type !== "number" && column.distinct <= 30);
  const name = (column) => (column ? column.name : "");
  const kind = element("kind").value;
  const first = numbers[0] || columns[0];
  const time = columns.find((column) => column.type === "date" || column.type === "datetime");
  const defaults = {
    scatter: { x: name(numbers[1] ? first : time || first), y: name(numbers[1] || first),
      color: "" },
    bar: { x: name(groups[0] || columns[0]), y: name(first) },
    box: { y: name(first), by: name(groups[0]) },
    density: { x: name(first), by: name(groups[0]) },
    histogram: { x: name(first) },
    ecdf: { x: name(first), by: name(groups[0]) },
    line: { x: name(time || first), y: name(time ? first : numbers[1] || first) },
    heat: { x: name(groups[0] || columns[0]), y: name(groups[1] || columns[0]), color: "" },
    pairs: {},
  };
  for (const role of column_roles) {
    fill(element(role), role === "size" ? numbers : columns, defaults[kind][role] || "",
      is_optional(kind, role));
  }
  fill(element("columns"), numbers, "", false);
  choose_pairs(numbers.slice(0, 4).map(name));
}

function choose_pairs(names) {
  for (const option of element("columns").options) {
    option.selected = names.includes(option.value);
  }
}

// Periods are of dates.
function is_taken(role, taken) {
  if (role !== "period") return role in taken;
  const x = state.set.columns.find((column) => column.name === element("x").value);
  return role in taken && Boolean(x) && (x.type === "date" || x.type === "datetime");
}

function show_roles() {
  const taken = roles[element("kind").value];
  for (const label of document.querySelectorAll("[data-role]")) {
    label.hidden = !is_taken(label.dataset.role, taken);
  }
  for (const role of ["x", "y"]) {
    if (taken[role]) element(`${role}-label`).textContent = t(taken[role]);
  }
}

// `kind`: the chart that is drawn first.
function show_set(set, kind) {
  state.set = set;
  element("known").value = set.id;
  element("work").hidden = false;
  element("columns-card").hidden = !set.id;
  for (const option of element("kind").options) {
    option.disabled = Boolean(set.kinds) && !set.kinds.includes(option.value);
  }
  element("kind").value = kind;
  choose_first_columns();
}

function show_data_set(set) {
  const measured = set.columns.filter((column) => column.type === "number").length;
  show_set({ ...set, source: { dataset: set.id } },
    measured > 1 ? "scatter" : measured === 1 ? "histogram" : "bar");
  element("sensor").value = "";
  show_columns();
  if (measured === 0) element("aggregate").value = "count";
  show_roles();
  draw();
  advise(set.id, of_company(), choose_advised);
}

function show_sensor() {
  const sensor = chosen_sensor();
  if (!sensor) return;
  complain(sensor.refusal ? t(sensor.refusal) : "");
  if (sensor.refusal) return;
  show_set(sensor, sensor.kind);
  if (sensor.x) {
    element("x").value = sensor.x;
    element("aggregate").value = "count";
  }
  forget_lists();
  show_roles();
  draw();
}

// --- drawing ------------------------------------------------------------------------------------

function options() {
  const kind = element("kind").value;
  const chosen = { locale: current_language(), theme: document.documentElement.dataset.theme };
  const taken = roles[kind];
  for (const role of Object.keys(taken)) {
    if (element(role).value && is_taken(role, taken)) chosen[role] = element(role).value;
  }
  if (kind === "pairs") {
    chosen.columns = [...element("columns").selectedOptions].slice(0, pairs_max)
      .map((option) => option.value).join(",");
  }
  const room = Math.floor(element("choices").clientWidth);
  if (room < picture_width) chosen.width = Math.max(narrowest, room);
  if (kind === "density" && chosen.y) delete chosen.by;
  if (kind === "bar" && chosen.aggregate === "count") delete chosen.y;
  if (kind === "bar" && !chosen.color) delete chosen.bars;
  return chosen;
}

// `width`: as asked for; undefined: as wide as usual.
function show_chart(chart, width) {
  const query = state.company ? `?${new URLSearchParams(of_company())}` : "";
  element("picture").src = chart.urls.svg + query;
  element("picture").alt = chart.alternative_text;
  element("picture").width = width || picture_width;
  for (const format of ["png", "svg", "pdf", "json"]) {
    element(format).href = chart.urls[format] + query;
  }
  element("link").href = chart.links.png;
  element("link-until").textContent = t("link_until",
    time(Date.parse(chart.links_until), { day: "numeric", month: "short", year: "numeric" }));
  element("figure").hidden = false;
}

function choose_advised({ kind, options: chosen }) {
  element("kind").value = kind;
  choose_first_columns();
  for (const role of column_roles) {
    element(role).value = chosen[role] || "";
  }
  if (chosen.columns) choose_pairs(chosen.columns.split(","));
  element("marks").value = chosen.marks || "box";
  element("aggregate").value = kind === "bar" && !chosen.y ? "count" : "mean";
  show_roles();
  draw();
}

// What the interface says of its options, in the words that stand on this page.
function words_of(problem) {
  const text = problem.text?.[current_language()] || problem.message || t("lost");
  return text.replace(" (bar --x)", "").replace(/--([a-z-]+)/g, (option, name) => {
    const label = document.querySelector(`[data-role="${name}"] span`);
    return label && label.textContent ? t("quoted", label.textContent) : option;
  });
}

// Of several drawings under way only the last one is shown.
async function draw() {
  if (!state.set) return;
  const drawing = ++state.drawings;
  element("figure").classList.add("waiting");
  let fault = "";
  try {
    const chosen = options();
    const chart = await post("charts",
      { kind: element("kind").value, ...state.set.source, options: chosen }, of_company());
    if (drawing === state.drawings) {
      show_chart(chart, chosen.width);
      if (state.set.id) list_kept(state.set.id, of_company());
    }
  } catch (problem) {
    fault = words_of(problem);
  }
  if (drawing !== state.drawings) return;
  element("chart-fault").textContent = fault;
  if (fault) element("figure").hidden = true;
  element("figure").classList.remove("waiting");
}

// --- the frame ----------------------------------------------------------------------------------

function apply_theme() {
  const dark = (localStorage.getItem("cauce.theme") ||
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  element("theme").textContent = t(dark ? "theme_light" : "theme_dark");
}

function speak() {
  document.title = `${t("draw_page")} · cauce`;
  apply_theme();
  if (!state.set) return;
  show_roles();
  draw();
  if (!state.set.id) return;
  show_columns();
  advise(state.set.id, of_company(), choose_advised);
}

function listen() {
  element("file").addEventListener("change", (event) => take_file(event.target.files[0]));
  element("stop").addEventListener("click", () => state.sending && state.sending.abort());
  const drop = element("drop");
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name === "drop") take_file(event.dataTransfer.files[0]);
    });
  }
  element("known").addEventListener("change", async (event) => {
    if (event.target.value) {
      show_data_set(await get(`datasets/${event.target.value}`, of_company()));
    }
  });
  for (const name of ["sensor", "sensor-shows", "from", "to"]) {
    element(name).addEventListener("change", show_sensor);
  }
  element("kind").addEventListener("change", () => {
    choose_first_columns();
    show_roles();
    draw();
  });
  const settings = ["columns", "period", "aggregate", "bars", "direction", "marks", "trend"];
  for (const name of [...column_roles, ...settings]) {
    element(name).addEventListener("change", () => {
      show_roles();
      draw();
    });
  }
  element("theme").addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme === "dark";
    localStorage.setItem("cauce.theme", dark ? "light" : "dark");
    speak();
  });
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      choose_language(button.dataset.language);
      speak();
    });
  }
  element("company").addEventListener("change", (event) => {
    state.company = event.target.value;
    state.set = null;
    element("work").hidden = true;
    element("sensor").value = "";
    list_known();
    list_sensors(of_company());
  });
}

async function start() {
  add_texts(draw_texts);
  apply_texts();
  speak();
  listen();
  let session = null;
  try {
    session = await get("session");
  } catch {
    element("stranger").hidden = false;
    return;
  }
  if (!session.company) {
    const { items } = await get("companies");
    const names = items.map((company) => company.name);
    element("company").replaceChildren(...names.map((name) => html("option", { value: name },
      name)));
    element("company-choice").hidden = names.length < 2;
    state.company = names[0] || "";
  }
  element("app").hidden = false;
  await list_known();
  await list_sensors(of_company());
}

start();
