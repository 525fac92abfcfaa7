/*
 * The verdict of a check-in, as docs/verdict.md says it: what the server will
 * say, said without signal. Places are WGS-84 degrees, lengths metres.
 */

/** GeoJSON Polygon or MultiPolygon, as `grids.boundary` holds it. */
export interface Boundary {
  type: string;
  coordinates: unknown;
}

export type Verdict = "inside" | "near_edge" | "outside" | "uncertain" | "no_fix" | "qr_confirmed";

/** A place as the phone gave it, already in WGS-84. */
export interface Fix {
  lat?: number | null;
  lng?: number | null;
  /** Radius of the circle of confidence; null when the phone did not say. */
  accuracy?: number | null;
  /** From the fix to the check-in, in seconds. */
  age?: number;
  /** One of check_ins.loc_src. */
  source: string;
  /** The phone says that an app made the place up. */
  mock?: boolean;
}

export interface VerdictSettings {
  /** Metres outside that still count as the edge. */
  buffer: number;
  /** A wider circle says nothing. */
  maxAccuracy: number;
  /** Seconds. */
  maxAge: number;
}

export const defaultVerdictSettings: VerdictSettings = { buffer: 30, maxAccuracy: 150, maxAge: 300 };

export interface Judgement {
  verdict: Verdict;
  /** To the nearest assigned boundary, negative inside; undefined without a place or a boundary. */
  metres: number | undefined;
  reasons: string[];
}

/** How far a phone's clock may run ahead before a fix is odd, in seconds. */
const maxLead = 60;

/** Compares a fix with the boundaries that are assigned to an officer. */
export function judge(fix: Fix, assigned: Boundary[], settings: VerdictSettings = defaultVerdictSettings): Judgement {
  const reasons: string[] = [];
  const { lat, lng } = fix;
  let place: [number, number] | undefined;
  if (typeof lat === "number" && typeof lng === "number" && fix.source !== "none") {
    const why = impossible(lat, lng);
    if (why) reasons.push(why);
    else place = [lng, lat];
  }
  const distances = place ? assigned.map((boundary) => distance(boundary, place)) : [];
  const metres = distances.length > 0 ? Math.min(...distances) : undefined;
  if (fix.mock) reasons.push("mock_location");
  if (fix.source === "qr") return { verdict: "qr_confirmed", metres, reasons };
  if (!place) return { verdict: "no_fix", metres, reasons };
  const doubted = doubts(fix, settings);
  if (metres === undefined) doubted.push("no_assigned_grid");
  reasons.push(...doubted);
  const known = fix.accuracy !== null && fix.accuracy !== undefined;
  if (!known) reasons.push("accuracy_unknown");
  const accuracy = known ? (fix.accuracy as number) : 0;
  let verdict: Verdict = "uncertain";
  if (doubted.length === 0 && metres !== undefined) {
    if (metres <= 0) verdict = "inside";
    else if (metres <= Math.max(settings.buffer, accuracy)) verdict = "near_edge";
    else if (metres - accuracy > settings.buffer) verdict = "outside";
  }
  return { verdict, metres, reasons };
}

function impossible(lat: number, lng: number): string {
  if (!Number.isFinite(lat) || !Number.isFinite(lng)) return "not_a_number";
  if (Math.abs(lat) > 90) return "latitude_out_of_range";
  if (Math.abs(lng) > 180) return "longitude_out_of_range";
  if (Math.abs(lat) < 1e-6 && Math.abs(lng) < 1e-6) return "null_island";
  return "";
}

function doubts({ accuracy, age = 0 }: Fix, settings: VerdictSettings): string[] {
  const why: string[] = [];
  if (accuracy !== null && accuracy !== undefined) {
    if (!(accuracy > 0) || accuracy === Infinity) why.push("bad_accuracy");
    else if (accuracy > settings.maxAccuracy) why.push("coarse_fix");
  }
  if (age > settings.maxAge) why.push("stale_fix");
  else if (age < -maxLead) why.push("fix_from_future");
  return why;
}

/** Coordinates are kept on a lattice of 1e-7 degree, as on the server, so that an edge is an edge. */
const perDegree = 1e7;

const lattice = (degrees: number): number => Math.round(degrees * perDegree);

function rings({ type, coordinates }: Boundary): [number, number][][] {
  return (type === "Polygon" ? coordinates : (coordinates as unknown[]).flat()) as [number, number][][];
}

/** Calls `each` with the edges of a boundary, seen from a place of the lattice. */
function edges(boundary: Boundary, x: number, y: number, each: (ax: number, ay: number, bx: number, by: number) => void): void {
  for (const ring of rings(boundary)) {
    for (let i = 0; i < ring.length; i++) {
      const a = ring[i] as [number, number];
      const b = ring[(i + 1) % ring.length] as [number, number];
      each(lattice(a[0]) - x, lattice(a[1]) - y, lattice(b[0]) - x, lattice(b[1]) - y);
    }
  }
}

/** Which side of the edge from a to b the origin lies on, exactly: doubles round beyond 2⁵³. */
function side(ax: number, ay: number, bx: number, by: number): number {
  const cross = ax * by - ay * bx;
  if (Math.abs(cross) > 4096) return Math.sign(cross);
  const exact = BigInt(ax) * BigInt(by) - BigInt(ay) * BigInt(bx);
  return exact > 0n ? 1 : exact < 0n ? -1 : 0;
}

