"use strict";
// Everything is built with textContent: what a candidate wrote is never read as markup.
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const at = (id) => document.getElementById(id);
  const bank = read("bank");
  const index = read("index");
  const CHUNK = 50, MAP_ROWS = 25, LIST_ROWS = 20, MANY_COLUMNS = 70;
  const MARKS = ["\u2212", "~", "+", "?"];
  const CLASSES = ["missed", "partial", "met", "unassessed"];
  const WORDS = ["missed", "in part", "met", "not assessed"];
  const chunks = new Map();
  const details = (n) => {
    const chunk = Math.floor(n / CHUNK);
    if (!chunks.has(chunk)) chunks.set(chunk, read("chunk-" + chunk));
    return chunks.get(chunk)[n % CHUNK];
  };
  const make = (name, attributes, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "class") node.className = value;
      else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== ""));
    return node;
  };
  // What could not be assessed is not missing; the text then says why.
  const lacks = (level, gap) => make("p", {}, (CLASSES[level] === "unassessed" ? "" : "Missing: ") + gap);
  const whole = (value) => value.toLocaleString("en");
  const score = (value) => (value === null ? "\u2013" : value.toFixed(1));

  // Plots

  for (const [name, plot] of Object.entries(read("plots"))) {
    const box = document.querySelector('[data-plot="' + name + '"]');
    if (box && window.Plotly) Plotly.newPlot(box, plot.data, plot.layout, plot.config);
  }

  // A list shown page by page

  const pager = (box, size, draw) => {
    let page = 0, total = 0;
    const before = make("button", { type: "button", "aria-label": "Previous page", onclick: () => go(page - 1) }, "\u2039");
    const after = make("button", { type: "button", "aria-label": "Next page", onclick: () => go(page + 1) }, "\u203a");
    const text = make("span", { "aria-live": "polite" });
    box.append(before, text, after);
    const go = (wanted) => {
      page = Math.max(0, Math.min(wanted, Math.ceil(total / size) - 1));
      const start = page * size, end = Math.min(start + size, total);
      before.disabled = page === 0;
      after.disabled = end >= total;
      box.hidden = total <= size;
      text.textContent = total ? [start + 1, end].map(whole).join(" to ") + " of " + whole(total) : "none";
      draw(start, end);
    };
    return (count, wanted = 0) => { total = count; go(wanted); };
  };

  // The map, on a page about several candidates

  const showCohort = () => {
    // Heat map

    const select = at("map-question");
    const columns = bank.reduce((sum, question) => sum + question.criteria.length, 0);
    select.append(make("option", { value: "all" }, "all questions"));
    bank.forEach((question, q) => select.append(make("option", { value: String(q) }, question.id)));
    if (bank.length && (columns > MANY_COLUMNS || matchMedia("(max-width: 44rem)").matches)) select.value = "0";
    let rows = [0, 0];
    const chosen = () => (select.value === "all" ? bank.map((_, q) => q) : [Number(select.value)]);

    const drawMap = (start, end) => {
      rows = [start, end];
      at("map-box").replaceChildren(mapTable(start, end, chosen()));
    };
    const mapTable = (start, end, shown) => {
      const head = make("tr", {}, make("th", { scope: "col", class: "name" }, "Candidate"));
      for (const q of shown) {
        const span = bank[q].criteria.length + 2;
        head.append(make("th", { scope: "colgroup", colspan: span }, bank[q].id));
      }
      const body = make("tbody");
      for (let n = start; n < end; n++) body.append(mapRow(n, shown));
      const caption = make("caption", { class: "skip" }, "Verdict of each criterion for each candidate");
      const table = make("table", { class: shown.length === 1 ? "map wide" : "map" }, caption, make("thead", {}, head), body);
      const first = table.querySelector("td[data-c]");
      if (first) first.tabIndex = 0;
      return table;
    };
    const mapRow = (n, shown) => {
      const row = make("tr", {}, make("th", { scope: "row", class: "name", title: index[n][0] }, index[n][0]));
      for (const q of shown) {
        const cell = index[n][4][q];
        const graded = Array.isArray(cell);
        const flagged = graded && cell[2].length > 0;
        row.append(make("td", { class: "gap" }), make("td", { class: flagged ? "score flagged" : "score", "data-n": n, "data-q": q, "data-c": flagged ? "flag" : null, tabindex: flagged ? -1 : null }, graded ? (flagged ? "! " : "") + Math.round(cell[0]) : ""));
        bank[q].criteria.forEach((_, c) => {
          const level = graded ? Number(cell[1][c]) : -1;
          const look = graded ? CLASSES[level] : cell === 0 ? "ungraded" : "none";
          const label = graded ? WORDS[level] : cell === 0 ? "not graded" : "no answer";
          row.append(make("td", { class: look, tabindex: -1, "data-n": n, "data-q": q, "data-c": c, "aria-label": label }, graded ? MARKS[level] : cell === 0 ? "" : "\u00b7"));
        });
      }
      return row;
    };
    const showMap = pager(at("map-pager"), MAP_ROWS, drawMap);
    select.addEventListener("change", () => showMap(index.length));
    showMap(index.length);

    // What a cell of the map says

    const tip = at("tip");
    const say = (cell) => {
      const n = Number(cell.dataset.n), q = Number(cell.dataset.q);
      const question = bank[q], answer = details(n)[1][q];
      const lines = [make("p", {}, make("small", {}, index[n][0] + ", " + question.id))];
      const graded = Array.isArray(index[n][4][q]);
      if (cell.dataset.c === "flag") {
        index[n][4][q][2].forEach((f, i) => {
          lines.push(make("p", { class: "mark" }, "Red flag: " + question.flags[f][0]));
          for (const quote of answer[3][i] || []) lines.push(make("blockquote", {}, quote));
        });
      } else {
        const c = Number(cell.dataset.c);
        lines.push(make("p", {}, question.criteria[c][0]));
        if (!answer) lines.push(make("p", { class: "mark" }, "No answer in this run."));
        else if (!graded) lines.push(make("p", { class: "mark" }, "Not graded: " + answer[1]), make("p", {}, answer[2]));
        else {
          const found = answer[2][c];
          lines.push(make("p", { class: "mark" }, WORDS[Number(index[n][4][q][1][c])]));
          for (const quote of found[0] || []) lines.push(make("blockquote", {}, quote));
          if (found[1]) lines.push(lacks(Number(index[n][4][q][1][c]), found[1]));
        }
      }
      tip.replaceChildren(...lines);
      tip.hidden = false;
      const box = cell.getBoundingClientRect(), size = tip.getBoundingClientRect();
      const below = box.bottom + 8 + size.height < innerHeight;
      tip.style.left = Math.max(12, Math.min(box.left - 20, innerWidth - size.width - 12)) + "px";
      tip.style.top = Math.max(8, below ? box.bottom + 8 : box.top - size.height - 8) + "px";
    };
    const hide = () => { tip.hidden = true; };
    const mapBox = at("map-box");
    const cellOf = (event) => event.target.closest && event.target.closest("td[data-c]");
    mapBox.addEventListener("mouseover", (event) => { const cell = cellOf(event); if (cell) say(cell); else hide(); });
    mapBox.addEventListener("mouseleave", hide);
    mapBox.addEventListener("focusin", (event) => { const cell = cellOf(event); if (cell) say(cell); });
    mapBox.addEventListener("focusout", hide);
    mapBox.addEventListener("click", (event) => { const cell = cellOf(event); if (cell) cell.focus(); });
    addEventListener("scroll", hide, { passive: true });
    const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    mapBox.addEventListener("keydown", (event) => {
      const cell = cellOf(event), step = STEPS[event.key];
      if (event.key === "Escape") hide();
      if (!cell || !step) return;
      const lines = [...mapBox.querySelectorAll("tbody tr")];
      const row = cell.parentNode;
      let target = cell;
      if (step[0]) target = (lines[lines.indexOf(row) + step[0]] || row).cells[cell.cellIndex];
      else do target = row.cells[target.cellIndex + step[1]]; while (target && target.dataset.c === undefined);
      if (!target || target.dataset.c === undefined) return;
      event.preventDefault();
      cell.tabIndex = -1;
      target.tabIndex = 0;
      target.focus();
    });

    // On paper nothing can be opened or scrolled: tables and examples are opened, and the map is drawn question by question.

    let closed = [];
    addEventListener("beforeprint", () => {
      if (document.body.classList.contains("sheets")) return;
      closed = [...document.querySelectorAll("details.question:not([open]), .gaps details:not([open])")];
      for (const box of closed) box.open = true;
      if (select.value === "all") mapBox.replaceChildren(...bank.map((_, q) => mapTable(...rows, [q])));
      for (const box of document.querySelectorAll(".js-plotly-plot")) Plotly.Plots.resize(box);
    });
    addEventListener("afterprint", () => {
      for (const box of closed) box.open = false;
      closed = [];
      drawMap(...rows);
    });
  };
  if (at("map")) showCohort();

  // Candidates

  const order = at("order"), who = at("who"), list = at("who-list"), sheetBox = at("sheet");
  let people = index.map((_, n) => n), open = -1;
  const drawList = (start, end) => {
    const rows = people.slice(start, end).map((n) => {
      const [name, mean, graded, ungraded] = index[n];
      const width = mean === null ? 0 : mean;
      return make("tr", { class: n === open ? "chosen" : "" },
        make("th", { scope: "row" }, make("button", { type: "button", class: "link", onclick: () => choose(n) }, name)),
        make("td", { class: "n" }, score(mean)),
        make("td", { class: "hide-small" }, make("span", { class: "meter", "aria-hidden": "true" }, bar(width))),
        make("td", { class: "n" }, graded + (ungraded ? " + " + ungraded + " not graded" : "")));
    });
    const head = make("tr", {}, make("th", { scope: "col" }, "Candidate"), make("th", { scope: "col", class: "n" }, "mean score"), make("th", { class: "hide-small" }), make("th", { scope: "col", class: "n" }, "answers"));
    list.replaceChildren(make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  };
  const bar = (width) => { const node = make("span"); node.style.width = width + "%"; return node; };
  const showList = pager(at("who-pager"), LIST_ROWS, drawList);
  const SORTS = {
    name: (a, b) => index[a][0].localeCompare(index[b][0]),
    up: (a, b) => (index[a][1] ?? 101) - (index[b][1] ?? 101),
    down: (a, b) => (index[b][1] ?? -1) - (index[a][1] ?? -1),
  };
  const refresh = () => {
    const wanted = who.value.trim().toLowerCase();
    people = index.map((_, n) => n).filter((n) => index[n][0].toLowerCase().includes(wanted));
    if (SORTS[order.value]) people.sort(SORTS[order.value]);
    showList(people.length);
  };
  who.addEventListener("input", refresh);
  order.addEventListener("change", refresh);
  const choose = (n) => {
    open = n;
    for (const row of list.querySelectorAll("tr.chosen")) row.classList.remove("chosen");
    for (const button of list.querySelectorAll("button.link")) {
      if (button.textContent === index[n][0]) button.closest("tr").classList.add("chosen");
    }
    const page = sheet(n);
    sheetBox.replaceChildren(page);
    page.scrollIntoView({ block: "start" });
    page.querySelector("h3").focus({ preventScroll: true });
  };

  // The page of one candidate

  const sheet = (n) => {
    const [name, mean, graded] = index[n];
    const [extra, answers, judged] = details(n);
    const print = make("button", { type: "button", onclick: () => printSheets([n]) }, "Print");
    const page = make("article", { class: "sheet" }, make("h3", { tabindex: -1 }, make("span", {}, name), print));
    if (extra.length) page.append(make("p", { class: "facts" }, extra.map(([key, value]) => key + ": " + value).join(", ")));
    if (graded) page.append(make("p", {}, "Mean score " + score(mean) + " of 100 over " + graded + (graded === 1 ? " answer." : " answers.")));
    bank.forEach((question, q) => { if (answers[q]) page.append(...section(question, index[n][4][q], answers[q])); });
    const left = bank.filter((_, q) => !answers[q]).map((question) => question.id);
    if (left.length) page.append(make("p", { class: "facts" }, "Questions of this run without an answer: " + left.join(", ") + "."));
    page.append(make("div", { class: "foot" }, make("p", {}, judged), ...[...at("caveats").children].map((said) => said.cloneNode(true))));
    return page;
  };
  const section = (question, cell, answer) => {
    const number = question.number === null ? "" : question.number + ". ";
    const parts = [make("h4", {}, number + question.text)];
    if (cell === 0) {
      parts.push(make("p", {}, make("span", { class: "mark" }, "Not graded: " + answer[1] + ". "), answer[2]), make("p", { class: "facts" }, "This is not a zero."));
      return [...parts, ...attempts(answer[3])];
    }
    parts.push(make("p", { class: "mark" }, score(cell[0]) + " of 100, " + answer[1]));
    if (answer[6]) parts.push(make("p", {}, answer[6]));
    if (answer[5]) parts.push(make("p", { class: "coach" }, make("b", {}, "For the coach, not printed. "), answer[5]));
    cell[2].forEach((f, i) => {
      const [statement, advice, penalty] = question.flags[f];
      parts.push(make("div", { class: "flag" }, make("p", { class: "mark" }, "Red flag (\u2212" + penalty + " points): " + statement),
        ...(answer[3][i] || []).map((quote) => make("figure", {}, make("blockquote", {}, quote))), make("p", {}, "Instead: " + advice)));
    });
    if (answer[4].length) parts.push(make("h5", {}, "Add first"), make("ol", {}, ...answer[4].map((step) => make("li", {}, step))));
    parts.push(make("h5", {}, "Criterion by criterion"), findings(question, cell, answer));
    return [...parts, ...attempts(answer[7])];
  };
  const findings = (question, cell, answer) => make("ul", { class: "findings" }, ...question.criteria.map(([statement, advice], c) => {
    const level = Number(cell[1][c]), found = answer[2][c];
    const lines = [make("p", {}, make("b", {}, WORDS[level] + ": "), statement)];
    for (const quote of found[0] || []) lines.push(make("blockquote", {}, quote));
    if (found[1]) lines.push(lacks(level, found[1]));
    if (level < 2) lines.push(make("p", {}, "Add: " + (found[2] || advice)));
    return make("li", {}, make("span", { class: "key " + CLASSES[level], "aria-hidden": "true" }, MARKS[level]), make("div", {}, ...lines));
  }));
  const told = ([, value, band, day]) => (value === null ? "not graded (" + band + ")" : score(value) + " " + band) + ", " + day;
  const attempts = (tried) => {
    if (!tried.length) return [];
    const said = tried.map((one) => typeof one === "number" ? one + " more, not listed here" : told(one));
    return [make("h5", {}, "Attempts in order"), make("ol", {}, ...said.map((text) => make("li", {}, text)))];
  };
  const printSheets = (which) => {
    const before = [...sheetBox.childNodes];
    sheetBox.replaceChildren(...which.map(sheet));
    document.body.classList.add("sheets");
    const restore = () => {
      document.body.classList.remove("sheets");
      sheetBox.replaceChildren(...before);
      removeEventListener("afterprint", restore);
    };
    addEventListener("afterprint", restore);
    print();
  };
  at("print-all").addEventListener("click", () => printSheets(people));
  refresh();
  if (index.length && index.length <= LIST_ROWS) sheetBox.replaceChildren(sheet((open = 0)));
  if (open === 0) list.querySelector("tbody tr").classList.add("chosen");
})();
