/** Conditions and areas in plain words. */
import type { Lang } from "../api";
import type { Field } from "../ask/api";
import { sizeOf, type Area } from "../ask/area";
import type { Condition } from "../ask/condition";
import * as format from "../format";
import { t } from "../i18n";

/** A number of a field with its unit. */
export function quantity(lang: Lang, field: Field | undefined, given: number): string {
  switch (field?.unit) {
    case "share":
      return format.decimal(lang, given * 100, given > 0 && given < 0.1 ? 1 : 0) + " %";
    case "euro":
      return `${format.decimal(lang, given, Number.isInteger(given) ? 0 : 2)} €`;
    case "years":
      return t("unit.years", { n: format.count(lang, given) });
    case "score":
      return format.decimal(lang, given, 2);
    default:
      return format.decimal(lang, given, Number.isInteger(given) ? 0 : 2);
  }
}

function span(from: string | null, to: string | null): string {
  if (from !== null && from === to) return t("condition.exactly", { from });
  if (from !== null && to !== null) return t("condition.between", { from, to });
  if (from !== null) return t("condition.least", { from });
  return to === null ? t("condition.any") : t("condition.most", { to });
}

/** "almeno 1", "sì", "in affitto o altro titolo". */
export function saying(lang: Lang, condition: Condition, field: Field | undefined): string {
  switch (condition.kind) {
    case "range":
      return span(condition.from === null ? null : quantity(lang, field, condition.from), condition.to === null ? null : quantity(lang, field, condition.to));
    case "flag":
      return condition.is === null ? t("condition.unknown") : t(condition.is ? "condition.yes" : "condition.no");
    case "oneof": {
      const named = condition.keys.map((key) => field?.choices?.find((choice) => choice.key === key)?.title[lang] ?? key);
      return named.length === 0 ? t("condition.any") : new Intl.ListFormat(lang, { type: "disjunction" }).format(named);
    }
    case "period":
      return span(condition.from && format.date(condition.from), condition.to && format.date(condition.to));
    case "words":
      return condition.contains.trim() === "" ? t("condition.any") : t("condition.contains", { words: condition.contains });
  }
}

export function metres(lang: Lang, length: number): string {
  return length >= 1_000 ? `${format.decimal(lang, length / 1_000, 1)} km` : `${format.count(lang, Math.round(length))} m`;
}

export function surface(lang: Lang, size: number): string {
  if (size < 10_000) return `${format.count(lang, Math.round(size))} m²`;
  return size < 1_000_000 ? `${format.decimal(lang, size / 10_000, 1)} ha` : `${format.decimal(lang, size / 1_000_000, 2)} km²`;
}

/** "Cerchio di 800 m", "Centro", "Area di 3,2 ha". */
export function areaName(lang: Lang, area: Area): string {
  if (area.name && area.shape.type === "isochrone") return t("area.reach.from", { name: area.name, minutes: area.shape.minutes, profile: t(`profile.${area.shape.profile}`) });
  if (area.name) return area.shape.type === "circle" ? t("area.around", { name: area.name, metres: metres(lang, area.shape.radius_m) }) : area.name;
  switch (area.shape.type) {
    case "circle":
      return t("area.circle", { metres: metres(lang, area.shape.radius_m) });
    case "corridor":
      return t("area.corridor", { metres: metres(lang, area.shape.width_m) });
    case "cells":
      return t("area.hex");
    case "isochrone":
      return t("area.reach", { minutes: area.shape.minutes, profile: t(`profile.${area.shape.profile}`) });
    default:
      return t("area.drawn", { size: surface(lang, sizeOf(area) ?? 0) });
  }
}
