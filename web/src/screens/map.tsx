import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Building, type GridMap, readMap, type Ring } from "../gridmap.js";
import { t } from "../i18n.js";
import { keep, kept } from "../kv.js";
import { useRecords, useWork } from "../live.js";
import { fix, locate } from "../place.js";
import { Accuracy } from "../place-view.js";
import { addressOf } from "../search.js";
import { fetched } from "../session.js";
import { metres, type Place } from "../today.js";
import { Empty, Row, Sheet } from "../ui.js";
import { dayOf, time } from "../when.js";
import { distance } from "./today.js";

/** Days without anybody near, after which a place is shown as neglected. */
const neglectedDays = 30;

/** The map of a grid from the phone, and from the server once a day. */
function useMap(grid: string | undefined): GridMap | undefined {
  const [map, set] = useState<GridMap | undefined>(undefined);
  useEffect(() => {
    let current = true;
    set(undefined);
    void (async () => {
      if (!grid) return;
      const key = `map/${grid}`;
      const before = await kept<{ tag: string; text: string }>(key).catch(() => undefined);
      if (before && current) set(readMap(before.text));
      const answer = await fetched(`/api/map/${grid}`, before ? { "If-None-Match": before.tag } : {});
      if (answer.status !== 200) return;
      const fresh = readMap(answer.text);
      await keep(key, { tag: answer.tag ?? "", text: answer.text });
      if (current) set(fresh);
    })().catch(() => undefined);
    return () => void (current = false);
  }, [grid]);
  return map;
}

export function MapPage({ at }: { at?: Place | undefined }) {
  const { account, db } = useWork();
  const mine = useRecords(["grid_assignments", "grids"], () => db.grid_assignments.list((a) => a.user === account.officer).map((a) => a.grid).filter((id) => db.grids.get(id)), []);
  const [chosen, choose] = useState<string | undefined>(undefined);
  const grid = chosen ?? mine[0] ?? db.grids.list()[0]?.id;
  const map = useMap(grid);
  useEffect(locate, []);
  const [open, setOpen] = useState<Building | undefined>(undefined);
  const near = useRecords(["households", "visits"], () => lastNear(db.households.list(), db.visits.list()));
  return (
    <main class="mapped">
      <h1 class="hidden">{t("map")}</h1>
      {mine.length > 1 && <div class="filter">{mine.map((id) => <button key={id} class={`chip${id === grid ? " on" : ""}`} aria-pressed={id === grid} onClick={() => choose(id)}>{db.grids.get(id)?.name_zh}</button>)}</div>}
      <Accuracy />
      {map ? <Drawn map={map} mark={at} near={near} onOpen={setOpen} /> : <Empty>{t("mapNeedsSignal")}</Empty>}
      {map && <List map={map} onOpen={setOpen} />}
      {open && <Homes building={open} onClose={() => setOpen(undefined)} />}
    </main>
  );
}

/** The last day on which somebody visited a building, of what this phone knows. */
function lastNear(homes: readonly { id: string; building: string; last_visit_at: string }[], visits: readonly { household: string; captured_at: string }[]): Map<string, number> {
  const of = new Map(homes.map((h) => [h.id, h.building]));
  const last = new Map<string, number>();
  const note = (building: string | undefined, at: number) => building && Number.isFinite(at) && last.set(building, Math.max(last.get(building) ?? 0, dayOf(at)));
  for (const h of homes) note(h.building, time(h.last_visit_at));
  for (const v of visits) note(of.get(v.household), time(v.captured_at));
  return last;
}

interface Frame {
  x: number;
  y: number;
  zoom: number;
}

