import { t } from "./i18n.js";
import { denied, fix } from "./place.js";

/** How well the phone knows where it is, in words and a colour. */
export function Accuracy() {
  const at = fix.value;
  if (denied.value) return <p class="accuracy">{t("locationDenied")}</p>;
  if (!at) return <p class="accuracy">{t("locating")}</p>;
  const n = Math.round(at.accuracy);
  const [key, tone] = n <= 30 ? (["accuracyGood", "good"] as const) : n <= 150 ? (["accuracyFair", "fair"] as const) : (["accuracyPoor", "poor"] as const);
  return <p class={`accuracy ${tone}`}>{t(key, { n })}</p>;
}
