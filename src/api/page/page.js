// The page: signs in, keeps what is chosen in the address (so that it can be bookmarked), and asks
// once a second for what changed.

import { beat_commands, listen_to_commands } from "./commands.js";
import { Curve } from "./curve.js";
import { show_ledger } from "./ledger.js";
import * as panels from "./panels.js";
import { get, post, remove } from "./rest.js";
import { Source } from "./source.js";
import { html, write } from "./svg.js";
import { ago, apply_texts, choose_language, full_time, number, sentence, span, t, with_unit }
  from "./texts.js";

const element = (id) => document.getElementById(id);
const chosen = { company: "", device: "", metric: "", range: "", window: "" };
const known = { session: null, series: [], alarms: [], devices: [], ledger: null };
let looked_at = "";  // the device whose ledger is shown; empty: that of the curve
let source = null;
let curve = null;
let zoomed_from = null;
let beats = 0;
let running = 0;  // counts sign-ins, so that an old loop ends

// --- choices ------------------------------------------------------------------------------------

function read_address() {
  const fields = new URLSearchParams(location.hash.slice(1));
  for (const name of Object.keys(chosen)) chosen[name] = fields.get(name) || chosen[name];
}

function write_address() {
  const fields = Object.entries(chosen).filter(([, value]) => value);
  history.replaceState(null, "", `#${new URLSearchParams(fields)}`);
}

function fill(select, values, value) {
  const same = select.options.length === values.length &&
    values.every((name, index) => select.options[index].value === name);
  if (!same) select.replaceChildren(...values.map((name) => html("option", { value: name }, name)));
  select.value = value;
}

function show_choices() {
  const devices = [...new Set(known.series.map((series) => series.device))];
  const metrics = known.series.filter((series) => series.device === chosen.device)
    .map((series) => series.metric);
  fill(element("device"), devices, chosen.device);
  fill(element("metric"), metrics, chosen.metric);
  for (const button of document.querySelectorAll("[data-range]")) {
    const pressed = !zoomed_from && button.dataset.range === chosen.range;
    button.setAttribute("aria-pressed", String(pressed));
  }
  element("window").value = chosen.window;
  write(element("curve-title"), `${chosen.metric} · ${chosen.device}`);
  document.title = chosen.device ? `${chosen.metric} · ${chosen.device} · cauce` : "cauce";
}

// The series with the gravest threshold alarm, of these the longest; or else the first of numbers.
function choose_first_series() {
  const has = (device, metric) => known.series.some((series) => series.device === device &&
    series.metric === metric);
  if (has(chosen.device, chosen.metric)) return;
  const gravity = (alarm) => ["info", "warning", "critical"].indexOf(alarm.severity);
  const lasted = (alarm) => (alarm.until ? Date.parse(alarm.until) : Date.now()) -
    Date.parse(alarm.since);
  const marked = known.alarms.filter((alarm) => has(alarm.device, alarm.metric))
    .sort((one, other) => gravity(other) - gravity(one) || lasted(other) - lasted(one))[0];
  const first = marked || known.series.find((series) => typeof series.last.value === "number") ||
    known.series[0];
  chosen.device = first.device;
  chosen.metric = first.metric;
  chosen.range = "";
}

// The shortest range that shows the newest value, and the newest alarm of the series.
function choose_first_range(now) {
  if (chosen.range) return;
  const series = known.series.find((item) => item.device === chosen.device &&
    item.metric === chosen.metric);
  const moments = [Date.parse(series.last.time), ...known.alarms
    .filter((alarm) => alarm.device === chosen.device && alarm.metric === chosen.metric)
    .slice(0, 3).map((alarm) => Date.parse(alarm.since))];
  const hours = (now - Math.min(...moments)) / 3600e3;
  chosen.range = hours < 0.2 ? "15m" : hours < 5.5 ? "6h" : hours < 23 ? "24h" : "all";
}

