/** One plan: how far it is, then its totals, runs, who is left out, what was given to whom, and what to do with it. */
import { known, t } from "../i18n";
import { plural } from "../i18n/plural";
import * as format from "../format";
import { ApiError } from "../api";
import { raiseSheet } from "../panel/sheet";
import { runColour } from "../palette";
import { h, icon, one } from "../ui/dom";
import { segments } from "../ui/inputs";
import { announce, problem } from "../ui/status";
import { approvePlan, cancelPlan, isServed, makePlan, nextPlan, placeOf, type Plan, type Progress } from "./api";
import { again, comparison } from "./again";
import { far, lasting } from "./clock";
import { files } from "./files";
import { Links } from "./link";
import { badge } from "./list";
import { drawn } from "./order";
import { around, type Room } from "./room";
import { RunList } from "./runs";
import { changeable, find, StopCard } from "./stop";
import { given, leftOut, sites, stock } from "./tables";
import { Timeline } from "./timeline";
import { Watch } from "./watch";

type Tab = "runs" | "left" | "given" | "stock";

/** From this width on, the timeline stands under the map; below, in the panel. */
const WIDE = matchMedia("(min-width: 900px)");

export class Board {
  #watch: Watch | null = null;
  #plan: Plan | null = null;
  #begun = 0;
  #ticking = 0;
  #tab: Tab = "runs";
  #run: string | null = null;
  #code: string | null = null;
  #framed = false;
  #outcomes = 0;
  #open = "";
  readonly #folds = new Map<string, HTMLDetailsElement>();
  readonly #said = h("div", { id: "files-said", role: "alert" });
  readonly #links: Links;
  readonly #stop: StopCard;
  readonly #list: RunList;
  readonly #times: Timeline;

  constructor(
    private readonly room: Room,
    private readonly into: () => HTMLElement,
  ) {
    this.#stop = new StopCard(room, { changed: () => void this.#watch?.read(), closed: () => this.choose(null) });
    this.#links = new Links(() => room.store.now.lang);
    this.#list = new RunList(room, this.#links, { run: (id) => this.#chooseRun(id), stop: (code) => this.choose(code, true), changed: () => void this.#watch?.read() });
    this.#times = new Timeline(room, { chosen: (code) => this.choose(code), dropped: (code, run) => this.#dropped(code, run), run: (id) => this.#chooseRun(id) });
    WIDE.addEventListener("change", () => this.render());
  }

  get id(): string | null {
    return this.#watch?.id ?? null;
  }

