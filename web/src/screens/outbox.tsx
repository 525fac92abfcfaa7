import type { Mutation, Photo } from "gridwalk";
import { useState } from "preact/hooks";
import { moment, t, type Key } from "../i18n.js";
import { useLive, useWork } from "../live.js";
import { rescueFile } from "../rescue.js";
import { status } from "../session.js";
import { Button, Link, say, Screen, Sheet, Text } from "../ui.js";
import { time } from "../when.js";

/** What is only on this phone, each thing with its state in plain words. */
export function Outbox() {
  const { client } = useWork();
  const waiting = useLive(client.outbox);
  const photos = useLive(client.photos).filter((photo) => photo.state !== "safe");
  const now = status.value;
  const [exporting, setExporting] = useState(false);
  const safe = waiting.length === 0 && photos.length === 0;
  return (
    <Screen title={t("outbox")}>
      <p class={`big ${safe ? "good" : ""}`}>{safe ? `✓ ${t("outboxEmpty")}` : t("onlyHere", { n: waiting.length, p: photos.length })}</p>
      <p>{stateText()}</p>
      {now && (now.rejected > 0 || now.conflicts > 0) && <Link to="attention" class="button danger">{t("attention", { n: now.rejected + now.conflicts })}</Link>}
      <ul class="list">
        {waiting.map((m) => {
          const page = pageOf(m.collection, m.record);
          return <li key={m.id} class="row"><span class="what"><b>{page ? <Link to={page}>{nameOf(m.collection)}</Link> : nameOf(m.collection)}</b><small>{t(({ create: "itemCreate", update: "itemUpdate", delete: "itemDelete" } as const)[m.op])} · {t("made", { time: moment(madeAt(m)) })}</small></span><span class="side">{t(now?.state === "syncing" ? "sending" : "waitsForSignal")}</span></li>;
        })}
        {photos.map((p) => <li key={p.record} class="row"><span class="what"><b>{t("photo")} {Math.round(p.size / 1024)} KB</b><small>{photoText(p)}</small></span>{p.state === "stuck" && <Button onClick={() => client.dismissPhoto(p.record)}>{t("dismiss")}</Button>}</li>)}
      </ul>
      <div class="foot">
        {!safe && <Button onClick={() => setExporting(true)}>{t("rescue")}</Button>}
        <Button kind="main" onClick={() => client.wake()}>{t("sendNow")}</Button>
      </div>
      {exporting && <Rescue onClose={() => setExporting(false)} />}
    </Screen>
  );
}

/** Everything that waits, in one file that only the words open. */
function Rescue({ onClose }: { onClose(): void }) {
  const { account, client } = useWork();
  const [words, setWords] = useState("");
  const save = async () => {
    const file = await rescueFile(client, account, words);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `gridwalk-${account.device}.rescue`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(t("rescueSaved"));
    onClose();
  };
  return <Sheet title={t("rescue")} onClose={onClose}><p>{t("rescueHint")}</p><Text name={t("rescueWords")} value={words} onInput={setWords} max={100} /><Button kind="main" disabled={words.length < 8} onClick={save}>{t("rescueSave")}</Button></Sheet>;
}

function photoText(p: Photo): string {
  if (p.state === "stuck") return t("photoStuck", { code: p.code ?? "" });
  return p.sent > 0 ? t("photoSending", { n: Math.floor((p.sent * 100) / p.size) }) : t("photoWaiting");
}

const names: Record<string, Key> = {
  visits: "visit", check_ins: "checkInName", matters: "matter", matter_parties: "matter", evidence: "photo", errands: "errand", errand_items: "materials", custody_steps: "custody", patrols: "patrol", track_batches: "myTracks",
  households: "household", residents: "resident", buildings: "building", meetings: "meeting", agenda_items: "agenda", demands: "demand", commitments: "commitment", minutes: "minutes", service_orders: "order", order_claims: "order",
  alerts: "alert", whistles: "whistle", survey_responses: "rating",
};
export const nameOf = (collection: string): string => (names[collection] ? t(names[collection] as Key) : collection);

/** Where a record is looked at. */
const pages: Record<string, string> = { matters: "matters", errands: "errands", households: "household", visits: "visit", commitments: "commitments", service_orders: "service_orders", whistles: "whistles", demands: "demands", meetings: "meeting", alerts: "alerts" };
export const pageOf = (collection: string, record: string) => (pages[collection] ? `${pages[collection]}/${record}` : undefined);

/** A mutation carries its time in its stamp: 12 hexadecimal digits of milliseconds come first. */
export const madeAt = (m: Mutation): number => {
  const ms = parseInt(m.at.slice(0, 12), 16);
  return Number.isFinite(ms) ? ms : NaN;
};

/** How the last sync went, in one line. */
export function stateText(): string {
  const now = status.value;
  if (!now) return "";
  switch (now.state) {
    case "syncing": return now.hydrating ? t("hydrating") : t("syncing");
    case "offline": return t("offline");
    case "busy": return t("busy");
    case "sign_in": return t("signInAgain");
    case "upgrade": return t("upgrade");
    case "refused": return now.code === "device_pending" ? t("devicePending") : t("refused", { code: now.code ?? "" });
    case "gap": return t("gap");
    case "erased": return t("erased");
    case "storage": return t("storage");
    default: return now.server ? t("safeAt", { time: moment(time(now.server)) }) : "";
  }
}
