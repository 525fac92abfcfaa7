import type { Collections, Records } from "gridwalk";
import { useState } from "preact/hooks";
import { hold, held, release, takeBack } from "../held.js";
import { Icon } from "../icons.js";
import { day, label, moment, t } from "../i18n.js";
import { useRecords, useWork } from "../live.js";
import { Button, Chips, Empty, Facts, Link, say, Screen, Sheet, Text } from "../ui.js";
import { time } from "../when.js";
import { SyncMark } from "./flow.js";

type Meeting = Readonly<Records["meetings"]>;
type Demand = Readonly<Records["demands"]>;

/** Pavilion mode: one meeting on one screen, for a whole evening without signal. */
export function MeetingPage({ id }: { id: string }) {
  const { db } = useWork();
  const meeting = useRecords(["meetings"], () => db.meetings.get(id), [id]);
  const [printing, setPrinting] = useState(false);
  if (!meeting) return <Screen title={t("meeting")}><Empty>{t("notHere")}</Empty></Screen>;
  if (printing) return <Minutes meeting={meeting} onClose={() => setPrinting(false)} />;
  return (
    <Screen title={`${meeting.place} · ${label("meeting.type", meeting.type)}`} action={<button class="button quiet" onClick={() => setPrinting(true)}>{t("minutes")}</button>}>
      <p class="state"><b>{label("meeting.status", meeting.status)}</b><span>{moment(time(meeting.held_at))}</span><SyncMark collection="meetings" id={id} /></p>
      <div class="pavilion">
        <div><ReadBack meeting={meeting} /><Agenda meeting={meeting} /><Attendance meeting={meeting} /><Steps meeting={meeting} /></div>
        <div><Demands meeting={meeting} /></div>
      </div>
    </Screen>
  );
}

/** What was promised at earlier meetings here, and what became of it: the meeting opens with it. */
function ReadBack({ meeting }: { meeting: Meeting }) {
  const { db } = useWork();
  const rows = useRecords(["meetings", "commitments", "demands"], () => toReadBack(db, meeting), [meeting]);
  if (rows.commitments.length + rows.demands.length === 0) return null;
  return (
    <section><h2>{t("readBackTitle")}</h2>
      <ul class="list">
        {rows.commitments.map((c) => <li key={c.id} class={`row ${c.status === "late" ? "late" : ""}`}><Link to={`commitments/${c.id}`} class="what"><b>{c.what}</b><small>{c.who} · {day(time(c.due))} · {label("commitment.status", c.status)}{c.result ? ` · ${c.result}` : ""}</small></Link>
          {["done", "dropped"].includes(c.status) && <Button onClick={() => db.commitments.read_back(c.id)}>{t("readBack")}</Button>}</li>)}
        {rows.demands.map((d) => <li key={d.id} class="row"><Link to={`demands/${d.id}`} class="what"><b>{d.text}</b><small>{label("demand.status", d.status)}{d.answer ? ` · ${d.answer}` : ""}</small></Link>
          {d.status === "done" && <Button onClick={() => db.demands.read_back(d.id)}>{t("readBack")}</Button>}</li>)}
      </ul>
    </section>
  );
}

function toReadBack(db: Collections, meeting: Meeting) {
  const earlier = new Set(db.meetings.list((m) => m.grid === meeting.grid && m.place === meeting.place && m.held_at < meeting.held_at && m.id !== meeting.id).map(({ id }) => id));
  return {
    commitments: db.commitments.list((c) => earlier.has(c.meeting) && c.status !== "read_back", (a, b) => (a.due < b.due ? -1 : 1)),
    demands: db.demands.list((d) => earlier.has(d.meeting) && d.status !== "read_back" && d.status !== "merged"),
  };
}

function Agenda({ meeting }: { meeting: Meeting }) {
  const { db } = useWork();
  const items = useRecords(["agenda_items"], () => db.agenda_items.list((a) => a.meeting === meeting.id, (a, b) => a.position - b.position), [meeting.id]);
  const [title, setTitle] = useState("");
  const [open, setOpen] = useState<string | undefined>(undefined);
  const add = async () => {
    await db.agenda_items.create({ meeting: meeting.id, title, kind: "topic", position: items.length + 1, ...(meeting.grid ? { grid: meeting.grid } : {}) });
    setTitle("");
  };
  const item = items.find((one) => one.id === open);
  return (
    <section><h2>{t("agenda")}</h2>
      <ol class="agenda">{items.map((a) => <li key={a.id}><button class="row" onClick={() => setOpen(a.id)}><span class="what"><b>{a.title}</b><small>{a.decision}{a.votes_for + a.votes_against + a.votes_abstain > 0 ? ` ${t("votes", { a: a.votes_for, b: a.votes_against, c: a.votes_abstain })}` : ""}</small></span></button></li>)}</ol>
      <form class="line" onSubmit={(e) => { e.preventDefault(); void add(); }}><Text name={t("newAgenda")} value={title} onInput={setTitle} max={100} /><button class="button" disabled={!title.trim()}>{t("add")}</button></form>
      {item && <Decision item={item} onClose={() => setOpen(undefined)} />}
    </section>
  );
}

