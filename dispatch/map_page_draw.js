// Drawing: roads and routes into a layer larger than the screen, marks on top of it in every frame.

// Okabe and Ito's colours, told apart by people who see fewer; in the dark the same, lighter.
const COLOURS = {
  light: ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"],
  dark: ["#3F8FE0", "#E8A91C", "#17B58A", "#DE8FBE", "#8AD2F7", "#F07B3F"],
};
// Colours come back after six routes, so the line's pattern changes then; letters name every route anyway.
const DASHES = [[], [10, 5], [2, 5], [14, 5, 2, 5], [6, 3]];
const PAPER = {
  light: { ground: "#dfe4e9", roads: ["#ffffff", "#ffffff", "#ffffff", "#ffffff", "#f8f9fa", "#f4f6f7"], edge: "#bec7d0", halo: "#ffffff", ink: "#14181d", left: "#b3261e", leftGround: "#ffffff" },
  dark: { ground: "#12161b", roads: ["#465260", "#3f4a56", "#37424d", "#2f3842", "#262e37", "#20272e"], edge: "#0a0d10", halo: "#12161b", ink: "#f0f3f6", left: "#ff8a80", leftGround: "#12161b" },
};
// From this many pixels a metre on a rank is drawn, and this wide (in metres, within these pixels).
const ROAD_STYLE = [
  { from: 0, wide_m: 26, px: [1.6, 13] },
  { from: 0, wide_m: 20, px: [1.3, 11] },
  { from: 0.004, wide_m: 15, px: [0.9, 9] },
  { from: 0.01, wide_m: 12, px: [0.7, 8] },
  { from: 0.006, wide_m: 9, px: [0.6, 7] },
  { from: 0.08, wide_m: 5, px: [0.5, 4] },
];
const letters = plan.routes.map((_, i) => (i < 26 ? "" : String.fromCharCode(64 + Math.floor(i / 26))) + String.fromCharCode(65 + (i % 26)));
const theme = () => (dark.matches ? "dark" : "light");
const colourOf = (i) => COLOURS[theme()][i % 6];
const dashOf = (i) => DASHES[Math.floor(i / 6) % DASHES.length];
const inkOn = (i) => (theme() === "light" && i % 6 === 0 ? "#ffffff" : "#101418");

const lines = plan.routes.map((route) => unpack(route.line));
const roads = plan.roads.map((rank) => chunked(unpack(rank)));
const layer = { canvas: document.createElement("canvas"), x: 0, y: 0, k: 0, margin_px: 160, stale: true, settle: 0 };
let marks = [];
let frame = 0;

function pathOf(many) {
  const path = new Path2D();
  for (const line of many) {
    path.moveTo(line[0], line[1]);
    for (let i = 2; i < line.length; i += 2) path.lineTo(line[i], line[i + 1]);
  }
  return path;
}

// Roads in squares of about 2 km: what is out of sight costs nothing, what is in sight few strokes.
function chunked(many) {
  const squares = new Map();
  for (const line of many) {
    const key = `${Math.floor(line[0] / 2500)} ${Math.floor(line[1] / 2500)}`;
    if (!squares.has(key)) squares.set(key, []);
    squares.get(key).push(line);
  }
  return [...squares.values()].map((inside) => ({ box: boundsOf(inside), path: pathOf(inside) }));
}

const routePaths = lines.map((line) => pathOf(line));

function everything() {
  const places = [...plan.routes.flatMap((r) => [r.home, ...r.stops.map((s) => s.at)]), ...plan.unassigned.map((u) => u.at)];
  const spots = places.map((place) => new Float32Array(toWorld(place)));
  return boundsOf(spots.length ? [...spots, ...lines.flat()] : plan.roads.flatMap((rank) => unpack(rank)));
}

function redraw() {
  if (!frame) frame = requestAnimationFrame(draw);
}

function repaint() {
  layer.stale = true;
  redraw();
}

function draw() {
  frame = 0;
  const context = canvas.getContext("2d");
  const { ratio, width, height, k } = view;
  const drift = Math.max(Math.abs(layer.x - view.x), Math.abs(layer.y - view.y)) * k;
  const scale = k / layer.k;
  if (layer.stale || scale > 2 || scale < 0.6 || (scale === 1 && drift > layer.margin_px)) paintLayer();
  else if (scale !== 1) {
    // While the zoom moves, the old layer is stretched; it is painted sharp when the hand rests.
    clearTimeout(layer.settle);
    layer.settle = setTimeout(repaint, 120);
  }
  const now = k / layer.k;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = PAPER[theme()].ground;
  context.fillRect(0, 0, width, height);
  const [left, top] = toScreen(layer.x, layer.y);
  const wide = (width + 2 * layer.margin_px) * now;
  const high = (height + 2 * layer.margin_px) * now;
  // Whole device pixels keep lines sharp while panning.
  const whole = (value) => (now === 1 ? Math.round(value * ratio) / ratio : value);
  context.drawImage(layer.canvas, whole(left - wide / 2), whole(top - high / 2), wide, high);
  drawMarks(context);
  drawScale();
}

