// The card of one stop or unserved job, and what selecting something does everywhere on the page.

let cameFrom = null;

function line(name, ...value) {
  return [el("dt", {}, name), el("dd", {}, ...value)];
}

function stopCard({ route: i, stop: n }) {
  const route = plan.routes[i];
  const stop = route.stops[n];
  const step = (to, text, label) => {
    const there = route.stops[to] !== undefined;
    return el("button", { type: "button", class: "step", "aria-label": label, disabled: !there, onclick: () => choosePlace({ route: i, stop: to }, { focusCard: true }) }, text);
  };
  const facts = [
    ...line("Arrives", el("b", {}, stop.arrives[1])),
    ...line("Service", el("b", {}, `${stop.begins[1]}–${stop.done[1]}`), ` (${stop.duration})`),
    ...line("Drives on", el("b", {}, stop.departs[1])),
    ...line("Window", windowSays(stop)),
    ...line("Drive here", `${minutes(stop.travel_s)} min, ${kilometres(stop.distance_m)}`),
    ...line("Wait", stop.wait_s ? lasting(stop.wait_s) : "none"),
    ...line("Priority", String(stop.priority)),
    ...(stop.skills.length ? line("Skills", stop.skills.join(", ")) : []),
  ];
  const reasons = stop.reasons.length ? el("ul", { class: "reasons" }, stop.reasons.map((text) => el("li", {}, text))) : el("p", { class: "muted" }, "No reason was recorded.");
  return [
    el("header", {}, badge(i), el("div", {}, el("h2", {}, placeName(stop)), el("p", { class: "muted" }, `${stop.job} · ${stop.trade}`)), closeButton()),
    el("p", { class: "of" }, `Stop ${n + 1} of ${route.stops.length}, ${route.name}`, el("span", { class: "steps" }, step(n - 1, "‹", "Stop before"), step(n + 1, "›", "Next stop"))),
    el("dl", { class: "facts" }, facts),
    el("h3", {}, "Why here"),
    reasons,
  ];
}

function windowSays(stop) {
  const [opens, closes] = stop.window_at;
  if (closes === null) return stop.window;
  const spare = closes - stop.begins[0];
  if (spare < 0) return el("span", { class: "bad" }, `${stop.window}, ${lasting(-spare)} late`);
  return `${stop.window}, ${spare < 60 ? "no time" : lasting(spare)} to spare`;
}

function leftCard({ left }) {
  const job = plan.unassigned[left];
  const reason = (given) => el("li", {}, el("p", { class: "why" }, given.message), given.remedy ? remedyBox(given.remedy) : el("p", { class: "muted" }, "No change of the plan in force would get it served."));
  return [
    el("header", {}, el("span", { class: "mark-left", "aria-hidden": "true" }, "!"), el("div", {}, el("h2", {}, placeName(job)), el("p", { class: "muted" }, `${job.job} · ${job.trade}`)), closeButton()),
    el("p", { class: "of bad" }, "Not served"),
    el("dl", { class: "facts" }, line("Window", job.window), line("Takes", job.duration), line("Priority", `${job.priority}; leaving it out costs ${number(job.unserved_cost)} points`), job.skills.length ? line("Skills", job.skills.join(", ")) : []),
    el("h3", {}, "Why, and what would change it"),
    job.reasons.length ? el("ul", { class: "reasons" }, job.reasons.map(reason)) : el("p", { class: "muted" }, "No reason was recorded."),
  ];
}

function remedyBox(remedy) {
  const price = `${remedy.extra_points >= 0 ? "+" : "−"}${number(Math.abs(remedy.extra_points))} points`;
  const change =
    typeof remedy.to === "string"
      ? el("p", { class: "change" }, `${remedy.file}, ${remedy.subject}, ${remedy.field}: `, remedy.from ? el("del", {}, remedy.from) : el("span", {}, "empty"), " → ", el("ins", {}, remedy.to))
      : el("dl", { class: "facts change" }, line(`${remedy.file}`, `new row ${remedy.subject}`), Object.entries(remedy.to).filter(([, value]) => value).flatMap(([name, value]) => line(name, value)));
  return el("div", { class: "remedy" }, el("p", {}, el("strong", {}, "Remedy: "), remedy.message), change, el("p", { class: "muted" }, `${price} · ${remedy.verified ? "✓ checked by the judge" : "not checked by the judge"}`));
}