function Decision({ item, onClose }: { item: Readonly<Records["agenda_items"]>; onClose(): void }) {
  const { db } = useWork();
  const [decision, setDecision] = useState(item.decision);
  const [votes, setVotes] = useState({ votes_for: item.votes_for, votes_against: item.votes_against, votes_abstain: item.votes_abstain });
  const save = async () => {
    await db.agenda_items.update(item.id, { decision, ...votes });
    say(t("saved"));
    onClose();
  };
  return (
    <Sheet title={item.title} onClose={onClose}>
      <Text name={t("decision")} value={decision} rows={3} onInput={setDecision} hint={t("noteHint")} />
      {(["votes_for", "votes_against", "votes_abstain"] as const).map((v) => <Count key={v} name={t(v)} value={votes[v]} onChange={(n) => setVotes({ ...votes, [v]: n })} />)}
      <Button kind="main" onClick={save}>{t("save")}</Button>
    </Sheet>
  );
}

const Count = ({ name, value, onChange }: { name: string; value: number; onChange(n: number): void }) => (
  <div class="count"><span>{name}</span><button type="button" aria-label={`${name} −1`} disabled={value <= 0} onClick={() => onChange(value - 1)}>−</button><b aria-live="polite">{value}</b><button type="button" aria-label={`${name} +1`} onClick={() => onChange(value + 1)}>＋</button></div>
);

function Attendance({ meeting }: { meeting: Meeting }) {
  const { db } = useWork();
  const need = meeting.quorum_rule === "two_thirds" ? Math.ceil((meeting.expected * 2) / 3) : meeting.quorum_rule === "half" ? Math.floor(meeting.expected / 2) + 1 : 0;
  return (
    <section><h2>{t("attendance")}</h2>
      <Count name={t("present")} value={meeting.present_count} onChange={(n) => void db.meetings.update(meeting.id, { present_count: n })} />
      {need > 0 && <p class={meeting.present_count >= need ? "good" : "late"}>{t("quorum", { n: need, of: meeting.expected })}</p>}
    </section>
  );
}

/** Opens, closes and publishes the meeting. */
function Steps({ meeting }: { meeting: Meeting }) {
  const { account, db } = useWork();
  const moves = db.meetings.moves(meeting.id, { role: account.role }).filter((m) => !m.needs?.length);
  const make = async (action: string) => {
    await release(true);
    await (db.meetings as unknown as Record<string, (id: string) => Promise<unknown>>)[action]?.(meeting.id);
    say(t("saved"));
  };
  return <div class="moves">{moves.map((m) => <Button key={m.action} onClick={() => make(m.action)}>{m.action === "close" ? t("endMeeting") : label("workflow.action", m.action)}</Button>)}</div>;
}

const common = ["public_facility", "village_building", "livelihood", "city_appearance", "ecology", "safety_hazard", "dispute", "public_health"];

/** A demand is a category and a line of text: two taps and speech. */
function Demands({ meeting }: { meeting: Meeting }) {
  const { client, db } = useWork();
  const stored = useRecords(["demands"], () => db.demands.list((d) => d.meeting === meeting.id, (a, b) => ((a.captured_at || a.created || "~") < (b.captured_at || b.created || "~") ? -1 : 1)), [meeting.id]);
  const waiting = held.value.filter((one) => one.collection === "demands" && one.set["meeting"] === meeting.id);
  const [text, setText] = useState("");
  const [by, setBy] = useState("");
  const add = async (category: string) => {
    const record = client.newID();
    await hold("demands", record, { meeting: meeting.id, text: text.trim(), category, support_count: 1, status: "raised", ...(by.trim() ? { raised_by: by.trim() } : {}), ...(meeting.grid ? { grid: meeting.grid } : {}) });
    say(t("demandSaved", { n: stored.length + waiting.length + 1 }), () => void takeBack(record));
    setText("");
    setBy("");
  };
  return (
    <section><h2>{t("demands")} <small>{stored.length + waiting.length}</small></h2>
      {meeting.status === "open" && <>
        <Text name={t("demandText")} value={text} rows={2} max={300} hint={t("noteHint")} onInput={setText} />
        <details><summary>{t("whoSays")}</summary><Text name={t("raisedBy")} value={by} onInput={setBy} max={40} /></details>
        <fieldset class="tiles small" disabled={!text.trim()}><legend>{t("category")}</legend>{common.map((v) => <button type="button" key={v} class="tile" onClick={() => void add(v)}>{label("matter.category", v)}</button>)}</fieldset>
      </>}
      <ol class="cards">
        {stored.map((d, i) => <Card key={d.id} demand={d} n={i + 1} />)}
        {waiting.map((one, i) => <li key={one.record} class="demand waiting"><span class="n">{stored.length + i + 1}</span><p>{String(one.set["text"])}</p><Button onClick={() => takeBack(one.record)}>{t("undo")}</Button></li>)}
      </ol>
    </section>
  );
}

