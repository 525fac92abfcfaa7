import { useEffect, useState } from "preact/hooks";
import { judge, type Boundary, type Records } from "gridwalk";
import { day, label, moment, t, values } from "../i18n.js";
import { useLooked, useRecords, useWork } from "../live.js";
import { patrol } from "../patrol.js";
import { bestFix, locate } from "../place.js";
import { Accuracy } from "../place-view.js";
import { go } from "../router.js";
import { addressOf } from "../search.js";
import { Button, Chips, Empty, Facts, Row, say, Screen, Sheet, Text } from "../ui.js";
import { useNow } from "./today.js";
import { dayFrom, dayOf, time } from "../when.js";

type Household = Readonly<Records["households"]>;
type Resident = Readonly<Records["residents"]>;

export function HouseholdPage({ id }: { id: string }) {
  const { account, db } = useWork();
  const now = useNow();
  useEffect(locate, []);
  const [editing, setEditing] = useState<Resident | "home" | undefined>(undefined);
  const home = useRecords(["households"], () => db.households.get(id), [id]);
  const people = useRecords(["residents"], () => db.residents.list((r) => r.household === id), [id]);
  const visits = useRecords(["visits"], () => db.visits.list((v) => v.household === id, (a, b) => (a.captured_at < b.captured_at ? 1 : -1)), [id]);
  const due = useRecords(["due_visits"], () => db.due_visits.list((d) => d.household === id), [id]);
  const busy = useCheckIn(id);
  useLooked("households", id);
  if (!home) return <Screen title={t("household")}><Empty>{t("notHere")}</Empty></Screen>;
  const living = people.filter((r) => r.life_status !== "deceased" && r.life_status !== "moved");
  const phones = [...new Set([home.phone, ...living.map((r) => r.phone)])].filter(Boolean);
  return (
    <Screen title={addressOf(home)} action={<button class="button quiet" onClick={() => setEditing("home")}>{t("edit")}</button>}>
      <Accuracy />
      <Facts facts={[
        [t("contactPref"), home.contact_pref && label("household.contact_pref", home.contact_pref)],
        [t("photo"), home.no_photo ? t("noPhoto") : ""],
        [t("lastVisitName"), Number.isFinite(time(home.last_visit_at)) ? moment(time(home.last_visit_at)) : t("neverVisited")],
      ]} />
      <ul class="list people">
        {living.map((r) => {
          const owed = due.find((d) => d.resident === r.id);
          const late = owed && dayFrom(owed.due_on) <= dayOf(now);
          return (
            <li key={r.id}><button class={`row ${late ? "late" : ""}`} onClick={() => setEditing(r)}>
              <span class="what"><b>{r.name}</b><small>{[r.birth_year ? t("born", { year: r.birth_year }) : "", ...(r.care_tags ?? []).map((tag) => label("care_tag", tag)), r.dialect].filter(Boolean).join(" · ")}</small></span>
              {owed && <span class="side">{late ? t("dueToday") : day(Date.parse(owed.due_on))}</span>}
            </button></li>
          );
        })}
      </ul>
      <div class="calls">{phones.map((phone) => <a key={phone} class="button" href={`tel:${phone}`}>{t("call")} {phone}</a>)}</div>
      <section><h2>{t("history")}</h2>
        {visits.length === 0 ? <Empty>{t("noVisits")}</Empty> : <ul class="list">{visits.slice(0, 5).map((v) => (
          <Row key={v.id} to={`visit/${v.id}`} title={`${label("visit.result", v.result)} · ${label("visit.mode", v.mode)}`} subtitle={v.note} side={Number.isFinite(time(v.captured_at)) ? moment(time(v.captured_at)) : t("justNow")} />
        ))}</ul>}
      </section>
      <div class="foot">
        <Button disabled={busy.checking} onClick={() => busy.checkIn(home, account.officer)}>{busy.checking ? t("locating") : t("checkIn")}</Button>
        <Button kind="main" onClick={() => go(`household/${id}/visit`)}>{t("visit")}</Button>
      </div>
      {editing === "home" && <EditHome home={home} onClose={() => setEditing(undefined)} />}
      {editing && editing !== "home" && <EditResident resident={editing} onClose={() => setEditing(undefined)} />}
    </Screen>
  );
}

