import type { Records } from "gridwalk";
import { useState } from "preact/hooks";
import { label, moment, t, values } from "../i18n.js";
import { useRecords, useWork } from "../live.js";
import { go } from "../router.js";
import { Button, Chips, Empty, Row, Screen, Sheet, Text } from "../ui.js";
import { time } from "../when.js";

type Meeting = Records["meetings"];

export function Meetings() {
  const { db } = useWork();
  const [planning, setPlanning] = useState(false);
  const rows = useRecords(["meetings"], () => db.meetings.list(undefined, (a, b) => (a.held_at < b.held_at ? 1 : -1)));
  return (
    <Screen title={t("meetings")}>
      {rows.length === 0 ? <Empty>{t("none")}</Empty> : <ul class="list">{rows.map((m) => <Row key={m.id} to={`meeting/${m.id}`} icon="talk" title={m.place} subtitle={`${label("meeting.type", m.type)} · ${moment(time(m.held_at))}`} side={label("meeting.status", m.status)} />)}</ul>}
      <div class="foot"><Button kind="main" onClick={() => setPlanning(true)}>{t("newMeeting")}</Button></div>
      {planning && <Plan places={[...new Set(rows.map((m) => m.place))].slice(0, 6)} onClose={() => setPlanning(false)} />}
    </Screen>
  );
}

function Plan({ places, onClose }: { places: string[]; onClose(): void }) {
  const { account, db } = useWork();
  const [place, setPlace] = useState(places[0] ?? "");
  const [type, setType] = useState<Meeting["type"]>("pavilion_talk");
  const begin = async () => {
    const grid = db.grid_assignments.list((a) => a.user === account.officer)[0]?.grid ?? db.grids.list()[0]?.id ?? "";
    const made = await db.meetings.open({ place, type, held_at: new Date().toISOString(), scribe: account.officer, grid });
    go(`meeting/${made.record}`, { replace: true });
  };
  return (
    <Sheet title={t("newMeeting")} onClose={onClose}>
      {places.length > 0 && <Chips name={t("where")} values={places} value={place} label={(v) => v} onPick={setPlace} />}
      <Text name={t("where")} value={place} onInput={setPlace} max={60} />
      <Chips name={t("kind")} values={values("meeting.type") as Meeting["type"][]} value={type} label={(v) => label("meeting.type", v)} onPick={(v) => setType(v)} />
      <Button kind="main" disabled={!place.trim()} onClick={begin}>{t("openMeeting")}</Button>
    </Sheet>
  );
}
