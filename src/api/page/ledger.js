// What the ledger says of one device: what is wrong with it in words, and what arrived.

import { follow, html, write } from "./svg.js";
import { ago, bytes, number, sentence, span, t } from "./texts.js";

const element = (id) => document.getElementById(id);

// What cannot be known is null.
const known_or_dash = (count) => count === null ? "–" : number(count);

function rows_of(ledger, now) {
  const last_day = ledger.days[ledger.days.length - 1];
  const today = last_day && now - Date.parse(last_day.start) < 86400e3 ? last_day : null;
  const both = (name) => `${today ? known_or_dash(today[name]) : 0} · ` +
    known_or_dash(ledger.total[name]);
  const rows = [[t("ledger_messages"), both("messages")], [t("ledger_missing"), both("missing")],
    [t("ledger_duplicates"), both("duplicates")], [t("ledger_unreadable"), both("dead_letters")],
    [t("ledger_bytes"), `${bytes(today ? today.payload_bytes : 0)} · ` +
      bytes(ledger.total.payload_bytes)]];
  const { silence, clock } = ledger;
  if (ledger.last_seen) rows.push([t("last_seen"), ago(Date.parse(ledger.last_seen), now)]);
  if (silence && silence.typical_seconds !== null) {
    rows.push([t("ledger_interval"), span(silence.typical_seconds)]);
  }
  if (silence && silence.longest_seconds !== null) {
    rows.push([t("ledger_silence"), span(silence.longest_seconds)]);
  }
  if (clock && clock.typical_seconds !== null) {
    const skew = clock.typical_seconds;
    rows.push([t(skew < 0 ? "ledger_ahead" : "ledger_behind"), span(Math.abs(skew))]);
  }
  return rows;
}

// Null hides it: the device is not one of the company's.
export function show_ledger(ledger, now) {
  element("ledger-card").hidden = !ledger;
  if (!ledger) return;
  write(element("ledger-title"), t("ledger", ledger.device));
  const findings = ledger.findings.length ? ledger.findings
    : [{ code: "well", text: { en: t("ledger_well"), es: t("ledger_well") } }];
  follow(element("ledger-findings"), findings, (finding) => finding.code,
    () => html("li", {}), (row, finding) => {
      row.className = finding.code === "well" ? "none" : "";
      write(row, sentence(finding.text));
    });
  follow(element("ledger-counts"), rows_of(ledger, now), (row) => row[0],
    () => html("li", {}, html("span"), html("span")), (row, [name, value]) => {
      write(row.children[0], name);
      write(row.children[1], value);
    });
}