/** Draws the grid without tiles. One unit is a metre; north is up. */
function Drawn({ map, mark, near, onOpen }: { map: GridMap; mark: Place | undefined; near: Map<string, number>; onOpen(b: Building): void }) {
  const origin = useMemo(() => ({ lng: map.boundary[0]?.[0]?.[0] ?? 0, lat: map.boundary[0]?.[0]?.[1] ?? 0 }), [map]);
  const east = 111_320 * Math.cos((origin.lat * Math.PI) / 180);
  const xy = (lng: number, lat: number): [number, number] => [(lng - origin.lng) * east, (origin.lat - lat) * 110_950];
  const line = (ring: Ring) => {
    let d = "";
    for (let i = 0; i + 1 < ring.length; i += 2) d += `${i ? "L" : "M"}${xy(ring[i] ?? 0, ring[i + 1] ?? 0).map((n) => n.toFixed(1)).join(" ")}`;
    return `${d}Z`;
  };
  const box = useMemo(() => {
    const all = map.boundary.flat(2);
    const xs: number[] = [], ys: number[] = [];
    for (let i = 0; i + 1 < all.length; i += 2) {
      const [x, y] = xy(all[i] ?? 0, all[i + 1] ?? 0);
      xs.push(x);
      ys.push(y);
    }
    const left = Math.min(...xs), top = Math.min(...ys);
    return { left, top, size: Math.max(Math.max(...xs) - left, Math.max(...ys) - top, 50) * 1.1 };
  }, [map]);
  const [frame, setFrame] = useState<Frame>({ x: 0, y: 0, zoom: 1 });
  const size = box.size / frame.zoom;
  const left = box.left - box.size * 0.05 + frame.x + (box.size - size) / 2, top = box.top - box.size * 0.05 + frame.y + (box.size - size) / 2;
  const dot = size / 90;
  const today = dayOf(Date.now());
  const here = fix.value;
  const drag = useRef<{ x: number; y: number; moved: boolean } | undefined>(undefined);
  const svg = useRef<SVGSVGElement>(null);
  const move = (dx: number, dy: number) => setFrame((f) => ({ ...f, x: f.x + dx, y: f.y + dy }));
  const zoom = (by: number) => setFrame((f) => ({ ...f, zoom: Math.min(40, Math.max(1, f.zoom * by)) }));
  const centre = () => {
    if (!here) return;
    const [x, y] = xy(here.lng, here.lat);
    setFrame({ x: x - box.left - box.size * 0.45, y: y - box.top - box.size * 0.45, zoom: 8 });
  };
  const tap = (e: PointerEvent) => {
    const ctm = svg.current?.getScreenCTM();
    if (!ctm) return;
    const p = new DOMPoint(e.clientX, e.clientY).matrixTransform(ctm.inverse());
    let best: { b: Building; far: number } | undefined;
    for (const b of map.buildings) {
      const [x, y] = xy(b.lng, b.lat);
      const far = Math.hypot(x - p.x, y - p.y);
      if (far < (best?.far ?? size / 12)) best = { b, far };
    }
    if (best) onOpen(best.b);
  };
  const tone = (b: Building) => (b.hazard ? "hazard" : b.care ? "care" : b.homes > 0 && today - (near.get(b.id) ?? -Infinity) > neglectedDays ? "neglected" : "");
  return (
    <div class="map">
      <svg ref={svg} viewBox={`${left} ${top} ${size} ${size}`} role="img" aria-label={t("mapOf", { name: map.name })}
        onPointerDown={(e) => { drag.current = { x: e.clientX, y: e.clientY, moved: false }; }}
        onPointerMove={(e) => {
          const from = drag.current;
          if (!from || !svg.current || e.buttons === 0) return;
          if (Math.hypot(e.clientX - from.x, e.clientY - from.y) < 6 && !from.moved) return;
          const per = size / svg.current.clientWidth;
          move((from.x - e.clientX) * per, (from.y - e.clientY) * per);
          drag.current = { x: e.clientX, y: e.clientY, moved: true };
        }}
        onPointerUp={(e) => { if (drag.current && !drag.current.moved) tap(e); drag.current = undefined; }}>
        {map.boundary.map((polygon, i) => <path key={i} class="grid" d={polygon.map(line).join("")} />)}
        {map.below.map((g, i) => <path key={`b${i}`} class="below" d={g.boundary.flat().map(line).join("")} />)}
        {map.buildings.map((b) => {
          const [x, y] = xy(b.lng, b.lat);
          const kind = tone(b);
          return kind === "hazard" ? <path key={b.id} class={`building ${kind}`} d={`M${x} ${y - dot * 1.3}l${dot * 1.2} ${dot * 2.2}h${-dot * 2.4}Z`} />
            : kind === "care" ? <rect key={b.id} class={`building ${kind}`} x={x - dot} y={y - dot} width={dot * 2} height={dot * 2} />
              : <circle key={b.id} class={`building ${kind}`} cx={x} cy={y} r={dot * 0.8} />;
        })}
        {mark && (() => { const [x, y] = xy(mark.lng, mark.lat); return <circle class="mark" cx={x} cy={y} r={dot * 1.8} />; })()}
        {here && (() => { const [x, y] = xy(here.lng, here.lat); return <g><circle class={`error${here.accuracy > 100 ? " wide" : ""}`} cx={x} cy={y} r={here.accuracy} /><circle class="here" cx={x} cy={y} r={dot} /></g>; })()}
      </svg>
      <div class="controls">
        <button aria-label={t("zoomIn")} onClick={() => zoom(1.6)}>＋</button><button aria-label={t("zoomOut")} onClick={() => zoom(1 / 1.6)}>－</button>
        <button aria-label={t("moveLeft")} onClick={() => move(-size / 4, 0)}>←</button><button aria-label={t("moveRight")} onClick={() => move(size / 4, 0)}>→</button>
        <button aria-label={t("moveUp")} onClick={() => move(0, -size / 4)}>↑</button><button aria-label={t("moveDown")} onClick={() => move(0, size / 4)}>↓</button>
        <button aria-label={t("myPlace")} disabled={!here} onClick={centre}>◎</button>
      </div>
      <p class="legend"><span class="care">■ {t("care")}</span> <span class="hazard">▲ {t("hazard")}</span> <span class="neglected">● {t("neglected", { n: neglectedDays })}</span></p>
    </div>
  );
}

/** The same as a list: nearest first. */
function List({ map, onOpen }: { map: GridMap; onOpen(b: Building): void }) {
  const here = fix.value;
  const rows = useMemo(() => [...map.buildings].sort((a, b) => (here ? metres(here, a) - metres(here, b) : a.name < b.name ? -1 : 1)).slice(0, 60), [map, here && Math.round(here.lat * 2000), here && Math.round(here.lng * 2000)]);
  return (
    <details><summary>{t("places")}</summary><ul class="list">
      {rows.map((b) => <li key={b.id}><button class="row" onClick={() => onOpen(b)}><span class="what"><b>{b.name}</b><small>{[b.care ? t("care") : "", b.hazard ? t("hazard") : ""].filter(Boolean).join(" · ")}</small></span><span class="side">{here ? distance(metres(here, b)) : ""}</span></button></li>)}
    </ul></details>
  );
}

function Homes({ building, onClose }: { building: Building; onClose(): void }) {
  const { db } = useWork();
  const homes = useRecords(["households"], () => db.households.list((h) => h.building === building.id, (a, b) => (a.door_no < b.door_no ? -1 : 1)), [building.id]);
  return (
    <Sheet title={building.name} onClose={onClose}>
      {homes.length === 0 ? <Empty>{t("none")}</Empty> : <ul class="list">{homes.map((h) => <Row key={h.id} to={`household/${h.id}`} icon="home" title={addressOf(h)} subtitle={h.head_name} />)}</ul>}
    </Sheet>
  );
}