function paintLayer() {
  const { ratio, width, height, k } = view;
  Object.assign(layer, { x: view.x, y: view.y, k, stale: false });
  const wide = width + 2 * layer.margin_px;
  const high = height + 2 * layer.margin_px;
  layer.canvas.width = Math.round(wide * ratio);
  layer.canvas.height = Math.round(high * ratio);
  const context = layer.canvas.getContext("2d");
  const paper = PAPER[theme()];
  context.fillStyle = paper.ground;
  context.fillRect(0, 0, layer.canvas.width, layer.canvas.height);
  const k_px = k * ratio;
  context.setTransform(k_px, 0, 0, k_px, (wide * ratio) / 2 - view.x * k_px, (high * ratio) / 2 - view.y * k_px);
  context.lineCap = context.lineJoin = "round";
  const sight = [view.x - wide / 2 / k, view.y - high / 2 / k, view.x + wide / 2 / k, view.y + high / 2 / k];
  drawRoads(context, paper, sight);
  drawRoutes(context, paper);
}

function drawRoads(context, paper, sight) {
  const { k } = view;
  const seen = (box) => box[2] >= sight[0] && box[0] <= sight[2] && box[3] >= sight[1] && box[1] <= sight[3];
  const strokes = (rank, colour, more_px) => {
    const { wide_m, px } = ROAD_STYLE[rank];
    context.lineWidth = (Math.max(px[0], Math.min(px[1], wide_m * stretch * k)) + more_px) / k;
    context.strokeStyle = colour;
    for (const { box, path } of roads[rank]) if (seen(box)) context.stroke(path);
  };
  for (let rank = roads.length - 1; rank >= 0; rank--) {
    if (k < ROAD_STYLE[rank].from) continue;
    const edged = rank <= 1 || (rank <= 3 && k > 0.06) || (rank === 4 && k > 0.25);
    if (edged) strokes(rank, paper.edge, 1.4);
    strokes(rank, paper.roads[rank], 0);
  }
}

