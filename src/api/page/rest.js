// Requests to the REST interface. The session is a cookie that scripts cannot read.

const base = "/api/v1/";

export class Refused extends Error {
  // `text`: the same in each language, where the interface has it.
  constructor(status, { detail, text }) {
    super(detail);
    this.status = status;
    this.text = text || {};
  }
}

async function request(method, path, parameters, body) {
  const query = new URLSearchParams(parameters).toString();
  const answer = await fetch(base + path + (query ? `?${query}` : ""), {
    method,
    headers: { "X-Requested-With": "cauce", ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
    credentials: "same-origin",
  });
  const json = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Refused(answer.status, json);
  return json;
}

export const get = (path, parameters = {}) => request("GET", path, parameters);
export const post = (path, body, parameters = {}) => request("POST", path, parameters, body);
export const remove = (path, parameters = {}) => request("DELETE", path, parameters);

const segment = (series) => ["company", "device", "metric"]
  .map((name) => encodeURIComponent(series[name])).join("/");

export const series_path = (series, what) => `series/${segment(series)}/${what}`;

// All pages of a curve, at most `pages_max` of them.
export async function all_items(path, parameters, pages_max) {
  const items = [];
  let unit = "";
  let after = null;
  for (let page = 0; page < pages_max; ++page) {
    const answer = await get(path, { ...parameters, limit: 5000, ...(after && { after }) });
    items.push(...answer.items);
    unit = answer.unit;
    after = answer.next;
    if (!after) break;
  }
  return { items, unit };
}
