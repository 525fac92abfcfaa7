import { useState } from "preact/hooks";
import { label, t } from "../i18n.js";
import { useRecords, useWork } from "../live.js";
import { dueOf } from "../today.js";
import { Empty, Row, Screen } from "../ui.js";
import { remaining, useNow } from "./today.js";

const ended = new Set(["closed", "archived", "merged", "withdrawn"]);

export function Matters() {
  const { db } = useWork();
  const now = useNow();
  const [over, setOver] = useState(false);
  const rows = useRecords(["matters"], () => db.matters.list((m) => ended.has(m.status) === over, (a, b) => (dueOf("matters", a) ?? Infinity) - (dueOf("matters", b) ?? Infinity)), [over]);
  return (
    <Screen title={t("matters")}>
      <div class="filter" role="group" aria-label={t("show")}>{[false, true].map((v) => <button key={String(v)} class={`chip${over === v ? " on" : ""}`} aria-pressed={over === v} onClick={() => setOver(v)}>{t(v ? "ended" : "running")}</button>)}</div>
      {rows.length === 0 ? <Empty>{t("none")}</Empty> : <ul class="list">{rows.slice(0, 200).map((m) => {
        const due = dueOf("matters", m);
        return <Row key={m.id} to={`matters/${m.id}`} icon="task" title={m.title} subtitle={`${m.no || m.temp_no} · ${label("matter.status", m.status)}`} side={due !== undefined && remaining(due, now)} tone={due !== undefined && due < now ? "late" : ""} />;
      })}</ul>}
    </Screen>
  );
}
