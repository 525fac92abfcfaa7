import { type Collections, type Fields, Flow, type Move, type Records, workflows } from "gridwalk";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useDraft } from "../draft.js";
import { label, moment, t, values, type Key } from "../i18n.js";
import { useLooked, useRecords, useWork } from "../live.js";
import { keepPhotos } from "../photo.js";
import { Photos, type Shot } from "../photos.js";
import { codeOf } from "../session.js";
import { dueOf, placed } from "../today.js";
import { Button, Chips, Empty, Facts, Link, Row, say, Screen, Sheet, Text } from "../ui.js";
import { time } from "../when.js";
import { Custody } from "./errand.js";
import { remaining, useNow } from "./today.js";

type Name = keyof typeof workflows;
type Any = Readonly<Record<string, unknown>> & { id: string; status: string; created_by?: string };

/** What a screen shows of one kind of work, beside what all have. */
interface Kind {
  name: Key;
  status: string;
  title(db: Collections, r: Any): string;
  facts(db: Collections, r: Any): [string, ComponentChildren][];
  below?(props: { record: Any }): ComponentChildren;
}

const text = (r: Any, field: string): string => String(r[field] ?? "");
const resident = (db: Collections, id: unknown) => db.residents.get(String(id ?? ""));
const org = (db: Collections, id: unknown): string => db.organizations.get(String(id ?? ""))?.name ?? "";
const toHome = (db: Collections, id: unknown) => {
  const r = resident(db, id);
  return r && <Link to={`household/${r.household}`}>{r.name}</Link>;
};

export const kinds: Partial<Record<string, Kind>> = {
  matters: {
    name: "matter", status: "matter.status", title: (_, r) => text(r, "title"),
    facts: (db, r) => [
      [t("number"), text(r, "no") || text(r, "temp_no")], [t("category"), `${label("matter.category", text(r, "category"))} ${r["subcategory"] ? label(`matter.subcategory.${text(r, "category")}`, text(r, "subcategory")) : ""}`],
      [t("priority"), label("matter.priority", text(r, "priority"))], [t("where"), text(r, "place_zh")], [t("leadOrg"), org(db, r["lead_org"] || r["suggested_org"])], [t("resultOf"), text(r, "result")],
      [t("reason"), text(r, "reason")],
    ],
    below: ({ record }) => <MatterBelow record={record} />,
  },
  errands: {
    name: "errand", status: "errand.status", title: (db, r) => text(r, "what") || (db.service_items.get(text(r, "service_item"))?.name ?? t("errand")),
    facts: (db, r) => [[t("forWhom"), toHome(db, r["resident"])], [t("where"), db.service_items.get(text(r, "service_item"))?.where ?? ""], [t("promised"), r["promise_at"] ? moment(time(text(r, "promise_at"))) : ""], [t("resultOf"), text(r, "result")]],
    below: ({ record }) => <Custody errand={record.id} serviceItem={text(record, "service_item")} />,
  },
  whistles: {
    name: "whistle", status: "whistle.status", title: (_, r) => text(r, "subject") || label("whistle.kind", text(r, "kind")),
    facts: (db, r) => [[t("kind"), label("whistle.kind", text(r, "kind"))], [t("where"), text(r, "place_zh")], [t("leadOrg"), org(db, r["lead_org"])], [t("resultOf"), text(r, "result")]],
    below: ({ record }) => <Responses whistle={record.id} />,
  },
  service_orders: {
    name: "order", status: "service_order.status", title: (_, r) => text(r, "title"),
    facts: (_, r) => [[t("kind"), label("service_order.kind", text(r, "kind"))], [t("when"), r["when_at"] ? moment(time(text(r, "when_at"))) : ""], [t("slots"), `${String(r["held"] ?? 0)} / ${String(r["slots"] ?? 0)}`], [t("note"), text(r, "note")]],
    below: ({ record }) => <Claims order={record.id} />,
  },
  demands: {
    name: "demand", status: "demand.status", title: (_, r) => text(r, "text"),
    facts: (_, r) => [[t("supporters"), String(r["support_count"] ?? 0)], [t("outcome"), r["outcome"] ? label("demand.outcome", text(r, "outcome")) : ""], [t("answer"), text(r, "answer")], [t("due"), r["due_at"] ? moment(time(text(r, "due_at"))) : ""]],
  },
  commitments: {
    name: "commitment", status: "commitment.status", title: (_, r) => text(r, "what"),
    facts: (db, r) => [[t("who"), text(r, "who") || org(db, r["org"])], [t("due"), r["due"] ? moment(time(text(r, "due"))) : ""], [t("resultOf"), text(r, "result")]],
  },
  alerts: {
    name: "alert", status: "alert.status", title: (db, r) => db.households.get(text(r, "household"))?.head_name ?? t("alert"),
    facts: (db, r) => [
      [t("kind"), label("alert.kind", text(r, "kind"))], [t("household"), db.households.get(text(r, "household")) && <Link to={`household/${text(r, "household")}`}>{db.households.get(text(r, "household"))?.address_zh}</Link>],
      [t("phone"), phoneOf(db, text(r, "household"))], [t("flatSince"), r["flat_from"] ? moment(time(text(r, "flat_from"))) : ""], [t("moved"), r["moved_at"] ? moment(time(text(r, "moved_at"))) : ""], [t("cause"), r["cause"] ? label("alert.cause", text(r, "cause")) : ""],
    ],
  },
};

