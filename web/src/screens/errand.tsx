import type { Records } from "gridwalk";
import { useState } from "preact/hooks";
import { label, moment, t, values } from "../i18n.js";
import { useRecords, useWork } from "../live.js";
import { go } from "../router.js";
import { Button, Chips, Empty, Row, say, Screen, Text } from "../ui.js";
import { time } from "../when.js";

type Party = Records["custody_steps"]["giver"];

/** What is handed over on an errand, from whom to whom, each side with its own tap. */
export function Custody({ errand, serviceItem }: { errand: string; serviceItem: string }) {
  const { db } = useWork();
  const items = useRecords(["errand_items"], () => db.errand_items.list((i) => i.errand === errand), [errand]);
  const materials = useRecords(["materials"], () => db.materials.list((m) => m.service_item === serviceItem && serviceItem !== "", (a, b) => a.position - b.position), [serviceItem]);
  const steps = useRecords(["custody_steps"], () => db.custody_steps.list((s) => s.errand === errand, (a, b) => ((a.created || "~") < (b.created || "~") ? -1 : 1)), [errand]);
  const grid = db.errands.get(errand)?.grid;
  const [handing, setHanding] = useState<string | undefined>(undefined);
  const missing = materials.filter((m) => !items.some((i) => i.material === m.id));
  const take = async (material: Readonly<Records["materials"]>) => {
    const item = await db.errand_items.create({ errand, material: material.id, name: material.name, ...(grid ? { grid } : {}) });
    await hand(item.record, "resident", "officer", item.id);
  };
  const hand = async (item: string, giver: Party, taker: Party, after?: string) => {
    const now = new Date().toISOString();
    await db.custody_steps.create({ errand, item, giver, taker, ...(giver === "officer" ? { given_at: now } : {}), ...(taker === "officer" ? { taken_at: now } : {}), ...(grid ? { grid } : {}) }, after ? { after: [after] } : {});
    setHanding(undefined);
    say(t("saved"));
  };
  return (
    <section>
      <h2>{t("materials")}</h2>
      <ul class="list">
        {missing.map((m) => <li key={m.id} class="row"><span class="what"><b>{m.name}</b><small>{[m.original ? t("original") : "", m.copies ? t("copies", { n: m.copies }) : "", m.optional ? t("optional") : "", m.note].filter(Boolean).join(" · ")}</small></span><Button onClick={() => take(m)}>{t("received")}</Button></li>)}
        {items.map((i) => {
          const own = steps.filter((s) => s.item === i.id);
          const last = own.at(-1);
          const half = last && (!last.given_at || !last.taken_at);
          return (
            <li key={i.id} class="row"><span class="what"><b>{i.name}</b>
              {own.map((s) => <small key={s.id}>{label("custody_party", s.giver)} → {label("custody_party", s.taker)} {moment(time(s.taken_at || s.given_at))} {!s.given_at || !s.taken_at ? t("oneSide") : "✓"}</small>)}</span>
              {half ? <Button onClick={() => db.custody_steps.update(last.id, last.given_at ? { taken_at: new Date().toISOString() } : { given_at: new Date().toISOString() })}>{t("otherSide")}</Button>
                : last?.taker === "officer" || !last ? <Button onClick={() => setHanding(i.id)}>{t("handOver")}</Button>
                  : <Button onClick={() => hand(i.id, last.taker, "officer")}>{t("received")}</Button>}
            </li>
          );
        })}
      </ul>
      {handing && <Chips name={t("handTo")} values={values("custody_party").filter((v) => v !== "officer") as Party[]} value={undefined} label={(v) => label("custody_party", v)} onPick={(v) => void hand(handing, "officer", v)} />}
    </section>
  );
}

/** A new errand for somebody; the needs of a visit fill it in. */
export function NewErrand({ resident, needs }: { resident: string; needs: string }) {
  const { db } = useWork();
  const person = db.residents.get(resident);
  const [what, setWhat] = useState(needs.split(",").filter(Boolean).map((need) => label("visit.need", need)).join("、"));
  const [item, setItem] = useState("");
  const guides = useRecords(["service_items"], () => db.service_items.list((s) => s.status === "published"));
  if (!person) return <Screen title={t("errand")}><Empty>{t("notHere")}</Empty></Screen>;
  const save = async () => {
    const made = await db.errands.request({ resident, what, ...(item ? { service_item: item } : {}), ...(person.grid ? { grid: person.grid } : {}) });
    say(t("saved"));
    go(`errands/${made.record}`, { replace: true });
  };
  return (
    <Screen title={`${t("errand")} · ${person.name}`}>
      <Text name={t("what")} value={what} rows={2} hint={t("noteHint")} onInput={setWhat} />
      {guides.length > 0 && <Chips name={t("guide")} values={guides.map(({ id }) => id)} value={item} label={(v) => db.service_items.get(v)?.name ?? v} onPick={(v) => setItem(v === item ? "" : v)} />}
      <div class="foot"><Button onClick={() => go("", { replace: true })}>{t("noErrand")}</Button><Button kind="main" disabled={!what && !item} onClick={save}>{t("save")}</Button></div>
    </Screen>
  );
}

/** What service items need, to be read without signal. */
export function Errands() {
  const { db } = useWork();
  const rows = useRecords(["errands"], () => db.errands.list(undefined, (a, b) => (a.created < b.created ? 1 : -1)));
  const guides = useRecords(["service_items"], () => db.service_items.list((s) => s.status === "published"));
  const orders = useRecords(["service_orders"], () => db.service_orders.list());
  return (
    <Screen title={t("errands")}>
      {rows.length === 0 ? <Empty>{t("none")}</Empty> : <ul class="list">{rows.map((e) => <Row key={e.id} to={`errands/${e.id}`} icon="hands" title={db.residents.get(e.resident)?.name ?? ""} subtitle={e.what || db.service_items.get(e.service_item)?.name} side={label("errand.status", e.status)} />)}</ul>}
      {orders.length > 0 && <section><h2>{t("orders")}</h2><ul class="list">{orders.map((o) => <Row key={o.id} to={`service_orders/${o.id}`} title={o.title} side={label("service_order.status", o.status)} />)}</ul></section>}
      <section><h2>{t("guides")}</h2>{guides.map((g) => <details key={g.id}><summary>{g.name}</summary><p>{g.where}</p><p>{g.steps}</p><ul>{db.materials.list((m) => m.service_item === g.id).map((m) => <li key={m.id}>{m.name}</li>)}</ul></details>)}</section>
    </Screen>
  );
}
