/** Asks while the controls move: the latest question alone is in flight, and its answer goes to the state. */
import type { Town } from "../api";
import { ApiError } from "../api";
import { asks, filterIn, type Fault, type Store } from "../state";
import { codeOf, isAbort } from "../ui/status";
import { ask, fetchCount, fetchFields, question, type Answer, type Grouping } from "./api";
import { together, type Area, type Shape } from "./area";
import { read } from "./condition";

/** Long enough to leave out what a moving hand passes over, short enough not to be felt. */
const WAIT_MS = 30;
const MOST_KEPT = 12;

const faultOf = (cause: unknown): Fault =>
  cause instanceof ApiError ? { message: cause.message, code: cause.code, status: cause.status, position: cause.position, parameter: cause.parameter } : { message: "", code: codeOf(cause), status: 0, position: null, parameter: null };

export class Asking {
  #timer = 0;
  #last = -WAIT_MS;
  #asked = new AbortController();
  #draft: Area | null = null;
  /** The latest answers by group: table and legend ask the same. */
  readonly #kept = new Map<string, Promise<Answer>>();

  constructor(
    private readonly store: Store,
    private readonly town: Town,
  ) {
    store.on(["conditions", "written", "areas"], () => this.soon());
  }

  /** Whether this role may ask of households at all. */
  get allowed(): boolean {
    return this.town.policy === "exact";
  }

  /** Learns what can be asked; then a filter out of the address can be shown by its controls. */
  async learn(): Promise<void> {
    if (!this.allowed) return;
    this.store.set({ fields: await fetchFields("households") });
    this.reread();
    if (asks(this.store.now)) this.soon();
  }

  /** A filter as a text becomes conditions, where the controls can show it. */
  reread(): void {
    const { written, fields } = this.store.now;
    const conditions = written === null || !fields ? null : read(written, fields.fields);
    if (conditions) this.store.set({ conditions, written: null });
  }

  /** A shape that is still being drawn counts already. */
  drafted(area: Area | null): void {
    this.#draft = area;
    this.soon();
  }

  get shape(): Shape | null {
    return together(this.#draft ? [...this.store.now.areas, this.#draft] : this.store.now.areas);
  }

  /** The first change is asked at once, those that follow on its heels together. */
  soon(): void {
    clearTimeout(this.#timer);
    const wait = Math.max(0, this.#last + WAIT_MS - performance.now());
    this.#timer = window.setTimeout(() => void this.#count(), wait);
  }

  async #count(): Promise<void> {
    const { store } = this;
    this.#last = performance.now();
    this.#asked.abort();
    const filter = filterIn(store.now);
    if (!this.allowed || (filter === "" && !this.shape)) {
      store.set({ found: null, fault: null, answered: null });
      return;
    }
    this.#asked = new AbortController();
    const { areas } = store.now;
    try {
      const found = await fetchCount(filter, this.shape, this.#asked.signal);
      const { answered } = store.now;
      const same = answered?.filter === filter && answered.areas === areas;
      store.set({ found, fault: null, ...(same ? {} : { answered: { filter, areas } }) });
    } catch (cause) {
      if (!isAbort(cause)) store.set({ found: null, fault: faultOf(cause) });
    }
  }

  /** Those found, by group; the most first. `pages` answers of `limit` groups at most. */
  groups(group: Grouping, limit: number, pages = 1): Promise<Answer> {
    return this.#paged(filterIn(this.store.now), together(this.store.now.areas), group, limit, pages);
  }

  /** All, by group: what those found are a share of. */
  wholes(group: Grouping, limit: number, pages = 1): Promise<Answer> {
    return this.#paged("", null, group, limit, pages);
  }

  async #paged(filter: string, area: Shape | null, group: Grouping, limit: number, pages: number): Promise<Answer> {
    const first = await this.#groups(filter, area, group, limit, null);
    const all = { ...first, groups: [...(first.groups ?? [])] };
    for (let page = 1; page < pages && all.next; page += 1) {
      const more: Answer = await this.#groups(filter, area, group, limit, all.next);
      all.groups.push(...(more.groups ?? []));
      all.next = more.next ?? null;
    }
    return all;
  }

  /** The data are new: what was kept of the old is let go. */
  forget(): void {
    this.#kept.clear();
    if (asks(this.store.now)) this.soon();
  }

  #groups(filter: string, area: Shape | null, group: Grouping, limit: number, cursor: string | null): Promise<Answer> {
    const measures = [{ count: "households" } as const, { count: "people" } as const];
    const asked = question(filter, area, { group, measures, order: [{ by: 0, direction: "desc" }], limit, ...(cursor ? { cursor } : {}) });
    const key = JSON.stringify(asked);
    const known = this.#kept.get(key);
    if (known) return known;
    const answer = ask(asked);
    answer.catch(() => this.#kept.delete(key));
    this.#kept.set(key, answer);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return answer;
  }
}
