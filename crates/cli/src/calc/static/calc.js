// The calculator's page: reads the form, asks POST /calc, and shows schedule, cost and chart.
// No figure of money is computed here: amounts stay the texts that the server wrote. Numbers
// serve the drawing alone.
'use strict';

const root = document.documentElement;
const words = JSON.parse(document.body.dataset.words);
const form = document.getElementById('terms');
const results = document.getElementById('results');
const find = (id) => document.getElementById(id);
const PAUSE_MS = 250; // between the last key and the question
const SVG = 'http://www.w3.org/2000/svg';

/** The text of a word, with {name} filled in. */
function say(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** An element with attributes and children; texts become text nodes. */
function make(name, attributes = {}, ...children) {
  const svg = ['svg', 'g', 'rect', 'line', 'text', 'polyline', 'circle', 'title', 'desc'];
  const element = svg.includes(name)
    ? document.createElementNS(SVG, name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** `1234567.89` as `1,234,567.89`. */
const grouped = (amount) => amount.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');

/** `10.300297` as `10.3003 %`; the full figure stands in the title. */
const percent = (text) => `${Number(text).toFixed(4)} %`;

// --- from the form to the request ----------------------------------------------------------------

const value = (name) => form.elements[name].value.trim();

/** A part (`1.5%`) or an amount (`250.00`), as fees take it. */
const size = (text) =>
  /[%％]$/.test(text) ? { share: text.slice(0, -1).trim() } : { amount: text };

/** The request that the form describes, and which control each of its fees came from. */
function describe() {
  const rate = { year: 'rate', month: 'rate_per_month', day: 'rate_per_day' }[value('rate_unit')];
  const term = `${value('term')} ${value('term_unit')}`;
  const method = value('method');
  const request = {
    method,
    month_end: value('month_end'),
    lender: value('lender'),
  };
  if (value('principal')) request.principal = value('principal');
  if (value('rate')) request[rate] = value('rate');
  if (value('term')) {
    request.term = term;
    request.freq = method === 'one-off' ? term : value('freq');
  }
  const plain = ['start', 'first', 'daycount', 'signed_on', 'down_payment', 'instalment'];
  const counts = ['grace_principal', 'grace_interest', 'interest_free'];
  for (const name of [...plain, ...counts]) {
    if (value(name)) request[name] = value(name);
  }
  if (request.interest_free) request.interest_free_rule = value('interest_free_rule');
  if (request.grace_interest) request.grace_interest_rule = value('grace_interest_rule');
  request.rounding = { mode: value('mode'), step: value('step') };
  if (value('absorb')) request.rounding.absorb = value('absorb');
  const fees = [];
  const owners = [];
  const charge = (control, fee) => {
    fees.push({ name: labelOf(control), ...fee, ...size(value(control)) });
    owners.push(control);
  };
  if (value('upfront_fee')) charge('upfront_fee', { time: value('upfront_time'), base: 'loan' });
  if (value('period_fee')) {
    charge('period_fee', { time: 'each-period', base: value('period_base') });
  }
  if (fees.length) request.fees = fees;
  if (form.elements.explain.checked) request.explain = true;
  return { request, owners };
}

const labelOf = (control) => form.querySelector(`label[for="${control}"]`).textContent;

/** Offers only what goes together: months are not paid by the week. */
function fitFrequency() {
  const { freq, term_unit: unit, method } = form.elements;
  const family = unit.value === 'years' ? 'month' : unit.value.replace(/s$/, '');
  for (const option of freq.options) {
    const fits = option.value.includes(family);
    option.hidden = option.disabled = !fits;
  }
  if (freq.selectedOptions[0]?.disabled ?? true) {
    freq.value = [...freq.options].find((option) => !option.disabled).value;
  }
  freq.disabled = method.value === 'one-off';
}

// --- the address: a calculation can be shared ----------------------------------------------------

/** The query with everything that is not as the page offers it. The start is always told. */
function query() {
  const pairs = new URLSearchParams({ lang: value('lang') });
  for (const control of form.elements) {
    if (!control.name || control.type === 'hidden') continue;
    if (control.type === 'checkbox') {
      if (control.checked) pairs.set(control.name, '1');
      continue;
    }
    const offered = form.dataset[`offered_${control.name}`] ?? '';
    if (control.value !== offered || control.name === 'start') {
      pairs.set(control.name, control.value.trim());
    }
  }
  return pairs;
}

function keepAddress() {
  const pairs = query();
  history.replaceState(null, '', `?${pairs}`);
  const link = find('lang');
  pairs.set('lang', new URL(link.href).searchParams.get('lang'));
  link.href = `?${pairs}`;
}

// --- asking --------------------------------------------------------------------------------------

let asked = null;
let timer = 0;
let last = null; // the last answer and its request

function soon() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE_MS);
}

async function post(request, format, signal) {
  return fetch(`/calc?format=${format}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    credentials: 'omit',
    signal,
  });
}

async function ask() {
  clearTimeout(timer);
  keepAddress();
  asked?.abort();
  const mine = new AbortController();
  asked = mine;
  const { request, owners } = describe();
  try {
    // As an array of one: what is typed half-way is refused in its place, and is no failed call.
    const answer = await post([request], 'json', mine.signal);
    const told = [await answer.json()].flat()[0];
    if (mine.signal.aborted) return;
    if (told.error) refuse(told.error, owners);
    else show(told, request);
  } catch (error) {
    if (error.name !== 'AbortError') refuse({ field: '', en: say('offline'), zh: say('offline') }, []);
  }
}

// --- refusals, beside the field they name --------------------------------------------------------

function clearErrors() {
  for (const note of form.querySelectorAll('.error')) note.remove();
  for (const control of form.querySelectorAll('[aria-invalid]')) {
    control.removeAttribute('aria-invalid');
    control.removeAttribute('aria-describedby');
  }
  find('alert').hidden = true;
}

/** The field of the page that shows a field of the request. */
function placeOf(field, owners) {
  const fee = /^fees\[(\d+)\]/.exec(field);
  const name = fee ? owners[Number(fee[1])] : field;
  const fields = [...form.querySelectorAll('.field')];
  const has = (name) => fields.find((place) => place.dataset.fields.split(' ').includes(name));
  return has(name) ?? has(name?.split(/[.[]/)[0]);
}

function refuse(error, owners) {
  clearErrors();
  for (const part of results.querySelectorAll('.cards, .rates, #legal, #chart, .scroll')) {
    part.classList.add('stale');
  }
  const place = placeOf(error.field, owners);
  let text = root.lang.startsWith('zh') ? error.zh : error.en;
  const alert = find('alert');
  if (place) {
    const control = place.querySelector('input, select');
    text = text.replaceAll(error.field, labelOf(control.id));
    const note = make('p', { class: 'error', id: `${control.id}-error` }, text);
    place.append(note);
    control.setAttribute('aria-invalid', 'true');
    control.setAttribute('aria-describedby', note.id);
    const folded = place.closest('details');
    if (folded) folded.open = true;
  }
  alert.textContent = last ? `${text} ${words.stale}` : text;
  alert.hidden = false;
}

// --- showing -------------------------------------------------------------------------------------

function show(loan, request) {
  clearErrors();
  last = { loan, request };
  for (const part of results.querySelectorAll('.stale')) part.classList.remove('stale');
  for (const place of results.querySelectorAll('[data-figure]')) {
    const amount = loan[place.dataset.figure];
    if (amount !== undefined) place.textContent = grouped(amount);
  }
  const odd = loan.last !== loan.instalment && loan.rows.length > 1;
  results.querySelector('[data-figure=last_note]').textContent = odd
    ? say('last_note', { last: grouped(loan.last) })
    : say('rows_note', { count: loan.rows.length });
  for (const place of results.querySelectorAll('[data-rate]')) {
    const rate = loan.cost[place.dataset.rate];
    place.textContent = rate === undefined ? '—' : percent(rate);
    place.title = rate === undefined ? '' : `${rate} %`;
  }
  const problem = root.lang.startsWith('zh') ? loan.cost.problem_zh : loan.cost.problem;
  find('problem').textContent = problem ?? '';
  find('problem').hidden = !problem;
  showLegal(loan.legal);
  showRows(loan.rows);
  showExplained(loan);
  drawChart();
  find('downloads').hidden = false;
  find('status').textContent = say('status', {
    instalment: grouped(loan.instalment), cost: grouped(loan.total_cost),
  });
}

function showLegal(legal) {
  const lines = legal.map((line) => {
    const badge = make('span', { class: line.exceeded ? 'badge exceeded' : 'badge' },
      say(line.exceeded ? 'exceeded' : 'within'));
    return make('li', {}, badge, make('span', {}, root.lang.startsWith('zh') ? line.zh : line.en));
  });
  find('legal').replaceChildren(...(lines.length ? lines : [make('li', {}, say('no_line'))]));
}

/** A row of a table whose first cell is its head. */
function tableRow(head, cells) {
  const row = make('tr', {}, make('th', { scope: 'row' }, head));
  for (const cell of cells) row.append(make('td', {}, cell));
  return row;
}

function showRows(rows) {
  const lines = rows.map((row) => tableRow(String(row.n), [
    row.due, String(row.days), grouped(row.instalment), grouped(row.principal),
    grouped(row.interest), grouped(row.fees), grouped(row.balance),
  ]));
  find('rows').replaceChildren(...lines);
}

/** How the figures came about; the server tells it where it was asked for. */
function showExplained(loan) {
  const stretches = loan.stretches ?? [];
  find('explained').hidden = !loan.explain;
  const count = loan.rows.filter((row) => row.days > 0).length;
  find('method-line').textContent = say(`explain_${loan.method}`, {
    principal: grouped(loan.principal), instalment: grouped(loan.instalment), count,
  });
  find('stretches').replaceChildren(...stretches.map((part) => tableRow(String(part.n), [
    part.from, part.to,
    `${grouped(part.balance)} × ${part.rate} % × ${part.years}`, grouped(part.interest),
  ])));
  find('cost-line').textContent = say('explain_cost', {
    interest: grouped(loan.total_interest), fees: grouped(loan.total_fees),
    cost: grouped(loan.total_cost), received: grouped(loan.received),
  });
}

// --- the chart -----------------------------------------------------------------------------------

const NARROWEST = 5; // pixels of a bar; more rows than fit share one
const EDGE = { left: 56, right: 56, top: 12, bottom: 26 };
let bars = [];

/** Rows as numbers for the drawing, so many of them in each bar. */
function collect(rows, most) {
  const each = Math.ceil(rows.length / most);
  const sums = [];
  for (let at = 0; at < rows.length; at += each) {
    const group = rows.slice(at, at + each);
    const sum = (...names) => group.reduce(
      (all, row) => all + names.reduce((part, name) => part + Number(row[name]), 0), 0);
    sums.push({
      rows: group,
      principal: sum('principal'), interest: sum('interest'), fees: sum('fees', 'penalties'),
      balance: Number(group.at(-1).balance),
    });
  }
  return sums;
}

/** The next round number above: 1, 2 or 5 and zeros. */
function roundUp(top) {
  const scale = 10 ** Math.floor(Math.log10(top || 1));
  return [1, 2, 2.5, 5, 10].map((step) => step * scale).find((round) => round >= top);
}

const short = new Intl.NumberFormat(root.lang, { notation: 'compact', maximumFractionDigits: 2 });

function drawChart() {
  const rows = last?.loan.rows.filter((row) => Number(row.instalment) > 0) ?? [];
  find('chart').hidden = rows.length === 0;
  const plot = find('plot');
  plot.querySelector('svg')?.remove();
  if (!rows.length) return;
  const [width, height] = [plot.clientWidth, plot.clientHeight];
  const inner = { width: width - EDGE.left - EDGE.right, height: height - EDGE.top - EDGE.bottom };
  if (inner.width <= 0) return;
  bars = collect(rows, Math.max(1, Math.floor(inner.width / NARROWEST)));
  const tallest = roundUp(Math.max(...bars.map((b) => b.principal + b.interest + b.fees)));
  const owed = Number(last.loan.principal);
  const most = roundUp(Math.max(owed, ...bars.map((b) => b.balance)));
  const slot = inner.width / bars.length;
  const y = (part) => EDGE.top + inner.height * (1 - part);
  const svg = make('svg', {
    viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-labelledby': 'chart-name chart-about',
  }, make('title', { id: 'chart-name' }, words.chart_title),
  make('desc', { id: 'chart-about' }, words.chart_desc));
  svg.append(...axes(y, width, tallest, most));
  const marker = make('rect', {
    class: 'marker', y: EDGE.top, height: inner.height, width: slot, visibility: 'hidden',
  });
  svg.append(marker);
  const stack = make('g', { class: 'bars' });
  const line = [[EDGE.left, y(owed / most)]];
  bars.forEach((bar, index) => {
    const wide = Math.min(slot * 0.72, 48);
    bar.x = EDGE.left + slot * index;
    let base = 0;
    for (const part of ['principal', 'interest', 'fees']) {
      const top = base + bar[part];
      if (bar[part] > 0) {
        stack.append(make('rect', {
          class: part, x: bar.x + (slot - wide) / 2, width: wide,
          y: y(top / tallest), height: Math.max(0.5, y(base / tallest) - y(top / tallest)),
        }));
      }
      base = top;
    }
    line.push([bar.x + slot / 2, y(bar.balance / most)]);
  });
  svg.append(stack);
  const points = line.map((point) => point.join()).join(' ');
  svg.append(make('polyline', { class: 'halo', points }), make('polyline', { class: 'line', points }));
  if (slot >= 14) {
    for (const [cx, cy] of line) svg.append(make('circle', { class: 'dot', cx, cy, r: 3 }));
  }
  svg.append(...numbers(slot, height));
  plot.prepend(svg);
  find('walk').setAttribute('aria-valuemax', String(bars.length));
  point(null);
}

/** Lines across, with what is paid on the left and what is owed on the right. */
function axes(y, width, tallest, most) {
  return [0, 0.25, 0.5, 0.75, 1].flatMap((part) => {
    const at = y(part);
    return [
      make('line', { class: 'grid', x1: EDGE.left, x2: width - EDGE.right, y1: at, y2: at }),
      make('text', { x: EDGE.left - 8, y: at + 4, 'text-anchor': 'end' }, short.format(tallest * part)),
      make('text', { x: width - EDGE.right + 8, y: at + 4 }, short.format(most * part)),
    ];
  });
}

/** The numbers of some rows below their bars. */
function numbers(slot, height) {
  const each = Math.max(1, Math.ceil(bars.length / Math.max(1, (slot * bars.length) / 44)));
  return bars.filter((_, index) => index % each === 0).map((bar) => make('text', {
    x: bar.x + slot / 2, y: height - 8, 'text-anchor': 'middle',
  }, String(bar.rows[0].n)));
}

let pointed = null;

/** Shows the figures of one bar, or of none. */
function point(index) {
  const plot = find('plot');
  const tip = find('tip');
  const marker = plot.querySelector('.marker');
  pointed = index;
  tip.hidden = index === null;
  marker?.setAttribute('visibility', index === null ? 'hidden' : 'visible');
  if (index === null) return;
  const bar = bars[index];
  const [from, to] = [bar.rows[0], bar.rows.at(-1)];
  // A single row is told by the server's own figures; sums of several only ever stand here.
  const exact = (name) => grouped(bar.rows.length === 1 ? to[name] : bar[name].toFixed(2));
  const text = [
    bar.rows.length === 1
      ? say('tip_row', { n: to.n, due: to.due })
      : say('tip_rows', { from: from.n, to: to.n, due: to.due }),
    `${words.principal_part} ${exact('principal')}`,
    `${words.interest_part} ${exact('interest')}`,
    ...(bar.fees > 0 ? [`${words.fees_part} ${exact('fees')}`] : []),
    `${words.balance_line} ${grouped(to.balance)}`,
  ].join('\n');
  tip.textContent = text;
  marker.setAttribute('x', bar.x);
  const half = tip.offsetWidth / 2;
  const middle = bar.x + Number(marker.getAttribute('width')) / 2;
  tip.style.left = `${Math.min(Math.max(middle, half), plot.clientWidth - half) - half}px`;
  find('walk').setAttribute('aria-valuenow', String(index + 1));
  find('walk').setAttribute('aria-valuetext', text.replaceAll('\n', ', '));
}

function listenToChart() {
  const walk = find('walk');
  walk.addEventListener('pointermove', (event) => {
    const x = event.clientX - walk.getBoundingClientRect().left - EDGE.left;
    const width = walk.clientWidth - EDGE.left - EDGE.right;
    const index = Math.floor((x / width) * bars.length);
    point(index >= 0 && index < bars.length ? index : null);
  });
  walk.addEventListener('pointerleave', () => point(null));
  walk.addEventListener('focus', () => walk.matches(':focus-visible') && point(pointed ?? 0));
  walk.addEventListener('blur', () => point(null));
  walk.addEventListener('keydown', (event) => {
    const at = pointed ?? 0;
    const next = {
      ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1,
      PageUp: at + 10, PageDown: at - 10, Home: 0, End: bars.length - 1,
    }[event.key];
    if (event.key === 'Escape') point(null);
    if (next === undefined) return;
    event.preventDefault();
    point(Math.min(Math.max(next, 0), bars.length - 1));
  });
  new ResizeObserver(() => last && drawChart()).observe(walk);
}

// --- downloads -----------------------------------------------------------------------------------

function save(content, type, name) {
  const link = make('a', { download: name, href: URL.createObjectURL(new Blob([content], { type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function saveCsv() {
  if (!last) return;
  try {
    const answer = await post(last.request, 'csv');
    if (!answer.ok) throw new Error(answer.statusText);
    save(await answer.text(), 'text/csv', 'loan.csv');
  } catch {
    refuse({ field: '', en: say('offline'), zh: say('offline') }, []);
  }
}

function saveJson() {
  if (last) save(JSON.stringify(last.loan, null, 2), 'application/json', 'loan.json');
}

// --- beginning -----------------------------------------------------------------------------------

form.addEventListener('input', (event) => {
  if (['term_unit', 'method'].includes(event.target.name)) fitFrequency();
  soon();
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  ask().then(() => {
    const wrong = form.querySelector('[aria-invalid]');
    if (wrong) wrong.focus();
    else if (results.getBoundingClientRect().top > innerHeight / 2) results.focus();
  });
});
find('csv').addEventListener('click', saveCsv);
find('json').addEventListener('click', saveJson);
listenToChart();
fitFrequency();
ask();