function Card({ demand, n }: { demand: Demand; n: number }) {
  const { db } = useWork();
  const support = async (by: number) => {
    await db.demands.update(demand.id, { support_count: Math.max(0, demand.support_count + by) });
    if (by > 0) say(t("supportSaved", { n: demand.support_count + by }), () => void db.demands.update(demand.id, { support_count: demand.support_count }));
  };
  return (
    <li class="demand"><span class="n">{n}</span><p>{demand.text}<small>{label("matter.category", demand.category)} · {label("demand.status", demand.status)}</small></p>
      <button class="support" onClick={() => void support(1)}><Icon name="hand" /> {t("support")} {demand.support_count}</button>
      <Link to={`demands/${demand.id}`} class="button quiet">{t("outcome")}</Link>
    </li>
  );
}

/** A4 to print, also without signal. */
function Minutes({ meeting, onClose }: { meeting: Meeting; onClose(): void }) {
  const { account, db } = useWork();
  const agenda = db.agenda_items.list((a) => a.meeting === meeting.id, (a, b) => a.position - b.position);
  const demands = db.demands.list((d) => d.meeting === meeting.id && d.status !== "merged");
  const promises = db.commitments.list((c) => c.meeting === meeting.id);
  const own = useRecords(["minutes"], () => db.minutes.list((m) => m.meeting === meeting.id), [meeting.id]);
  const mine = own.find((m) => m.created_by === account.officer || !m.created_by);
  const [text, setText] = useState(mine?.text ?? "");
  const [promising, setPromising] = useState(false);
  const save = async () => {
    if (mine) await db.minutes.update(mine.id, { text });
    else await db.minutes.create({ meeting: meeting.id, text, ...(meeting.grid ? { grid: meeting.grid } : {}) });
    say(t("saved"));
  };
  return (
    <main class="print">
      <div class="noprint foot"><Button onClick={onClose}>{t("back")}</Button><Button onClick={() => setPromising(true)}>{t("addPromise")}</Button><Button kind="main" onClick={() => print()}>{t("print")}</Button></div>
      <h1>{meeting.place} · {label("meeting.type", meeting.type)}</h1>
      <Facts facts={[[t("when"), moment(time(meeting.held_at))], [t("present"), String(meeting.present_count)], [t("chair"), db.officers.get(meeting.chair)?.name ?? ""]]} />
      {agenda.length > 0 && <><h2>{t("agenda")}</h2><ol>{agenda.map((a) => <li key={a.id}><b>{a.title}</b> {a.decision}</li>)}</ol></>}
      <h2>{t("demands")}</h2><ol>{demands.map((d) => <li key={d.id}>{d.text} ({t("supporters")} {d.support_count}){d.outcome && <> — {label("demand.outcome", d.outcome)} {d.answer}</>}</li>)}</ol>
      {promises.length > 0 && <><h2>{t("promises")}</h2><ol>{promises.map((c) => <li key={c.id}>{c.what} — {c.who}, {day(time(c.due))}</li>)}</ol></>}
      <div class="noprint"><Text name={t("minutesText")} value={text} rows={5} max={4000} onInput={setText} /><Button disabled={!text.trim()} onClick={save}>{t("save")}</Button></div>
      {own.map((m) => <p key={m.id} class="onlyprint">{m.text}</p>)}
      <p class="onlyprint sign">{t("signature")}</p>
      {promising && <Promise meeting={meeting} demands={demands} onClose={() => setPromising(false)} />}
    </main>
  );
}

function Promise({ meeting, demands, onClose }: { meeting: Meeting; demands: readonly Demand[]; onClose(): void }) {
  const { db } = useWork();
  const [who, setWho] = useState("");
  const [what, setWhat] = useState("");
  const [due, setDue] = useState(new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10));
  const [demand, setDemand] = useState("");
  const save = async () => {
    await db.commitments.promise({ meeting: meeting.id, who, what, due: new Date(`${due}T17:00+08:00`).toISOString(), ...(demand ? { demand } : {}), ...(meeting.grid ? { grid: meeting.grid } : {}) });
    say(t("saved"));
    onClose();
  };
  return (
    <Sheet title={t("addPromise")} onClose={onClose}>
      <Text name={t("what")} value={what} rows={2} onInput={setWhat} /><Text name={t("who")} value={who} onInput={setWho} max={40} /><Text name={t("due")} kind="date" value={due} onInput={setDue} />
      {demands.length > 0 && <Chips name={t("demand")} values={demands.map(({ id }) => id)} value={demand} label={(v) => db.demands.get(v)?.text.slice(0, 20) ?? v} onPick={(v) => setDemand(v === demand ? "" : v)} />}
      <Button kind="main" disabled={!who.trim() || !what.trim() || !due} onClick={save}>{t("save")}</Button>
    </Sheet>
  );
}
