import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "./i18n.js";
import { Icon, type IconName } from "./icons.js";
import { back, go } from "./router.js";

/** One line below everything that says what was done, with a way back where there is one. */
const said = signal<{ text: string; undo?: (() => void) | undefined } | undefined>(undefined);
let silence = 0;

export function say(text: string, undo?: () => void): void {
  clearTimeout(silence);
  said.value = { text, undo };
  silence = setTimeout(() => (said.value = undefined), undo ? 10_000 : 4000) as unknown as number;
}

export function Toast() {
  const now = said.value;
  return (
    <div class="toast" role="status" aria-live="polite">
      {now && <p>{now.text}{now.undo && <button onClick={() => { now.undo?.(); said.value = undefined; }}>{t("undo")}</button>}</p>}
    </div>
  );
}

/** A screen below the first ones, with the way back. */
export function Screen({ title, children, action }: { title: string; children: ComponentChildren; action?: ComponentChildren }) {
  return (
    <main>
      <div class="title"><button class="back" aria-label={t("back")} onClick={back}>‹</button><h1>{title}</h1>{action}</div>
      {children}
    </main>
  );
}

export function Link({ to, children, class: name = "" }: { to: string; children: ComponentChildren; class?: string }) {
  return <a class={name} href={`/app/${to}`} onClick={(e) => { e.preventDefault(); go(to); }}>{children}</a>;
}

/** A line of a list: what, about what, and how much it presses. */
export function Row({ to, icon, title, subtitle, side, tone = "" }: { to: string; icon?: IconName; title: ComponentChildren; subtitle?: ComponentChildren; side?: ComponentChildren; tone?: string }) {
  return (
    <li><Link to={to} class={`row ${tone}`}>
      {icon && <Icon name={icon} />}
      <span class="what"><b>{title}</b>{subtitle && <small>{subtitle}</small>}</span>
      {side && <span class="side">{side}</span>}
    </Link></li>
  );
}

export function Button({ children, onClick, kind = "", disabled = false }: { children: ComponentChildren; onClick(): unknown; kind?: "" | "main" | "danger" | "quiet"; disabled?: boolean }) {
  return <button type="button" class={`button ${kind}`} disabled={disabled} onClick={() => void onClick()}>{children}</button>;
}

/** One choice of few, or several, all of them to be seen. */
export function Chips<V extends string>({ name, values, value, label, onPick }: { name: string; values: readonly V[]; value: V | readonly V[] | undefined; label(v: V): string; onPick(v: V): void }) {
  const many = Array.isArray(value);
  const chosen = (v: V) => (many ? (value as readonly V[]).includes(v) : value === v);
  return (
    <fieldset class="chips"><legend>{name}</legend>
      {values.map((v) => <button type="button" key={v} class={`chip${chosen(v) ? " on" : ""}`} aria-pressed={chosen(v)} onClick={() => onPick(v)}>{label(v)}</button>)}
    </fieldset>
  );
}

export function Text({ name, value, onInput, rows = 1, hint, kind = "text", mode, max = 300, auto }: { name: string; value: string; onInput(v: string): void; rows?: number; hint?: string; kind?: "text" | "email" | "password" | "tel" | "number" | "date" | "datetime-local"; mode?: "numeric" | "tel" | "email" | "search"; max?: number; auto?: string }) {
  const common = { value, maxLength: max, onInput: (e: { currentTarget: { value: string } }) => onInput(e.currentTarget.value), ...(mode ? { inputMode: mode } : {}), ...(auto ? { autocomplete: auto } : {}) };
  return (
    <label class="text"><span>{name}</span>
      {rows > 1 ? <textarea rows={rows} {...common} /> : <input {...({ type: kind, ...common } as object)} />}
      {hint && <small>{hint}</small>}
    </label>
  );
}

/** What asks before it goes on; Escape and the shade close it. */
export function Sheet({ title, onClose, children }: { title: string; onClose(): void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={ref} onCancel={(e) => { e.preventDefault(); onClose(); }} onClick={(e) => e.target === ref.current && onClose()} aria-labelledby="sheet">
      <div><h2 id="sheet">{title}</h2>{children}<Button kind="quiet" onClick={onClose}>{t("close")}</Button></div>
    </dialog>
  );
}

export const Facts = ({ facts }: { facts: [name: string, value: ComponentChildren][] }) => (
  <dl>{facts.filter(([, value]) => value !== "" && value !== undefined && value !== null && value !== false).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
);

export const Empty = ({ children }: { children: ComponentChildren }) => <p class="empty">{children}</p>;
