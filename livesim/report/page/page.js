// What other numbers of units come to, from the stock curves that the page holds. The same rules as
// livesim's: straight lines between the levels of a curve, and a time only where both ends have one.
"use strict";

const { items, show } = JSON.parse(document.getElementById("curves").textContent);
const table = document.querySelector(".stock");
const body = table.tBodies[0];
const byId = (id) => document.getElementById(id);

// ---- what is said, in the page's language

const UNSPACED = /^[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]{2}$/;  // of scripts without spaces
const { numbers: [GROUP, DECIMAL, SIZES], messages } = JSON.parse(byId("language").textContent);

function say(message, places = {}) {
  const text = messages[message] ?? message;
  const filled = (all, before, name, after, at) => {
    const value = String(places[name] ?? `{${name}}`), end = at + all.length;
    return (UNSPACED.test(text[at - 1] + value[0]) ? "" : before) + value
      + (UNSPACED.test(value.at(-1) + text[end]) ? "" : after);
  };
  const said = text.replace(/( ?){(\w+)}( ?)/g, filled);
  // No amount below its currency, no dash below what it begins with.
  return said.replace(/\b([A-Z]{3}) (?=[-\u2212]?\d)|(\d) (?=\u2013 \d)/g, "$1$2\u00a0");
}

const marked = (text) => text.replace(/[,.]/g, (mark) => mark === "," ? GROUP : DECIMAL);

// ---- what a curve says

function place(levels, units) {
  let left = 0, right = levels.length - 1;
  while (right - left > 1) {
    const middle = (left + right) >> 1;
    if (levels[middle] <= units) left = middle; else right = middle;
  }
  return [left, (units - levels[left]) / (levels[left + 1] - levels[left])];
}

function at(item, figure, units) {
  const [left, part] = place(item.levels, units), values = item[figure];
  return values[left] * (1 - part) + values[left + 1] * part;
}

function onLine(item, units) {  // says so of units that were not counted, but are on a line between levels
  const [left, part] = place(item.levels, units), [low, high] = item.levels.slice(left, left + 2).map(whole);
  const places = { item: item.name, units: whole(units), low, high };
  if (part === 0 || part === 1) return "";
  return part > 1 ? say("{item}, {units}: beyond {high} on a straight line.", places)
    : say("{item}, {units}: between {low} and {high} on a straight line.", places);
}

const chance = (item, figure, units) => Math.min(Math.max(at(item, figure, units), 0), 1);

function time(item, figure, units) {  // null: never, in so many shows
  const [left, part] = place(item.levels, units), values = item[figure];
  if (part === 0) return values[left];
  if (part >= 1) return values[left + 1];
  return values[left] === null || values[left + 1] === null ? null : at(item, figure, units);
}

function cost(item, bought) {
  const ends = [...item.breaks.map(([start]) => start), Infinity];
  const prices = [item.unit_cost, ...item.breaks.map(([, price]) => price)];
  if (!item.incremental) return bought * prices[ends.findIndex((end) => bought < end)];
  return prices.reduce((sum, price, n) => {
    const before = n ? ends[n - 1] - 1 : 0;
    return sum + price * Math.max(0, Math.min(bought, ends[n] - 1) - before);
  }, 0);
}

function outcome(item, units) {
  const bought = units - item.owned, means = {};
  for (const name of ["sales", "lost", "left_over", "profit"]) means[name] = at(item, name, units);
  return {
    ...means, bought, cost: cost(item, bought),
    unavailable: chance(item, "unavailable", units), after: time(item, "after_p50", units),
  };
}

// ---- numbers as the rest of the page has them

// Made once: toLocaleString makes one for each number, which took most of a first move's time.
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const CENTS = new Intl.NumberFormat("en-US", { minimumFractionDigits: show.decimals });
const SIX_DIGITS = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 6 });
const FOUR_DIGITS = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 });

