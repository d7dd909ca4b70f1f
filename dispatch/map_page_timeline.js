// The timeline: a row per contractor, driving thin, service solid, waiting and breaks hatched; then the start.

const firstTick = plan.ticks[0]?.[0] ?? 0;
const lastTick = plan.ticks.at(-1)?.[0] ?? 1;
const along = (at_s) => (100 * (at_s - firstTick)) / (lastTick - firstTick || 1);

const MOST_LABELS = 12;

function bar(kind, from_s, to_s, note) {
  const made = el("i", { class: kind, title: note ?? null, "aria-hidden": "true" });
  made.style.left = `${along(from_s)}%`;
  made.style.width = `${along(to_s) - along(from_s)}%`;
  return made;
}

function fillTimeline() {
  const panel = byId("panel-timeline");
  if (!plan.routes.length) {
    panel.append(el("p", { class: "empty" }, "No timeline: nobody has a stop in this plan."));
    return;
  }
  // A line an hour, but a label only where there is room for it: a long day names every second hour or fewer.
  const every = Math.ceil(plan.ticks.length / MOST_LABELS);
  const labelled = plan.ticks.filter((_, i) => i % every === 0 && (i === 0 || i < plan.ticks.length - 1));
  const hours = labelled.map(([at_s, text]) => {
    const tick = el("span", {}, text);
    tick.style.left = `${along(at_s)}%`;
    if (at_s === firstTick) tick.className = "first";
    return tick;
  });
  const key = el("p", { class: "key" }, ["drive", "service", "wait", "break", "shift"].map((kind) => el("span", {}, el("i", { class: `k-${kind}`, "aria-hidden": "true" }), kind)));
  const axis = el("div", { class: "row axis", "aria-hidden": "true" }, el("div", { class: "who" }, "Timeline"), el("div", { class: "track" }, hours));
  const rows = el("div", { class: "rows-of-time", role: "group", "aria-label": "Timeline. Arrow keys move from stop to stop and from row to row, Enter opens one." }, axis, plan.routes.map(timelineRow));
  rows.addEventListener("keydown", walk);
  panel.append(el("div", { class: "scroller" }, rows), key);
  rows.style.setProperty("--hour", `${along(firstTick + 3600)}%`);
  const first = rows.querySelector(".block");
  if (first) first.tabIndex = 0;
}

function timelineRow(route, i) {
  const track = el("div", { class: "track" }, bar("shift", route.shift[0][0], route.shift[1][0]));
  const home = { departs: route.starts };
  route.stops.forEach((stop, n) => {
    const before = route.stops[n - 1] ?? home;
    track.append(bar("drive", before.departs[0], stop.arrives[0]));
    if (stop.begins[0] > stop.arrives[0]) track.append(bar("wait", stop.arrives[0], stop.begins[0], "wait"));
    if (stop.departs[0] > stop.done[0]) track.append(bar("wait", stop.done[0], stop.departs[0], "wait"));
    track.append(block(stop, i, n));
  });
  track.append(bar("drive", route.stops.at(-1).departs[0], route.ends[0]));
  for (const [from, to] of route.breaks) track.append(bar("break", from[0], to[0], `break ${from[1]}–${to[1]}`));
  for (const drive of track.querySelectorAll(".drive")) drive.style.color = colourOf(i);
  track.append(el("i", { class: "promise", hidden: true, "aria-hidden": "true" }));
  const who = el("button", { type: "button", class: "who", tabindex: -1, onclick: () => chooseRoute(chosen.route === i ? null : i) }, badge(i), el("span", {}, route.name));
  return el("div", { class: "row", id: `row-${i}` }, who, track);
}

function block(stop, route, n) {
  const text = `${letters[route]}${n + 1}`;
  const made = el("button", { type: "button", class: "block", tabindex: -1, "data-place": `${route} ${n}`, title: `${text} ${placeName(stop)}, ${stop.begins[1]}–${stop.done[1]}`, "aria-label": `${text}, ${placeName(stop)}, service ${stop.begins[1]} to ${stop.done[1]}`, onclick: () => choosePlace({ route, stop: n }, { focusCard: true }) }, String(n + 1));
  made.style.left = `${along(stop.begins[0])}%`;
  made.style.width = `${along(stop.done[0]) - along(stop.begins[0])}%`;
  made.style.background = colourOf(route);
  made.style.color = inkOn(route);
  return made;
}

// One stop of the tab key for the whole timeline; arrows walk inside it.
function walk(event) {
  const now = event.target.dataset?.place?.split(" ").map(Number);
  if (!now) return;
  const [row, n] = now;
  const steps = { ArrowRight: [row, n + 1], ArrowLeft: [row, n - 1], ArrowDown: [row + 1, n], ArrowUp: [row - 1, n], Home: [row, 0], End: [row, Infinity] };
  const to = steps[event.key];
  const route = to && plan.routes[to[0]];
  if (!route) return;
  event.preventDefault();
  const stop = Math.max(0, Math.min(route.stops.length - 1, to[1]));
  const next = byId(`row-${to[0]}`).querySelector(`[data-place="${to[0]} ${stop}"]`);
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

// The window of the chosen stop, as a bracket in its row.
function markWindow(place) {
  for (const promise of document.querySelectorAll(".promise")) promise.hidden = true;
  if (place?.route === undefined) return;
  const [opens, closes] = plan.routes[place.route].stops[place.stop].window_at;
  if (opens === null && closes === null) return;
  const promise = byId(`row-${place.route}`).querySelector(".promise");
  const from = Math.max(0, opens === null ? 0 : along(opens));
  promise.style.left = `${from}%`;
  promise.style.width = `${Math.min(100, closes === null ? 100 : along(closes)) - from}%`;
  promise.hidden = false;
}

function repaintTheme() {
  document.querySelectorAll(".badge, .block, .drive, .line-sample line").forEach((painted) => {
    const row = painted.closest(".route-item, .row");
    const i = row?.id ? Number(row.id.slice(4)) : row ? Number(row.firstElementChild.id.slice(6)) : chosen.place?.route;
    if (i === undefined) return;
    if (painted.matches("line")) painted.setAttribute("stroke", colourOf(i));
    else if (painted.matches(".drive")) painted.style.color = colourOf(i);
    else Object.assign(painted.style, { background: colourOf(i), color: inkOn(i) });
  });
  repaint();
}

fillHeader();
fillRoutes();
fillLeft();
fillPlan();
fillTimeline();
listenToTabs();
listenToSheet();
listenToHands();
byId("filter").addEventListener("input", filterRoutes);
dark.addEventListener("change", repaintTheme);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (chosen.place) closeCard({ back: true });
  else if (chosen.route !== null) chooseRoute(null);
});
let fitted = false;
new ResizeObserver(() => {
  measure();
  if (!fitted) fit(everything(), { fly: false });
  fitted = true;
}).observe(canvas);
// For whoever wants to find a place on the map from outside: tests, the browser's console.
window.tradesMap = { pixelOf: (x) => toScreen(...(x.left === undefined ? worlds.stops[x.route][x.stop] : worlds.left[x.left])), view };
