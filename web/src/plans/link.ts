/** A crew's link: on the screen with its square code, on paper, and taken back. Links that were made stay in the page only. */
import type { Lang } from "../api";
import { t } from "../i18n";
import { plural } from "../i18n/plural";
import { h, icon } from "../ui/dom";
import { announce, problem } from "../ui/status";
import { makeLink, withdrawLinks, type Link, type Plan, type Run } from "./api";
import { clock, minutes, moment } from "./clock";

const USUAL_HOURS = 12;
/** As long as the server lets a link live. */
const MOST_HOURS = 48;
/** After the shift there is still something to be told. */
const AFTER_HOURS = 2;
const HOUR_MS = 3_600_000;

/** When the shift of a run's crew ends, by the clock of who reads. */
function shiftEnd(plan: Plan, run: Run): number {
  const end = plan.order.crews.find(({ id }) => id === run.crew)?.shift[1] ?? run.arrive;
  return new Date(`${plan.order.day}T00:00:00`).getTime() + minutes(end) * 60_000;
}

/** Until after the shift, which may be tomorrow's. */
function hoursFor(plan: Plan, run: Run, now: number): number {
  const wanted = Math.ceil((shiftEnd(plan, run) - now) / HOUR_MS) + AFTER_HOURS;
  return Number.isFinite(wanted) ? Math.min(MOST_HOURS, Math.max(USUAL_HOURS, wanted)) : USUAL_HOURS;
}

/** The square code as the server drew it: read as XML and taken in as a picture, so that nothing in it could run. */
function square({ qr }: Link, title: string): HTMLElement {
  const page = new DOMParser().parseFromString(qr.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '), "image/svg+xml");
  const paths = [...page.getElementsByTagName("path")].map((path) => path.getAttribute("d") ?? "");
  const box = page.documentElement.getAttribute("viewBox") ?? "0 0 1 1";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const draw = (d: string, fill: string): void => {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    path.setAttribute("fill", fill);
    svg.append(path);
  };
  svg.setAttribute("viewBox", box);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", title);
  svg.setAttribute("shape-rendering", "crispEdges");
  paths.forEach((d, i) => draw(d, i === 0 ? "#fff" : "#000"));
  return h("div", { class: "qr" }, svg);
}

/** One card a run on paper: nothing else of the page is printed. */
function print(plan: Plan, cards: [Run, Link][], lang: Lang): void {
  const card = ([run, link]: [Run, Link]): HTMLElement =>
    h(
      "article",
      { class: "link-card" },
      square(link, t("link.title", { run: run.title })),
      h("div", {}, h("h2", {}, run.title), h("p", {}, plan.name), h("p", {}, `${plural(lang, "stops", run.stops.length)} · ${clock(run.depart)}–${clock(run.arrive)}`), h("p", {}, t("link.how")), h("p", {}, t("link.until", { time: moment(lang, link.expires) })), h("p", { class: "link-address" }, link.address)),
    );
  document.getElementById("link-print")?.remove();
  document.body.append(h("div", { id: "link-print" }, ...cards.map(card)));
  document.body.dataset.print = "links";
  addEventListener("afterprint", () => {
    delete document.body.dataset.print;
    document.getElementById("link-print")?.remove();
  }, { once: true });
  window.print();
}

export class Links {
  readonly #made = new Map<string, Link>();
  #sure: string | null = null;

  constructor(private readonly lang: () => Lang) {}

  #key = (plan: Plan, run: Run): string => `${plan.id} ${run.id}`;

  /** Makes the link of a run; it is shown where the run is open. */
  async make(plan: Plan, run: Run): Promise<void> {
    this.#made.set(this.#key(plan, run), await makeLink(plan.id, run.id, hoursFor(plan, run, Date.now())));
    this.#show(plan, run);
    document.querySelector<HTMLElement>(`[data-focus="copy-${CSS.escape(run.id)}"]`)?.focus();
  }

  /** The links of every run that has stops, on paper; those that there are stay good. */
  async printAll(plan: Plan): Promise<void> {
    const runs = (plan.result?.runs ?? []).filter(({ stops }) => stops.length > 0);
    const cards: [Run, Link][] = [];
    for (const run of runs) {
      const link = this.#made.get(this.#key(plan, run)) ?? (await makeLink(plan.id, run.id, hoursFor(plan, run, Date.now())));
      this.#made.set(this.#key(plan, run), link);
      cards.push([run, link]);
    }
    print(plan, cards, this.lang());
  }

  #show(plan: Plan, run: Run): void {
    document.querySelector(`[data-link="${CSS.escape(run.id)}"]`)?.replaceChildren(...this.elements(plan, run));
  }

  elements(plan: Plan, run: Run): HTMLElement[] {
    const link = this.#made.get(this.#key(plan, run));
    if (!link) return [];
    const box = h("input", { type: "text", class: "form-control", readonly: true, value: link.address, id: `link-${run.id}`, "data-focus": `link-box-${run.id}` });
    const said = h("div", { role: "alert" });
    const copy = async (): Promise<void> => {
      box.select();
      const done = await navigator.clipboard?.writeText(link.address).then(() => true, () => false);
      const words = t(done ? "link.copied" : "link.select");
      said.replaceChildren(h("p", { class: "hint" }, words));
    };
    const sure = this.#sure === run.id;
    const withdraw = async (): Promise<void> => {
      if (!sure) {
        this.#sure = run.id;
        this.#show(plan, run);
        document.querySelector<HTMLElement>(`[data-focus="withdraw-${CSS.escape(run.id)}"]`)?.focus();
        return;
      }
      try {
        await withdrawLinks(plan.id, run.id);
        this.#made.delete(this.#key(plan, run));
        this.#sure = null;
        this.#show(plan, run);
        announce(t("link.withdrawn", { run: run.title }));
        document.querySelector<HTMLElement>(`[data-focus="link-${CSS.escape(run.id)}"]`)?.focus();
      } catch (cause) {
        said.replaceChildren(problem("error.link", cause, null));
      }
    };
    const early = Date.parse(link.expires) < shiftEnd(plan, run);
    return [
      h("label", { class: "plain", for: `link-${run.id}` }, t("link.title", { run: run.title })),
      h("div", { class: "link-shown" }, square(link, t("link.qr", { run: run.title })), h("div", { class: "grow" }, h("p", {}, t("link.how")), h("p", { class: early ? "found-fault" : "hint" }, t("link.until", { time: moment(this.lang(), link.expires) }), early ? ` ${t("link.early")}` : ""))),
      box,
      h(
        "div",
        { class: "run-ways" },
        h("button", { type: "button", class: "btn btn-primary btn-xs", "data-focus": `copy-${run.id}`, onclick: () => void copy() }, icon("link"), t("link.copy")),
        h("button", { type: "button", class: "btn btn-outline-primary btn-xs", "data-focus": `print-${run.id}`, onclick: () => print(plan, [[run, link]], this.lang()) }, icon("print"), t("link.print")),
        h("button", { type: "button", class: sure ? "btn btn-danger btn-xs" : "btn btn-outline-primary btn-xs", "data-focus": `withdraw-${run.id}`, onclick: () => void withdraw() }, t(sure ? "link.withdraw.sure" : "link.withdraw")),
      ),
      said,
    ];
  }
}
