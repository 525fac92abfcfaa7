/** A point of a patrol: milliseconds since 1970, WGS-84 degrees, metres (0 when unknown). */
export interface Point {
  at: number;
  lat: number;
  lng: number;
  acc: number;
  /** Nothing was recorded since the point before. */
  gap?: boolean;
}

/** Most points of one batch. */
export const maxPoints = 5000;

/** Writes points, ordered by time, as docs/tracks.md says, in base64. Times are cut to seconds. */
export function encodeTrack(points: readonly Point[]): string {
  const bytes: number[] = [1, 1];
  const uvarint = (n: number) => {
    for (; n >= 128; n = Math.floor(n / 128)) bytes.push((n % 128) + 128);
    bytes.push(n);
  };
  const zigzag = (n: number) => uvarint(n < 0 ? -2 * n - 1 : 2 * n);
  const rows = bySecond(points);
  uvarint(rows.length);
  let last = { at: 0, lat: 0, lng: 0 };
  for (const { at, lat, lng, acc, gap } of rows) {
    uvarint((at - last.at) * 2 + (gap ? 1 : 0));
    zigzag(lat - last.lat);
    zigzag(lng - last.lng);
    uvarint(acc);
    if (gap) bytes.push(1);
    last = { at, lat, lng };
  }
  return btoa(String.fromCharCode(...bytes));
}

/** Whole seconds, millionths of a degree, metres rounded up; one point for each second. */
function bySecond(points: readonly Point[]): Point[] {
  const rows: Point[] = [];
  for (const p of points) {
    const at = Math.floor(p.at / 1000);
    if (at <= (rows.at(-1)?.at ?? 0)) continue;
    rows.push({ at, lat: Math.round(p.lat * 1e6), lng: Math.round(p.lng * 1e6), acc: Math.min(Math.ceil(p.acc > 0 ? p.acc : 0), 100_000), ...(p.gap ? { gap: true } : {}) });
  }
  return rows;
}
