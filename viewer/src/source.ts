import { ascending } from "d3-array";
import { cellsOf, DRAWN, hashDrawn, MOST_POINTS, type Cells } from "./cells";
import type { Place, Range } from "./view";
import { ordered } from "./format";
import type { Page, Profile } from "./page";
import { Tokens } from "./tokens";
import { inflate } from "./unpack";

/** All values of a measure at a layer, as percentiles and as a histogram. */
export interface Column {
  count: number;
  /** The value below which each of 0 to 100 % of tokens lie. */
  percentiles: number[];
  edges: number[];
  counts: number[];
  twin: number[] | null;
  /** A sentence: what it is of, where that is not every token. */
  source?: string;
}

/** Two measures of the same tokens: one point a token; of very many, cells and a few points. */
export interface Cloud {
  x: Float64Array;
  y: Float64Array;
  of: number;
  /** Spearman's r over the tokens; they depend on each other, so it only describes. */
  r: number;
  cells: Cells | null;
  /** A sentence: what it is of, where that is not every token. */
  source?: string;
}

/** By measure, for each of some tokens, the share of all tokens that lies below it, 0 to 1. */
export type Ranks = Record<string, (number | null)[]>;

export interface Example {
  before: string;
  token: string;
  after: string;
  passage: number;
  position: number;
}

export interface Chosen {
  count: number;
  examples: Example[];
  has: (passage: number, position: number) => boolean;
}

/** A part of a scatter: from and to, across and up. */
export interface Area {
  x: Range;
  y: Range;
}

export interface Axes {
  run: number;
  x: string;
  y: string;
  layer: number;
  minus: boolean;
}

/** Where a page has its tokens from: the file itself, or a server on this machine. */
export interface Source {
  tokens(run: number, passage: number): Promise<Tokens | null>;
  /** The curves of a measure that the page came without; null where it has them all. */
  profile(run: number, measure: string): Promise<Profile | null>;
  column(run: number, measure: string, layer: number, minus: boolean): Promise<Column | null>;
  ranks(run: number, measures: string[], layer: number, places: (Place | null)[]): Promise<Ranks>;
  cloud(axes: Axes): Promise<Cloud | null>;
  choose(axes: Axes, area: Area): Promise<Chosen | null>;
}

export const BINS = 44;
const EXAMPLES = 6;
const CONTEXT = 36;

/** The tokens that lie packed in the page. */
export class Frozen implements Source {
  private readonly loaded = new Map<number, Promise<Tokens | null>>();

  constructor(private readonly page: Page) {}

  tokens(run: number): Promise<Tokens | null> {
    if (!this.loaded.has(run)) {
      const { data, blocks } = this.page.runs[run]!;
      this.loaded.set(run, data ? Tokens.load(data, blocks) : Promise.resolve(null));
    }
    return this.loaded.get(run)!;
  }

  async profile(): Promise<null> {
    return null;
  }

  async column(run: number, measure: string, layer: number, minus: boolean): Promise<Column | null> {
    const tokens = await this.tokens(run);
    const values = tokens && sorted(tokens, tokens.at(measure, layer, minus));
    if (!tokens || !values?.length) return null;
    const twin = minus ? null : sorted(tokens, twinAt(tokens, measure, layer));
    return columnOf(values, twin);
  }

  async ranks(run: number, measures: string[], layer: number, places: (Place | null)[]): Promise<Ranks> {
    const tokens = await this.tokens(run);
    if (!tokens) return {};
    const rows = places.map((place) => (place ? tokens.rowOf(place.passage, place.position) : -1));
    return Object.fromEntries(measures.map((measure) => [measure, sharesBelow(tokens, tokens.at(measure, layer), rows)]));
  }

  async cloud(axes: Axes): Promise<Cloud | null> {
    const tokens = await this.tokens(axes.run);
    const points = tokens && pointsOf(tokens, axes);
    if (!points) return null;
    const { x, y, rows } = points;
    const [of, r] = [x.length, spearman(x, y)];
    if (of <= MOST_POINTS) return { x, y, of, r, cells: null };
    const drawn = hashDrawn(rows, DRAWN);
    return { x: Float64Array.from(drawn, (k) => x[k]!), y: Float64Array.from(drawn, (k) => y[k]!), of, r, cells: cellsOf(x, y) };
  }

