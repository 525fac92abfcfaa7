import { useEffect, useRef, useState } from "preact/hooks";
import { keep, kept } from "./kv.js";
import { useWork } from "./live.js";

/**
 * A form that survives everything: the camera that kills the page, a call, a
 * closed tab. Each change is kept on the phone; `ready` says that what was kept
 * is back.
 */
export function useDraft<T extends object>(name: string, empty: T): { draft: T; ready: boolean; restored: boolean; change(part: Partial<T>): void; clear(): Promise<void> } {
  const key = `draft/${useWork().account.officer}/${name}`;
  const [state, set] = useState({ draft: empty, ready: false, restored: false });
  const latest = useRef(empty);
  useEffect(() => {
    let current = true;
    void kept<T>(key).then((before) => {
      if (!current) return;
      latest.current = { ...empty, ...before };
      set({ draft: latest.current, ready: true, restored: before !== undefined });
    }, () => current && set({ draft: empty, ready: true, restored: false }));
    return () => void (current = false);
  }, [key]);
  const change = (part: Partial<T>) => {
    latest.current = { ...latest.current, ...part };
    set({ draft: latest.current, ready: true, restored: false });
    void keep(key, latest.current).catch(() => undefined);
  };
  return { ...state, change, clear: () => keep(key, undefined) };
}

/**
 * Where the officer was when the camera was opened. A phone with little memory
 * ends the page meanwhile and starts the app at its first screen.
 */
export const capturing = {
  begin: (path: string) => keep("capturing", path),
  end: () => keep("capturing", undefined),
  where: () => kept<string>("capturing"),
};
