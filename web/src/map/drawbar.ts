/** The bar over the map while one draws: what to do, how large it is, how many live there, and the ways out. */
import type { Lang } from "../api";
import { sizeOf } from "../ask/area";
import { t } from "../i18n";
import { surface } from "../panel/words";
import { h, icon, one } from "../ui/dom";
import type { Draft, Draw, Tool } from "./draw";

export class DrawBar {
  #tool: Tool | null = null;
  readonly #said = h("p", { class: "draw-said" });
  readonly #size = h("p", { class: "draw-size", "aria-live": "polite" });
  readonly #metres = h("input", { type: "number", class: "form-control number", id: "draw-metres", min: 1, max: 50_000, step: 10 });
  readonly #done = h("button", { type: "button", class: "btn btn-primary btn-xs" });
  #people = "";
  #measured = true;
  constructor(private readonly draw: Draw) {
    this.#done.addEventListener("click", () => draw.finish());
    this.#metres.addEventListener("input", () => draw.measure(Number(this.#metres.value)));
    this.#metres.addEventListener("keydown", (event) => {
      if (event.key === "Enter") draw.finish();
    });
  }

  /** `measured` is false where the width of a line does not matter. */
  open(tool: Tool, measured = true): void {
    this.#tool = tool;
    this.#measured = measured;
    this.#people = "";
    this.#done.textContent = t("draw.done");
    const boxes = tool === "polygon" || tool === "point" || (tool === "line" && !this.#measured) ? [] : [h("label", { class: "draw-metres" }, t(tool === "circle" ? "draw.radius" : "draw.width"), this.#metres)];
    const bar = one("draw-bar");
    bar.setAttribute("aria-label", t(`draw.${tool}`));
    bar.replaceChildren(
      this.#said,
      this.#size,
      h(
        "div",
        { class: "draw-buttons" },
        ...boxes,
        h("button", { type: "button", class: "btn btn-outline-primary btn-xs", onclick: () => this.draw.undo() }, t("draw.undo")),
        h("button", { type: "button", class: "btn btn-outline-primary btn-xs", onclick: () => this.draw.cancel() }, icon("close"), t("draw.cancel")),
        this.#done,
      ),
    );
    bar.hidden = false;
    one("map-keys").textContent = t("draw.keys");
  }

  close(): void {
    this.#tool = null;
    one("draw-bar").hidden = true;
    one("map-keys").textContent = t("map.keys");
  }

  get active(): boolean {
    return this.#tool !== null;
  }

  show(draft: Draft, lang: Lang): void {
    if (draft.tool === "point") {
      this.#said.textContent = t("draw.point.begin");
      this.#done.hidden = true;
      return;
    }
    this.#done.hidden = false;
    const step = draft.corners === 0 ? "begin" : draft.tool === "polygon" && draft.corners < 3 ? "more" : draft.tool === "line" && draft.corners < 2 ? "more" : "end";
    this.#said.textContent = t(`draw.${draft.tool}.${step}`);
    this.#done.disabled = draft.corners === 0 || draft.area === null;
    if (document.activeElement !== this.#metres) this.#metres.value = draft.metres > 0 ? String(draft.metres) : "";
    const size = draft.area && draft.tool !== "line" ? sizeOf(draft.area) : null;
    this.#size.dataset.size = size === null ? "" : String(Math.round(size));
    this.#size.textContent = [size === null ? "" : surface(lang, size), draft.area ? this.#people : ""].filter(Boolean).join(" · ");
  }

  /** How many live in what is being drawn. */
  count(said: string, draft: Draft | null, lang: Lang): void {
    this.#people = said;
    if (draft && this.active) this.show(draft, lang);
  }
}
