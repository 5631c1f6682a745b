/** A help beside the pointer: never the only way to a number. */
import type { Lang, Property } from "../api";
import * as format from "../format";
import { t } from "../i18n";
import { plural } from "../i18n/plural";
import { h, one } from "../ui/dom";
import type { Hexagon } from "./view";

export class Hover {
  /** A finger leaves no pointer on the map. */
  readonly #pointer = matchMedia("(hover: hover)");
  #id: string | null = null;

  hide(): void {
    one("map-hover").hidden = true;
  }

  show(hexagon: Hexagon | null, x: number, y: number, property: Property, lang: Lang): void {
    const into = one("map-hover");
    into.hidden = hexagon === null || !this.#pointer.matches;
    if (!hexagon) {
      this.#id = null;
      return;
    }
    const mark = `${hexagon.id}${property.key}${lang}${JSON.stringify(hexagon.found)}`;
    if (mark !== this.#id) {
      this.#id = mark;
      if (hexagon.found) into.replaceChildren(...said(hexagon, lang));
      else this.#figure(into, hexagon, property, lang);
    }
    const room = one("stage").clientWidth - x;
    into.style.transform = `translate(${room < 190 ? x - into.offsetWidth - 14 : x + 14}px, ${Math.max(8, y - 44)}px)`;
  }

  #figure(into: HTMLElement, hexagon: Hexagon, property: Property, lang: Lang): void {
    const given = hexagon.properties[property.key];
    into.replaceChildren(
      h("strong", {}, format.value(lang, property, typeof given === "number" ? given : null)),
      h("span", {}, plural(lang, "households", Number(hexagon.properties.n ?? 0))),
    );
  }
}

/** "12 famiglie su 80". */
function said({ found, properties }: Hexagon, lang: Lang): HTMLElement[] {
  // A point of the map stands for households themselves, a hexagon for a part of its own.
  if (found && !("of" in found) && found.n !== 0) return [h("strong", {}, plural(lang, "households", Number(found.n))), h("span", {}, plural(lang, "people", Number(found.p)))];
  const of = Number(found?.of ?? properties.n ?? 0);
  const n = typeof found?.n === "number" ? plural(lang, "households", found.n) : t("view.few");
  return [h("strong", {}, n), h("span", {}, t("view.hover", { of: format.count(lang, of) }))];
}
