// Header, list of routes with their stops, what is not served, and what the plan says of itself.

// Builds an element; text always goes in as text, so a name can never become markup.
function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const number = (value) => value.toLocaleString("en-US");
const kilometres = (metres) => `${(metres / 1000).toLocaleString("en-US", { maximumFractionDigits: 1, minimumFractionDigits: 1 })} km`;
const minutes = (seconds) => Math.round(seconds / 60);
function lasting(seconds) {
  const all = minutes(seconds);
  return all >= 60 ? `${number(Math.floor(all / 60))} h ${String(all % 60).padStart(2, "0")} min` : `${all} min`;
}
const counted = (n, noun) => `${number(n)} ${noun}${n === 1 ? "" : "s"}`;
const placeName = (job) => job.address || `${job.at[1].toFixed(5)}, ${job.at[0].toFixed(5)}`;

// The route's letter on its colour, and its line as it is drawn on the map.
function badge(i) {
  const made = el("span", { class: "badge", "aria-hidden": "true" }, letters[i]);
  made.style.background = colourOf(i);
  made.style.color = inkOn(i);
  return made;
}

function lineSample(i) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  for (const [name, value] of Object.entries({ width: 30, height: 4, "aria-hidden": "true", class: "line-sample" })) svg.setAttribute(name, value);
  for (const [name, value] of Object.entries({ x1: 1, x2: 29, y1: 2, y2: 2, "stroke-width": 2.6, "stroke-linecap": "round", stroke: colourOf(i), "stroke-dasharray": dashOf(i).join(" ") })) line.setAttribute(name, value);
  svg.append(line);
  return svg;
}

function fillHeader() {
  const { figures } = plan;
  byId("subtitle").textContent = `${plan.day} · ${plan.timezone}`;
  const figure = (name, value, note) => el("div", { title: note ?? null }, el("dt", {}, name), el("dd", {}, value));
  const judged = plan.judged ? "✓ none" : "not judged";
  byId("figures").append(
    figure("Served", `${number(figures.n_assigned)} of ${number(figures.n_jobs)}`, `jobs, by ${figures.n_contractors_used} of ${counted(figures.n_contractors, "contractor")}`),
    figure("Driving", lasting(figures.travel_s), kilometres(figures.distance_m)),
    figure("Objective", number(plan.objective.total), "points; one is a second of driving at the default cost"),
    figure("Violations", judged, plan.judged ? "An independent judge found no violation in this plan" : "No judge has looked at this plan"),
    figure("Digest", plan.digest.slice(7, 15), plan.digest),
  );
  if (plan.travel_time_source === "straight") {
    byId("map-note").textContent = "Travel times are estimates along straight lines: the road engine did not answer.";
    byId("map-note").hidden = false;
  } else if (!plan.roads.some((rank) => rank.counts.length)) {
    byId("map-note").textContent = "No roads were given for this map.";
    byId("map-note").hidden = false;
  }
  byId("n-routes").textContent = plan.routes.length;
  byId("n-left").textContent = plan.unassigned.length;
  byId("tab-left").classList.toggle("alarm", plan.unassigned.length > 0);
}

// ---- routes

function fillRoutes() {
  byId("routes").replaceChildren(...plan.routes.map(routeItem));
  byId("filter").hidden = !plan.routes.length;
  if (!plan.routes.length) {
    byId("routes-empty").textContent = "No routes: nobody has a stop in this plan.";
    byId("routes-empty").hidden = false;
  }
}

function routeItem(route, i) {
  const heading = el(
    "button",
    { type: "button", class: "route", "aria-expanded": "false", "aria-controls": `stops-${i}`, id: `route-${i}`, onclick: () => chooseRoute(chosen.route === i ? null : i) },
    badge(i),
    el("span", { class: "route-name" }, el("strong", {}, route.name), el("small", {}, route.trades.join(", "))),
    el("span", { class: "route-times" }, el("span", {}, `${route.starts[1]}–${route.ends[1]}`), el("small", {}, `${counted(route.stops.length, "stop")} · ${minutes(route.travel_s)} min drive`)),
    lineSample(i),
  );
  const ends = (text, at) => el("li", { class: "end" }, el("span", { class: "when" }, at), el("span", {}, text));
  const stops = el("ol", { id: `stops-${i}`, class: "stops", hidden: true }, ends("leaves home", route.starts[1]));
  const breaks = [...route.breaks];
  const breakItem = ([from, to]) => el("li", { class: "end pause" }, el("span", { class: "when" }, from[1]), el("span", {}, `break until ${to[1]}`));
  route.stops.forEach((stop, n) => {
    while (breaks.length && breaks[0][0][0] < stop.begins[0]) stops.append(breakItem(breaks.shift()));
    stops.append(stopItem(stop, i, n));
  });
  stops.append(...breaks.filter((pause) => pause[0][0] < route.ends[0]).map(breakItem));
  stops.append(ends(route.end ? "ends the day elsewhere" : "back home", route.ends[1]));
  return el("li", { class: "route-item" }, heading, stops);
}

function stopItem(stop, route, n) {
  const waits = stop.wait_s >= 60 ? ` · waits ${minutes(stop.wait_s)} min` : "";
  const button = el(
    "button",
    { type: "button", class: "stop", "data-place": `${route} ${n}`, onclick: () => choosePlace({ route, stop: n }, { focusCard: true }) },
    el("span", { class: "when" }, stop.begins[1]),
    el("span", { class: "what" }, el("strong", {}, `${letters[route]}${n + 1} ${placeName(stop)}`), el("small", {}, `${stop.job} · ${stop.trade} · ${minutes(stop.travel_s)} min drive${waits}`)),
    el("span", { class: "window" }, stop.window === "any time" ? "" : stop.window),
  );
  return el("li", {}, button);
}

