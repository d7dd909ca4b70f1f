// The plan's data, places on the screen, and moving the map: wheel, drag, pinch, keys, buttons.

const plan = JSON.parse(document.getElementById("plan-data").textContent);
const byId = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");
const phone = matchMedia("(max-width: 820px)");
const canvas = byId("map");

// What is selected: a route by its index, or null; a place on the map {route, stop} or {left}, or null.
const chosen = { route: null, place: null };

// ---- geometry: packed polylines -> metres of the Mercator plane, near the plan, y downwards

const EARTH_M = 6378137;
const middle = (() => {
  const places = [...plan.routes.flatMap((r) => [r.home, ...r.stops.map((s) => s.at)]), ...plan.unassigned.map((u) => u.at)];
  if (!places.length) {
    const road = plan.roads.find((rank) => rank.counts.length);
    return road ? decodeFirst(road.text) : [0, 0];
  }
  const mean = (i) => places.reduce((sum, place) => sum + place[i], 0) / places.length;
  return [mean(0), mean(1)];
})();
const mercatorY = (lat) => -EARTH_M * Math.log(Math.tan(Math.PI / 4 + (Math.max(-85, Math.min(85, lat)) * Math.PI) / 360));
const zeroY = mercatorY(middle[1]);
// Lengths on the Mercator plane are this much too long here.
const stretch = 1 / Math.cos((middle[1] * Math.PI) / 180);

function toWorld([lon, lat]) {
  return [(((lon - middle[0]) * Math.PI) / 180) * EARTH_M, mercatorY(lat) - zeroY];
}

function* polylineNumbers(text) {
  let number = 0;
  let shift = 0;
  for (let i = 0; i < text.length; i++) {
    const chunk = text.charCodeAt(i) - 63;
    number |= (chunk & 31) << shift;
    shift += 5;
    if (chunk < 32) {
      yield number & 1 ? ~(number >> 1) : number >> 1;
      number = shift = 0;
    }
  }
}

function decodeFirst(text) {
  const [lat, lon] = polylineNumbers(text);
  return [lon / 1e5, lat / 1e5];
}

// Lines as flat arrays x, y, x, y … in world metres.
function unpack({ text, counts }) {
  const lines = [];
  const numbers = polylineNumbers(text);
  let lat = 0;
  let lon = 0;
  for (const count of counts) {
    const line = new Float32Array(2 * count);
    for (let i = 0; i < count; i++) {
      lat += numbers.next().value;
      lon += numbers.next().value;
      const [x, y] = toWorld([lon / 1e5, lat / 1e5]);
      line[2 * i] = x;
      line[2 * i + 1] = y;
    }
    lines.push(line);
  }
  return lines;
}

function boundsOf(lines) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      box[0] = Math.min(box[0], line[i]);
      box[1] = Math.min(box[1], line[i + 1]);
      box[2] = Math.max(box[2], line[i]);
      box[3] = Math.max(box[3], line[i + 1]);
    }
  }
  return box;
}

// ---- the view: which world point lies in the middle, and how many pixels a world metre takes

const view = { x: 0, y: 0, k: 0.05, width: 1, height: 1, ratio: 1 };
const MIN_K = 1e-5;
const MAX_K = 4;
let flight = 0;

const toScreen = (x, y) => [(x - view.x) * view.k + view.width / 2, (y - view.y) * view.k + view.height / 2];

function moveBy(dx, dy) {
  view.x -= dx / view.k;
  view.y -= dy / view.k;
  redraw();
}

function zoomAt(factor, sx = view.width / 2, sy = view.height / 2) {
  const k = Math.max(MIN_K, Math.min(MAX_K, view.k * factor));
  view.x += (sx - view.width / 2) * (1 / view.k - 1 / k);
  view.y += (sy - view.height / 2) * (1 / view.k - 1 / k);
  view.k = k;
  redraw();
}

function flyTo(x, y, k) {
  cancelAnimationFrame(flight);
  const from = { x: view.x, y: view.y, k: view.k };
  const begun = performance.now();
  const length_ms = calm.matches ? 0 : 260;
  const step = (now) => {
    const t = length_ms ? Math.min(1, Math.max(0, (now - begun) / length_ms)) : 1;
    const eased = 1 - (1 - t) ** 3;
    view.k = from.k * (k / from.k) ** eased;
    view.x = from.x + (x - from.x) * eased;
    view.y = from.y + (y - from.y) * eased;
    redraw();
    if (t < 1) flight = requestAnimationFrame(step);
  };
  step(begun);
}