function nearest(number, decimals) {  // exact halves to the even digit, as in Python
  const scale = 10 ** Math.abs(decimals), times = decimals < 0 ? number / scale : number * scale;
  const half = Math.abs(times % 1) === 0.5 && Number.isInteger(number * 4);
  if (decimals >= 0 && !half) return +number.toFixed(decimals);
  const rounded = half ? 2 * Math.round(times / 2) : Math.round(times);
  return decimals < 0 ? rounded * scale : rounded / scale;
}

function amount(number) {
  const size = Math.abs(number), digits = size < 10 ? 1 : Math.min(0, 2 - Math.floor(Math.log10(size)));
  const rounded = nearest(number, digits);
  for (const [least, divisor, name] of SIZES) {
    if (Math.abs(rounded) >= least) return marked(FOUR_DIGITS.format(rounded / divisor)) + name;
  }
  return Number.isInteger(rounded) ? whole(rounded) : marked(rounded.toFixed(1));
}

// Of an axis that goes so far from 0: all in the unit of the largest.
function onAxis(number, most) {
  const [, divisor, name] = SIZES.find(([least]) => most >= least) ?? [0, 1, ""];
  return number ? marked(SIX_DIGITS.format(number / divisor)) + name : "0";
}

const whole = (number) => marked(WHOLE.format(number || 0));
function money(number) {  // exact: whole, or with the decimals of its currency
  const rounded = nearest(number, show.decimals);
  return Number.isInteger(rounded) ? whole(rounded) : marked(CENTS.format(rounded));
}

const COST_DECIMALS = { minimumFractionDigits: show.cost_decimals, maximumFractionDigits: show.cost_decimals };
const COST = new Intl.NumberFormat("en-US", COST_DECIMALS);
const paid = (number) => marked(COST.format(nearest(number, show.cost_decimals)));

function percent(share) {  // only 0 is written as 0, and only 1 as 100
  const rounded = nearest(100 * share, 0);
  const told = share > 1e-9 && rounded === 0 ? "<1" : share < 1 - 1e-9 && rounded === 100 ? ">99" : rounded;
  return `${told}\u00a0%`;
}

function volume(litres) {
  const shown = (number) => marked(FOUR_DIGITS.format(number));
  return litres >= 1000 ? `${shown(litres / 1000)} m³` : `${shown(litres)} l`;
}

function duration(seconds) {
  if (seconds === null) return "-";
  let rest = Math.round(seconds);
  if (rest >= 3600) rest = 60 * Math.round(rest / 60);
  const parts = [
    [Math.floor(rest / 3600), say("{number} h")], [Math.floor(rest / 60) % 60, say("{number} min")],
    [rest % 60, say("{number} s")],
  ];
  const filled = ([number, text]) => text.replace("{number}", number).replace(" ", "\u00a0");
  return parts.filter(([number]) => number).map(filled).join(" ") || filled([0, say("{number} s")]);
}

const SHOWN = {
  bought: whole, cost: paid, unavailable: percent, after: duration,
  sales: amount, lost: amount, left_over: amount, profit: amount,
};

// ---- rows

const rows = [...body.rows].map(wired);

function wired(element, number) {
  const [slider, typed] = element.querySelectorAll("input");
  const cells = [...element.cells].slice(2), names = Object.keys(SHOWN);
  const row = {
    item: items[number], number, element, slider, typed, curve: null, units: +slider.value,
    cells: names.map((name, n) => [name, cells[n]]),
  };
  row.found = outcome(row.item, row.units);
  slider.addEventListener("input", () => move(row, +slider.value));
  typed.addEventListener("change", () => type(row));
  element.querySelector("button").addEventListener("click", () => toggle(row));
  return row;
}

function allowed({ owned, pack }, units) {  // whole packs above what is owned
  return owned + pack * Math.max(0, Math.round((units - owned) / pack) || 0);
}

function set(row, units) {
  row.units = units;
  row.slider.value = row.typed.value = units;
  row.found = outcome(row.item, units);
  for (const [name, cell] of row.cells) cell.textContent = SHOWN[name](row.found[name]);
  row.element.classList.toggle("changed", units !== row.item.recommended);
  if (row.curve) mark(row);
}