function filterRoutes() {
  const sought = byId("filter").value.trim().toLowerCase();
  let n_found = 0;
  plan.routes.forEach((route, i) => {
    const item = byId(`route-${i}`).parentElement;
    const ofRoute = [route.name, route.id, ...route.trades].join(" ").toLowerCase().includes(sought);
    const found = route.stops.map((stop) => [stop.job, stop.address, stop.trade].join(" ").toLowerCase().includes(sought));
    item.hidden = Boolean(sought) && !ofRoute && !found.some(Boolean);
    n_found += !item.hidden;
    const opened = sought ? !ofRoute && found.some(Boolean) : chosen.route === i;
    openRoute(i, opened);
    item.querySelectorAll(".stop").forEach((button, n) => button.parentElement.classList.toggle("faint", Boolean(sought) && !ofRoute && !found[n]));
  });
  byId("routes-empty").hidden = plan.routes.length > 0 && n_found > 0;
  if (plan.routes.length && !n_found) byId("routes-empty").textContent = "Nothing in the routes fits.";
}

function openRoute(i, open) {
  byId(`route-${i}`).setAttribute("aria-expanded", String(open));
  byId(`stops-${i}`).hidden = !open;
}

// ---- not served

function fillLeft() {
  const panel = byId("panel-left");
  if (plan.unassigned.length) {
    panel.append(el("ol", { class: "left-list" }, plan.unassigned.map(leftItem)));
  } else {
    panel.append(el("p", { class: "empty good" }, plan.figures.n_jobs ? "Every job is served." : "There are no jobs in this plan."));
  }
  if (plan.rejected.length) {
    const row = (r) => el("li", { class: "row" }, el("strong", {}, `${r.file}, line ${r.line}${r.column ? `, ${r.column}` : ""}`), r.id ? el("span", { class: "muted" }, ` ${r.id}`) : null, el("p", {}, r.reason));
    panel.append(el("h2", {}, `${counted(plan.rejected.length, "row")} could not be used`), el("ol", { class: "rows" }, plan.rejected.map(row)));
  }
}

function leftItem(job, left) {
  const [first] = job.reasons;
  const button = el(
    "button",
    { type: "button", class: "left", "data-left": left, onclick: () => choosePlace({ left }, { focusCard: true }) },
    el("span", { class: "mark-left", "aria-hidden": "true" }, "!"),
    el("span", { class: "what" }, el("strong", {}, placeName(job)), el("small", {}, `${job.job} · ${job.trade} · ${job.window} · priority ${job.priority}`), el("span", { class: "why" }, first ? first.message : "no reason given"), first?.remedy ? el("span", { class: "remedy-line" }, first.remedy.message) : null),
  );
  return el("li", {}, button);
}

// ---- the plan itself

function fillPlan() {
  const { total, ...components } = plan.objective;
  const priced = Object.entries(components).filter(([, points]) => points);
  const bars = priced.map(([name, points]) => {
    const bar = el("i", { "aria-hidden": "true" });
    bar.style.width = `${Math.max(1, (100 * points) / total)}%`;
    return el("div", { class: "bar" }, el("span", {}, name), el("span", {}, number(points)), bar);
  });
  const { figures, search } = plan;
  const facts = {
    Contractors: `${number(figures.n_contractors_used)} of ${number(figures.n_contractors)} have a stop`,
    Driving: `${lasting(figures.travel_s)}, ${kilometres(figures.distance_m)}`,
    Waiting: lasting(figures.wait_s),
    Late: figures.late_s ? lasting(figures.late_s) : "never",
    "Travel times": plan.travel_time_source === "straight" ? "estimated along straight lines" : "by road",
    Search: `${search.name} ${search.version}; best found by ${search.found_by}`,
    Work: `${counted(search.iterations, search.iteration_unit)}, ${counted(plan.n_improvements, "improvement")}; stopped by ${search.stopped_by}`,
    Seed: String(plan.seed),
    Bound: plan.bound === null ? "none proven" : `no plan costs less than ${number(plan.bound)} points`,
    Phases: Object.entries(plan.phases).map(([name, seconds]) => `${name} ${seconds.toFixed(1)} s`).join(", ") || "not timed",
    Judge: plan.judged ? "0 violations" : "has not looked at this plan",
  };
  if (plan.n_roads_left_out) facts.Map = `${counted(plan.n_roads_left_out, "small road")} left out to keep the page light`;
  byId("panel-plan").append(
    el("h2", {}, `Objective: ${number(total)} points`),
    bars.length ? el("div", { class: "bars" }, bars) : el("p", { class: "empty" }, "This plan costs nothing."),
    el("h2", {}, "How it came about"),
    el("dl", { class: "facts" }, Object.entries(facts).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    el("h2", {}, "Digest"),
    el("p", { class: "digest" }, plan.digest),
  );
  if (!plan.warnings.length) return;
  const warnings = el("ul", { class: "rows" }, plan.warnings.map((text) => el("li", { class: "row" }, text)));
  byId("panel-plan").append(el("h2", {}, counted(plan.warnings.length, "warning")), warnings);
}