  async choose(axes: Axes, area: Area): Promise<Chosen | null> {
    const tokens = await this.tokens(axes.run);
    const points = tokens && pointsOf(tokens, axes);
    if (!tokens || !points) return null;
    const { x, y } = points;
    const rows = points.rows.filter((_, k) => within(area.x, x[k]!) && within(area.y, y[k]!));
    const places = new Set(rows.map((row) => `${tokens.passageOf(row).passage}.${tokens.position(row)}`));
    const spread = rows.length <= EXAMPLES ? rows : Array.from({ length: EXAMPLES }, (_, k) => rows[Math.floor(((k + 0.5) * rows.length) / EXAMPLES)]!);
    return {
      count: rows.length,
      examples: spread.map((row) => exampleOf(tokens, row)),
      has: (passage, position) => places.has(`${passage}.${position}`),
    };
  }
}

export function within([low, high]: Range, value: number): boolean {
  return value >= low && value <= high;
}

/** The token with what stands around it in its text. */
export function exampleOf(tokens: Tokens, row: number): Example {
  const { text, passage } = tokens.passageOf(row);
  const [start, end] = [tokens.start[row]!, tokens.end[row]!];
  return {
    before: ordered(text.slice(Math.max(0, start - CONTEXT), start)),
    token: tokens.shown(row),
    after: ordered(text.slice(end, end + CONTEXT)),
    passage,
    position: tokens.position(row),
  };
}

function pointsOf(tokens: Tokens, { x, y, layer, minus }: Axes): { x: Float64Array; y: Float64Array; rows: number[] } | null {
  const [across, up] = [tokens.at(x, layer, minus), tokens.at(y, layer, minus)];
  if (!across || !up) return null;
  const rows: number[] = [];
  for (let row = 0; row < tokens.count; row++) {
    if (tokens.isUsable(row) && Number.isFinite(across[row]) && Number.isFinite(up[row])) rows.push(row);
  }
  return { x: Float64Array.from(rows, (row) => across[row]!), y: Float64Array.from(rows, (row) => up[row]!), rows };
}

function twinAt(tokens: Tokens, measure: string, layer: number): Float64Array | null {
  return tokens.all(measure, true)?.subarray(layer * tokens.count, (layer + 1) * tokens.count) ?? null;
}

function sorted(tokens: Tokens, values: Float64Array | null): Float64Array | null {
  return values?.filter((value, row) => Number.isFinite(value) && tokens.isUsable(row)).sort() ?? null;
}

/** The histogram between the values that all but a thousandth lie between; the rest is in its ends. */
export function columnOf(values: Float64Array, twin: Float64Array | null): Column {
  const both = twin?.length ? [values, twin] : [values];
  const low = Math.min(...both.map((v) => at(v, 0.0005)));
  const high = Math.max(...both.map((v) => at(v, 0.9995)));
  const width = (high > low ? high - low : 1) / BINS;
  const edges = Array.from({ length: BINS + 1 }, (_, k) => low + k * width);
  return {
    count: values.length,
    percentiles: Array.from({ length: 101 }, (_, k) => at(values, k / 100)),
    edges,
    counts: histogram(values, low, width),
    twin: twin?.length ? histogram(twin, low, width) : null,
  };
}

/** The value below which a share of ordered values lies, between neighbours as DuckDB has it. */
function at(values: Float64Array, share: number): number {
  const place = share * (values.length - 1);
  const below = Math.floor(place);
  const next = values[Math.min(below + 1, values.length - 1)]!;
  return values[below]! + (place - below) * (next - values[below]!);
}

function histogram(values: Float64Array, low: number, width: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) counts[Math.max(0, Math.min(BINS - 1, Math.floor((value - low) / width)))]!++;
  return counts;
}

function sharesBelow(tokens: Tokens, values: Float64Array | null, rows: number[]): (number | null)[] {
  const counted = values?.filter((value, row) => Number.isFinite(value) && tokens.isUsable(row)) ?? [];
  return rows.map((row) => {
    const value = values?.[row] ?? NaN;
    if (!counted.length || !Number.isFinite(value)) return null;
    let below = 0;
    for (const other of counted) if (other < value) below++;
    return below / counted.length;
  });
}

/** Spearman's correlation; ties share their mean rank. */
export function spearman(x: Float64Array, y: Float64Array): number {
  if (x.length < 3) return NaN;
  const [a, b] = [ranks(x), ranks(y)];
  const mean = (x.length - 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    const [da, db] = [a[k]! - mean, b[k]! - mean];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return ab / Math.sqrt(aa * bb);
}

function ranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => ascending(values[a], values[b]));
  const made = new Float64Array(values.length);
  for (let k = 0; k < order.length; ) {
    let last = k;
    while (last + 1 < order.length && values[order[last + 1]!] === values[order[k]!]) last++;
    for (let at = k; at <= last; at++) made[order[at]!] = (k + last) / 2;
    k = last + 1;
  }
  return made;
}

/** A packed file as something that an image or a link can show. */
export async function fileOf(data: string, type: string): Promise<string> {
  return URL.createObjectURL(new Blob([await inflate(data)], { type }));
}