function move(row, units, remark) {
  set(row, units);
  tell(remark);
}

function type(row) {  // says so where another number is taken than what was typed
  const { item, typed } = row, wanted = typed.value === "" ? row.units : +typed.value;
  const units = allowed(item, wanted), places = { item: item.name, owned: whole(item.owned), pack: whole(item.pack) };
  const why = units === wanted ? "" : wanted < item.owned ? say("{item}: you own {owned}, so there are no fewer.", places)
    : say("{item}: units are bought in whole packs of {pack}.", places);
  move(row, units, why);
}

function moveAll(units) {
  for (const row of rows) set(row, units(row.item));
  tell();
}

// ---- all items together

function profitOf(found) {
  const sum = (name) => found.reduce((all, one) => all + one[name], 0);
  const missing = show.volume ? Math.max(0, 1 - sum("sales") / show.volume) : 0;
  return sum("profit") + show.fixed + show.refundable * missing;
}

const recommended = profitOf(items.map((item) => outcome(item, item.recommended)));

function tell(remark = "") {
  const profit = profitOf(rows.map((row) => row.found));
  const units = rows.reduce((sum, row) => sum + row.found.bought, 0);
  const spent = rows.reduce((sum, row) => sum + row.found.cost, 0);
  const more = profit - recommended, currency = show.currency;
  const over = show.budget === null ? 0 : spent * show.paid_part - show.budget;
  const stored = rows.reduce((sum, { item, units }) => sum + units * item.volume, show.beside);
  const full = show.storage !== null && units > 0 && stored > show.storage + 1e-6;
  const lines = rows.filter(changed).map(({ item, units: have }) => onLine(item, have)).filter(Boolean);
  const makes = show.exact && !lines.length ? say("The show then makes {currency} {profit} on average", { currency, profit: amount(profit) })
    : say("The show then makes about {currency} {profit} on average", { currency, profit: amount(profit) });
  const difference = { amount: amount(Math.abs(more)) };
  const than = !rows.some(changed) ? "." : more < 0 ? say(", {amount} less than as recommended.", difference)
    : say(", {amount} more than as recommended.", difference);
  const limits = [
    ...(over > 1e-6 ? [say("That is {currency} {amount} over the budget.", { currency, amount: money(over) })] : []),
    ...(full ? [say("It takes {taken} of storage, and there is {storage}.", { taken: volume(stored), storage: volume(show.storage) })] : []),
    ...tooFew(),
  ];
  const texts = [
    units === 0 ? say("Buy nothing.")
      : say("Buy {units} units for {cost}.", { units: whole(units), cost: `${currency} ${money(spent)}` }),
    makes + (than === "." ? say(".") : than), ...limits, ...(remark ? [remark] : []), ...lines,
  ];
  byId("joint").textContent = texts.join(say(" "));
  byId("joint").classList.toggle("over", limits.length > 0);
}

const changed = (row) => row.units !== row.item.recommended;

function tooFew() {  // orders below their minimum
  const ordered = new Map();
  for (const { item, found } of rows) {
    const [units] = ordered.get(item.order) ?? [0];
    ordered.set(item.order, [units + found.bought, item.minimum, item.order_called]);
  }
  return [...ordered].filter(([, [units, least]]) => units > 0 && units < least)
    .map(([, [, least, order]]) => say("{order}: the minimum order is {least}.", { order, least: whole(least) }));
}

// ---- finding, filtering, sorting

const KEPT = {
  all: () => true, bought: (row) => row.found.bought > 0,
  gone: (row) => row.found.unavailable >= 0.5, changed,
};

// Of more rows than these, those that matter come first, and the others when they are asked for.
const FEW = window.matchMedia("(max-width: 60rem)").matches ? 12 : 50;
let all = rows.length <= FEW;