  open(id: string): void {
    if (this.id === id) return this.render();
    this.close();
    this.into().replaceChildren(this.#back(), h("p", { class: "hint" }, t("loading.plan")));
    this.#begun = performance.now();
    this.#watch = new Watch(id, {
      plan: (plan) => this.#came(plan),
      progress: (progress) => this.#progressed(progress),
      failed: (cause) => this.#failed(cause),
    });
  }

  close(): void {
    this.#watch?.close();
    clearInterval(this.#ticking);
    this.#watch = null;
    this.#plan = null;
    this.#run = this.#code = null;
    this.#framed = false;
    this.#tab = "runs";
    this.#open = "";
    this.#folds.clear();
    this.#said.replaceChildren();
    const layers = this.room.layers();
    layers?.plan(null, null, null);
    layers?.depots([]);
    layers?.closures([]);
    const dock = one("dock");
    dock.hidden = true;
    dock.replaceChildren();
  }

  #came(plan: Plan): void {
    if (this.#times.dragging) return void setTimeout(() => void this.#watch?.read(), 600);
    const before = this.#plan;
    const { lang } = this.room.store.now;
    this.#plan = plan;
    if (before?.state === "computing" && plan.state === "ready") announce(t("plan.done", { runs: plural(lang, "runs", plan.result?.runs.length ?? 0), stops: plural(lang, "stops", plan.result?.totals.stops ?? 0) }));
    if (plan.state === "computing" && before?.state !== "computing") this.#begun = performance.now();
    const outcomes = (plan.result?.runs ?? []).reduce((sum, run) => sum + run.stops.filter(({ outcome }) => outcome).length, 0);
    if (before?.result && outcomes !== this.#outcomes) announce(t("plan.outcomes", { done: outcomes, of: plan.result?.totals.stops ?? 0 }));
    this.#outcomes = outcomes;
    this.render();
    this.draw();
  }

  /** What was read stays, and is said to be old: a network that goes must not take the plan away. */
  #failed(cause: unknown): void {
    const again = (): void => void this.#watch?.read();
    const fault = this.#plan ? document.getElementById("plan-fault") : null;
    if (!fault || (cause instanceof ApiError && cause.status < 500)) return this.into().replaceChildren(this.#back(), problem("error.plan", cause, again));
    fault.replaceChildren(problem("plan.stale", cause, again));
  }

  /** The plan on the map. */
  draw(): void {
    const layers = this.room.layers();
    const plan = this.#plan;
    if (!layers || !plan) return;
    layers.plan(plan, this.#run, this.#code);
    const sites = (plan.result?.sites ?? []).map(({ title, at }) => ({ id: title, title, at }));
    layers.depots(plan.order.depots.length > 0 ? plan.order.depots : sites);
    layers.closures(this.room.scenarios().find(({ id }) => id === plan.order.scenario)?.closures ?? []);
    if (this.#framed || !plan.result) return;
    const box = around(plan.result.runs.flatMap((run) => run.stops.map(({ at }) => at)));
    if (box) {
      this.#framed = true;
      this.room.map()?.resized(0);
      this.room.map()?.frame(box);
    }
  }

  /** What a picture of the map says of the plan. */
  sheet(): { title: string; note: string; rows: { colour: string; dash: number[]; text: string }[] } | null {
    const { result, name } = this.#plan ?? {};
    if (!result || !name) return null;
    const { lang } = this.room.store.now;
    const plan = this.#plan as Plan;
    const rows = result.runs.map((run) => ({ colour: runColour(placeOf(plan, run)), dash: [], text: `${placeOf(plan, run) + 1}. ${run.title}: ${plural(lang, "stops", run.stops.length)}` }));
    return { title: name, note: t("plan.of", { n: format.count(lang, result.totals.stops), of: format.count(lang, result.totals.households) }), rows };
  }

  /** Whether a stop is at hand, to be put away. */
  get busy(): boolean {
    return this.#code !== null;
  }

  /** A stop at hand: told by the list, the timeline, the map. */
  choose(code: string | null, fly = false): void {
    const plan = this.#plan;
    const before = this.#code;
    this.#code = code;
    const found = plan && code ? find(plan, code) : null;
    if (found) this.#run = found.run.id;
    this.render();
    this.draw();
    if (found && fly) {
      const map = this.room.map();
      if (map && !map.map.getBounds().contains(found.stop.at)) map.fly(...found.stop.at);
    }
    if (code) {
      raiseSheet();
      const title = document.getElementById("stop-title");
      title?.focus({ preventScroll: false });
      title?.closest(".stop-card")?.scrollIntoView({ block: "nearest" });
    } else if (before) document.querySelector<HTMLElement>(`[data-stop="${CSS.escape(before)}"] button, .block[data-code="${CSS.escape(before)}"]`)?.focus();
  }

  #chooseRun(id: string): void {
    this.#run = this.#run === id ? null : id;
    this.#code = null;
    this.#tab = "runs";
    this.render();
    this.draw();
    const run = this.#plan?.result?.runs.find((one) => one.id === this.#run);
    const box = run ? around([...(run.start ? [run.start] : []), ...run.stops.map(({ at }) => at)]) : null;
    if (box) this.room.map()?.frame(box);
  }

  #dropped(code: string, run: string): void {
    this.#code = code;
    this.render();
    const card = document.getElementById("plan-stop");
    if (card && this.#plan) this.#stop.render(card, this.#plan, code, run);
    document.getElementById("stop-to")?.focus();
  }

  #back(): HTMLElement {
    return h("button", { type: "button", class: "textual back", id: "plan-back", onclick: () => this.room.go("list") }, icon("back"), t("plans.all"));
  }

  render(): void {
    const plan = this.#plan;
    if (!plan || this.room.store.now.place !== "plans") return;
    clearInterval(this.#ticking);
    const into = this.into();
    const focused = document.activeElement instanceof HTMLElement && into.contains(document.activeElement) ? (document.activeElement.id || document.activeElement.dataset.focus) : null;
    const scroll = one("scroll").scrollTop;
    const kept = this.#kept(plan);
    into.replaceChildren(
      this.#back(),
      h("div", { class: "plan-head" }, h("h2", { class: "place-title", id: "plan-title", tabindex: -1 }, plan.name), badge(plan.state)),
      h("p", { class: "hint" }, [plan.order.day && !plan.name.includes(format.date(plan.order.day)) ? format.date(plan.order.day) : "", plan.order.purpose, this.#scenario(plan)].filter(Boolean).join(" · ")),
      h("div", { id: "plan-fault", role: "alert" }),
      ...(plan.state === "computing" ? [this.#progress(plan)] : []),
      ...(plan.state === "failed" ? [h("div", { class: "alert alert-danger problem" }, h("strong", {}, t("plan.failed")), h("span", { class: "problem-detail", lang: "en" }, plan.reason ?? ""))] : []),
      ...(plan.state === "failed" || plan.state === "cancelled" ? this.#once(plan) : []),
      ...(plan.result ? this.#result(plan, kept) : []),
    );
    one("scroll").scrollTop = scroll;
    this.#dock(plan);
    const card = document.getElementById("plan-stop");
    if (card && card !== kept && this.#code) this.#stop.render(card, plan, this.#code);
    // After the card, which may hold what had the focus: news must not take the keyboard away.
    if (focused) (document.getElementById(focused) ?? into.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`))?.focus({ preventScroll: true });
  }

  /** A price that is being read stays while the crews' news come in. */
  #kept(plan: Plan): HTMLElement | null {
    const card = document.querySelector<HTMLElement>("#plan-stop .stop-card");
    const same = card?.dataset.code === this.#code && card?.dataset.version === String(plan.version);
    return card && same && card.querySelector("#stop-price .price") ? document.getElementById("plan-stop") : null;
  }

  #scenario(plan: Plan): string {
    const scenario = this.room.scenarios().find(({ id }) => id === plan.order.scenario);
    return scenario ? t("plan.scenario", { name: scenario.name }) : "";
  }

  #progress(plan: Plan): HTMLElement {
    const said = h("p", { class: "progress-said", id: "plan-progress" });
    const time = h("span", { class: "progress-time" });
    const bar = h("progress", { id: "plan-bar", "aria-label": t("plan.working") });
    const tick = (): void => {
      const share = bar.hasAttribute("value") && bar.max > 0 ? `${format.percent(this.room.store.now.lang, Math.min(1, bar.value / bar.max))} · ` : "";
      time.textContent = share + t("plan.seconds", { n: Math.round((performance.now() - this.#begun) / 1000) });
    };
    this.#fill(said, bar, plan.progress);
    tick();
    this.#ticking = window.setInterval(tick, 1000);
    const cancel = (): void => void this.#do(() => cancelPlan(plan.id), "plan.cancelled");
    const box = h("div", { class: "progress-box" }, h("div", { class: "progress-head" }, said, time), bar, h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "plan-cancel", onclick: cancel }, icon("close"), t("plan.cancel")));
    return box;
  }

  /** What was stopped or did not work is ordered once more, as it was. */
  #once(plan: Plan): HTMLElement[] {
    const go = async (): Promise<void> => {
      try {
        this.room.go((await makePlan({ ...plan.order, key: drawn() })).id);
      } catch (cause) {
        document.getElementById("plan-fault")?.replaceChildren(problem("error.plan.make", cause, null));
      }
    };
    return [
      h("p", {}, t(plan.state === "failed" ? "plan.once.failed" : "plan.once.hint")),
      h("div", { class: "run-ways" }, h("button", { type: "button", class: "btn btn-primary btn-sm", id: "plan-once", onclick: () => void go() }, icon("truck"), t("plan.once")), h("button", { type: "button", class: "btn btn-outline-primary btn-sm", onclick: () => this.room.go("new") }, icon("plus"), t("plans.new"))),
    ];
  }

  #fill(said: HTMLElement, bar: HTMLProgressElement, progress: Progress | null): void {
    const stage = `stage.${progress?.stage ?? ""}`;
    const words = known(stage) ? t(stage) : t("plan.working");
    if (said.textContent !== words) said.textContent = words;
    if (progress && progress.of > 0) {
      bar.max = progress.of;
      bar.value = progress.done;
    } else bar.removeAttribute("value");
  }

  #progressed(progress: Progress): void {
    const [said, bar] = [document.getElementById("plan-progress"), document.getElementById("plan-bar")];
    if (!said || !(bar instanceof HTMLProgressElement)) {
      if (this.#plan && this.#plan.state !== "computing") void this.#watch?.read();
      return;
    }
    const before = said.textContent;
    this.#fill(said, bar, progress);
    if (said.textContent !== before) announce(said.textContent ?? "");
  }

  #result(plan: Plan, kept: HTMLElement | null): HTMLElement[] {
    const { result } = plan;
    if (!result) return [];
    const { lang } = this.room.store.now;
    const { totals } = result;
    const figure = (value: string, name: string): HTMLElement => h("div", {}, h("dt", {}, name), h("dd", {}, value));
    const tabs: [Tab, string][] = [["runs", t("tab.runs", { n: result.runs.length })], ["left", t("tab.left", { n: result.unserved.length })], ["given", t("tab.given")], ["stock", t("tab.stock")]];
    const body = h("div", { id: "plan-tab" });
    const show = (): void => body.replaceChildren(...this.#body(plan));
    const choice = segments("plan-tab", t("tab.title"), this.#tab, tabs, (value) => {
      this.#tab = value as Tab;
      show();
    });
    show();
    return [
      h(
        "div",
        { class: "plan-totals", "data-stops": totals.stops },
        h("p", { class: "found-n" }, h("strong", {}, format.percent(lang, totals.served_share)), ` ${t("plan.served")}`, h("span", { class: "found-people" }, t("plan.of", { n: format.count(lang, totals.stops), of: format.count(lang, totals.households) }))),
        h("span", { class: "found-bar", "aria-hidden": "true" }, h("span", { style: `width:${(100 * totals.served_share).toFixed(1)}%` })),
        h("dl", { class: "plan-figures" }, figure(totals.crews < plan.order.crews.length ? t("plan.crews.of", { n: totals.crews, of: plan.order.crews.length }) : format.count(lang, totals.crews), t("plan.crews")), figure(format.count(lang, totals.units), t("plan.units")), figure(far(lang, totals.distance_m), t("plan.distance")), figure(lasting(totals.duration_s), t("plan.duration"))),
        result.unserved.length > 0 ? h("button", { type: "button", class: "textual", id: "plan-left", onclick: () => this.#look("left") }, t("plan.left", { n: format.count(lang, result.unserved.length) })) : null,
        this.#done(plan),
      ),
      this.#ways(plan),
      kept ?? h("div", { id: "plan-stop" }),
      ...(WIDE.matches ? [] : [h("div", { id: "plan-times" })]),
      choice,
      body,
    ];
  }

  /** Opens one of the tables, and goes there. */
  #look(tab: Tab): void {
    this.#tab = tab;
    this.render();
    const choice = document.querySelector<HTMLElement>(`input[name="plan-tab"][value="${tab}"]`);
    choice?.focus();
    choice?.closest(".segments")?.scrollIntoView({ block: "start" });
  }

  /** What the crews have brought back so far. */
  #done(plan: Plan): HTMLElement | null {
    const { lang } = this.room.store.now;
    const stops = (plan.result?.runs ?? []).flatMap((run) => run.stops);
    const told = stops.filter(({ outcome }) => outcome);
    if (told.length === 0) return null;
    const good = told.filter(({ outcome }) => outcome && isServed(outcome)).length;
    const share = (n: number): string => `width:${((100 * n) / stops.length).toFixed(1)}%`;
    return h(
      "div",
      { id: "plan-done", "data-told": told.length },
      h("p", {}, h("strong", {}, t("plan.delivered", { n: format.count(lang, good) })), ` · ${t("plan.missed", { n: format.count(lang, told.length - good) })} · ${t("plan.todo", { n: format.count(lang, stops.length - told.length) })}`),
      h("span", { class: "done-bar", "aria-hidden": "true" }, h("span", { class: "good", style: share(good) }), h("span", { class: "bad", style: share(told.length - good) })),
    );
  }

  #body(plan: Plan): HTMLElement[] {
    const { lang } = this.room.store.now;
    const { result } = plan;
    if (!result) return [];
    switch (this.#tab) {
      case "runs":
        return [...sites(result, lang), this.#list.element(plan, this.#run, this.#code), h("p", { class: "hint" }, t("runs.key"))];
      case "left":
        return leftOut(plan, lang, (code) => this.choose(code, true));
      case "given":
        return given(plan, result, lang);
      case "stock":
        return stock(plan, lang);
    }
  }

  /** One primary action: agree while it is a draft, then hand it out. */
  #ways(plan: Plan): HTMLElement {
    const failed = (plan.result?.runs ?? []).some((run) => run.stops.some(({ outcome }) => outcome && outcome.kind !== "delivered" && outcome.kind !== "refused"));
    const todo = (plan.result?.runs ?? []).some((run) => run.stops.some(({ outcome }) => !outcome));
    const left = (plan.result?.unserved.length ?? 0) > 0;
    const next = async (): Promise<void> => {
      try {
        this.room.go((await nextPlan(plan.id)).id);
      } catch (cause) {
        one("plan-fault").replaceChildren(problem("error.plan.change", cause, null));
      }
    };
    const again_ = (): void => void this.#watch?.read();
    return h(
      "div",
      { class: "plan-ways" },
      plan.state === "ready" ? h("button", { type: "button", class: "btn btn-primary btn-sm", id: "plan-approve", onclick: () => void this.#do(() => approvePlan(plan.id), "plan.approved") }, t("plan.approve")) : null,
      (failed || left) && (plan.state === "approved" || plan.state === "closed") ? h("button", { type: "button", class: todo ? "btn btn-outline-primary btn-sm" : "btn btn-primary btn-sm", id: "plan-next", onclick: () => void next() }, t("plan.next")) : null,
      this.#fold(plan, "files", t("plan.files"), () => files(this.room, plan, this.#links, this.#said, again_)),
      changeable(plan) ? this.#fold(plan, "again", t("plan.again"), () => again(this.room, plan, again_)) : null,
      changeable(plan) ? this.#fold(plan, "compare", t("plan.compare"), () => comparison(this.room, plan)) : null,
    );
  }

  /** A part that opens. It stays as it is while the plan does: a choice or a comparison in it outlives a stop that is pressed. */
  #fold(plan: Plan, name: string, label: string, content: () => HTMLElement[]): HTMLElement {
    const key = [name, plan.version, plan.state, this.room.store.now.lang, this.room.scenarios().map(({ id, version }) => `${id}${version}`)].join(" ");
    const kept = this.#folds.get(key);
    if (kept) return kept;
    for (const old of this.#folds.keys()) if (old.startsWith(`${name} `)) this.#folds.delete(old);
    const panel = h("details", { class: "fold small", open: this.#open === name, id: `ways-${name}` }, h("summary", {}, label));
    const fill = (): void => {
      if (panel.open && panel.childElementCount === 1) panel.append(...content());
      if (panel.open) this.#open = name;
      else if (this.#open === name) this.#open = "";
    };
    panel.addEventListener("toggle", fill);
    fill();
    this.#folds.set(key, panel);
    return panel;
  }

  async #do(what: () => Promise<unknown>, said: Parameters<typeof t>[0]): Promise<void> {
    try {
      await what();
      announce(t(said));
      await this.#watch?.read();
    } catch (cause) {
      document.getElementById("plan-fault")?.replaceChildren(problem("error.plan.change", cause, null));
    }
  }

  #dock(plan: Plan): void {
    const dock = one("dock");
    const shown = WIDE.matches && plan.result !== null && plan.result.runs.length > 0;
    const changed = dock.hidden === shown;
    dock.hidden = !shown;
    dock.setAttribute("aria-label", t("times.title"));
    const into = shown ? dock : document.getElementById("plan-times");
    if (into && plan.result && plan.result.runs.length > 0) this.#times.render(into, plan, this.#run, this.#code);
    if (changed) this.room.map()?.resized(0);
  }
}
