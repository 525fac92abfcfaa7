import { effect, signal } from "@preact/signals";

export type Language = "zh" | "en";
export type Theme = "auto" | "light" | "dark" | "sun";
export type Size = "normal" | "large";

function stored<T extends string>(name: string, fallback: T) {
  const value = signal<T>((localStorage.getItem(name) as T | null) ?? fallback);
  effect(() => localStorage.setItem(name, value.value));
  return value;
}

export const language = stored<Language>("language", navigator.language.startsWith("zh") ? "zh" : "en");
export const theme = stored<Theme>("theme", "auto");
export const size = stored<Size>("size", "normal");

effect(() => {
  const root = document.documentElement;
  root.lang = language.value === "zh" ? "zh-CN" : "en";
  root.dataset["theme"] = theme.value;
  root.dataset["size"] = size.value;
});