function drawRoutes(context, paper) {
  const { k } = view;
  const px = 1 / k;
  const order = [...lines.keys()].sort((a, b) => (a === chosen.route) - (b === chosen.route));
  for (const i of order) {
    const dimmed = chosen.route !== null && chosen.route !== i;
    const bold = chosen.route === i;
    if (!dimmed) {
      context.setLineDash([]);
      context.globalAlpha = bold ? 1 : 0.8;
      context.lineWidth = (bold ? 8 : 4.6) * px;
      context.strokeStyle = paper.halo;
      context.stroke(routePaths[i]);
    }
    context.globalAlpha = dimmed ? 0.28 : 1;
    context.lineWidth = (bold ? 4.6 : dimmed ? 1.8 : 2.6) * px;
    context.setLineDash(dashOf(i).map((length) => length * px * (bold ? 1.4 : 1)));
    context.strokeStyle = colourOf(i);
    context.stroke(routePaths[i]);
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
  if (chosen.route !== null) drawArrows(context, lines[chosen.route], paper);
}

// Small heads along the chosen route: which way it is driven.
function drawArrows(context, many, paper) {
  const px = 1 / view.k;
  let left_px = 40;
  context.lineWidth = 3 * px;
  context.strokeStyle = paper.halo;
  context.fillStyle = colourOf(chosen.route);
  for (const line of many) {
    for (let i = 2; i < line.length; i += 2) {
      const dx = line[i] - line[i - 2];
      const dy = line[i + 1] - line[i - 1];
      const length_px = Math.hypot(dx, dy) / px;
      left_px -= length_px;
      if (left_px > 0 || length_px < 5) continue;
      left_px = 90;
      const [ux, uy] = [dx / length_px, dy / length_px];
      const [x, y] = [(line[i] + line[i - 2]) / 2, (line[i + 1] + line[i - 1]) / 2];
      context.beginPath();
      context.moveTo(x - 5 * ux - 6 * uy, y - 5 * uy + 6 * ux);
      context.lineTo(x + 7 * ux, y + 7 * uy);
      context.lineTo(x - 5 * ux + 6 * uy, y - 5 * uy - 6 * ux);
      context.closePath();
      context.stroke();
      context.fill();
    }
  }
}

const worlds = {
  stops: plan.routes.map((route) => route.stops.map((stop) => toWorld(stop.at))),
  homes: plan.routes.map((route) => [route.home, ...(route.end ? [route.end] : [])].map(toWorld)),
  left: plan.unassigned.map((job) => toWorld(job.at)),
};
const same = (a, b) => Boolean(a && b && a.route === b.route && a.stop === b.stop && a.left === b.left);

// What matters most is drawn whole; where it would cover another mark, a stop becomes a dot.
function drawMarks(context) {
  marks = [];
  const taken = [];
  const all = [];
  worlds.stops.forEach((stops, route) => stops.forEach((at, stop) => all.push({ route, stop, at })));
  worlds.left.forEach((at, left) => all.push({ left, at }));
  const weight = (m) => (same(m, chosen.place) ? 4 : m.left !== undefined ? 2 : m.route === chosen.route ? 3 : 1);
  all.sort((a, b) => weight(b) - weight(a) || (a.stop ?? 0) - (b.stop ?? 0));
  context.textAlign = "center";
  context.textBaseline = "middle";
  const drawn = [];
  for (const mark of all) {
    const [x, y] = toScreen(...mark.at);
    if (x < -30 || y < -30 || x > view.width + 30 || y > view.height + 30) continue;
    const dimmed = chosen.route !== null && mark.route !== chosen.route && mark.left === undefined;
    const text = mark.left === undefined ? letters[mark.route] + (mark.stop + 1) : "!";
    const half = mark.left === undefined ? 5 + 3.4 * text.length : 10;
    const free = taken.every(([tx, ty, th]) => Math.abs(tx - x) > th + half + 1 || Math.abs(ty - y) > 18);
    const whole = mark.left !== undefined || same(mark, chosen.place) || (!dimmed && free);
    if (whole) taken.push([x, y, half]);
    drawn.push({ ...mark, x, y, text, half, whole, dimmed });
    marks.push({ x, y, place: mark.left === undefined ? { route: mark.route, stop: mark.stop } : { left: mark.left }, whole });
  }
  worlds.homes.forEach((homes, route) => homes.forEach((at) => drawHome(context, route, ...toScreen(...at))));
  for (const mark of drawn.reverse()) {
    context.globalAlpha = mark.dimmed ? 0.4 : 1;
    if (mark.left !== undefined) drawLeft(context, mark);
    else if (mark.whole) drawPin(context, mark);
    else drawDot(context, mark);
  }
  context.globalAlpha = 1;
}

function drawPin(context, { route, x, y, text, half, ...mark }) {
  const picked = same({ route, stop: mark.stop }, chosen.place);
  context.beginPath();
  context.roundRect(x - half, y - 9, 2 * half, 18, 9);
  context.fillStyle = colourOf(route);
  context.lineWidth = picked ? 7 : 3;
  context.strokeStyle = picked ? PAPER[theme()].ink : PAPER[theme()].halo;
  context.stroke();
  if (picked) {
    context.lineWidth = 3;
    context.strokeStyle = PAPER[theme()].halo;
    context.stroke();
  }
  context.fill();
  context.fillStyle = inkOn(route);
  context.font = "600 11px system-ui, sans-serif";
  context.fillText(text, x, y + 0.5);
}

function drawDot(context, { route, x, y }) {
  context.beginPath();
  context.arc(x, y, 4, 0, 2 * Math.PI);
  context.fillStyle = colourOf(route);
  context.lineWidth = 2.5;
  context.strokeStyle = PAPER[theme()].halo;
  context.stroke();
  context.fill();
}

function drawHome(context, route, x, y) {
  context.globalAlpha = chosen.route !== null && chosen.route !== route ? 0.35 : 1;
  context.beginPath();
  context.moveTo(x - 7, y);
  for (const [dx, dy] of [[0, -7], [7, 0], [5, 0], [5, 6], [-5, 6], [-5, 0]]) context.lineTo(x + dx, y + dy);
  context.closePath();
  context.fillStyle = colourOf(route);
  context.lineWidth = 3;
  context.strokeStyle = PAPER[theme()].halo;
  context.stroke();
  context.fill();
  context.globalAlpha = 1;
}

function drawLeft(context, { left, x, y }) {
  const paper = PAPER[theme()];
  const r = same({ left }, chosen.place) ? 14 : 11;
  context.beginPath();
  for (const [dx, dy] of [[0, -r], [r, 0], [0, r], [-r, 0]]) context.lineTo(x + dx, y + dy);
  context.closePath();
  context.lineJoin = "round";
  context.lineWidth = 5;
  context.strokeStyle = paper.halo;
  context.stroke();
  context.fillStyle = paper.leftGround;
  context.fill();
  context.lineWidth = 2.2;
  context.strokeStyle = paper.left;
  context.stroke();
  context.fillStyle = paper.left;
  context.font = "700 12px system-ui, sans-serif";
  context.fillText("!", x, y + 0.5);
}

// The nearest place to a point of the screen, or undefined.
function placeAt(x, y, reach_px) {
  const away = (mark) => Math.hypot(mark.x - x, mark.y - y) - (mark.whole ? 6 : 0);
  const near = marks.filter((mark) => away(mark) <= reach_px);
  near.sort((a, b) => away(a) - away(b));
  return near[0]?.place;
}

function drawScale() {
  const metres_px = 1 / (view.k * stretch);
  const most = 90 * metres_px;
  const power = 10 ** Math.floor(Math.log10(most));
  const length_m = [5, 2, 1].map((n) => n * power).find((n) => n <= most) ?? power;
  byId("scale-bar").style.width = `${length_m / metres_px}px`;
  byId("scale-text").textContent = length_m >= 1000 ? `${length_m / 1000} km` : `${length_m} m`;
}
