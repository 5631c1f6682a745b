/** The runs by the clock: one line each, a block a stop, hatched where the crew rests. Blocks are dragged to another line. */
import { t } from "../i18n";
import { runColour } from "../palette";
import { h } from "../ui/dom";
import { isAbort } from "../ui/status";
import { isServed, placeOf, priceMove, type Plan, type Run, type Stop } from "./api";
import { clock, minutes } from "./clock";
import type { Room } from "./room";
import { changeable, priceSaid } from "./stop";

const ASK_MS = 120;
/** A press that moves less than this is a press. */
const DRAG_PX = 5;
/** Rules that are told while a hand drags. */
const BREACHES = 2;
/** Width of what is told beside the hand. */
const SAID_PX = 300;

export interface TimelineEvents {
  chosen(code: string): void;
  dropped(code: string, run: string): void;
  run(id: string): void;
}

interface Drag {
  code: string;
  from: string;
  x: number;
  y: number;
  block: HTMLElement;
  moving: boolean;
  over: string | null;
}

export class Timeline {
  #drag: Drag | null = null;
  #timer = 0;
  #asked = new AbortController();
  #plan: Plan | null = null;

  constructor(
    private readonly room: Room,
    private readonly events: TimelineEvents,
  ) {}

  get dragging(): boolean {
    return this.#drag?.moving === true;
  }

