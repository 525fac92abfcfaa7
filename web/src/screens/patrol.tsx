import { useEffect, useRef, useState } from "preact/hooks";
import { day, clock, label, t } from "../i18n.js";
import { useRecords, useWork } from "../live.js";
import { end, forgetTrack, goOn, patrol, pause, points, sendTrack, start, trackOf, waitingTracks } from "../patrol.js";
import { bestFix } from "../place.js";
import { Accuracy } from "../place-view.js";
import type { Point } from "../track.js";
import { Button, Row, say, Screen, Sheet } from "../ui.js";
import { time } from "../when.js";
import { gridAt } from "./report.js";
import { useNow } from "./today.js";

export function PatrolPage() {
  const { account, db } = useWork();
  useNow();
  const now = patrol.value;
  const [ending, setEnding] = useState(false);
  const past = useRecords(["patrols"], () => db.patrols.list((p) => p.officer === account.officer && p.status === "ended", (a, b) => (a.started_at < b.started_at ? 1 : -1)).slice(0, 10));
  const begin = async () => start(gridAt(db, account.officer, await bestFix(2000)));
  return (
    <Screen title={t("patrol")}>
      <p>{t(now?.status === "active" ? "locatedNow" : "locatedNot")}</p>
      {now ? <>
        <p class="big">{t(now.status === "active" ? "patrolSince" : "patrolPaused", { time: clock(time(now.started_at)) })}</p>
        {now.status === "active" && <><Accuracy /><p>{t("nPoints", { n: points.value.length })}</p></>}
        <div class="foot">
          {now.status === "active" ? <Button onClick={() => pause(now.id)}>{t("pause")}</Button> : <Button kind="main" onClick={() => goOn(now.id)}>{t("goOn")}</Button>}
          <Hold name={t("holdToEnd")} onHeld={() => setEnding(true)} />
        </div>
      </> : <div class="foot"><Button kind="main" onClick={begin}>{t("startPatrol")}</Button></div>}
      {ending && now && <EndSheet id={now.id} onClose={() => setEnding(false)} />}
      {waitingTracks.value.length > 0 && <section><h2>{t("myTracks")}</h2><p>{t("trackHint")}</p><ul class="list">{waitingTracks.value.map((id) => <Row key={id} to={`track/${id}`} title={day(time(db.patrols.get(id)?.started_at)) || t("patrol")} subtitle={clock(time(db.patrols.get(id)?.started_at))} />)}</ul></section>}
      {past.length > 0 && <section><h2>{t("pastPatrols")}</h2><ul class="list">{past.map((p) => <li key={p.id} class="row"><span class="what"><b>{day(time(p.started_at))}</b><small>{clock(time(p.started_at))}–{clock(time(p.ended_at))}{p.end_reason ? ` · ${label("patrol.end_reason", p.end_reason)}` : ""}</small></span></li>)}</ul></section>}
    </Screen>
  );
}

const holdMs = 800;

/** A button that must be held, so that a pocket ends nothing; a keyboard or a reader of screens just presses it. */
function Hold({ name, onHeld }: { name: string; onHeld(): void }) {
  const timer = useRef(0);
  const [down, setDown] = useState(false);
  const stop = () => {
    clearTimeout(timer.current);
    setDown(false);
  };
  useEffect(() => stop, []);
  return (
    <button type="button" class={`button danger hold${down ? " down" : ""}`}
      onPointerDown={() => { setDown(true); timer.current = setTimeout(() => { stop(); onHeld(); }, holdMs) as unknown as number; }}
      onPointerUp={stop} onPointerLeave={stop} onPointerCancel={stop} onContextMenu={(e) => e.preventDefault()}
      onClick={(e) => e.detail === 0 && onHeld()}>{name}</button>
  );
}

function EndSheet({ id, onClose }: { id: string; onClose(): void }) {
  const count = points.value.length;
  const finish = async (how: "send" | "keep" | "drop") => {
    await end(id);
    if (how === "send") await sendTrack(id);
    if (how === "drop") await forgetTrack(id);
    say(t(how === "send" ? "trackSent" : how === "drop" ? "trackDeleted" : "saved"));
    onClose();
  };
  return (
    <Sheet title={t("endPatrol")} onClose={onClose}>
      {count === 0 ? <Button kind="main" onClick={() => finish("keep")}>{t("endPatrol")}</Button> : <>
        <p>{t("nPoints", { n: count })}. {t("trackHint")}</p>
        <Button kind="main" onClick={() => finish("send")}>{t("endAndSend")}</Button>
        <Button onClick={() => finish("keep")}>{t("endAndLook")}</Button>
        <Button kind="danger" onClick={() => finish("drop")}>{t("endAndDelete")}</Button>
      </>}
    </Sheet>
  );
}

/** The officer's own track, before it is sent. */
export function TrackPage({ id }: { id: string }) {
  const [track, setTrack] = useState<readonly Point[] | undefined>(undefined);
  useEffect(() => void trackOf(id).then(setTrack), [id]);
  const done = async (send: boolean) => {
    await (send ? sendTrack(id) : forgetTrack(id));
    say(t(send ? "trackSent" : "trackDeleted"));
    history.back();
  };
  return (
    <Screen title={t("myTracks")}>
      {track && <p>{t("nPoints", { n: track.length })}</p>}
      {track && track.length > 1 && <Drawing track={track} />}
      {track && <div class="foot"><Button kind="danger" onClick={() => done(false)}>{t("deleteTrack")}</Button><Button kind="main" disabled={track.length === 0} onClick={() => done(true)}>{t("sendTrack")}</Button></div>}
    </Screen>
  );
}

function Drawing({ track }: { track: readonly Point[] }) {
  const shrink = Math.cos(((track[0]?.lat ?? 0) * Math.PI) / 180);
  const xs = track.map((p) => p.lng * shrink), ys = track.map((p) => -p.lat);
  const left = Math.min(...xs), top = Math.min(...ys), size = Math.max(Math.max(...xs) - left, Math.max(...ys) - top, 1e-4);
  const d = track.map((p, i) => `${i === 0 || p.gap ? "M" : "L"}${(((xs[i] ?? 0) - left) / size * 96 + 2).toFixed(2)} ${(((ys[i] ?? 0) - top) / size * 96 + 2).toFixed(2)}`).join("");
  return <svg class="track" viewBox="0 0 100 100" role="img" aria-label={t("myTracks")}><path d={d} /></svg>;
}