function arrange() {
  const wanted = byId("find").value.trim().toLowerCase(), kept = KEPT[byId("show").value];
  const by = byId("order").value, sorted = [...rows];
  const rank = (row) => row.found[by] ?? Infinity;  // never comes last
  if (by === "after") sorted.sort((a, b) => rank(a) - rank(b));
  else if (by) sorted.sort((a, b) => b.found[by] - a.found[by]);
  let found = 0;
  for (const row of sorted) {
    const hidden = !(kept(row) && row.item.name.toLowerCase().includes(wanted));
    const beyond = !all && !hidden && found >= FEW;
    body.append(row.element);
    if (row.curve) row.element.after(row.curve);
    for (const element of [row.element, row.curve].filter(Boolean)) {
      element.hidden = hidden;
      element.classList.toggle("beyond", beyond);
    }
    found += !hidden;
  }
  const shown = all ? found : Math.min(found, FEW);
  byId("shown").textContent = say("{shown} of {all} shown", { shown: whole(shown), all: whole(rows.length) });
  byId("all").textContent = say("Show all {number}", { number: whole(found) });
  byId("all").hidden = shown === found;
}

function showAll() {
  all = true;
  const next = body.querySelector(".beyond button");
  arrange();
  next.focus();
}

// ---- the curve of an item

function toggle(row) {
  const button = row.element.querySelector("button");
  if (row.curve) {
    row.curve.remove();
    row.curve = null;
  } else {
    row.curve = document.createElement("tr");
    row.curve.className = "curve";
    row.curve.setAttribute("role", "row");
    const cell = row.curve.insertCell();
    cell.colSpan = row.element.cells.length;
    cell.setAttribute("role", "cell");
    cell.append(svg("svg", { role: "img" }), document.createElement("p"));
    row.element.after(row.curve);
    draw(row);
  }
  button.setAttribute("aria-expanded", row.curve !== null);
}

function svg(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

const LEFT = 64, RIGHT = 16, PANELS = [[28, 190], [244, 324]], HEIGHT = 362;

function ticks(low, high, count) {  // round numbers on an axis
  const rough = (high - low) / count || 1, size = 10 ** Math.floor(Math.log10(rough));
  const step = size * [1, 2, 2.5, 5, 10].find((factor) => factor * size >= rough);
  const found = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) found.push(tick);
  return found;
}