const phoneOf = (db: Collections, household: string) => {
  const phone = db.households.get(household)?.phone || db.residents.list((r) => r.household === household && r.phone !== "")[0]?.phone;
  return phone && <a class="button" href={`tel:${phone}`}>{t("call")} {phone}</a>;
};

/** One thing that is worked on: what it is, what happened, what can be done. */
/** Of these it is written down who looked. */
const tellsOfSomebody = new Set<Name>(["matters", "errands", "alerts"]);

export function FlowPage({ collection, id }: { collection: Name; id: string }) {
  const { account, client, db } = useWork();
  const now = useNow();
  const kind = kinds[collection];
  const flow = (db as unknown as Record<string, Flow<never>>)[collection];
  const [move, setMove] = useState<Move | undefined>(undefined);
  const record = useRecords([collection], () => client.get(collection, id) as Any | undefined, [id]);
  useLooked(collection, tellsOfSomebody.has(collection) ? id : undefined);
  if (!kind || !flow || !record) return <Screen title={kind ? t(kind.name) : ""}><Empty>{t("notHere")}</Empty></Screen>;
  const mine = db.officers.get(account.officer)?.organization;
  const relations = [...(record["owner"] === account.officer || record["runner"] === account.officer ? ["owner"] : []), ...(record.created_by === account.officer || !record.created_by ? ["maker"] : []), ...(mine && record["lead_org"] === mine ? ["unit"] : [])];
  const moves = flow.moves(id, { role: account.role, relations });
  const due = dueOf(collection, record);
  const below = kind.below?.({ record });
  return (
    <Screen title={kind.title(db, record)}>
      <p class="state"><b>{label(kind.status, record.status)}</b>{due !== undefined && <span class={due < now ? "late" : ""}>{remaining(due, now)}</span>}<SyncMark collection={collection} id={id} /></p>
      <Facts facts={kind.facts(db, record)} />
      {below}
      {moves.length > 0 && <section><h2>{t("moves")}</h2><div class="moves">{moves.map((m) => <Button key={m.action + m.to} onClick={() => setMove(m)}>{label("workflow.action", m.action)}</Button>)}</div></section>}
      {move && <MoveSheet collection={collection} record={record} move={move} onClose={() => setMove(undefined)} />}
    </Screen>
  );
}

/** Whether the server has a record as it is shown. */
export function SyncMark({ collection, id }: { collection: string; id: string }) {
  const { client } = useWork();
  const state = client.recordState(collection, id);
  if (state === "waiting") return <span class="mark">{t("onThisPhone")}</span>;
  if (state === "rejected") return <span class="mark late">{t("rejections")}</span>;
  return null;
}

