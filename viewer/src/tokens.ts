import type { TokenData } from "./page";
import { ordered } from "./format";
import { unpack } from "./unpack";

export interface Passage {
  passage: number;
  name: string;
  from: number;
  to: number;
  text: string;
}

const RADIANS = Math.PI / 180;

/** The tokens of a run, or of some of its passages: places, and every measure at every state. */
export class Tokens {
  readonly passages: Passage[] = [];
  private readonly derived = new Map<string, Float64Array>();

  private constructor(
    readonly data: TokenData,
    readonly blocks: number,
    private readonly columns: Record<string, Float64Array>,
    private readonly states: Record<string, Float64Array>,
    private readonly twin: Record<string, Float64Array>,
    private readonly tokenwise: Record<string, Float64Array>,
    private readonly labels: Record<string, Float64Array>,
    readonly start: Int32Array,
    readonly end: Int32Array,
  ) {
    let from = 0;
    for (const { passage, name, tokens, text } of data.passages) {
      this.passages.push({ passage, name, from, to: from + tokens, text });
      from += tokens;
    }
  }

  static async load(data: TokenData, blocks: number): Promise<Tokens> {
    const columns = await unpackAll(data.columns);
    const labels = Object.fromEntries(
      await Promise.all(Object.entries(data.labels).map(async ([k, v]) => [k, await unpack(v.codes)] as const)),
    );
    const [start, end] = places(data, columns.gap!, columns.length!);
    const [states, twin, once] = await Promise.all([
      unpackAll(data.states),
      unpackAll(data.twin),
      unpackAll(data.once),
    ]);
    return new Tokens(data, blocks, columns, states, twin, once, labels, start, end);
  }

  get count(): number {
    return this.data.tokens;
  }

  position(row: number): number {
    return this.columns.position![row]!;
  }

  isSink(row: number): boolean {
    return this.columns.sink![row] === 1;
  }

  isUsable(row: number): boolean {
    return this.columns.usable![row] === 1;
  }

  /** 0 other, 1 the token before a target, 2 a target. */
  role(row: number): number {
    return this.columns.role![row]!;
  }

  label(name: string, row: number): string {
    const code = this.labels[name]?.[row] ?? -1;
    return this.data.labels[name]?.known[code] ?? "";
  }

  passageOf(row: number): Passage {
    let [low, high] = [0, this.passages.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.passages[middle]!.from <= row) low = middle;
      else high = middle - 1;
    }
    return this.passages[low]!;
  }

  /** The row of a place; -1 where it is not here. */
  rowOf(passage: number, position: number): number {
    const found = this.passages.find((p) => p.passage === passage);
    if (!found) return -1;
    for (let row = found.from; row < found.to; row++) if (this.position(row) === position) return row;
    return -1;
  }

  /** What the page shows for the token: its characters, or its piece where it has none. */
  shown(row: number): string {
    const { from, text } = this.passageOf(row);
    const characters = text.slice(this.start[row], this.end[row]);
    if (characters) return ordered(characters);
    const index = this.passages.findIndex((p) => p.from === from);
    return this.data.passages[index]?.pieces?.[row - from] ?? "";
  }

  get hasTwin(): boolean {
    return "rotation" in this.twin;
  }

  /** A measure at every state, [L+1, count], of the model or of its untrained twins' mean. */
  all(measure: string, twin = false): Float64Array | null {
    const stored = twin ? this.twin : this.states;
    if (stored[measure]) return stored[measure];
    const { norm, rotation } = stored;
    if (!norm || !rotation) return null;
    const key = `${measure}${twin ? " twin" : ""}`;
    if (!this.derived.has(key)) {
      const made = derive(measure, norm, rotation, this.count);
      if (!made) return null;
      this.derived.set(key, made);
    }
    return this.derived.get(key)!;
  }

  /** A measure of one state, or once a token; with `minus`, less that of the twins. */
  at(measure: string, layer: number, minus = false): Float64Array | null {
    if (this.tokenwise[measure]) return this.tokenwise[measure];
    if (measure === "position") return this.columns.position!;
    const whole = this.all(measure);
    if (!whole || layer > this.blocks) return null;
    const values = whole.subarray(layer * this.count, (layer + 1) * this.count);
    if (!minus) return values;
    const twin = this.all(measure, true)?.subarray(layer * this.count, (layer + 1) * this.count);
    return twin ? values.map((value, k) => value - twin[k]!) : null;
  }

  once(): string[] {
    return Object.keys(this.tokenwise);
  }

  measures(): string[] {
    const there = "norm" in this.states && "rotation" in this.states ? DERIVED : [];
    return [...Object.keys(this.states), ...there];
  }

  /** The measure along a token's path, states 0 to L. */
  along(measure: string, row: number, minus = false, twin = false): number[] {
    const whole = this.all(measure, twin);
    const less = minus ? this.all(measure, true) : null;
    return Array.from({ length: this.blocks + 1 }, (_, layer) => {
      const at = layer * this.count + row;
      return (whole?.[at] ?? NaN) - (minus ? (less?.[at] ?? NaN) : 0);
    });
  }
}

const DERIVED = ["step", "relative_step", "growth", "path", "turned", "influence", "heading"];

async function unpackAll(columns: Record<string, Parameters<typeof unpack>[0]>): Promise<Record<string, Float64Array>> {
  const made = await Promise.all(Object.entries(columns).map(async ([k, v]) => [k, await unpack(v)] as const));
  return Object.fromEntries(made);
}

/** Start and end of each token in its passage's text. */
function places(data: TokenData, gap: Float64Array, length: Float64Array): [Int32Array, Int32Array] {
  const start = new Int32Array(gap.length);
  const end = new Int32Array(gap.length);
  let row = 0;
  for (const { tokens } of data.passages) {
    for (let k = 0, last = 0; k < tokens; k++, row++) {
      start[row] = last + gap[row]!;
      end[row] = last = start[row]! + length[row]!;
    }
  }
  return [start, end];
}

/** What follows from the length of each state and the turn of each block. */
function derive(measure: string, norm: Float64Array, rotation: Float64Array, count: number): Float64Array | null {
  const make = FORMULAS[measure];
  if (!make) return null;
  const made = new Float64Array(norm.length).fill(NaN);
  for (let k = count; k < norm.length; k++) {
    made[k] = make({
      before: norm[k - count]!,
      after: norm[k]!,
      turn: rotation[k]! * RADIANS,
      sum: k < 2 * count ? 0 : made[k - count]!,
    });
  }
  return made;
}

interface Block {
  before: number;
  after: number;
  turn: number;
  sum: number;
}

/** The step: third side of the triangle of origin, state before and state after. */
function stepLength({ before, after, turn }: Block): number {
  const across = 2 * Math.sqrt(before * after) * Math.sin(turn / 2);
  return Math.hypot(after - before, across);
}

const FORMULAS: Record<string, (block: Block) => number> = {
  step: stepLength,
  relative_step: (block) => stepLength(block) / block.before,
  growth: ({ before, after }) => after / before,
  path: (block) => block.sum + stepLength(block),
  turned: ({ sum, turn }) => sum + turn / RADIANS,
  heading: ({ before, after, turn }) => Math.atan2(after * Math.sin(turn), after * Math.cos(turn) - before) / RADIANS,
  influence: ({ turn }) => 2 * Math.sin(turn / 2) ** 2,
};
