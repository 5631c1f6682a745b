/** How the values of a field lie over all households: the ground under a slider. */
import { ask, question, type Field } from "./api";

export interface Spread {
  min: number;
  /** The end of the slider: values beyond it are few and far. */
  max: number;
  step: number;
  /** How much of the households is in each bar, from `min` to `max`. */
  bars: number[];
}

const CUTS = Array.from({ length: 101 }, (_, i) => i / 100);
/** A measure is of so many quantiles at most. */
const AT_ONCE = 16;
const BARS = 28;

const nice = (rough: number): number => {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((step) => step * power >= rough) ?? 10);
};

/** The part of the households at or below a value, out of the hundredths. */
function below(value: number, cuts: number[]): number {
  const over = cuts.findIndex((cut) => cut > value);
  if (over <= 0) return over === 0 ? 0 : 1;
  const [from = 0, to = 0] = [cuts[over - 1], cuts[over]];
  return (over - 1 + (to > from ? (value - from) / (to - from) : 0)) / (cuts.length - 1);
}

/** The ground of a field without its values: its ends alone. */
export function flat(field: Field): Spread {
  const score = field.unit === "score" || field.unit === "share";
  const [min, end] = [Number(field.min ?? 0), Number(field.max ?? (score ? 1 : 10))];
  const max = end > min ? end : min + 1;
  const step = field.kind === "whole" ? 1 : score ? 0.01 : nice((max - min) / 250);
  return { min: Math.floor(min / step) * step, max: Math.ceil(max / step) * step, step, bars: [] };
}

export function spreadOf(field: Field, cuts: number[]): Spread {
  const ground = flat({ ...field, min: cuts[0] ?? field.min ?? 0, max: cuts.at(-1) ?? field.max ?? 1 });
  const near = cuts.at(-2) ?? ground.max;
  const cut = field.unit !== "score" && field.unit !== "share" && ground.max - ground.min > 2 * (near - ground.min) && near > ground.min;
  const { min, max, step } = cut ? flat({ ...field, min: ground.min, max: near }) : ground;
  const whole = field.kind === "whole" && max - min < BARS;
  const count = whole ? max - min + 1 : BARS;
  const bars = Array.from({ length: count }, (_, i) => {
    if (whole) return cuts.filter((value) => value === min + i).length / cuts.length;
    const [from, to] = [i, i + 1].map((edge) => min + ((max - min) * edge) / count) as [number, number];
    return below(to, cuts) - (i === 0 ? 0 : below(from, cuts));
  });
  return { min, max, step, bars };
}

const kept = new Map<string, Promise<Spread>>();

/** A ground that is known without asking. */
export const keepSpread = (field: Field, spread: Spread): unknown => kept.set(field.name, Promise.resolve(spread));

export const forgetSpreads = (): void => kept.clear();

/** Asked once for each field; where it cannot be told, the slider has no bars. */
export function fetchSpread(field: Field): Promise<Spread> {
  let asked = kept.get(field.name);
  if (!asked) {
    const measures = Array.from({ length: Math.ceil(CUTS.length / AT_ONCE) }, (_, i) => ({ quantiles: CUTS.slice(i * AT_ONCE, (i + 1) * AT_ONCE), of: field.name }));
    asked = ask(question("", null, { measures })).then(
      ({ total }) => {
        const cuts = (total?.values ?? []).flat().filter((cut) => cut !== null);
        return cuts.length === CUTS.length ? spreadOf(field, cuts) : flat(field);
      },
      () => flat(field),
    );
    kept.set(field.name, asked);
  }
  return asked;
}