const longTexts = new Set(["reason", "result", "answer", "what", "title", "note"]);
const enums: Record<string, Record<string, string>> = {
  outcome: { demands: "demand.outcome" }, cause: { alerts: "alert.cause" }, kind: { whistles: "whistle.kind", service_orders: "service_order.kind" },
  category: { matters: "matter.category" }, priority: { matters: "matter.priority" },
};
const fieldNames: Record<string, Key> = {
  reason: "reason", result: "whatWasDone", answer: "answer", outcome: "outcome", due_at: "due", promise_at: "promised", lead_org: "leadOrg", extend_days: "extendDays", merged_into: "mergedInto",
  cause: "cause", away_until: "awayUntil", title: "title", category: "category", priority: "priority", what: "what", due: "due", who: "who", kind: "kind", slots: "slots", when_at: "when",
};

/** Makes a move with what it needs. A matter is handled with a photograph if there is one. */
function MoveSheet({ collection, record, move, onClose }: { collection: Name; record: Any; move: Move; onClose(): void }) {
  const { account, client, db } = useWork();
  const needs = (move.needs ?? []).filter((field) => field !== "runner" && (record[field] === undefined || record[field] === "" || record[field] === null || field === "reason" || field === "result"));
  const form = useDraft<{ set: Record<string, string>; shots: Shot[] }>(`move/${collection}/${record.id}/${move.action}`, { set: {}, shots: [] });
  const { set, shots } = form.draft;
  const put = (field: string, value: string) => form.change({ set: { ...set, [field]: value } });
  const given = (field: string): string => set[field] ?? (/^(promise_at|due_at|due|away_until)$/.test(field) ? local(Date.now() + 2 * 86_400_000) : "");
  // Who is away is not looked for until he is back.
  if (collection === "alerts" && given("cause") === "away") needs.push("away_until");
  const ready = form.ready && needs.every((field) => given(field) !== "");
  const make = async () => {
    const values: Fields = {};
    for (const field of needs) values[field] = isTime(field) ? new Date(`${given(field)}+08:00`).toISOString() : field === "extend_days" || field === "slots" ? Number(given(field)) : given(field);
    if (move.needs?.includes("runner")) values["runner"] = account.officer;
    try {
      const flow = (db as unknown as Record<string, Record<string, (id: string, set: Fields) => Promise<{ id: string }>>>)[collection];
      const made = await flow?.[move.action]?.(record.id, values);
      if (made) await keepPhotos(client, shots, { owner_type: collection === "errands" ? "errand" : "matter", owner_id: record.id, stage: "after", ...(record["grid"] ? { grid: record["grid"] } : {}) }, made.id);
      await form.clear();
      say(t("saved"));
      onClose();
    } catch (err) {
      say(t("refused", { code: codeOf(err) }));
    }
  };
  return (
    <Sheet title={label("workflow.action", move.action)} onClose={onClose}>
      {needs.map((field) => {
        const name = t(fieldNames[field] ?? "note");
        const of = enums[field]?.[collection];
        if (of) return <Chips key={field} name={name} values={values(of)} value={given(field)} label={(v) => label(of, v)} onPick={(v) => put(field, v)} />;
        if (field === "lead_org") return <Chips key={field} name={name} values={units(db, record)} value={given(field)} label={(v) => org(db, v)} onPick={(v) => put(field, v)} />;
        if (field === "merged_into") return <Chips key={field} name={name} values={alike(client.all(collection), record)} value={given(field)} label={(v) => kinds[collection]?.title(db, client.get(collection, v) as Any) ?? v} onPick={(v) => put(field, v)} />;
        if (isTime(field)) return <Text key={field} name={name} kind="datetime-local" value={given(field)} onInput={(v) => put(field, v)} />;
        if (field === "extend_days" || field === "slots") return <Text key={field} name={name} kind="number" mode="numeric" value={given(field)} onInput={(v) => put(field, v)} />;
        return <Text key={field} name={name} value={given(field)} {...(longTexts.has(field) ? { rows: 2 } : {})} onInput={(v) => put(field, v)} />;
      })}
      {(collection === "matters" || collection === "errands") && (move.needs ?? []).includes("result") && <Photos shots={shots} onChange={(next) => form.change({ shots: next })} />}
      <Button kind="main" disabled={!ready} onClick={make}>{label("workflow.action", move.action)}</Button>
    </Sheet>
  );
}