async function choose(device, metric, range) {
  looked_at = device;
  await beat_ledger().catch(fail);
  const metrics = known.series.filter((series) => series.device === device);
  if (!metrics.length) {
    element("ledger-card").scrollIntoView({ block: "nearest", behavior: "smooth" });
    return;
  }
  chosen.device = device;
  chosen.metric = metrics.some((series) => series.metric === metric) ? metric : metrics[0].metric;
  chosen.range = range || "";
  choose_first_range(Date.now());
  open_series();
  await beat_curve();
  element("curve-card").scrollIntoView({ block: "nearest", behavior: "smooth" });
}

function open_series(range = chosen.range) {
  zoomed_from = typeof range === "object" ? zoomed_from : null;
  source = new Source({ company: chosen.company, device: chosen.device, metric: chosen.metric },
    range, chosen.window);
  show_choices();
  write_address();
}

function zoom(from, to) {
  if (from === null) {
    open_series();
  } else if (to - from >= 2000) {
    zoomed_from = zoomed_from || chosen.range;
    open_series({ from, to });
  }
  beat_curve();
}

// --- the beat -----------------------------------------------------------------------------------

let curve_busy = false;

async function beat_curve() {
  if (!source || curve_busy) return;
  const mine = source;
  curve_busy = true;
  try {
    await mine.update(Date.now());
  } catch (fault) {
    fail(fault);
    return;
  } finally {
    curve_busy = false;
  }
  if (mine === source) draw_curve();
  else beat_curve();
}

function draw_curve() {
  const now = Date.now();
  const series = known.series.find((item) => item.device === chosen.device &&
    item.metric === chosen.metric);
  const last = source.kind === "points" && source.items.length && !zoomed_from
    ? source.items[source.items.length - 1]
    : series && { time: Date.parse(series.last.time), value: series.last.value };
  const { from, to } = source.bounds(now);
  const unit = source.unit || (series ? series.unit : "");
  const limits = [...new Set(source.alarms.filter((alarm) => alarm.kind === "threshold" &&
    alarm.metric === chosen.metric).map((alarm) => alarm.limit))];
  const alarms = source.alarms.filter((alarm) => !alarm.metric || alarm.metric === chosen.metric);
  const items = source.shown(Math.max(120, element("curve").clientWidth / 2));
  curve.draw({ items, from, to, unit, gap: source.gap(items), alarms, limits });
  const numeric = last && typeof last.value === "number";
  write(element("now-value"), last ? (numeric ? with_unit(last.value, unit) : last.value) : "–");
  write(element("now-age"), last ? ago(last.time, now) : "");
  const empty = !source.items.length && last;
  element("curve-empty").hidden = !empty;
  if (empty) {
    write(element("curve-empty"), numeric ? t("no_values", full_time(last.time))
      : t("not_numeric", last.value));
  }
  const method = source.kind === "points" ? t("points", number(source.items.length))
    : t("windows", span(source.step / 1000));
  write(element("curve-method"), empty ? "" : zoomed_from ? `${method} · ${t("zoomed")}` : method);
  describe(from, to, unit, alarms.length);
}

function describe(from, to, unit, alarms) {
  let low = Infinity, high = -Infinity;
  for (const item of source.items) {
    low = Math.min(low, item.low ?? item.value);
    high = Math.max(high, item.high ?? item.value);
  }
  const [lowest, highest] = [low, high].map((value) => low <= high ? with_unit(value, unit) : "–");
  const says = t("curve_says", `${chosen.metric} ${chosen.device}`, full_time(from), full_time(to),
    lowest, highest, alarms);
  element("curve").setAttribute("aria-label", says);
}

async function beat_lists() {
  const company = { company: chosen.company };
  const open = await get("alarms", { ...company, state: "open", limit: 100 });
  const all = await get("alarms", { ...company, state: "all", limit: 50 });
  const seen = new Set(open.items.map((alarm) => alarm.id));
  known.alarms = [...open.items, ...all.items.filter((alarm) => !seen.has(alarm.id))];
  known.series = await every_series();
  const devices = await get("devices", { ...company, limit: 200 });
  known.devices = devices.items;
  known.more_devices = devices.next !== null;
}