function closeButton() {
  return el("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => closeCard({ back: true }) }, "×");
}

function openCard(place, focusCard) {
  const card = byId("card");
  if (card.hidden) cameFrom = document.activeElement;
  card.replaceChildren(...(place.left === undefined ? stopCard(place) : leftCard(place)));
  card.hidden = false;
  card.scrollTop = 0;
  if (focusCard) card.focus({ preventScroll: true });
  const job = place.left === undefined ? plan.routes[place.route].stops[place.stop] : plan.unassigned[place.left];
  byId("said").textContent = place.left === undefined ? `${placeName(job)}, service ${job.begins[1]}` : `${placeName(job)}, not served`;
}

function closeCard({ back = false } = {}) {
  chosen.place = null;
  byId("card").hidden = true;
  markChosen();
  repaint();
  if (back && cameFrom?.isConnected) cameFrom.focus({ preventScroll: true });
}

function choosePlace(place, { focusCard = false } = {}) {
  chosen.place = place;
  // A job nobody serves belongs to no route: all of them stay in sight around it.
  const route = place.route ?? null;
  if (chosen.route !== route) setRoute(route);
  openCard(place, focusCard);
  markChosen();
  repaint();
  show(...(place.left === undefined ? worlds.stops[place.route][place.stop] : worlds.left[place.left]));
}

function chooseRoute(i) {
  chosen.place = null;
  byId("card").hidden = true;
  setRoute(i);
  markChosen();
  byId("said").textContent = i === null ? "All routes" : `Route of ${plan.routes[i].name}`;
  repaint();
  fit(i === null ? everything() : boundsOf(lines[i]));
}

function setRoute(i) {
  chosen.route = i;
  byId("filter").value = "";
  filterRoutes();
  repaint();
}

// Lists, timeline and map say the same: this is chosen, the rest steps back.
function markChosen() {
  const { route, place } = chosen;
  document.body.classList.toggle("one-route", route !== null);
  plan.routes.forEach((_, i) => {
    byId(`route-${i}`).classList.toggle("chosen", i === route);
    byId(`row-${i}`).classList.toggle("chosen", i === route);
  });
  for (const button of document.querySelectorAll("[data-place], [data-left]")) {
    const its = button.dataset.place !== undefined ? place?.left === undefined && button.dataset.place === `${place?.route} ${place?.stop}` : place?.left === Number(button.dataset.left);
    button.classList.toggle("chosen", its);
    if (its) {
      button.setAttribute("aria-current", "true");
      button.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else button.removeAttribute("aria-current");
  }
  if (route !== null && !place) byId(`route-${route}`).scrollIntoView({ block: "nearest" });
  markWindow(place);
}

// ---- tabs and the sheet of small screens

const TABS = ["routes", "left", "timeline", "plan"];

function chooseTab(name) {
  for (const tab of TABS) {
    byId(`tab-${tab}`).setAttribute("aria-selected", String(tab === name));
    byId(`tab-${tab}`).tabIndex = tab === name ? 0 : -1;
    byId(`panel-${tab}`).classList.toggle("shown", tab === name);
  }
}

function listenToTabs() {
  TABS.forEach((name) => byId(`tab-${name}`).addEventListener("click", () => {
    chooseTab(name);
    if (phone.matches && sheetShare() < 0.3) setSheet(0.5);
  }));
  document.querySelector(".tabs").addEventListener("keydown", (event) => {
    const seen = TABS.filter((tab) => byId(`tab-${tab}`).offsetParent);
    const now = seen.findIndex((tab) => byId(`tab-${tab}`) === document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || now < 0) return;
    const next = seen[(now + step + seen.length) % seen.length];
    chooseTab(next);
    byId(`tab-${next}`).focus();
  });
  phone.addEventListener("change", () => chooseTab("routes"));
  chooseTab("routes");
}

const SHEET_STOPS = [0.16, 0.46, 0.86];
const sheetShare = () => byId("sheet").getBoundingClientRect().height / innerHeight;

function setSheet(share) {
  byId("sheet").style.setProperty("--sheet", `${100 * share}dvh`);
}

function listenToSheet() {
  const grip = byId("grip");
  let from = null;
  grip.addEventListener("pointerdown", (event) => {
    grip.setPointerCapture(event.pointerId);
    from = { y: event.clientY, share: sheetShare(), moved: false };
  });
  grip.addEventListener("pointermove", (event) => {
    if (!from) return;
    from.moved ||= Math.abs(event.clientY - from.y) > 5;
    if (from.moved) setSheet(Math.max(0.12, Math.min(0.9, from.share + (from.y - event.clientY) / innerHeight)));
  });
  const next = () => SHEET_STOPS[(SHEET_STOPS.findIndex((stop) => Math.abs(stop - sheetShare()) < 0.08) + 1) % 3];
  grip.addEventListener("pointerup", () => {
    const share = sheetShare();
    if (from?.moved) setSheet(SHEET_STOPS.reduce((a, b) => (Math.abs(b - share) < Math.abs(a - share) ? b : a)));
    else setSheet(next());
    from = null;
  });
  grip.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") setSheet(next());
  });
}