/** Whether a boundary covers a place: inside, or on an edge of a shell or hole. */
function covers(boundary: Boundary, x: number, y: number): boolean {
  let inside = false;
  let on = false;
  edges(boundary, x, y, (ax, ay, bx, by) => {
    const s = side(ax, ay, bx, by);
    if (s === 0 && Math.min(ax, bx) <= 0 && Math.max(ax, bx) >= 0 && Math.min(ay, by) <= 0 && Math.max(ay, by) >= 0) on = true;
    if (ay > 0 !== by > 0 && s > 0 === by > ay) inside = !inside;
  });
  return on || inside;
}

/** WGS-84: semi-major axis in metres, and the square of the eccentricity. */
const semiMajor = 6378137;
const eccentricity = 0.0066943799901413165;

/** The metres of a degree east and north at a latitude (Rapp 1991, eq. 3.87 and 3.99), and by what share a degree east grows a metre north. */
function plane(lat: number): [east: number, north: number, growth: number] {
  const phi = (lat * Math.PI) / 180;
  const w = 1 - eccentricity * Math.sin(phi) ** 2;
  const n = semiMajor / Math.sqrt(w);
  const radius = n * Math.cos(phi);
  return [(radius * Math.PI) / 180, (((n * (1 - eccentricity)) / w) * Math.PI) / 180, -Math.sin(phi) / Math.max(radius, 1)];
}

/** From a place to the nearest edge of a boundary in metres, negative inside, 0 on an edge. */
export function distance(boundary: Boundary, [lng, lat]: [number, number]): number {
  const x = lattice(lng);
  const y = lattice(lat);
  const [kx, ky, growth] = plane(y / perDegree).map((k, i) => (i < 2 ? k / perDegree : k)) as [number, number, number];
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
    // Half way north a degree of longitude has grown by half.
    const way = Math.hypot(nx * (1 + (growth / 2) * ny), ny);
    if (way < best) [best, east, north] = [way, nx / kx, ny / ky];
  });
  const [ex, ey] = plane(lat + north / perDegree / 2);
  const metres = Math.hypot((east * ex) / perDegree, (north * ey) / perDegree);
  return covers(boundary, x, y) ? -metres : metres;
}

/** A boundary with the time for which it was valid; `until` is undefined while it is. */
export interface BoundaryVersion {
  version: number;
  /** Milliseconds since 1970. */
  from: number;
  until?: number | undefined;
  boundary: Boundary;
}

/** The version of a boundary that judges what happened at a time; undefined where there was none. */
export function validAt(versions: BoundaryVersion[], at: number): BoundaryVersion | undefined {
  const valid = versions.filter(({ from, until }) => at >= from && (until === undefined || at < until));
  if (valid.length > 0) return valid.reduce((a, b) => (b.version > a.version ? b : a));
  const first = [...versions].sort((a, b) => a.from - b.from || a.version - b.version)[0];
  return first && at < first.from ? first : undefined;
}

export type Presence = "unknown" | "present" | "absent";

export interface Dwell {
  fixes: number;
  /** Seconds. */
  over: number;
}

/** When somebody entered or left; after so many seconds of silence nobody knows. */
export interface PresenceLimits {
  enter: Dwell;
  leave: Dwell;
  silence: number;
}

/** For an app that has a fix every few seconds. */
export const appPresence: PresenceLimits = { enter: { fixes: 2, over: 20 }, leave: { fixes: 3, over: 60 }, silence: 600 };

/** For check-ins, which are few and each made on purpose. */
export const checkInPresence: PresenceLimits = { enter: { fixes: 1, over: 0 }, leave: { fixes: 3, over: 60 }, silence: 1800 };

/** What one fix says, at its own time in seconds. */
export interface Sighting {
  at: number;
  verdict: Verdict;
}

export interface Following {
  /** Beside each sighting, in the light of what came later. */
  each: Presence[];
  now: Presence;
  crossings: { at: number; to: Presence }[];
}

/** Follows somebody through sightings in any order: one fix outside is not «left». */
export function follow(limits: PresenceLimits, seen: Sighting[]): Following {
  const each: Presence[] = seen.map(() => "unknown");
  const crossings: Following["crossings"] = [];
  let now: Presence = "unknown";
  let run: number[] = [];
  let toward: Presence = "unknown";
  let since = 0;
  let last: number | undefined;
  const settle = (presence: Presence) => {
    for (const i of run) each[i] = presence;
    run = [];
    toward = "unknown";
  };
  const order = seen.map((_, i) => i).sort((a, b) => {
    const [s, u] = [seen[a] as Sighting, seen[b] as Sighting];
    return s.at - u.at || (s.verdict < u.verdict ? -1 : s.verdict > u.verdict ? 1 : a - b);
  });
  for (const i of order) {
    const { at, verdict } = seen[i] as Sighting;
    if (last !== undefined && at - last > limits.silence) {
      settle("unknown");
      now = "unknown";
    }
    each[i] = now;
    if (verdict === "near_edge") {
      last = at;
      if (toward === "absent") settle(now);
      continue;
    }
    const says: Presence = verdict === "inside" || verdict === "qr_confirmed" ? "present" : verdict === "outside" ? "absent" : "unknown";
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
    if ((run.length >= need.fixes && at - since >= need.over) || verdict === "qr_confirmed") {
      now = says;
      crossings.push({ at: since, to: says });
      settle(says);
    }
  }
  settle("unknown");
  return { each, now, crossings };
}