// A device in open mode has none, because nobody made it.
async function beat_ledger() {
  const device = looked_at || chosen.device || (known.devices[0] || {}).name;
  const is_made = known.devices.some((item) => item.name === device);
  known.ledger = is_made ? await get(`devices/${encodeURIComponent(device)}/ledger`,
    { company: chosen.company }) : null;
  show_ledger(known.ledger, Date.now());
  const may_send = known.session.access !== "viewer";
  await beat_commands(is_made ? { company: chosen.company, device } : null, may_send);
}

async function every_series() {
  const answer = await get("series", { company: chosen.company, limit: 1000 });
  return answer.items;
}

function show_lists(overview) {
  const now = Date.now();
  const alarm_chosen = (alarm) => choose(alarm.device, alarm.metric || alarm.value_metric);
  const has_curve = (device) => known.series.some((series) => series.device === device);
  panels.show_alarms(known.alarms, now, has_curve, alarm_chosen);
  panels.show_messages(overview.installation);
  panels.show_groups(overview.groups);
  panels.show_disk(overview.installation);
  panels.show_silent(overview.silent, now, has_curve, (device) => choose(device));
  panels.show_undecodable(overview.undecodable, now);
  panels.show_devices(known.devices, known.more_devices, now, choose);
  element("empty").hidden = known.devices.length + known.series.length > 0;
  element("curve-card").hidden = known.series.length === 0;
}

function state_line(kind, text) {
  return html("p", {}, html("span", { class: `dot ${kind}` }), html("span", {}, text));
}

function show_state(overview) {
  const lines = [];
  const health = overview.health || { status: "ok", problems: [] };
  if (health.problems.length === 0) lines.push(state_line("good live", t("all_well")));
  for (const problem of health.problems) lines.push(state_line("warning", sentence(problem)));
  if (overview.open) lines.push(state_line("warning", t("open_mode")));
  const shown = lines.map((line) => line.textContent).join("\n");
  const state = element("state");
  if (state.dataset.shown === shown) return;
  state.dataset.shown = shown;
  state.replaceChildren(...lines);
}

async function beat() {
  const overview = await get("overview", { company: chosen.company });
  if (beats % 3 === 0) {
    await beat_lists();
    await beat_ledger();
  }
  ++beats;
  show_state(overview);
  show_lists(overview);
  if (!known.series.length) return;
  if (!source) {
    choose_first_series();
    choose_first_range(Date.now());
    open_series();
  }
  show_choices();
  await beat_curve();
}

// --- sessions -----------------------------------------------------------------------------------

function fail(fault) {
  if (fault.status === 401) {
    show_login();
  } else {
    element("state").dataset.shown = "";
    const text = fault.status ? fault.message : t("lost");
    element("state").replaceChildren(state_line("warning", text));
  }
}

function show_login(fault = "") {
  ++running;
  element("app").hidden = true;
  element("leave").hidden = true;
  element("login").hidden = false;
  element("login-fault").textContent = fault;
  element("user").focus();
}

async function run() {
  const mine = ++running;
  while (mine === running) {
    const started = performance.now();
    if (!document.hidden) await beat().catch(fail);
    const rest = Math.max(200, 1000 - (performance.now() - started));
    await new Promise((resume) => setTimeout(resume, rest));
  }
}

async function enter() {
  known.session = await get("session");
  const companies = (await get("companies", { limit: 1000 })).items.map((item) => item.name);
  if (known.session.open) companies.push("open");
  if (!companies.includes(chosen.company)) chosen.company = companies[0] || "";
  fill(element("company"), companies, chosen.company);
  element("company-choice").hidden = companies.length < 2;
  element("login").hidden = true;
  element("app").hidden = false;
  element("leave").hidden = false;
  if (!companies.length) {
    element("empty").hidden = false;
    element("curve-card").hidden = true;
    document.querySelector(".panels").hidden = true;
    setTimeout(() => enter().catch(fail), 2000);
    return;
  }
  document.querySelector(".panels").hidden = false;
  run();
}

