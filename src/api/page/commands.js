// The commands of one device: the last ones and what came of them, and a form that gives one.

import { get, post, remove } from "./rest.js";
import { follow, html, write } from "./svg.js";
import { ago, span, t } from "./texts.js";

const element = (id) => document.getElementById(id);
const shown_max = 8;
const answer_shown_max = 200;  // of it, in characters
const dots = { waiting: "info", sent: "info", given: "good", acknowledged: "good",
  answered: "good", refused: "critical", expired: "warning", withdrawn: "past" };

let of = null;  // { company, device }: whose commands are shown
let known = { items: [], may_send: false };
const answers = new Map();  // by id and when it came

const path = (device) => `devices/${encodeURIComponent(device)}/commands`;

// JSON as JSON, any other text as it is.
function payload_of(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function cut(text) {
  const characters = [...text];
  return characters.length <= answer_shown_max ? text
    : `${characters.slice(0, answer_shown_max).join("")}…`;
}

// A list says that there is an answer, not what it is.
async function answer_of(company, command) {
  const key = `${command.id} ${command.answered_at}`;
  if (!answers.has(key)) {
    const whole = await get(`${path(command.device)}/${command.id}`, { company });
    if (whole.answer) answers.set(key, cut(whole.answer.text));
  }
  return answers.get(key) || "";
}

function state_of(command, answer, now) {
  const words = t(`command_${command.state}`);
  if (command.state === "answered") return answer ? `${words}: ${answer}` : words;
  const is_over = command.state === "expired" || command.state === "withdrawn";
  if (is_over && command.sent_at) return `${words}. ${t("command_perhaps")}`;
  if (command.state !== "waiting" && command.state !== "sent") return words;
  const left = Math.max(0, Date.parse(command.expires_at) - now) / 1000;
  return `${words} · ${t("command_left", span(left))}`;
}

function row_of() {
  const button = html("button", { type: "button" });
  const row = html("li", { class: "command" }, html("span", { class: "dot" }),
    html("span", {}, html("code"), html("span", { class: "quiet" })),
    html("span", { class: "when" }), button);
  button.addEventListener("click", () => withdraw(row.command));
  return row;
}

function show() {
  element("commands-card").hidden = !of;
  if (!of) return;
  const now = Date.now();
  write(element("commands-title"), t("commands", of.device));
  element("commands-form").hidden = !known.may_send;
  element("commands-none").hidden = known.items.length > 0;
  follow(element("commands"), known.items, (item) => item.command.id, row_of,
    (row, { command, answer }) => {
      row.command = command;
      row.children[0].className = `dot ${dots[command.state]}`;
      write(row.children[1].children[0], command.payload_start);
      write(row.children[1].children[1], state_of(command, answer, now));
      write(row.children[2], ago(Date.parse(command.given_at), now));
      row.children[2].title = command.given_by;
      const is_open = command.state === "waiting" || command.state === "sent";
      row.children[3].hidden = !is_open || !known.may_send;
      write(row.children[3], t("command_withdraw"));
    });
}

function complain(fault) {
  write(element("commands-fault"), fault.status ? fault.message : t("lost"));
}

async function withdraw(command) {
  try {
    await remove(`${path(command.device)}/${command.id}`, { company: of.company });
    write(element("commands-fault"), "");
  } catch (fault) {
    complain(fault);
  }
  await beat_commands(of, known.may_send).catch(complain);
}

async function send(event) {
  event.preventDefault();
  const payload = element("commands-payload");
  try {
    await post(path(of.device), { payload: payload_of(payload.value),
      expires_in_s: Number(element("commands-wait").value) }, { company: of.company });
    payload.value = "";
    write(element("commands-fault"), "");
  } catch (fault) {
    return complain(fault);
  }
  await beat_commands(of, known.may_send).catch(complain);
}

// Asks for the last ones of `whose` and shows them; null hides them: nobody made the device.
export async function beat_commands(whose, may_send) {
  const same = of && whose && of.device === whose.device && of.company === whose.company;
  if (!same) write(element("commands-fault"), "");
  const items = [];
  if (whose) {
    const { device, company } = whose;
    for (const command of (await get(path(device), { company, limit: shown_max })).items) {
      items.push({ command,
        answer: command.answered_at ? await answer_of(company, command) : "" });
    }
  }
  of = whose;
  known = { items, may_send };
  show();
}

export function listen_to_commands() {
  element("commands-form").addEventListener("submit", send);
}