// The part of the canvas that neither the sheet nor a card covers: [left, top, right, bottom].
function clearArea() {
  const area = [0, 0, view.width, view.height];
  const here = canvas.getBoundingClientRect();
  const card = byId("card");
  if (!card.hidden) {
    const over = card.getBoundingClientRect();
    if (phone.matches) area[3] = Math.min(area[3], over.top - here.top);
    else area[2] = Math.min(area[2], over.left - here.left);
  }
  if (phone.matches) area[3] = Math.min(area[3], byId("sheet").getBoundingClientRect().top - here.top);
  if (area[3] - area[1] < 80) area[3] = area[1] + 80;
  return area;
}

function fit([x0, y0, x1, y1], { fly = true } = {}) {
  if (!(x1 >= x0)) return;
  const [left, top, right, bottom] = clearArea();
  const pad = Math.min(56, (right - left) / 8, (bottom - top) / 6);
  const k = Math.min((right - left - 2 * pad) / Math.max(x1 - x0, 400), (bottom - top - 2 * pad) / Math.max(y1 - y0, 400), 0.6);
  const x = (x0 + x1) / 2 - ((left + right) / 2 - view.width / 2) / k;
  const y = (y0 + y1) / 2 - ((top + bottom) / 2 - view.height / 2) / k;
  if (fly) return flyTo(x, y, k);
  Object.assign(view, { x, y, k });
  redraw();
}

// Brings a place into sight, and moves nothing when it is there already.
function show(x, y) {
  const [left, top, right, bottom] = clearArea();
  const [sx, sy] = toScreen(x, y);
  if (sx > left + 24 && sx < right - 24 && sy > top + 24 && sy < bottom - 24) return redraw();
  flyTo(x - ((left + right) / 2 - view.width / 2) / view.k, y - ((top + bottom) / 2 - view.height / 2) / view.k, view.k);
}

function measure() {
  const box = canvas.getBoundingClientRect();
  view.width = Math.max(1, box.width);
  view.height = Math.max(1, box.height);
  // More than two device pixels a pixel costs time that nobody sees.
  view.ratio = Math.min(2, window.devicePixelRatio || 1);
  canvas.width = Math.round(view.width * view.ratio);
  canvas.height = Math.round(view.height * view.ratio);
  layer.stale = true;
  redraw();
}

// ---- hands and keys

const fingers = new Map();
let travelled_px = 0;

function listenToHands() {
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    cancelAnimationFrame(flight);
    canvas.setPointerCapture(event.pointerId);
    if (!fingers.size) travelled_px = 0;
    fingers.set(event.pointerId, at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = at(event);
    const before = fingers.get(event.pointerId);
    if (!before) {
      canvas.classList.toggle("over", Boolean(placeAt(...now, 12)));
      return;
    }
    travelled_px += Math.hypot(now[0] - before[0], now[1] - before[1]);
    fingers.set(event.pointerId, now);
    if (fingers.size === 1) {
      if (travelled_px > 4) moveBy(now[0] - before[0], now[1] - before[1]);
      return;
    }
    const [, still] = [...fingers].find(([id]) => id !== event.pointerId);
    const grown = Math.hypot(now[0] - still[0], now[1] - still[1]) / (Math.hypot(before[0] - still[0], before[1] - still[1]) || 1);
    moveBy((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    zoomAt(grown, (now[0] + still[0]) / 2, (now[1] + still[1]) / 2);
  });
  const lift = (event) => {
    const tapped = fingers.delete(event.pointerId) && !fingers.size && travelled_px <= 6 && event.type === "pointerup";
    if (!tapped) return;
    const place = placeAt(...at(event), event.pointerType === "mouse" ? 12 : 22);
    if (place) choosePlace(place);
    else if (chosen.place) closeCard();
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("dblclick", (event) => zoomAt(event.shiftKey ? 0.5 : 2, ...at(event)));
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 100 : 1;
      zoomAt(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)), ...at(event));
    },
    { passive: false },
  );
  canvas.addEventListener("keydown", (event) => {
    const step_px = event.shiftKey ? 200 : 60;
    const moves = { ArrowLeft: [step_px, 0], ArrowRight: [-step_px, 0], ArrowUp: [0, step_px], ArrowDown: [0, -step_px] };
    if (moves[event.key]) moveBy(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") zoomAt(1.5);
    else if (event.key === "-") zoomAt(1 / 1.5);
    else if (event.key === "0") fit(everything());
    else return;
    event.preventDefault();
  });
  byId("zoom-in").addEventListener("click", () => flyTo(view.x, view.y, Math.min(MAX_K, view.k * 1.8)));
  byId("zoom-out").addEventListener("click", () => flyTo(view.x, view.y, Math.max(MIN_K, view.k / 1.8)));
  byId("fit").addEventListener("click", () => {
    fit(chosen.route === null ? everything() : boundsOf(lines[chosen.route]));
  });
}
