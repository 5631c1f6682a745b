/** Colours of the data: light to dark, so that a grey print and every kind of colour vision read the same order. */

/** CIE L* falls 95, 88, 79, 66, 52, 36, 21. */
const SCALE = ["#fdf0d5", "#fbd99b", "#f5b766", "#e68a45", "#c75c3a", "#963434", "#5c1a33"] as const;

export const INK = "#17324d";

/** The colour at `along` (0 to 1) of the scale. */
function at(along: number): string {
  const place = along * (SCALE.length - 1);
  const low = SCALE[Math.floor(place)] ?? SCALE[0];
  const high = SCALE[Math.ceil(place)] ?? low;
  const channel = (start: number): string => {
    const [from, to] = [low, high].map((colour) => Number.parseInt(colour.slice(start, start + 2), 16)) as [number, number];
    return Math.round(from + (to - from) * (place % 1)).toString(16).padStart(2, "0");
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

/** One colour a class. */
export function ramp(classes: number): string[] {
  return Array.from({ length: classes }, (_, i) => at(classes === 1 ? 0.5 : i / (classes - 1)));
}

/** The same without the lightest: on the bare map even the fewest found must be seen. */
export const strongRamp = (classes: number): string[] => ramp(classes + 1).slice(1);

/** The class of a value: half-open classes, the last one closed. */
export function classOf(value: number, breaks: number[]): number {
  let found = 0;
  for (let i = 1; i < breaks.length - 1; i += 1) if (value >= (breaks[i] ?? Infinity)) found = i;
  return found;
}

/** Dark enough for white numbers (4.5:1 and more); what tells runs apart in grey is their number. */
const RUNS = ["#1f5fa8", "#b03a0c", "#0b6b5d", "#7c2d92", "#7a5600", "#b4165f", "#3f6212", "#0b6582", "#7f1d1d", "#3d4b5c", "#4338a8", "#8a4b08"] as const;

/** Whether the colours have come round: such a run is drawn hollow, that it is not taken for the one of its colour. */
export const runHollow = (i: number): boolean => Math.floor(i / RUNS.length) % 2 === 1;

/** The colour of the run at a place in the list. */
export const runColour = (i: number): string => RUNS[i % RUNS.length] ?? RUNS[0];
