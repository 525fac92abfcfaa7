/** The map of a grid as docs/protocol.md gives it, read into degrees of WGS-84. */
export interface GridMap {
  grid: string;
  name: string;
  boundary: Ring[][];
  below: { name: string; boundary: Ring[][] }[];
  buildings: Building[];
}

/** Longitude and latitude, in turn. */
export type Ring = number[];

export interface Building {
  id: string;
  name: string;
  kind: string;
  homes: number;
  lat: number;
  lng: number;
  care: boolean;
  hazard: boolean;
}

interface Packed {
  grid: string;
  name_zh: string;
  origin: [number, number];
  boundary: number[][][];
  below?: { name_zh: string; boundary: number[][][] }[];
  buildings: { id: string[]; name: string[]; kind: string[]; homes: number[]; place: number[]; unplaced?: number[]; care?: number[]; hazards?: Record<string, number[]> };
}

const micro = 1e6;

/** Reads a map; it throws when the text is none. */
export function readMap(text: string): GridMap {
  const packed = JSON.parse(text) as Packed;
  const { origin, buildings: b } = packed;
  const rings = (boundary: number[][][]) => boundary.map((polygon) => polygon.map((steps) => walk(steps, origin)));
  const unplaced = new Set(b.unplaced ?? []), care = new Set(b.care ?? []), hazard = new Set(Object.values(b.hazards ?? {}).flat());
  const places = walk(b.place, origin);
  const buildings: Building[] = [];
  let at = 0;
  b.id.forEach((id, i) => {
    if (unplaced.has(i)) return;
    buildings.push({ id, name: b.name[i] ?? "", kind: b.kind[i] ?? "", homes: b.homes[i] ?? 0, lng: places[at] ?? 0, lat: places[at + 1] ?? 0, care: care.has(i), hazard: hazard.has(i) });
    at += 2;
  });
  return { grid: packed.grid, name: packed.name_zh, boundary: rings(packed.boundary), below: (packed.below ?? []).map((g) => ({ name: g.name_zh, boundary: rings(g.boundary) })), buildings };
}

/** Steps in millionths of a degree become places in degrees. */
function walk(steps: number[], [x, y]: [number, number]): number[] {
  const out: number[] = [];
  for (let i = 0; i + 1 < steps.length; i += 2) {
    x += steps[i] ?? 0;
    y += steps[i + 1] ?? 0;
    out.push(x / micro, y / micro);
  }
  return out;
}