const isTime = (field: string): boolean => field.endsWith("_at") || field === "due" || field === "away_until";

/** A time as an input of the page has it, in China. */
const local = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16);

/** Units that may take a matter: the suggested one first, then those of its category. */
function units(db: Collections, record: Any): string[] {
  const category = text(record, "category");
  const rank = (o: Records["organizations"]) => (o.id === record["suggested_org"] ? 0 : (o.categories as string[] | undefined)?.includes(category) ? 1 : 2);
  return db.organizations.list(undefined, (a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1)).slice(0, 12).map(({ id }) => id);
}

const alike = (all: ReadonlyMap<string, Fields>, record: Any): string[] => ((record["similar"] as string[] | undefined) ?? []).filter((id) => all.has(id));

function MatterBelow({ record }: { record: Any }) {
  const { client, db } = useWork();
  const steps = useRecords(["matter_events"], () => db.matter_events.list((e) => e.matter === record.id, (a, b) => (a.at < b.at ? -1 : 1)), [record.id]);
  const photos = useRecords(["evidence"], () => db.evidence.list((e) => e.owner_id === record.id), [record.id]);
  const similar = alike(client.all("matters"), record);
  const place = placed(record["point"] as { lat: number; lon: number } | undefined);
  return <>
    {similar.length > 0 && <section><h2>{t("similar")}</h2><ul class="list">{similar.map((id) => <Row key={id} to={`matters/${id}`} title={db.matters.get(id)?.title} subtitle={db.matters.get(id)?.no} />)}</ul></section>}
    {photos.length > 0 && <p>{t("nPhotos", { n: photos.length })}</p>}
    {place && <p><Link to={`map/${place.lat.toFixed(6)},${place.lng.toFixed(6)}`}>{t("showOnMap")}</Link></p>}
    {steps.length > 0 && <section><h2>{t("steps")}</h2><ol class="steps">{steps.map((e) => <li key={e.id}><b>{label("workflow.action", e.action)}</b> {moment(time(e.at))}{e.reason && <small>{e.reason}</small>}</li>)}</ol></section>}
  </>;
}

/** The units that a whistle called, and who has come. */
function Responses({ whistle }: { whistle: string }) {
  const { db } = useWork();
  const now = useNow();
  const rows = useRecords(["whistle_responses"], () => db.whistle_responses.list((r) => r.whistle === whistle), [whistle]);
  return <ul class="list">{rows.map((r) => <li key={r.id} class="row"><span class="what"><b>{org(db, r.org)}{r.lead ? ` · ${t("leadOrg")}` : ""}</b><small>{r.reported_at ? `${t("reportedIn")} ${moment(time(r.reported_at))}` : ""}</small></span><span class="side">{!r.reported_at && r.due_at ? remaining(time(r.due_at), now) : ""}</span></li>)}</ul>;
}

function Claims({ order }: { order: string }) {
  const { account, db } = useWork();
  const rows = useRecords(["order_claims"], () => db.order_claims.list((c) => c.order === order), [order]);
  const mine = rows.find((c) => c.volunteer === account.officer && c.status !== "released");
  const grid = db.service_orders.get(order)?.grid;
  const claim = async () => {
    await db.order_claims.create({ order, volunteer: account.officer, ...(grid ? { grid } : {}) } as never);
    say(t("saved"));
  };
  return <>
    {rows.length > 0 && <ul class="list">{rows.map((c) => (
      <li key={c.id} class="row"><span class="what"><b>{db.officers.get(c.volunteer)?.name ?? t("volunteer")}</b><small>{label("order_claim.status", c.status)}</small></span>
        {c.status === "held" && c.volunteer !== account.officer && <Button onClick={() => db.order_claims.update(c.id, { confirmed_at: new Date().toISOString() })}>{t("confirm")}</Button>}</li>
    ))}</ul>}
    {mine ? <Button kind="quiet" onClick={() => db.order_claims.update(mine.id, { released_at: new Date().toISOString() })}>{t("giveBackPlace")}</Button> : <Button onClick={claim}>{t("claim")}</Button>}
  </>;
}
