/** Days are those of China, UTC+8, without summer time. */
export const dayMs = 86_400_000;
const china = 8 * 3_600_000;

/** Reads a time of the server: «2026-11-23 08:00:00.000Z». NaN when there is none. */
export const time = (text: string | undefined): number => Date.parse((text ?? "").replace(" ", "T"));

/** The day in China, counted from 1970. */
export const dayOf = (ms: number): number => Math.floor((ms + china) / dayMs);
/** When a day in China begins. */
export const startOf = (day: number): number => day * dayMs - china;
/** A day as the server writes it: 2026-11-23. */
export const dayText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);
export const dayFrom = (text: string): number => Math.round(Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / dayMs);

/** Between 21:00 and 8:00 nobody is visited without a reason. */
export function quiet(ms: number): boolean {
  const hour = new Date(ms + china).getUTCHours();
  return hour >= 21 || hour < 8;
}