// The link that cauce prints signs in once; its key must not stay in the address or the history.
async function use_link() {
  const fields = new URLSearchParams(location.search);
  const key = fields.get("key");
  if (!key) return;
  fields.delete("key");
  const rest = fields.toString();
  history.replaceState(null, "", `/${rest ? `?${rest}` : ""}${location.hash}`);
  const session = await post("session", { key });
  element("fresh-value").textContent = session.token;
  element("fresh-token").hidden = false;
  element("fresh-form").hidden = session.company !== null || session.access !== "owner";
}

// The first owner gives himself a name, so that nobody has to keep a token.
async function make_user(event) {
  event.preventDefault();
  const [name, password] = [element("fresh-user"), element("fresh-password")];
  try {
    await post("users", { name: name.value.trim(), password: password.value, access: "owner",
      whole_installation: true });
    password.value = "";
    write(element("fresh-fault"), t("user_made"));
  } catch (fault) {
    write(element("fresh-fault"), fault.status ? fault.message : t("lost"));
  }
}

async function sign_in(event) {
  event.preventDefault();
  const user = element("user").value.trim();
  const secret = element("secret").value;
  try {
    await post("session", user ? { user, password: secret } : { token: secret.trim() });
    element("secret").value = "";
    await enter();
  } catch (fault) {
    const refused = user ? t("login_wrong") : t("login_refused");
    const words = fault.status === 429 ? t("login_wait") : refused;
    element("login-fault").textContent = fault.status ? words : t("lost");
  }
}

// --- the frame ----------------------------------------------------------------------------------

function apply_theme() {
  const dark = (localStorage.getItem("cauce.theme") ||
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  element("theme").textContent = t(dark ? "theme_light" : "theme_dark");
}

function listen() {
  listen_to_commands();
  element("login-form").addEventListener("submit", sign_in);
  element("fresh-form").addEventListener("submit", make_user);
  element("leave").addEventListener("click", async () => {
    await remove("session").catch(() => {});
    show_login();
  });
  element("theme").addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme === "dark";
    localStorage.setItem("cauce.theme", dark ? "light" : "dark");
    apply_theme();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply_theme);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      choose_language(button.dataset.language);
      apply_theme();
      element("state").dataset.shown = "";
      if (known.session) beat().catch(fail);
    });
  }
  for (const button of document.querySelectorAll("[data-range]")) {
    button.addEventListener("click", () => {
      chosen.range = button.dataset.range;
      open_series();
      beat_curve();
    });
  }
  element("window").addEventListener("change", (event) => {
    chosen.window = event.target.value;
    open_series();
    beat_curve();
  });
  element("device").addEventListener("change", (event) =>
    choose(event.target.value, chosen.metric, chosen.range));
  element("metric").addEventListener("change", (event) =>
    choose(chosen.device, event.target.value, chosen.range));
  element("company").addEventListener("change", (event) => {
    Object.assign(chosen, { company: event.target.value, device: "", metric: "", range: "" });
    source = null;
    looked_at = "";
    beats = 0;
    beat().catch(fail);
  });
  element("fresh-copy").addEventListener("click", async (event) => {
    await navigator.clipboard.writeText(element("fresh-value").textContent);
    event.target.textContent = t("copied");
  });
  element("fresh-done").addEventListener("click", () => {
    element("fresh-value").textContent = "";
    element("fresh-token").hidden = true;
  });
}

async function start() {
  apply_texts();
  apply_theme();
  read_address();
  listen();
  curve = new Curve(element("curve"), element("readout"), element("spoken"),
    (from, to) => zoom(from, to));
  try {
    await use_link();
  } catch {
    return show_login(t("login_refused"));
  }
  enter().catch((fault) => (fault.status === 401 ? show_login() : fail(fault)));
}

start();
