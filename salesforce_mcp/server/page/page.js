"use strict";
// One answer of a tool, shown in the client (MCP Apps, protocol 2026-01-26). What comes from the org is set as text,
// never as HTML; charts come as SVG from the server, of which only shapes and texts are taken over.

const DATA = "sfmcp/result";
const page = document.getElementById("page");
const said = document.getElementById("said");
const dark = matchMedia("(prefers-color-scheme: dark)");

let host = {};
let abilities = {};
let input = {};
let shown = null;

// --- The client ------------------------------------------------------------------------------------------------------

const waiting = new Map();
let number = 0;

function send(message) {
  parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
}

function ask(method, params) {
  number += 1;
  const id = number;
  send({ id, method, params });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

const NOTIFICATIONS = {
  "ui/notifications/tool-input": (params) => { input = params.arguments ?? {}; },
  "ui/notifications/tool-result": (params) => show(params),
  "ui/notifications/tool-cancelled": () => page.replaceChildren(element("p", { role: "status" }, "The call was cancelled.")),
  "ui/notifications/host-context-changed": (params) => adapt(params),
};

addEventListener("message", ({ source, data }) => {
  if (source !== parent || data?.jsonrpc !== "2.0") return;
  if (data.method === undefined) {
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error) call?.reject(new Error(data.error.message));
    else call?.resolve(data.result);
  } else if (data.id === undefined) {
    NOTIFICATIONS[data.method]?.(data.params ?? {});
  } else if (data.method === "ping" || data.method === "ui/resource-teardown") {
    send({ id: data.id, result: {} });
  } else {
    send({ id: data.id, error: { code: -32601, message: "Method not found" } });
  }
});

function adapt(context) {
  const before = [host.locale, host.timeZone].join();
  host = { ...host, ...context };
  const root = document.documentElement;
  root.dataset.theme = host.theme ?? (dark.matches ? "dark" : "light");
  root.style.colorScheme = root.dataset.theme;
  for (const [name, value] of Object.entries(context.styles?.variables ?? {})) {
    if (name.startsWith("--") && value) root.style.setProperty(name, value);
  }
  if (shown && before !== [host.locale, host.timeZone].join()) show(shown);
}

// --- Values ----------------------------------------------------------------------------------------------------------

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const MOMENTS = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)/g;
const SHORT = 24; // characters that stay on one line
const EXACT = 10; // digits after the point
const ROUND = 2;

// Formats for an unknown locale or time zone of the client are those of the browser.
function format(make) {
  try {
    return make(host.locale, host.timeZone);
  } catch {
    return make(undefined, undefined);
  }
}

function dated(text) {
  const moment = new Date(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  return format((locale, timeZone) => moment.toLocaleString(locale, { dateStyle: "medium", timeStyle: "short", timeZone }));
}

function worded(value, digits) {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value.replace(MOMENTS, dated);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") {
    return format((locale) => value.toLocaleString(locale, { useGrouping: "min2", maximumFractionDigits: digits }));
  }
  if (Array.isArray(value)) return value.map((each) => worded(each, digits)).join("\n");
  return Object.entries(value).map(([name, each]) => `${name}: ${worded(each, digits)}`).join("\n");
}

// In an element of its own, whose direction of writing can't spill over to its neighbours.
function text(value, digits = EXACT) {
  const words = worded(value, digits);
  return element("bdi", words.length <= SHORT ? { class: "short" } : {}, words);
}

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), undefined, { numeric: true });
}

// --- Charts ----------------------------------------------------------------------------------------------------------

const SHAPES = new Set(["svg", "g", "path", "rect", "line", "circle", "text", "tspan", "defs", "clipPath"]);