/** Notes that the officer is here: with the best place that is there within three seconds, or with none. */
function useCheckIn(id: string) {
  const { db } = useWork();
  const [checking, set] = useState(false);
  const checkIn = async (home: Household, officer: string) => {
    set(true);
    try {
      const at = await bestFix(3000);
      const now = Date.now();
      const age = at ? Math.max(0, Math.round((now - at.at) / 1000)) : 0;
      const fences = db.grids.list((g) => g.active && Boolean(g.boundary)).map(({ boundary }) => boundary as Boundary);
      const { verdict } = judge(at ? { lat: at.lat, lng: at.lng, accuracy: at.accuracy, age, source: "gps" } : { source: "none" }, fences);
      const on = patrol.value?.id;
      await db.check_ins.create({
        officer, target_type: "household", target: id, datum: "wgs84", verdict_client: verdict, ...(home.grid ? { grid: home.grid } : {}), ...(on ? { patrol: on } : {}),
        ...(at ? { lat: at.lat, lng: at.lng, acc_m: Math.round(at.accuracy), loc_src: "gps", fix_at: new Date(at.at).toISOString(), fix_age_s: age } : { loc_src: "none" }),
      });
      say(at ? t("checkedIn", { n: Math.round(at.accuracy), verdict: label("check_in.verdict", verdict) }) : t("checkedInNoFix"));
    } catch {
      say(t("storage"));
    } finally {
      set(false);
    }
  };
  return { checking, checkIn };
}

function EditHome({ home, onClose }: { home: Household; onClose(): void }) {
  const { db } = useWork();
  const [phone, setPhone] = useState(home.phone);
  const [pref, setPref] = useState(home.contact_pref);
  const [noPhoto, setNoPhoto] = useState(home.no_photo);
  const save = async () => {
    const set: Parameters<typeof db.households.update>[1] = {};
    if (phone !== home.phone) set.phone = phone;
    if (pref !== home.contact_pref) set.contact_pref = pref;
    if (noPhoto !== home.no_photo) set.no_photo = noPhoto;
    if (Object.keys(set).length > 0) await db.households.update(home.id, set);
    say(t("saved"));
    onClose();
  };
  return (
    <Sheet title={t("household")} onClose={onClose}>
      <Text name={t("phone")} value={phone} onInput={setPhone} kind="tel" mode="tel" max={20} />
      <Chips name={t("contactPref")} values={values("household.contact_pref") as Household["contact_pref"][]} value={pref} label={(v) => label("household.contact_pref", v)} onPick={(v) => setPref(v)} />
      <label class="check"><input type="checkbox" checked={noPhoto} onChange={() => setNoPhoto(!noPhoto)} />{t("noPhoto")}</label>
      <Button kind="main" onClick={save}>{t("save")}</Button>
    </Sheet>
  );
}

function EditResident({ resident, onClose }: { resident: Resident; onClose(): void }) {
  const { db } = useWork();
  useLooked("residents", resident.id);
  const [phone, setPhone] = useState(resident.phone);
  const [tags, setTags] = useState<readonly string[]>(resident.care_tags ?? []);
  const [residency, setResidency] = useState(resident.residency);
  const save = async () => {
    const set: Parameters<typeof db.residents.update>[1] = {};
    if (phone !== resident.phone) set.phone = phone;
    if (residency !== resident.residency) set.residency = residency;
    if (tags.join() !== (resident.care_tags ?? []).join()) set.care_tags = tags as Records["residents"]["care_tags"];
    if (Object.keys(set).length > 0) await db.residents.update(resident.id, set);
    say(t("saved"));
    onClose();
  };
  return (
    <Sheet title={resident.name} onClose={onClose}>
      <Facts facts={[[t("relation"), resident.relation_to_head && label("resident.relation_to_head", resident.relation_to_head)], [t("emergencyContact"), resident.emergency_contact], [t("dialect"), resident.dialect]]} />
      <Text name={t("phone")} value={phone} onInput={setPhone} kind="tel" mode="tel" max={20} />
      <Chips name={t("residency")} values={values("resident.residency") as Resident["residency"][]} value={residency} label={(v) => label("resident.residency", v)} onPick={(v) => setResidency(v)} />
      <Chips name={t("careTags")} values={values("care_tag")} value={tags} label={(v) => label("care_tag", v)} onPick={(v) => setTags(tags.includes(v) ? tags.filter((one) => one !== v) : [...tags, v])} />
      <Button kind="main" onClick={save}>{t("save")}</Button>
    </Sheet>
  );
}
