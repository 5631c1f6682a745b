/** Follows one plan: its progress, its versions, what the crews bring back. */
import { listen, type Message } from "../events";
import { isAbort } from "../ui/status";
import { fetchPlan, pathOf, type Plan, type Progress } from "./api";

const SOON_MS = 250;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export interface WatchEvents {
  plan(plan: Plan): void;
  progress(progress: Progress): void;
  failed(cause: unknown): void;
}

export class Watch {
  #stop = new AbortController();
  #timer = 0;
  #wait = FIRST_WAIT_MS;

  constructor(
    readonly id: string,
    private readonly events: WatchEvents,
  ) {
    void this.read();
    this.#follow();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }

  /** Reads the plan anew; several reasons at once are one. */
  async read(): Promise<void> {
    try {
      const plan = await fetchPlan(this.id, this.#stop.signal);
      if (!this.#stop.signal.aborted) this.events.plan(plan);
    } catch (cause) {
      if (!isAbort(cause) && !this.#stop.signal.aborted) this.events.failed(cause);
    }
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.read(), SOON_MS);
  }

  #heard({ event, data }: Message): void {
    this.#wait = FIRST_WAIT_MS;
    if (event === "progress") this.events.progress(JSON.parse(data) as Progress);
    else this.#soon();
  }

  /** A stream that ends comes back by itself; what was missed meanwhile is read. */
  #follow(): void {
    const { signal } = this.#stop;
    const later = (): void => {
      if (signal.aborted) return;
      this.#timer = window.setTimeout(() => {
        if (signal.aborted) return;
        void this.read();
        this.#follow();
      }, this.#wait);
      this.#wait = Math.min(LONGEST_WAIT_MS, this.#wait * 2);
    };
    listen(pathOf(this.id, "/events"), null, signal, (message) => this.#heard(message)).then(later, later);
  }
}
