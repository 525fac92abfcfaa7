import { effect, signal } from "@preact/signals";
import { work } from "./session.js";
import { language } from "./settings.js";
import { zh, type Key } from "./zh.js";

export type { Key };

/** The English texts, which are fetched when they are wanted first. */
const english = signal<Record<Key, string> | undefined>(undefined);
const fetchEnglish = async () => void (english.value ??= (await import("./en.js")).en);
effect(() => void (language.value === "en" && fetchEnglish().catch(() => undefined)));

/** Resolves when the texts of the phone's language are there. */
export const texts = (): Promise<void> => (language.value === "en" ? fetchEnglish() : Promise.resolve());

/** A text in the language of the phone's user. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const text: string = ((language.value === "en" && english.value) || zh)[key];
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

interface Word {
  value: string;
  zh: string;
  en: string;
}

let words: { of: unknown; by: Map<string, Map<string, Word>> } | undefined;

/** The office's words, `dict`, by enumeration, in the office's order. */
function enumeration(name: string): Map<string, Word> {
  const now = work.value;
  const of = now?.client.all("dict");
  if (!now || !of) return new Map();
  if (words?.of !== of) {
    words = { of, by: new Map() };
    for (const word of now.db.dict.list(undefined, (a, b) => a.sort - b.sort)) {
      const known = words.by.get(word.enum);
      if (known) known.set(word.value, word);
      else words.by.set(word.enum, new Map([[word.value, word]]));
    }
  }
  return words.by.get(name) ?? new Map<string, Word>();
}

/** The label of a value of an enumeration. */
export function label(name: string, value: string): string {
  const word = enumeration(name).get(value);
  return (language.value === "zh" ? word?.zh : word?.en) || value;
}

export const values = (name: string): string[] => [...enumeration(name).keys()];

const locale = () => (language.value === "zh" ? "zh-CN" : "en-GB");
const format = (ms: number, how: Intl.DateTimeFormatOptions) => (Number.isFinite(ms) ? new Intl.DateTimeFormat(locale(), { timeZone: "Asia/Shanghai", ...how }).format(ms) : "");

export const clock = (ms: number): string => format(ms, { hour: "2-digit", minute: "2-digit", hour12: false });
export const day = (ms: number): string => format(ms, { month: "short", day: "numeric" });
export const moment = (ms: number): string => `${day(ms)} ${clock(ms)}`;
