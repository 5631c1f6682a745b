/** One hand draws at a time: who asked for the shape gets it, with the bar over the map meanwhile. */
import type { Area } from "../ask/area";
import { setSheet } from "../panel/sheet";
import type { Lang } from "../api";
import type { Draft, Draw, Tool } from "./draw";
import { DrawBar } from "./drawbar";

export interface Receiver {
  /** What it would be if it were finished here. */
  drawn?(draft: Draft): void;
  /** The shape; none where the hand gave up. */
  done(area: Area | null): void;
}

export class Drawing {
  readonly bar: DrawBar;
  #receiver: Receiver | null = null;

  constructor(private readonly draw: Draw) {
    this.bar = new DrawBar(draw);
  }

  /** `measured` is false where the width of a line does not matter. */
  start(tool: Tool, receiver: Receiver, measured = true): void {
    if (this.#receiver) this.draw.cancel();
    this.#receiver = receiver;
    setSheet("low");
    this.bar.open(tool, measured);
    this.draw.begin(tool);
    document.querySelector<HTMLElement>("#map canvas")?.focus();
  }

  changed(draft: Draft, lang: Lang): void {
    this.bar.show(draft, lang);
    this.#receiver?.drawn?.(draft);
  }

  finished(area: Area | null): void {
    const receiver = this.#receiver;
    this.#receiver = null;
    this.bar.close();
    setSheet("half");
    receiver?.done(area);
  }
}
