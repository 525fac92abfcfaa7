import { type Boundary, type Collections, judge, type Records } from "gridwalk";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useDraft } from "../draft.js";
import { measure } from "../effort.js";
import { label, t, values } from "../i18n.js";
import { Icon, type IconName } from "../icons.js";
import { keep, kept } from "../kv.js";
import { useRecords, useWork } from "../live.js";
import { keepPhotos } from "../photo.js";
import { Photos, type Shot } from "../photos.js";
import { bestFix, fix, locate } from "../place.js";
import { Accuracy } from "../place-view.js";
import { go } from "../router.js";
import { metres, type Place, placed } from "../today.js";
import { Button, Chips, say, Screen, Text } from "../ui.js";
import { dayOf } from "../when.js";

type Matter = Records["matters"];

interface Draft {
  category: Matter["category"];
  subcategory: Matter["subcategory"];
  words: string;
  urgent: boolean;
  result: string;
  shots: Shot[];
}

const empty: Draft = { category: "", subcategory: "", words: "", urgent: false, result: "", shots: [] };
const icons: Record<string, IconName> = {
  city_appearance: "broom", public_facility: "lamp", village_building: "building", safety_hazard: "warning", disaster: "water", dispute: "talk", livelihood: "heart",
  errand_service: "hands", market_order: "basket", ecology: "tree", public_health: "cross", security_clue: "eye", suggestion: "letter",
};
const dangerous = new Set(["safety_hazard", "disaster"]);

/** The smallest grid around a place; the first of the officer's own when there is none. */
export function gridAt(db: Collections, officer: string, at: Place | undefined): string {
  const around = at ? db.grids.list((g) => g.active && Boolean(g.boundary) && judge({ lat: at.lat, lng: at.lng, accuracy: 5, age: 0, source: "gps" }, [g.boundary as Boundary]).verdict === "inside", (a, b) => a.area_m2 - b.area_m2) : [];
  return around[0]?.id ?? db.grid_assignments.list((a) => a.user === officer)[0]?.grid ?? db.grids.list()[0]?.id ?? "";
}

/** The building next to a place, within 100 m. */
function nearby(db: Collections, at: Place | undefined): string {
  if (!at) return "";
  let best: { name: string; far: number } | undefined;
  for (const b of db.buildings.list()) {
    const there = placed(b.point);
    const far = there ? metres(at, there) : Infinity;
    if (far < (best?.far ?? 100)) best = { name: b.name, far };
  }
  return best?.name ?? "";
}

export function Report() {
  const { account, client, db } = useWork();
  const form = useDraft<Draft>("report", empty);
  const [saving, setSaving] = useState(false);
  const effort = useMemo(measure, []);
  useEffect(locate, []);
  const here = fix.value;
  const near = useRecords(["buildings"], () => nearby(db, here), [here && Math.round(here.lat * 5000), here && Math.round(here.lng * 5000)]);
  const { draft, change } = form;
  const urgent = draft.urgent || dangerous.has(draft.category);
  const kinds = draft.category ? values(`matter.subcategory.${draft.category}`) : [];
  const ready = form.ready && !saving && draft.category !== "" && (kinds.length === 0 || draft.subcategory !== "");
  const send = async (solved: boolean) => {
    setSaving(true);
    try {
      const at = await bestFix(3000);
      const grid = gridAt(db, account.officer, at);
      const number = await nextNumber(account.officer);
      const what = label(draft.subcategory ? `matter.subcategory.${draft.category}` : "matter.category", draft.subcategory || draft.category);
      const set = {
        title: draft.words.split("\n")[0]?.slice(0, 60) || [near && t("nearBuilding", { name: near }), what].filter(Boolean).join(" "), category: draft.category, source: "officer" as const,
        ...(draft.subcategory ? { subcategory: draft.subcategory } : {}), priority: (urgent ? "p1_urgent" : "p2_normal") as Matter["priority"], temp_no: number, grid,
        ...(at ? { point: { lat: at.lat, lon: at.lng } } : {}), place_zh: near,
      };
      const made = solved ? await db.matters.solve({ ...set, result: draft.result || t("solvedHere") }) : await db.matters.report(set);
      await keepPhotos(client, draft.shots, { owner_type: "matter", owner_id: made.record, stage: solved ? "after" : "before", grid }, made.id);
      await form.clear();
      // Place, grid, source and number fill themselves in.
      effort("matter", grid, 4 + [draft.category, draft.subcategory, draft.words, draft.result].filter(Boolean).length, 4);
      say(t("reported", { no: number }));
      go(`matters/${made.record}`, { replace: true });
    } catch {
      say(t("storage"));
      setSaving(false);
    }
  };
  return (
    <Screen title={t("report")}>
      {form.restored && <p class="note">{t("draftBack")}</p>}
      <Photos shots={draft.shots} onChange={(shots) => change({ shots })} />
      {draft.category === "" ? (
        <fieldset class="tiles"><legend>{t("category")}</legend>
          {values("matter.category").map((v) => <button type="button" key={v} class="tile" onClick={() => change({ category: v as Matter["category"], subcategory: "" })}><Icon name={icons[v] ?? "task"} />{label("matter.category", v)}</button>)}
        </fieldset>
      ) : <>
        <p class="picked"><Icon name={icons[draft.category] ?? "task"} /> <b>{label("matter.category", draft.category)}</b><button class="button quiet" onClick={() => change({ category: "", subcategory: "" })}>{t("other")}</button></p>
        {kinds.length > 0 && <Chips name={t("subcategory")} values={kinds} value={draft.subcategory} label={(v) => label(`matter.subcategory.${draft.category}`, v)} onPick={(v) => change({ subcategory: v as Matter["subcategory"] })} />}
        <p class="where">{near ? t("nearBuilding", { name: near }) : t("where")}</p><Accuracy />
        <details open={draft.words + draft.result !== ""}><summary>{t("note")}</summary>
          <Text name={t("title")} value={draft.words} rows={2} hint={t("noteHint")} onInput={(words) => change({ words })} />
          <Text name={t("whatWasDone")} value={draft.result} rows={2} onInput={(result) => change({ result })} />
        </details>
        <label class="check"><input type="checkbox" checked={urgent} disabled={dangerous.has(draft.category)} onChange={() => change({ urgent: !draft.urgent })} />{t("urgent")}</label>
        <div class="foot">
          <Button disabled={!ready} onClick={() => send(true)}>{t("solvedHere")}</Button>
          <Button kind="main" disabled={!ready} onClick={() => send(false)}>{t("sendUp")}</Button>
        </div>
      </>}
    </Screen>
  );
}

/** The number by which a matter is known until the server has given it one; each day begins anew. */
async function nextNumber(officer: string): Promise<string> {
  const key = `number/${officer}`;
  const today = dayOf(Date.now());
  const last = await kept<{ day: number; n: number }>(key);
  const n = last?.day === today ? last.n + 1 : 1;
  await keep(key, { day: today, n });
  return t("tempNo", { n: String(n).padStart(2, "0") });
}
