const defaultVerdictSettings = { buffer: 30, maxAccuracy: 150, maxAge: 300 };
const maxLead = 60;
function judge(fix, assigned, settings = defaultVerdictSettings) {
  const reasons = [];
  const { lat, lng } = fix;
  let place;
  if (typeof lat === "number" && typeof lng === "number" && fix.source !== "none") {
    const why = impossible(lat, lng);
    if (why) reasons.push(why);
    else place = [lng, lat];
  }
  const distances = place ? assigned.map((boundary) => distance(boundary, place)) : [];
  const metres = distances.length > 0 ? Math.min(...distances) : void 0;
  if (fix.mock) reasons.push("mock_location");
  if (fix.source === "qr") return { verdict: "qr_confirmed", metres, reasons };
  if (!place) return { verdict: "no_fix", metres, reasons };
  const doubted = doubts(fix, settings);
  if (metres === void 0) doubted.push("no_assigned_grid");
  reasons.push(...doubted);
  const known = fix.accuracy !== null && fix.accuracy !== void 0;
  if (!known) reasons.push("accuracy_unknown");
  const accuracy = known ? fix.accuracy : 0;
  let verdict = "uncertain";
  if (doubted.length === 0 && metres !== void 0) {
    if (metres <= 0) verdict = "inside";
    else if (metres <= Math.max(settings.buffer, accuracy)) verdict = "near_edge";
    else if (metres - accuracy > settings.buffer) verdict = "outside";
  }
  return { verdict, metres, reasons };
}
function impossible(lat, lng) {
  if (!Number.isFinite(lat) || !Number.isFinite(lng)) return "not_a_number";
  if (Math.abs(lat) > 90) return "latitude_out_of_range";
  if (Math.abs(lng) > 180) return "longitude_out_of_range";
  if (Math.abs(lat) < 1e-6 && Math.abs(lng) < 1e-6) return "null_island";
  return "";
}
function doubts({ accuracy, age = 0 }, settings) {
  const why = [];
  if (accuracy !== null && accuracy !== void 0) {
    if (!(accuracy > 0) || accuracy === Infinity) why.push("bad_accuracy");
    else if (accuracy > settings.maxAccuracy) why.push("coarse_fix");
  }
  if (age > settings.maxAge) why.push("stale_fix");
  else if (age < -maxLead) why.push("fix_from_future");
  return why;
}
const perDegree = 1e7;
const lattice = (degrees) => Math.round(degrees * perDegree);
function rings({ type, coordinates }) {
  return type === "Polygon" ? coordinates : coordinates.flat();
}
function edges(boundary, x, y, each) {
  for (const ring of rings(boundary)) {
    for (let i = 0; i < ring.length; i++) {
      const a = ring[i];
      const b = ring[(i + 1) % ring.length];
      each(lattice(a[0]) - x, lattice(a[1]) - y, lattice(b[0]) - x, lattice(b[1]) - y);
    }
  }
}
function side(ax, ay, bx, by) {
  const cross = ax * by - ay * bx;
  if (Math.abs(cross) > 4096) return Math.sign(cross);
  const exact = BigInt(ax) * BigInt(by) - BigInt(ay) * BigInt(bx);
  return exact > 0n ? 1 : exact < 0n ? -1 : 0;
}
function covers(boundary, x, y) {
  let inside = false;
  let on = false;
  edges(boundary, x, y, (ax, ay, bx, by) => {
    const s = side(ax, ay, bx, by);
    if (s === 0 && Math.min(ax, bx) <= 0 && Math.max(ax, bx) >= 0 && Math.min(ay, by) <= 0 && Math.max(ay, by) >= 0) on = true;
    if (ay > 0 !== by > 0 && s > 0 === by > ay) inside = !inside;
  });
  return on || inside;
}
const semiMajor = 6378137;
const eccentricity = 0.0066943799901413165;
function plane(lat) {
  const phi = lat * Math.PI / 180;
  const w = 1 - eccentricity * Math.sin(phi) ** 2;
  const n = semiMajor / Math.sqrt(w);
  const radius = n * Math.cos(phi);
  return [radius * Math.PI / 180, n * (1 - eccentricity) / w * Math.PI / 180, -Math.sin(phi) / Math.max(radius, 1)];
}
function distance(boundary, [lng, lat]) {
  const x = lattice(lng);
  const y = lattice(lat);
  const [kx, ky, growth] = plane(y / perDegree).map((k, i) => i < 2 ? k / perDegree : k);
  let best = Infinity;
  let east = 0;
  let north = 0;
  edges(boundary, x, y, (ax, ay, bx, by) => {
    const px = ax * kx;
    const py = ay * ky;
    const dx = (bx - ax) * kx;
    const dy = (by - ay) * ky;
    const length = dx * dx + dy * dy;
    const along = length > 0 ? Math.min(1, Math.max(0, -(px * dx + py * dy) / length)) : 0;
    const nx = px + along * dx;
    const ny = py + along * dy;
    const way = Math.hypot(nx * (1 + growth / 2 * ny), ny);
    if (way < best) [best, east, north] = [way, nx / kx, ny / ky];
  });
  const [ex, ey] = plane(lat + north / perDegree / 2);
  const metres = Math.hypot(east * ex / perDegree, north * ey / perDegree);
  return covers(boundary, x, y) ? -metres : metres;
}
function validAt(versions, at) {
  const valid = versions.filter(({ from, until }) => at >= from && (until === void 0 || at < until));
  if (valid.length > 0) return valid.reduce((a, b) => b.version > a.version ? b : a);
  const first = [...versions].sort((a, b) => a.from - b.from || a.version - b.version)[0];
  return first && at < first.from ? first : void 0;
}
const appPresence = { enter: { fixes: 2, over: 20 }, leave: { fixes: 3, over: 60 }, silence: 600 };
const checkInPresence = { enter: { fixes: 1, over: 0 }, leave: { fixes: 3, over: 60 }, silence: 1800 };
function follow(limits, seen) {
  const each = seen.map(() => "unknown");
  const crossings = [];
  let now = "unknown";
  let run = [];
  let toward = "unknown";
  let since = 0;
  let last;
  const settle = (presence) => {
    for (const i of run) each[i] = presence;
    run = [];
    toward = "unknown";
  };
  const order = seen.map((_, i) => i).sort((a, b) => {
    const [s, u] = [seen[a], seen[b]];
    return s.at - u.at || (s.verdict < u.verdict ? -1 : s.verdict > u.verdict ? 1 : a - b);
  });
  for (const i of order) {
    const { at, verdict } = seen[i];
    if (last !== void 0 && at - last > limits.silence) {
      settle("unknown");
      now = "unknown";
    }
    each[i] = now;
    if (verdict === "near_edge") {
      last = at;
      if (toward === "absent") settle(now);
      continue;
    }
    const says = verdict === "inside" || verdict === "qr_confirmed" ? "present" : verdict === "outside" ? "absent" : "unknown";
    if (says === "unknown") continue;
    last = at;
    if (says === now) {
      settle(now);
      continue;
    }
    if (says !== toward) {
      settle(now);
      toward = says;
      since = at;
    }
    run.push(i);
    const need = says === "absent" ? limits.leave : limits.enter;
    if (run.length >= need.fixes && at - since >= need.over || verdict === "qr_confirmed") {
      now = says;
      crossings.push({ at: since, to: says });
      settle(says);
    }
  }
  settle("unknown");
  return { each, now, crossings };
}
export {
  appPresence,
  checkInPresence,
  defaultVerdictSettings,
  distance,
  follow,
  judge,
  validAt
};
