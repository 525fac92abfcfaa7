import type { Conflict, Rejection } from "gridwalk";
import { t } from "../i18n.js";
import { useLive, useWork } from "../live.js";
import { Button, Empty, Facts, Link, say, Screen } from "../ui.js";
import { nameOf, pageOf } from "./outbox.js";

/** What the server did not take, and what two people changed: never in the way of a form. */
export function Attention() {
  const { client } = useWork();
  const rejections = useLive(client.rejections);
  const conflicts = useLive(client.conflicts);
  return (
    <Screen title={t("attentionTitle")}>
      {rejections.length + conflicts.length === 0 && <Empty>{t("nothingToSee")}</Empty>}
      {conflicts.length > 0 && <section><h2>{t("conflicts")}</h2>{conflicts.map((c) => <OneConflict key={`${c.n}.${c.field}`} conflict={c} />)}</section>}
      {rejections.length > 0 && <section><h2>{t("rejections")}</h2>{rejections.map((r) => <OneRejection key={r.mutation.id} rejection={r} />)}</section>}
    </Screen>
  );
}

const shown = (value: unknown): string => (Array.isArray(value) ? value.join("、") : value === null || value === undefined || value === "" ? t("none") : typeof value === "object" ? JSON.stringify(value) : String(value));

function OneConflict({ conflict }: { conflict: Conflict }) {
  const { client } = useWork();
  const page = pageOf(conflict.collection, conflict.record);
  const both = typeof conflict.kept === "string" && typeof conflict.lost === "string" && conflict.kept !== "" && conflict.lost !== "" && !/^\d/.test(conflict.kept);
  const settle = async (choice: "kept" | "lost" | { value: unknown }) => {
    await client.resolve(conflict, choice);
    say(t("saved"));
  };
  return (
    <article class="card">
      <h3>{nameOf(conflict.collection)} · {conflict.field}</h3>
      {page && <Link to={page}>{t("look")}</Link>}
      <div class="two"><div><small>{t("conflictKept")}</small><p>{shown(conflict.kept)}</p><Button onClick={() => settle("kept")}>{t("keepTheirs")}</Button></div>
        <div><small>{t("conflictLost")}</small><p>{shown(conflict.lost)}</p><Button onClick={() => settle("lost")}>{t("keepMine")}</Button></div></div>
      {both && <Button onClick={() => settle({ value: `${conflict.kept as string}\n${conflict.lost as string}` })}>{t("keepBoth")}</Button>}
    </article>
  );
}

function OneRejection({ rejection: { mutation, problem } }: { rejection: Rejection }) {
  const { client } = useWork();
  // What can be mended is written anew by its form; what failed for the server's sake is simply tried again.
  const again = async () => {
    await client.write(mutation.collection, mutation.record, mutation.op, mutation.set);
    await client.dismiss(mutation.n);
    say(t("saved"));
  };
  return (
    <article class="card">
      <h3>{nameOf(mutation.collection)}</h3>
      <p>{t("rejectedWhy", { why: problem.message || problem.code })}</p>
      <details><summary>{t("whatIWrote")}</summary><Facts facts={Object.entries(mutation.set ?? {}).map(([field, value]) => [field, shown(value)])} /></details>
      <div class="two"><Button onClick={again}>{t("tryAgain")}</Button><Button onClick={() => client.dismiss(mutation.n)}>{t("dismiss")}</Button></div>
    </article>
  );
}
