import { useEffect, useMemo, useState } from "preact/hooks";
import { clock, t } from "../i18n.js";
import type { IconName } from "../icons.js";
import { useRecords, useWork } from "../live.js";
import { fix, locate } from "../place.js";
import { status } from "../session.js";
import { find, index } from "../search.js";
import { inOrder, type Item, metres, today, urgencies, type Urgency } from "../today.js";
import { Empty, Link, Row } from "../ui.js";
import { dayOf } from "../when.js";

const icons: Record<Item["kind"], IconName> = { care: "home", matter: "task", alert: "bell", errand: "hands", meeting: "talk" };

/** Now, again every minute. */
export function useNow(): number {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function Today() {
  const { account } = useWork();
  const now = useNow();
  useEffect(locate, []);
  const [query, setQuery] = useState("");
  const [kind, setKind] = useState<Item["kind"] | undefined>(undefined);
  const items = useRecords(["due_visits", "visits", "residents", "households", "buildings", "matters", "errands", "service_items", "meetings", "alerts"],
    (db) => today(db, account.officer, now, undefined), [account, now]);
  const here = fix.value;
  // The order changes with the place in steps of 50 m, not the list.
  const ordered = useMemo(() => inOrder(items, now, here), [items, here && Math.round(here.lat * 4000), here && Math.round(here.lng * 4000)]);
  const kinds = [...new Set(items.map((item) => item.kind))];
  const shown = kind ? ordered.filter((item) => item.kind === kind) : ordered;
  return (
    <main>
      <h1 class="hidden">{t("today")}</h1>
      <label class="search"><span class="hidden">{t("searchPeople")}</span><input type="search" value={query} placeholder={t("searchPeople")} onInput={(e) => setQuery(e.currentTarget.value)} /></label>
      {query ? <Found query={query} /> : <>
        <nav class="quick" aria-label={t("more")}>
          <Link to="matters">{t("matters")}</Link><Link to="meetings">{t("meetings")}</Link><Link to="errands">{t("errands")}</Link><Link to="patrol">{t("patrol")}</Link>
        </nav>
        {kinds.length > 1 && <div class="filter" role="group" aria-label={t("show")}>
          <button class={`chip${kind ? "" : " on"}`} aria-pressed={!kind} onClick={() => setKind(undefined)}>{t("all")}</button>
          {kinds.map((one) => <button key={one} class={`chip${kind === one ? " on" : ""}`} aria-pressed={kind === one} onClick={() => setKind(one)}>{kindName(one)}</button>)}
        </div>}
        {items.length === 0 && <Empty>{status.value?.hydrating ? t("hydrating") : t("nothingToday")}</Empty>}
        {urgencies.map((urgency) => <Group key={urgency} urgency={urgency} items={shown.filter((item) => item.urgency === urgency)} now={now} />)}
      </>}
    </main>
  );
}

const kindName = (kind: Item["kind"]) => t(({ care: "careVisit", matter: "matter", alert: "alert", errand: "errand", meeting: "meeting" } as const)[kind]);

function Group({ urgency, items, now }: { urgency: Urgency; items: Item[]; now: number }) {
  const here = fix.value;
  const [all, setAll] = useState(false);
  if (items.length === 0) return null;
  const shown = all ? items : items.slice(0, 30);
  return (
    <section>
      <h2>{t(({ now: "urgentNow", overdue: "overdue", soon: "withinTwoHours", today: "dueToday", later: "later" } as const)[urgency])} <small>{items.length}</small></h2>
      <ul class="list">
        {shown.map((item) => (
          <Row key={item.kind + item.id} to={item.to} icon={icons[item.kind]} tone={urgency === "now" ? "danger" : urgency === "overdue" ? "late" : ""} title={item.title || kindName(item.kind)}
            subtitle={<>{item.subtitle}{here && item.place ? ` · ${distance(metres(here, item.place))}` : ""}</>} side={<Due item={item} now={now} />} />
        ))}
      </ul>
      {shown.length < items.length && <button class="button quiet" onClick={() => setAll(true)}>{t("showAll", { n: items.length })}</button>}
    </section>
  );
}

export const distance = (m: number): string => (m < 950 ? t("metresAway", { n: Math.max(10, Math.round(m / 10) * 10) }) : t("kmAway", { n: (m / 1000).toFixed(1) }));

function Due({ item, now }: { item: Item; now: number }) {
  if (item.kind === "meeting" && item.due !== undefined) return <>{clock(item.due)}</>;
  if (item.due !== undefined) return <>{remaining(item.due, now)}</>;
  if (item.dueDay === undefined) return null;
  const days = dayOf(now) - item.dueDay;
  return <>{days > 0 ? t("daysLate", { n: days }) : days === 0 ? t("dueToday") : t("dueIn", { n: -days })}</>;
}

/** What is left until a time, or how long ago it was. */
export function remaining(due: number, now: number): string {
  const minutes = Math.round(Math.abs(due - now) / 60_000);
  const late = due < now;
  if (minutes < 60) return t(late ? "minutesLate" : "minutesLeft", { n: minutes });
  if (minutes < 48 * 60) return t(late ? "hoursLate" : "hoursLeft", { n: Math.round(minutes / 60) });
  return t(late ? "daysLate" : "dueIn", { n: Math.round(minutes / 1440) });
}

export function Found({ query }: { query: string }) {
  const entries = useRecords(["residents", "households"], index);
  const found = find(entries, query);
  if (found.length === 0) return <Empty>{t("noneFound")}</Empty>;
  return (
    <section aria-live="polite">
      <h2><small>{t("nPeople", { n: found.length })}</small></h2>
      <ul class="list">{found.slice(0, 40).map((entry, i) => <Row key={i} to={`household/${entry.household}`} icon="home" title={entry.name} subtitle={entry.address} />)}</ul>
    </section>
  );
}
