/** A scatter of more points than these is counted in cells, with so many points drawn by hash. */
export const [MOST_POINTS, DRAWN] = [50_000, 4_000];
const [ACROSS, UP] = [72, 44];

/** How many points lie in each cell of a scatter, rows from below. */
export interface Cells {
  x: [number, number];
  y: [number, number];
  across: number;
  up: number;
  counts: Float64Array;
}

export function cellsOf(x: Float64Array, y: Float64Array): Cells {
  const counts = new Float64Array(ACROSS * UP);
  const [wide, tall] = [ends(x), ends(y)];
  for (let k = 0; k < x.length; k++) counts[cellOf(y[k]!, tall, UP) * ACROSS + cellOf(x[k]!, wide, ACROSS)]!++;
  return { x: wide, y: tall, across: ACROSS, up: UP, counts };
}

function cellOf(value: number, [low, high]: [number, number], count: number): number {
  return Math.min(count - 1, Math.floor(((value - low) / (high - low || 1)) * count));
}

function ends(values: Float64Array): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Places of some of the rows, by a hash of each, as src/odograph/report/sample.py draws them. */
export function hashDrawn(rows: number[], most: number): number[] {
  const hash = Float64Array.from(rows, (row) => Math.imul(row, 0x9e3779b1) >>> 0);
  const limit = hash.slice().sort()[most]!;
  return [...rows.keys()].filter((k) => hash[k]! < limit);
}
