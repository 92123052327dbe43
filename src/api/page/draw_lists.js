// What stands beside the chart of a file: which charts suit it, and those that have an address.

import { get, remove } from "./rest.js";
import { html } from "./svg.js";
import { current_language, full_time, t } from "./texts.js";

const element = (id) => document.getElementById(id);
const page_items = 10;
let asked = "";  // the data set whose lists are wanted; answers for another one come too late

// What is drawn has no lists.
export function forget_lists() {
  asked = "";
  element("advice").hidden = true;
  element("kept-charts").hidden = true;
}

const name_of = (kind) => element("kind").querySelector(`option[value="${kind}"]`).textContent;

// Calls `choose` with the one that is clicked.
export async function advise(data_set, company, choose) {
  asked = data_set;
  const { recommendations } = await get(`datasets/${data_set}/recommendations`, company);
  if (asked !== data_set) return;
  element("advice").hidden = recommendations.length === 0;
  element("advised").replaceChildren(...recommendations.map((one) => {
    const button = html("button", { type: "button" }, name_of(one.kind));
    button.addEventListener("click", () => choose(one));
    return html("li", {}, button,
      html("span", { class: "quiet" }, one.reason[current_language()] || one.reason.en));
  }));
}

function entry(chart, data_set, company) {
  const query = company.company ? `?${new URLSearchParams(company)}` : "";
  const button = html("button", { type: "button",
    "aria-label": t("remove_what", chart.alternative_text) }, t("remove"));
  button.addEventListener("click", async () => {
    element("kept-fault").textContent = "";
    try {
      await remove(`charts/${chart.id}`, company);
    } catch (problem) {
      element("kept-fault").textContent = problem.status === 403 ? t("may_not_remove") :
        problem.message || t("lost");
    }
    list_kept(data_set, company);
  });
  return html("li", {},
    html("time", { class: "quiet", datetime: chart.created_at },
      full_time(Date.parse(chart.created_at))),
    html("a", { href: chart.urls.svg + query, title: chart.alternative_text },
      chart.alternative_text), button);
}

// Without `after` the list begins anew.
export async function list_kept(data_set, company, after = "") {
  asked = data_set;
  const { items, next } = await get("charts",
    { ...company, dataset: data_set, limit: page_items, ...(after && { after }) });
  if (asked !== data_set) return;
  const entries = items.map((chart) => entry(chart, data_set, company));
  if (after) element("kept").append(...entries);
  else element("kept").replaceChildren(...entries);
  element("kept-charts").hidden = element("kept").children.length === 0;
  element("more-kept").hidden = !next;
  element("more-kept").onclick = () => list_kept(data_set, company, next);
}
