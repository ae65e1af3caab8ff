// What Python puts into a page: see src/odograph/report/page.py.

export interface Packed {
  kind: "integers" | "numbers" | "logarithms";
  low: number | number[];
  high?: number[];
  steps?: number[];
  bytes: 1 | 2 | 4;
  count: number;
  data: string;
}

export interface Measure {
  label: string;
  unit: string;
  axis: "state" | "step" | "token" | "span";
  formula: string;
  definition: string;
}

export interface NullValue {
  name: string;
  estimate: number | null;
  low: number | null;
  high: number | null;
}

export type Verdict = "beyond" | "like" | "describes" | "undecided";

export interface Finding {
  study: string;
  headline: string;
  evidence: string;
  statement: string;
  plain: string;
  verdict: Verdict;
  estimate: number | null;
  interval: [number | null, number | null] | null;
  unit: string;
  nulls: NullValue[];
  line: string[];
  weight: number;
  show: Record<string, string | number | boolean>;
}

export interface Figure {
  name: string;
  title: string;
  caption: string;
  null: string;
  card: Pairs;
  data: string;
  problem: string;
}

export interface Table {
  name: string;
  title: string;
  path: string;
  data: string;
  columns: string[];
  numeric: boolean[];
  rows: string[][];
  total: number;
  problem: string;
  same: [string, string][];
}

export type Pairs = [string, string][];

export interface Study {
  name: string;
  question: string;
  figures: Figure[];
  tables: Table[];
  notes: string[];
  card: Pairs;
}

export type Series = (number | null)[];

export interface Curve {
  label: string;
  mean: Series;
  low: Series;
  high: Series;
  units: number;
}

export interface Profile {
  curves: Curve[];
  twins: Series[];
  walk: Series | null;
  scale: [number | null, number | null][];
}

export interface Check {
  name: string;
  meaning: string;
  result: string;
  error: string;
  tolerance: string;
  detail: string;
}

export interface TokenData {
  tokens: number;
  of_tokens: number;
  of_passages: number;
  /** Passages that have tokens in the run: of sums, those that were drawn. */
  passages_with_rows: number;
  /** The passages before and after these, where a server gives them in parts. */
  before?: number | null;
  after?: number | null;
  whole_texts: boolean;
  passages: { passage: number; name: string; tokens: number; text: string; pieces?: Record<string, string> }[];
  columns: Record<"position" | "gap" | "length" | "sink" | "usable" | "role", Packed>;
  labels: Record<string, { known: string[]; codes: Packed }>;
  states: Record<string, Packed>;
  twin: Record<string, Packed>;
  twins: number;
  once: Record<string, Packed>;
}

/** Paths through common axes: [3, tokens, L+1], flat; those of the first twin in the same axes. */
export interface AxesData {
  passages: Packed;
  positions: Packed;
  of: number;
  shares: number[];
  points: Packed;
  twin: Packed | null;
}

export interface Run {
  name: string;
  kind: "run" | "comparison";
  complete: boolean;
  model: string;
  /** Of the difference of two runs: the names of both in the page, and of both models. */
  minus: { run: string; base: string; model: string; less: string } | null;
  blocks: number;
  unit: string;
  card: Pairs;
  checks: Check[];
  exclusions: Pairs;
  never: number;
  skipped: Pairs;
  reproduce: Pairs;
  command: string;
  config: string;
  findings: Finding[];
  studies: Study[];
  profiles: Record<string, Profile>;
  axes: AxesData | null;
  data: TokenData | null;
  problem: string;
  /** Where the run stands in a series, and on which axis; none outside one. */
  place: { axis: string; at: string } | null;
}

export interface Page {
  format: number;
  title: string;
  command: string;
  measures: Record<string, Measure>;
  limits: Pairs;
  view?: Record<string, string | number | boolean>;
  runs: Run[];
}
