import type { Records } from "gridwalk";
import { useMemo, useState } from "preact/hooks";
import { useDraft } from "../draft.js";
import { measure } from "../effort.js";
import { label, moment, t, values } from "../i18n.js";
import { useLooked, useRecords, useWork } from "../live.js";
import { patrol } from "../patrol.js";
import { keepPhotos } from "../photo.js";
import { Photos, type Shot } from "../photos.js";
import { go } from "../router.js";
import { addressOf } from "../search.js";
import { Button, Chips, Empty, Facts, say, Screen, Text } from "../ui.js";
import { dayFrom, dayOf, quiet, time } from "../when.js";

type Visit = Records["visits"];

interface Draft {
  mode: Visit["mode"];
  result: Visit["result"];
  wellbeing: Visit["wellbeing"];
  needs: Visit["needs"];
  residents: string[] | undefined;
  note: string;
  reason: string;
  shots: Shot[];
}

const empty: Draft = { mode: "door", result: "met_ok", wellbeing: "well", needs: [], residents: undefined, note: "", reason: "", shots: [] };
const met = new Set(["met_ok", "met_needs", "phone_ok", "help_called"]);
const results: Record<string, Visit["result"][]> = {
  door: ["met_ok", "met_needs", "not_home", "declined", "moved", "help_called"], pass_by: ["met_ok", "met_needs", "declined", "help_called"],
  phone: ["phone_ok", "met_needs", "not_home", "declined", "help_called"], neighbour: ["met_ok", "met_needs", "not_home", "moved", "help_called"],
};

/** Nothing new is one tap: everything is filled in as it mostly is. */
export function VisitForm({ id }: { id: string }) {
  const { client, db } = useWork();
  const form = useDraft<Draft>(`visit/${id}`, empty);
  const [saving, setSaving] = useState(false);
  const effort = useMemo(measure, []);
  const home = useRecords(["households"], () => db.households.get(id), [id]);
  const people = useRecords(["residents"], () => db.residents.list((r) => r.household === id && r.life_status === "living"), [id]);
  const owed = useRecords(["due_visits"], () => db.due_visits.list((d) => d.household === id && dayFrom(d.due_on) <= dayOf(Date.now())), [id]);
  if (!home) return <Screen title={t("visit")}><Empty>{t("notHere")}</Empty></Screen>;
  const { draft, change } = form;
  const whom = draft.residents ?? (owed.length > 0 ? owed.map((d) => d.resident) : people.map((r) => r.id));
  const late = quiet(Date.now());
  const ready = form.ready && !saving && (!late || draft.reason !== "") && (draft.result !== "met_needs" || draft.needs.length > 0);
  const save = async () => {
    setSaving(true);
    try {
      const on = patrol.value?.id;
      const visit = await db.visits.create({
        household: id, residents: whom, purpose: owed.length > 0 ? "care" : "routine", mode: draft.mode, result: draft.result, ...(home.grid ? { grid: home.grid } : {}), ...(on ? { patrol: on } : {}),
        ...(met.has(draft.result) ? { wellbeing: draft.wellbeing } : {}), ...(draft.result === "met_needs" ? { needs: draft.needs } : {}),
        ...(draft.note ? { note: draft.note } : {}), ...(late ? { quiet_hours_reason: draft.reason } : {}),
      });
      await keepPhotos(client, draft.shots, { owner_type: "visit", owner_id: visit.record, stage: "during", grid: home.grid }, visit.id);
      await form.clear();
      const told = [draft.mode !== empty.mode, draft.result !== empty.result, draft.wellbeing !== empty.wellbeing, draft.needs.length > 0, draft.note !== "", draft.residents !== undefined].filter(Boolean).length;
      effort("visit", home.grid, told + 4, 4);
      say(t("saved"));
      go(draft.result === "met_needs" ? `errand/new/${whom[0] ?? ""}/${draft.needs.join(",")}` : "", { replace: true });
    } catch {
      say(t("storage"));
      setSaving(false);
    }
  };
  return (
    <Screen title={`${t("visit")} · ${addressOf(home)}`}>
      {form.restored && <p class="note">{t("draftBack")}</p>}
      {people.length > 1 && <Chips name={t("whom")} values={people.map((r) => r.id)} value={whom} label={(v) => db.residents.get(v)?.name ?? v} onPick={(v) => change({ residents: whom.includes(v) ? whom.filter((one) => one !== v) : [...whom, v] })} />}
      <Chips name={t("mode")} values={values("visit.mode") as Visit["mode"][]} value={draft.mode} label={(v) => label("visit.mode", v)} onPick={(v) => change({ mode: v, result: results[v]?.includes(draft.result) ? draft.result : (results[v]?.[0] ?? "met_ok") })} />
      <Chips name={t("result")} values={results[draft.mode] ?? []} value={draft.result} label={(v) => label("visit.result", v)} onPick={(v) => change({ result: v })} />
      {draft.result === "met_needs" && <Chips name={t("needs")} values={values("visit.need") as Visit["needs"]} value={draft.needs} label={(v) => label("visit.need", v)} onPick={(v) => change({ needs: draft.needs.includes(v) ? draft.needs.filter((one) => one !== v) : [...draft.needs, v] })} />}
      {met.has(draft.result) && <Chips name={t("wellbeing")} values={values("visit.wellbeing") as Visit["wellbeing"][]} value={draft.wellbeing} label={(v) => label("visit.wellbeing", v)} onPick={(v) => change({ wellbeing: v })} />}
      {late && <Chips name={t("quietHours")} values={["resident_asked", "emergency"]} value={draft.reason} label={(v) => t(v === "emergency" ? "emergency" : "residentAsked")} onPick={(v) => change({ reason: v })} />}
      <details open={draft.note !== "" || draft.shots.length > 0}><summary>{t("noteAndPhoto")}</summary>
        <Text name={t("note")} value={draft.note} rows={3} hint={t("noteHint")} onInput={(note) => change({ note })} />
        {home.no_photo ? <p class="note">{t("noPhoto")}</p> : <Photos shots={draft.shots} onChange={(shots) => change({ shots })} />}
      </details>
      {draft.result === "help_called" && <Help />}
      <div class="foot"><Button kind="main" disabled={!ready} onClick={save}>{t("save")}</Button></div>
    </Screen>
  );
}

/** Help now: works without data, as a call. */
export const Help = () => (
  <nav class="help" aria-label={t("help")}><a class="button danger" href="tel:120">{t("call120")}</a><a class="button danger" href="tel:110">{t("call110")}</a><a class="button danger" href="tel:119">{t("call119")}</a></nav>
);

export function VisitPage({ id }: { id: string }) {
  const { db } = useWork();
  const visit = useRecords(["visits"], () => db.visits.get(id), [id]);
  useLooked("visits", id);
  if (!visit) return <Screen title={t("visit")}><Empty>{t("notHere")}</Empty></Screen>;
  const at = time(visit.captured_at);
  return (
    <Screen title={t("visit")}>
      <Facts facts={[
        [t("when"), Number.isFinite(at) ? moment(at) : t("justNow")], [t("whom"), (visit.residents ?? []).map((r) => db.residents.get(r)?.name ?? "").join("、")],
        [t("mode"), label("visit.mode", visit.mode)], [t("result"), label("visit.result", visit.result)], [t("wellbeing"), visit.wellbeing && label("visit.wellbeing", visit.wellbeing)],
        [t("needs"), (visit.needs ?? []).map((need) => label("visit.need", need)).join("、")], [t("note"), visit.note], [t("receipt"), visit.receipt_no],
      ]} />
    </Screen>
  );
}
