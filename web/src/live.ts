import { useEffect, useMemo, useReducer } from "preact/hooks";
import type { Collections, Live, Records } from "gridwalk";
import { work, type Work } from "./session.js";

/** What is open while somebody is signed in; screens are shown only then. */
export function useWork(): Work {
  const now = work.value;
  if (!now) throw new Error("nobody is signed in");
  return now;
}

function useTick(lives: Live<unknown>[]): void {
  const [, tick] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const ends = lives.map((live) => live.subscribe(() => tick(undefined)));
    return () => ends.forEach((end) => end());
  }, lives);
}

/** Follows one value of the client, such as its outbox. */
export function useLive<T>(live: Live<T>): T {
  useTick([live]);
  return live.get();
}

/** Computes from collections, and again when one of them changes. */
export function useRecords<T>(names: (keyof Records)[], compute: (db: Collections) => T, inputs: unknown[] = []): T {
  const { client, db } = useWork();
  const lives = useMemo(() => names.map((name) => client.live(name, (records) => records)), [client, names.join()]);
  useTick(lives);
  return useMemo(() => compute(db), [...lives.map((live) => live.get()), ...inputs]);
}

/** Notes that a record that tells of somebody was looked at; nothing waits for it. */
export function useLooked(collection: keyof Records, id: string | undefined): void {
  const { client } = useWork();
  useEffect(() => void (id && client.get(collection, id) && client.looked(collection, id).catch(() => undefined)), [client, collection, id]);
}
