import { useEffect, useRef, useState } from "preact/hooks";
import { label, moment, t } from "../i18n.js";
import { useRecords, useWork } from "../live.js";
import { waitingTracks } from "../patrol.js";
import { openRescue, RescueError } from "../rescue.js";
import { go } from "../router.js";
import { leave, status } from "../session.js";
import { language, size, theme } from "../settings.js";
import { Button, Chips, Link, Row, say, Screen, Sheet, Text } from "../ui.js";
import { time } from "../when.js";
import { stateText } from "./outbox.js";
import { Help } from "./visit.js";

export function Me() {
  const { account, db } = useWork();
  const now = status.value;
  const [opening, setOpening] = useState(false);
  const grids = useRecords(["grid_assignments", "grids"], () => db.grid_assignments.list((a) => a.user === account.officer).map((a) => db.grids.get(a.grid)?.name_zh).filter(Boolean).join("、"));
  const visits = useRecords(["visits"], () => db.visits.list((v) => v.created_by === account.officer || !v.created_by, (a, b) => ((a.captured_at || "~") < (b.captured_at || "~") ? 1 : -1)).slice(0, 20));
  return (
    <main>
      <h1>{account.name}</h1>
      <p>{label("officer.role", account.role)} · {grids}</p>
      <ul class="list">
        <Row to="outbox" icon="send" title={t("outbox")} subtitle={stateText()} side={now && now.waiting + now.photos > 0 ? now.waiting + now.photos : "✓"} />
        <Row to="attention" icon="scales" title={t("attentionTitle")} side={now && now.rejected + now.conflicts > 0 ? now.rejected + now.conflicts : ""} />
        <Row to="patrol" icon="walk" title={t("patrol")} subtitle={waitingTracks.value.length > 0 ? t("myTracks") : ""} />
        <Row to="meetings" icon="talk" title={t("meetings")} />
        <Row to="suggest" icon="letter" title={t("suggest")} />
        <Row to="check" icon="phone" title={t("selfCheck")} />
      </ul>
      <Help />
      <Chips name={t("language")} values={["zh", "en"] as const} value={language.value} label={(v) => (v === "zh" ? "中文" : "English")} onPick={(v) => (language.value = v)} />
      <Chips name={t("size")} values={["normal", "large"] as const} value={size.value} label={(v) => t(v === "large" ? "sizeLarge" : "sizeNormal")} onPick={(v) => (size.value = v)} />
      <Chips name={t("theme")} values={["auto", "light", "dark", "sun"] as const} value={theme.value} label={(v) => t(({ auto: "themeAuto", light: "themeLight", dark: "themeDark", sun: "themeSun" } as const)[v])} onPick={(v) => (theme.value = v)} />
      <section><h2>{t("myRecords")}</h2><ul class="list">{visits.map((v) => <Row key={v.id} to={`visit/${v.id}`} title={db.households.get(v.household)?.address_zh ?? t("visit")} subtitle={label("visit.result", v.result)} side={Number.isFinite(time(v.captured_at)) ? moment(time(v.captured_at)) : t("justNow")} />)}</ul></section>
      <Button kind="quiet" onClick={() => setOpening(true)}>{t("rescueOpen")}</Button>
      <p><small>{t("signOutHint")}</small></p>
      <Button onClick={async () => { await leave(); go("", { replace: true }); }}>{t("signOut")}</Button>
      {opening && <OpenRescue onClose={() => setOpening(false)} />}
    </main>
  );
}

function OpenRescue({ onClose }: { onClose(): void }) {
  const { account, client } = useWork();
  const [words, setWords] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const open = async () => {
    const file = input.current?.files?.[0];
    if (!file) return;
    try {
      say(t("rescueTaken", { n: await openRescue(client, account, file, words) }));
      onClose();
    } catch (err) {
      say(err instanceof RescueError ? t(({ no_rescue: "noRescue", wrong_words: "wrongWords", other_officer: "otherOfficer" } as const)[err.code]) : t("storage"));
    }
  };
  return <Sheet title={t("rescueOpen")} onClose={onClose}><label class="text"><span>{t("file")}</span><input ref={input} type="file" /></label><Text name={t("rescueWords")} value={words} onInput={setWords} max={100} /><Button kind="main" disabled={words.length < 8} onClick={open}>{t("open")}</Button></Sheet>;
}

/** A complaint or a suggestion of the officer's own, as any other matter. */
export function Suggest() {
  const { account, db } = useWork();
  const [text, setText] = useState("");
  const send = async () => {
    const grid = db.grid_assignments.list((a) => a.user === account.officer)[0]?.grid ?? "";
    await db.matters.report({ title: text.split("\n")[0]?.slice(0, 60) ?? "", category: "suggestion", priority: "p2_normal", source: "officer", place_zh: text.slice(0, 200), grid });
    say(t("saved"));
    go("me", { replace: true });
  };
  return <Screen title={t("suggest")}><p>{t("suggestHint")}</p><Text name={t("what")} value={text} rows={5} max={200} hint={t("noteHint")} onInput={setText} /><div class="foot"><Button kind="main" disabled={!text.trim()} onClick={send}>{t("sendUp")}</Button></div></Screen>;
}

/** What this phone can do, so that nobody has to guess why something does not work. */
export function Check() {
  const [kept, setKept] = useState<boolean | undefined>(undefined);
  const [room, setRoom] = useState("");
  useEffect(() => {
    void navigator.storage?.persisted?.().then(setKept, () => setKept(false));
    void navigator.storage?.estimate?.().then(({ quota = 0, usage = 0 }) => setRoom(`${Math.round((quota - usage) / 2 ** 20)} MB`), () => undefined);
  }, []);
  const rows: [string, boolean, string][] = [
    [t("https"), isSecureContext, ""],
    [t("offlineReady"), "serviceWorker" in navigator && Boolean(navigator.serviceWorker?.controller), ""],
    [t("database"), typeof indexedDB !== "undefined", ""],
    [t("secrets"), typeof crypto !== "undefined" && Boolean(crypto.subtle), ""],
    [t("storageKept"), kept === true, t("storageKeptHint")],
    [t("room"), room !== "" && !room.startsWith("-"), room],
    [t("location"), "geolocation" in navigator && isSecureContext, ""],
    [t("camera"), Boolean(navigator.mediaDevices), ""],
    [t("packing"), typeof CompressionStream !== "undefined", ""],
    [t("oneTab"), "locks" in navigator, ""],
  ];
  return (
    <Screen title={t("selfCheck")}>
      <ul class="list">{rows.map(([name, ok, more]) => <li key={name} class={`row ${ok ? "" : "late"}`}><span class="icon" aria-hidden="true">{ok ? "✓" : "✗"}</span><span class="what"><b>{name}</b>{(!ok || more) && <small>{more}</small>}</span><span class="side">{ok ? t("ok") : t("missing")}</span></li>)}</ul>
      <p>{t("version")} {BUILD}</p>
      <p><Link to="">{t("back")}</Link></p>
    </Screen>
  );
}

declare const BUILD: string;