function draw(row) {
  const { item } = row, chart = row.curve.querySelector("svg");
  const width = Math.max(row.curve.cells[0].clientWidth, 280), end = Math.max(+row.slider.max, row.units);
  const levels = [...item.levels.filter((level) => level < end), end];
  const x = (units) => LEFT + (units / end) * (width - LEFT - RIGHT);
  const along = (name, of = at) => levels.map((level) => [x(level), of(item, name, level)]);
  const bands = [along("profit_p10"), along("profit_p90"), along("profit")];
  const values = [0, ...bands.flat().map(([, value]) => value)];
  const scales = [[Math.min(...values), Math.max(...values)], [0, 1]].map(([low, high], n) => {
    const [top, bottom] = PANELS[n];
    return { low, high, y: (value) => bottom - ((value - low) / (high - low || 1)) * (bottom - top) };
  });
  chart.replaceChildren();
  chart.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  const add = (name, attributes, text) => chart.append(svg(name, attributes, text));
  const line = (points, { y }) => points.map(([across, value]) => `${across.toFixed(1)},${y(value).toFixed(1)}`);
  const [low, high] = item.good.map((units) => x(Math.min(units, end)));
  PANELS.forEach(([top, bottom], n) => {
    add("rect", { class: "good", x: low, y: top, width: Math.max(high - low, 1), height: bottom - top });
    const most = Math.max(-scales[n].low, scales[n].high);
    for (const tick of ticks(scales[n].low, scales[n].high, n ? 2 : 4)) {
      const y = scales[n].y(tick);
      add("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y, y2: y });
      add("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, n ? percent(tick) : onAxis(tick, most));
    }
    add("text", { x: 0, y: top - 12 }, n ? say("unavailable, share of shows")
      : say("earns, slot fees apart, {currency}: mean, and 8 shows of 10", { currency: show.currency }));
    for (const units of [item.owned, item.recommended]) {
      add("line", { class: "mark", x1: x(units), x2: x(units), y1: top, y2: bottom });
    }
  });
  add("path", { class: "band", d: `M${[...line(bands[0], scales[0]), ...line(bands[1], scales[0]).reverse()].join("L")}Z` });
  add("path", { class: "money", d: `M${line(bands[2], scales[0]).join("L")}` });
  add("path", { class: "chance", d: `M${line(along("unavailable", chance), scales[1]).join("L")}` });
  for (const tick of ticks(0, end, width < 500 ? 3 : 6)) {
    add("text", { x: x(tick), y: PANELS[1][1] + 18, "text-anchor": "middle" }, onAxis(tick, end));
  }
  add("text", { x: width - RIGHT, y: HEIGHT - 2, "text-anchor": "end" }, say("units in all"));
  row.x = x;
  add("path", { class: "now" });
  mark(row);
}

function mark(row) {  // the units that the slider is at, in the curve and in words
  const { item, units, found } = row, current = row.curve.querySelector(".now");
  if (units > +row.slider.max && row.x(units) > row.curve.cells[0].clientWidth) return draw(row);
  current.setAttribute("d", PANELS.map(([top, bottom]) => `M${row.x(units)},${top}V${bottom}`).join(""));
  const [early, late] = ["after_p10", "after_p90"].map((name) => time(item, name, units));
  const [low, high] = ["profit_p10", "profit_p90"].map((name) => at(item, name, units));
  const range = [...new Set(item.good)].map(whole).join(" – ");
  const after = found.after === null ? say("in fewer than half of shows")
    : say("{time} after the link in half of shows", { time: duration(found.after) });
  const ends = early === null ? "" : say(" (P10 {early}, P90 {late})", {
    early: duration(early), late: late === null ? say("never") : duration(late),
  });
  const said = [
    ...[onLine(item, units)].filter(Boolean),
    say("With {units} units of {item}: nothing on hand at some time in {unavailable} of shows, all gone before the end in {gone}; first without stock {after}{ends}.", {
      units: whole(units), item: item.name, unavailable: percent(found.unavailable),
      gone: percent(chance(item, "sold_out", units)), after, ends,
    }),
    say("Earns {currency} {profit} on average, slot fees apart, in 8 shows of 10 between {low} and {high}.", {
      currency: show.currency, profit: amount(found.profit), low: amount(low), high: amount(high),
    }),
    say("Shaded: the good range, {range}. Dashed: owned and recommended; solid: where the slider is.", {
      range: item.outside ? `${range} (${item.outside})` : range,
    }),
  ].join(say(" "));
  row.curve.querySelector("p").textContent = said;
  row.curve.querySelector("svg").setAttribute("aria-label", `${say("What it earns and the chance to be unavailable, by units.")} ${said}`);
}

// ---- start

// What is reached by Tab is never under the line that stays above the rows.
new ResizeObserver(() => {
  document.documentElement.style.scrollPaddingTop = `${byId("joint").offsetHeight + 8}px`;
}).observe(byId("joint"));

document.body.classList.add("script");
byId("find").addEventListener("input", arrange);
byId("show").addEventListener("change", arrange);
byId("order").addEventListener("change", arrange);
byId("all").addEventListener("click", showAll);
byId("recommended").addEventListener("click", () => moveAll((item) => item.recommended));
byId("owned").addEventListener("click", () => moveAll((item) => item.owned));
window.addEventListener("resize", () => rows.filter((row) => row.curve).forEach(draw));
if (!all) byId("order").value = rows.some(({ found }) => found.bought > 0) ? "cost" : "unavailable";
tell();
arrange();
toggle(rows.find(({ element }) => element === body.rows[0]));
