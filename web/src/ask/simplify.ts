/** Outlines with fewer corners: what an address cannot bear whole it bears nearly. */
import type { MultiPolygon, Polygon, Position } from "geojson";

const METRES_A_DEGREE = 111_195;

/** How far `at` lies from the stretch between two places, in metres on a plane: for outlines of a town. */
function aside([lon = 0, lat = 0]: Position, [lon1 = 0, lat1 = 0]: Position, [lon2 = 0, lat2 = 0]: Position): number {
  const narrow = Math.cos((lat * Math.PI) / 180);
  const [x, y] = [(lon - lon1) * narrow, lat - lat1];
  const [dx, dy] = [(lon2 - lon1) * narrow, lat2 - lat1];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, (x * dx + y * dy) / length));
  return Math.hypot(x - along * dx, y - along * dy) * METRES_A_DEGREE;
}

/** Douglas and Peucker, without recursion: a file may hold thousands of corners. */
function thinned(line: Position[], metres: number): Position[] {
  const keep = new Set([0, line.length - 1]);
  const open: [number, number][] = [[0, line.length - 1]];
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span;
    const [start = [0, 0], end = [0, 0]] = [line[from], line[to]];
    let [worst, off] = [-1, metres];
    for (let i = from + 1; i < to; i += 1) {
      const here = aside(line[i] ?? start, start, end);
      if (here > off) [worst, off] = [i, here];
    }
    if (worst < 0) continue;
    keep.add(worst);
    open.push([from, worst], [worst, to]);
  }
  return line.filter((_, i) => keep.has(i));
}

/** A ring keeps its farthest corner from the first, so that it stays a ring. */
function ring(positions: Position[], metres: number): Position[] | null {
  const [first = [0, 0]] = positions;
  let far = 0;
  positions.forEach((at, i) => {
    if (aside(at, first, first) > aside(positions[far] ?? first, first, first)) far = i;
  });
  const halves = [thinned(positions.slice(0, far + 1), metres), thinned(positions.slice(far), metres)];
  const whole = [...(halves[0] ?? []), ...(halves[1] ?? []).slice(1)];
  return whole.length >= 4 ? whole : null;
}

/** The shape without the corners that lie nearer than `metres` to its outline; rings smaller than that are gone. */
export function simplified(shape: Polygon | MultiPolygon, metres: number): Polygon | MultiPolygon | null {
  const polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  const kept = polygons.map((rings) => rings.flatMap((edge, i) => {
    const thin = ring(edge, metres);
    return thin ? [thin] : i === 0 ? [[]] : [];
  })).filter(([outer = []]) => outer.length > 0);
  const [only] = kept;
  if (!only) return null;
  return kept.length === 1 ? { type: "Polygon", coordinates: only } : { type: "MultiPolygon", coordinates: kept };
}
