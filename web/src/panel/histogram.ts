/** How many hexagons have which value; each bar can be pointed at or reached by arrows. */
import type { Lang, Legend, Property } from "../api";
import * as format from "../format";
import { t } from "../i18n";
import { plural } from "../i18n/plural";
import { classOf, ramp } from "../palette";
import type { Range, Store } from "../state";
import { h } from "../ui/dom";

function bar(store: Store, property: Property, legend: Legend, i: number, tallest: number): { button: HTMLButtonElement; text: string; range: Range } {
  const { edges, counts } = legend.histogram;
  const { lang } = store.now;
  const [from, to, n] = [edges[i] ?? 0, edges[i + 1] ?? 0, counts[i] ?? 0];
  const text = t("histogram.bar", {
    range: t("legend.range", { from: format.value(lang, property, from), to: format.value(lang, property, to) }),
    hexes: plural(lang, "hexes", n),
  });
  const colour = ramp(legend.breaks.length - 1)[classOf((from + to) / 2, legend.breaks)] ?? "";
  const height = n === 0 ? 0 : Math.max(4, (100 * n) / tallest);
  const button = h(
    "button",
    { type: "button", class: "bar", tabindex: i === 0 ? 0 : -1, "aria-label": text },
    h("span", { style: `height:${height}%;background:${colour}` }),
  );
  const last = i === counts.length - 1;
  return { button, text, range: { from: i === 0 ? -Infinity : from, to: last ? Infinity : to } };
}

/** Where the town's mean stands among the bars. */
function meanMark(lang: Lang, property: Property, legend: Legend, mean: number | null): HTMLElement | null {
  const { edges } = legend.histogram;
  const [from, to] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  if (mean === null || to <= from || mean < from || mean > to) return null;
  const along = (mean - from) / (to - from);
  const label = `${t("histogram.mean")} ${format.value(lang, property, mean)}`;
  return h("span", { class: along > 0.6 ? "bars-mean flip" : "bars-mean", style: `left:${(100 * along).toFixed(1)}%`, "data-label": label, "aria-hidden": "true" });
}

export function histogram(store: Store, property: Property, legend: Legend, mean: number | null): HTMLElement {
  const { lang } = store.now;
  const tallest = Math.max(1, ...legend.histogram.counts);
  const bars = legend.histogram.counts.map((_, i) => bar(store, property, legend, i, tallest));
  const hint = t("histogram.hint");
  const readout = h("p", { class: "readout", "aria-hidden": "true" }, hint);
  const rest = (): void => {
    readout.textContent = hint;
    store.set({ highlight: null });
  };
  bars.forEach(({ button, text, range }, i) => {
    const show = (): void => {
      readout.textContent = text;
      store.set({ highlight: range });
    };
    button.addEventListener("pointerenter", show);
    button.addEventListener("focus", show);
    button.addEventListener("blur", rest);
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -bars.length, End: bars.length }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const next = bars[Math.min(bars.length - 1, Math.max(0, i + step))]?.button;
      for (const other of bars) other.button.tabIndex = other.button === next ? 0 : -1;
      next?.focus();
    });
  });
  return h(
    "div",
    { class: "histogram" },
    h("div", { class: "bars", role: "group", "aria-label": t("histogram"), onpointerleave: rest }, ...bars.map(({ button }) => button), meanMark(lang, property, legend, mean)),
    h(
      "div",
      { class: "axis", "aria-hidden": "true" },
      h("span", {}, format.value(lang, property, legend.histogram.edges[0])),
      h("span", {}, format.value(lang, property, legend.histogram.edges.at(-1))),
    ),
    readout,
  );
}
