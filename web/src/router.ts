import { signal } from "@preact/signals";

const base = "/app/";
const here = () => location.pathname.slice(base.length).replace(/\/$/, "");

/** The path below /app/, without slashes around it. */
export const path = signal(here());

addEventListener("popstate", () => (path.value = here()));

export function go(to: string, { replace = false } = {}): void {
  if (to === path.value) return;
  history[replace ? "replaceState" : "pushState"]({ app: true }, "", base + to);
  path.value = to;
  scrollTo(0, 0);
}

/** Back to where the officer was; the list of today when he came from outside. */
export function back(): void {
  if (history.state?.app) history.back();
  else go("", { replace: true });
}
