import { Component, type ComponentChildren, type ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "./i18n.js";
import { Icon } from "./icons.js";
import { patrol, recording } from "./patrol.js";
import { go, path } from "./router.js";
import { status, work } from "./session.js";
import { update } from "./update.js";
import { Button, Empty, Link, Screen, Toast } from "./ui.js";
import { Attention } from "./screens/attention.js";
import { HouseholdPage } from "./screens/household.js";
import { Outbox, stateText } from "./screens/outbox.js";
import { PatrolPage, TrackPage } from "./screens/patrol.js";
import { Report } from "./screens/report.js";
import { SignIn } from "./screens/signin.js";
import { Today } from "./screens/today.js";
import { VisitForm, VisitPage } from "./screens/visit.js";

export function App({ problem }: { problem: string }) {
  if (problem) return <main class="signin"><h1>{t("appName")}</h1><p class="error" role="alert">{t("storage")}</p><p><small>{problem}</small></p><Link to="check">{t("selfCheck")}</Link></main>;
  if (path.value === "check") return <><Later load={checkPage} props={{}} /><Toast /></>;
  if (!work.value) return <><SignIn /><Toast /></>;
  return (
    <Guard key={path.value}>
      <Header />
      <Page />
      <Toast />
      <Bar />
    </Guard>
  );
}

/** Pages that few need at once come when they are opened; the service worker has them already. */
function Later<P extends object>({ load, props }: { load: () => Promise<ComponentType<P>>; props: P }) {
  const [Shown, set] = useState<{ page: ComponentType<P> } | undefined>(undefined);
  useEffect(() => {
    let current = true;
    void load().then((page) => current && set({ page }));
    return () => void (current = false);
  }, []);
  return Shown ? <Shown.page {...props} /> : <main />;
}

const mapPage = () => import("./screens/map.js").then((m) => m.MapPage);
const meetingPage = () => import("./screens/meeting.js").then((m) => m.MeetingPage);
const meetingsPage = () => import("./screens/meetings.js").then((m) => m.Meetings);
const flowPage = () => import("./screens/flow.js").then((m) => m.FlowPage);
const mattersPage = () => import("./screens/matters.js").then((m) => m.Matters);
const errandsPage = () => import("./screens/errand.js").then((m) => m.Errands);
const newErrandPage = () => import("./screens/errand.js").then((m) => m.NewErrand);
const mePage = () => import("./screens/me.js").then((m) => m.Me);
const suggestPage = () => import("./screens/me.js").then((m) => m.Suggest);
const checkPage = () => import("./screens/me.js").then((m) => m.Check);

function Page() {
  const [first = "", id = "", third = "", fourth = ""] = path.value.split("/").map(decodeURIComponent);
  switch (first) {
    case "": return <Today />;
    case "map": {
      const [lat, lng] = id.split(",").map(Number);
      return <Later load={mapPage} props={{ at: lat !== undefined && lng !== undefined && !Number.isNaN(lat + lng) ? { lat, lng } : undefined }} />;
    }
    case "report": return <Report />;
    case "me": return <Later load={mePage} props={{}} />;
    case "household": return third === "visit" ? <VisitForm id={id} /> : <HouseholdPage id={id} />;
    case "visit": return <VisitPage id={id} />;
    case "errand": return <Later load={newErrandPage} props={{ resident: third, needs: fourth }} />;
    case "outbox": return <Outbox />;
    case "attention": return <Attention />;
    case "patrol": return <PatrolPage />;
    case "track": return <TrackPage id={id} />;
    case "meetings": return <Later load={meetingsPage} props={{}} />;
    case "meeting": return <Later load={meetingPage} props={{ id }} />;
    case "suggest": return <Later load={suggestPage} props={{}} />;
    case "matters": return id ? <Later load={flowPage} props={{ collection: "matters" as const, id }} /> : <Later load={mattersPage} props={{}} />;
    case "errands": return id ? <Later load={flowPage} props={{ collection: "errands" as const, id }} /> : <Later load={errandsPage} props={{}} />;
    default: return id ? <Later load={flowPage} props={{ collection: first as "demands", id }} /> : <Screen title=""><Empty>{t("notHere")}</Empty></Screen>;
  }
}

/** What is always to be seen: whether all is safe, and whether one is located. */
function Header() {
  const now = status.value;
  const waiting = (now?.waiting ?? 0) + (now?.photos ?? 0);
  const attention = (now?.rejected ?? 0) + (now?.conflicts ?? 0);
  const calm = waiting === 0 && now?.state !== "offline";
  return (
    <header>
      <Link to="outbox" class={`sync ${calm ? "good" : ""}`}>
        <span aria-hidden="true">{waiting > 0 ? "●" : now?.state === "offline" ? "○" : "✓"}</span>
        {waiting > 0 ? (now?.photos ? t("waitingBoth", { n: now.waiting, p: now.photos }) : t("waiting", { n: waiting })) : now?.state === "offline" ? t("offlineShort") : now?.state === "syncing" ? t("syncing") : t("allSafe")}
      </Link>
      {attention > 0 && <Link to="attention" class="attention">{t("attention", { n: attention })}</Link>}
      {now && ["sign_in", "storage", "upgrade", "refused", "gap", "erased"].includes(now.state) && <p class="warning" role="alert">{stateText()}</p>}
      {recording.value && <Link to="patrol" class="located"><span aria-hidden="true">◉</span> {t("locatedNow")}</Link>}
      {patrol.value?.status === "paused" && <Link to="patrol" class="located paused">{t("pausedNow")}</Link>}
      {update.value && <p class="update">{t("update")} {waiting === 0 ? <button class="button" onClick={() => update.value?.apply()}>{t("updateNow")}</button> : t("updateLater")}</p>}
    </header>
  );
}

function Bar() {
  const here = path.value.split("/")[0] ?? "";
  const tabs = [["", "today", "today"], ["map", "map", "map"], ["report", "camera", "report"], ["me", "person", "me"]] as const;
  return <nav class="bar" aria-label={t("main")}>{tabs.map(([to, icon, name]) => <a key={to} href={`/app/${to}`} aria-current={here === to ? "page" : undefined} onClick={(e) => { e.preventDefault(); go(to); }}><Icon name={icon} />{t(name)}</a>)}</nav>;
}

/** A page that fails says so, and leaves the others alone. */
class Guard extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };
  static override getDerivedStateFromError() {
    return { failed: true };
  }
  override render() {
    if (!this.state.failed) return this.props.children;
    return <main><p class="error" role="alert">{t("somethingBroke")}</p><Button kind="main" onClick={() => location.assign("/app/")}>{t("today")}</Button></main>;
  }
}