function drawn(source) {
  const svg = new DOMParser().parseFromString(source, "image/svg+xml").documentElement;
  for (const node of [svg, ...svg.querySelectorAll("*")]) {
    if (!SHAPES.has(node.localName)) {
      node.remove();
      continue;
    }
    for (const { name, value } of [...node.attributes]) {
      const foreign = /url\(/i.test(value) && !/^url\(#[\w-]+\)$/.test(value);
      if (/^on|href|^style$/i.test(name) || foreign) node.removeAttribute(name);
    }
  }
  return SHAPES.has(svg.localName) ? document.importNode(svg, true) : "";
}

function chart(part) {
  const figure = element("figure");
  for (const [size, source] of Object.entries(part.chart.svg)) {
    const svg = drawn(source);
    if (!svg) continue;
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `Bar chart: ${part.chart.title}. Its numbers are in the table.`);
    figure.append(element("div", { class: size }, svg));
  }
  return figure;
}

// --- Tables ----------------------------------------------------------------------------------------------------------

function table(part, label) {
  const { columns } = part;
  const numeric = columns.map((_, at) => {
    const values = part.rows.map((row) => row[at]).filter((value) => value !== null);
    return values.length > 0 && values.every((value) => typeof value === "number");
  });
  const line = (row) => element("tr", {}, ...row.map((value, at) =>
    element("td", numeric[at] ? { class: "number" } : {}, text(value, ROUND))));
  const rows = part.totals ? part.rows.slice(0, -1) : part.rows;
  const body = element("tbody", {}, ...rows.map(line));
  let sorted = { at: -1, up: true };
  const heads = columns.map((name, at) => {
    const button = element("button", { type: "button" }, text(name));
    button.addEventListener("click", () => {
      if (sorted.at !== at) sorted = { at, up: true };
      else if (sorted.up) sorted = { at, up: false };
      else sorted = { at: -1, up: true };
      sort();
    });
    return element("th", { scope: "col", class: numeric[at] ? "number" : "", "aria-sort": "none" }, button);
  });

  function sort() {
    const { at, up } = sorted;
    const order = [...rows];
    if (at >= 0) {
      order.sort((one, other) => {
        if (one[at] === null || other[at] === null) return (one[at] === null) - (other[at] === null);
        return up ? compare(one[at], other[at]) : compare(other[at], one[at]);
      });
    }
    heads.forEach((head, place) =>
      head.setAttribute("aria-sort", place !== at ? "none" : up ? "ascending" : "descending"));
    body.replaceChildren(...order.map(line));
    said.textContent = at < 0 ? "In the original order." : `By ${columns[at]}, ${up ? "ascending" : "descending"}.`;
  }

  const whole = element("table", {}, element("caption", { class: "unseen" }, label),
    element("thead", {}, element("tr", {}, ...heads)), body);
  if (part.totals) whole.append(element("tfoot", {}, line(part.rows.at(-1))));
  return element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": label }, whole);
}

function counted(part) {
  const rows = part.rows.length - (part.totals ? 1 : 0);
  const more = part.more ? ` of ${part.total === null ? "more" : worded(part.total)}` : "";
  return `${worded(rows)}${more} ${rows === 1 && !more ? "row" : "rows"}. ${part.notes.join(" ")}`;
}

// --- Records and timelines -------------------------------------------------------------------------------------------

// Field names may be broken where a word of theirs begins.
function breakable(name) {
  return name.split(/(?<=[a-z_])(?=[A-Z])/).flatMap((word) => [word, element("wbr")]);
}

function record(part, label) {
  const names = Object.keys(part.fields);
  const empty = names.filter((name) => [null, ""].includes(part.fields[name]));
  const lines = names.filter((name) => !empty.includes(name)).map((name) =>
    element("tr", {}, element("th", { scope: "row" }, ...breakable(name)),
      element("td", {}, text(part.fields[name]))));
  const made = [element("table", { class: "record" }, element("caption", { class: "unseen" }, label),
    element("tbody", {}, ...lines))];
  if (empty.length) {
    made.push(element("details", {}, element("summary", {}, `${empty.length} empty fields`), text(empty.join(", "))));
  }
  return made;
}

function timeline(part) {
  const cell = (row, name) => row[part.columns.indexOf(name)];
  const list = element("ol", { class: "timeline" });
  const sources = [...new Set(part.rows.map((row) => cell(row, "source")))];
  const choice = element("select", {}, element("option", { value: "" }, "everything"),
    ...sources.map((name) => element("option", { value: name }, name)));
  const fill = () => {
    const rows = part.rows.filter((row) => !choice.value || cell(row, "source") === choice.value);
    list.replaceChildren(...rows.map((row) => element("li", {},
      element("div", { class: "what" },
        element("time", { datetime: cell(row, "time") ?? "" }, text(cell(row, "time"))), " · ",
        text(cell(row, "source")), ...(cell(row, "author") ? [" · ", text(cell(row, "author"))] : []), " ",
        ...(cell(row, "visibility") ? [element("span", { class: "badge" }, text(cell(row, "visibility")))] : [])),
      element("div", { class: "text" }, text(cell(row, "text"))))));
    said.textContent = `${rows.length} shown.`;
  };
  choice.addEventListener("change", fill);
  fill();
  return [element("label", {}, "Show ", choice), list];
}

// --- The answer ------------------------------------------------------------------------------------------------------

function section(part, answer) {
  const label = part.name || answer.title;
  const made = element("section");
  if (part.name) made.append(element("h2", {}, text(part.name)));
  if (part.fields) {
    made.append(...record(part, label));
    return made;
  }
  made.append(element("p", {}, text(counted(part))));
  if (part.chart?.svg) made.append(chart(part));
  if (part.chart?.missing) made.append(element("p", {}, `For a chart, on the server: ${part.chart.missing}`));
  if (part.rows.length) made.append(...(answer.kind === "timeline" ? timeline(part) : [table(part, label)]));
  return made;
}

function show(result) {
  shown = result;
  const answer = result._meta?.[DATA];
  if (!answer) {
    const words = (result.content ?? []).filter((block) => block.type === "text").map((block) => block.text).join("\n");
    page.replaceChildren(element("pre", result.isError ? { role: "alert" } : {}, text(words)));
    return;
  }
  const fields = answer.parts[0]?.fields;
  const name = fields?.Name ?? fields?.CaseNumber ?? fields?.Subject ?? fields?.Title ?? fields?.name;
  const title = name ? [input.object, name].filter(Boolean).join(" ") : (answer.summary ?? answer.title).replace(/\.$/, "");
  page.replaceChildren(element("h1", {}, text(title)),
    ...answer.notes.map((words) => element("p", {}, text(words))),
    ...answer.parts.map((part) => section(part, answer)));
  if (answer.next && abilities.serverTools) {
    const { tool, argument } = answer.next;
    ask("tools/call", { name: tool, arguments: { [argument]: input[argument] } })
      .then((further) => { if (further._meta?.[DATA]) show(further); })
      .catch(() => {}); // not allowed: what there is stays
  }
}

dark.addEventListener("change", () => adapt({}));
adapt({});
ask("ui/initialize", {
  appInfo: { name: "sfmcp", version: "1" },
  appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
  protocolVersion: "2026-01-26",
}).then((result) => {
  abilities = result.hostCapabilities ?? {};
  adapt(result.hostContext ?? {});
  send({ method: "ui/notifications/initialized", params: {} });
  new ResizeObserver(() => {
    const { width, height } = document.documentElement.getBoundingClientRect();
    send({ method: "ui/notifications/size-changed", params: { width: Math.ceil(width), height: Math.ceil(height) } });
  }).observe(document.documentElement);
});