  render(into: HTMLElement, plan: Plan, chosenRun: string | null, code: string | null): void {
    this.#plan = plan;
    const runs = plan.result?.runs ?? [];
    const begin = Math.floor(Math.min(...runs.map(({ depart }) => minutes(depart)), 24 * 60) / 60) * 60;
    const end = Math.ceil(Math.max(...runs.map(({ arrive }) => minutes(arrive)), begin + 60) / 60) * 60;
    const at = (time: string): number => (100 * (minutes(time) - begin)) / (end - begin);
    const focused = document.activeElement instanceof HTMLElement && into.contains(document.activeElement) ? document.activeElement.dataset.code : undefined;
    const hours = Array.from({ length: (end - begin) / 60 + 1 }, (_, i) => begin + i * 60).filter((_, i, all) => all.length <= 14 || i % 2 === 0);
    const top = into.querySelector(".lines")?.scrollTop ?? 0;
    into.replaceChildren(
      h(
        "div",
        { class: "times", role: "group", "aria-label": t("times.title") },
        h("div", { class: "hours", "aria-hidden": "true" }, h("span", { class: "hours-pad" }), h("div", { class: "hours-track" }, ...hours.map((hour) => h("span", { style: `left:${(100 * (hour - begin)) / (end - begin)}%` }, `${String((hour / 60) % 24).padStart(2, "0")}`)))),
        h("div", { class: "lines" }, ...runs.map((run) => this.#line(run, placeOf(plan, run), at, chosenRun, code, (end - begin) / 60))),
        h("p", { class: "visually-hidden", id: "times-keys" }, t("times.keys")),
        h("p", { class: "drag-said", hidden: true }),
      ),
    );
    const lines = into.querySelector(".lines");
    if (lines) lines.scrollTop = top;
    if (focused) into.querySelector<HTMLElement>(`[data-code="${CSS.escape(focused)}"]`)?.focus();
    into.onkeydown = (event) => this.#key(event, into);
  }

  #line(run: Run, i: number, at: (time: string) => number, chosenRun: string | null, code: string | null, hours: number): HTMLElement {
    const width = (from: string, to: string): string => `left:${at(from).toFixed(2)}%;width:${Math.max(0, at(to) - at(from)).toFixed(2)}%`;
    const chosen = run.stops.find((stop) => stop.code === code);
    const rests = (run.rests ?? []).map(({ kind, from, to }) => h("span", { class: `rest ${kind}`, style: width(from, to), title: `${t(`rest.${kind}`)} ${clock(from)}–${clock(to)}` }));
    return h(
      "div",
      { class: chosenRun === run.id ? "line chosen" : "line", "data-run": run.id },
      h("button", { type: "button", class: "line-name", "aria-pressed": String(chosenRun === run.id), title: run.title, onclick: () => this.events.run(run.id) }, h("span", { class: "run-badge", style: `background:${runColour(i)}` }, String(i + 1)), h("span", { class: "line-title" }, run.title)),
      h(
        "div",
        { class: "track-line", style: `--hours:${hours}` },
        h("span", { class: "way", style: `${width(run.depart, run.arrive)};background:${runColour(i)}` }),
        chosen?.window ? h("span", { class: "window", style: width(chosen.window[0], chosen.window[1]), title: t("stop.window") }) : null,
        ...rests,
        ...run.stops.map((stop, k) => this.#block(run, stop, i, k === 0, code, width)),
      ),
    );
  }

  #block(run: Run, stop: Stop, i: number, first: boolean, code: string | null, width: (from: string, to: string) => string): HTMLElement {
    const kind = stop.outcome?.kind;
    const said = [t("stop.n", { n: stop.n }), stop.door, `${clock(stop.eta)}–${clock(stop.leave)}`, stop.locked ? t("stop.is.locked") : "", kind ? t(`outcome.${kind}`) : ""].filter(Boolean).join(", ");
    const block = h("button", {
      type: "button",
      class: ["block", stop.locked ? "locked" : "", stop.outcome ? (isServed(stop.outcome) ? "done" : "failed") : "", code === stop.code ? "chosen" : ""].filter(Boolean).join(" "),
      style: `${width(stop.eta, stop.leave)};--run:${runColour(i)}`,
      "data-code": stop.code,
      "data-run": run.id,
      tabindex: (code ? code === stop.code : first) || (first && !run.stops.some((one) => one.code === code)) ? 0 : -1,
      "aria-label": said,
      "aria-describedby": "times-keys",
      title: said,
      onclick: () => this.events.chosen(stop.code),
    });
    if (!stop.locked && !kind && this.#plan && changeable(this.#plan)) block.addEventListener("pointerdown", (event) => this.#grab(event, block, run.id));
    return block;
  }

  /** Left and right within a line, up and down between lines. */
  #key(event: KeyboardEvent, into: HTMLElement): void {
    const block = event.target instanceof HTMLElement && event.target.classList.contains("block") ? event.target : null;
    if (!block) return;
    const lines = [...into.querySelectorAll<HTMLElement>(".line")];
    const blocks = (line: Element | null | undefined): HTMLElement[] => [...(line?.querySelectorAll<HTMLElement>(".block") ?? [])];
    const line = block.closest<HTMLElement>(".line");
    const place = blocks(line).indexOf(block);
    const by = lines.indexOf(line as HTMLElement);
    const next =
      event.key === "ArrowRight" ? blocks(line)[place + 1] : event.key === "ArrowLeft" ? blocks(line)[place - 1] : event.key === "Home" ? blocks(line)[0] : event.key === "End" ? blocks(line).at(-1) : event.key === "ArrowDown" ? near(blocks(lines[by + 1]), block) : event.key === "ArrowUp" ? near(blocks(lines[by - 1]), block) : undefined;
    if (!next) return;
    event.preventDefault();
    block.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  #grab(event: PointerEvent, block: HTMLElement, from: string): void {
    if (event.button !== 0) return;
    const drag: Drag = { code: block.dataset.code ?? "", from, x: event.clientX, y: event.clientY, block, moving: false, over: null };
    this.#drag = drag;
    block.setPointerCapture(event.pointerId);
    block.onpointermove = (move) => this.#moved(move);
    block.onpointerup = block.onpointercancel = (up) => this.#let(up);
    block.onkeydown = (key) => {
      if (key.key !== "Escape" || !this.dragging) return;
      key.preventDefault();
      block.releasePointerCapture(event.pointerId);
      this.#let(key);
    };
  }

  #moved(event: PointerEvent): void {
    const drag = this.#drag;
    if (!drag) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.moving && Math.hypot(dx, dy) < DRAG_PX) return;
    drag.moving = true;
    drag.block.classList.add("dragged");
    drag.block.style.transform = `translate(${dx}px, ${dy}px)`;
    const line = document.elementsFromPoint(event.clientX, event.clientY).map((hit) => hit.closest<HTMLElement>("[data-run].line, li[data-run]")).find((hit) => hit);
    const over = line?.dataset.run ?? null;
    const said = drag.block.closest(".times")?.querySelector<HTMLElement>(".drag-said");
    if (said) {
      said.hidden = false;
      said.style.left = `${Math.min(event.clientX + 14, innerWidth - SAID_PX)}px`;
      said.style.bottom = `${innerHeight - event.clientY + 12}px`;
    }
    if (over === drag.over) return;
    drag.over = over;
    for (const one of document.querySelectorAll(".drop")) one.classList.remove("drop");
    if (said) said.textContent = over && over !== drag.from ? t("stop.pricing") : t("times.drag");
    if (!over || over === drag.from) return;
    line?.classList.add("drop");
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(drag, over, said ?? null), ASK_MS);
  }

  async #ask(drag: Drag, over: string, said: HTMLElement | null): Promise<void> {
    this.#asked.abort();
    this.#asked = new AbortController();
    try {
      const price = await priceMove(this.#plan?.id ?? "", drag.code, over, this.#asked.signal);
      if (drag.over === over && said) said.replaceChildren(priceSaid(this.room, price), ...price.breaches.slice(0, BREACHES).map((breach) => h("span", {}, breach[this.room.store.now.lang])), ...(price.breaches.length > BREACHES ? [h("span", {}, t("times.breaks", { n: price.breaches.length - BREACHES }))] : []));
    } catch (cause) {
      if (!isAbort(cause) && said) said.textContent = t("error.move");
    }
  }

  #let(event: Event): void {
    const drag = this.#drag;
    this.#drag = null;
    clearTimeout(this.#timer);
    this.#asked.abort();
    if (!drag?.moving) return;
    drag.block.classList.remove("dragged");
    drag.block.style.transform = "";
    const said = drag.block.closest(".times")?.querySelector<HTMLElement>(".drag-said");
    if (said) said.hidden = true;
    for (const one of document.querySelectorAll(".drop")) one.classList.remove("drop");
    if (event.type === "pointerup" && drag.over && drag.over !== drag.from) this.events.dropped(drag.code, drag.over);
  }
}

/** The block of another line that stands nearest. */
function near(blocks: HTMLElement[], block: HTMLElement): HTMLElement | undefined {
  const x = block.getBoundingClientRect().left;
  return blocks.reduce<HTMLElement | undefined>((best, one) => (!best || Math.abs(one.getBoundingClientRect().left - x) < Math.abs(best.getBoundingClientRect().left - x) ? one : best), undefined);
}
