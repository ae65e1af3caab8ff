import { computed, signal } from "@preact/signals";
import type { Page, Run } from "./page";

/** A token by its passage and position. */
export interface Place {
  passage: number;
  position: number;
}

export type Range = [number, number];

/** A part of the scatter; without `y`, the tokens of a range of the measure, whatever stands up. */
export interface Box {
  x: Range;
  y: Range | null;
}

/** Everything that is looked at; it lives in the address, so that a link is a view. */
export interface View {
  run: number;
  measure: string;
  block: number;
  passage: number;
  a: Place | null;
  b: Place | null;
  minus: boolean;
  against: string;
  box: Box | null;
  /** How the path is shown: unrolled, or in common "axes". */
  tab: string;
}

export const page = signal<Page>(null as unknown as Page);
export const view = signal<View>(null as unknown as View);
export const hovered = signal<Place | null>(null);
export const run = computed<Run>(() => page.value.runs[view.value.run]!);

/** Measured of both models of a difference together: no difference itself. */
const TOGETHER = new Set(["state_angle", "state_distance"]);
const isDifference = computed<boolean>(() => !!run.value.minus && !TOGETHER.has(view.value.measure));
/** Whether what is shown lies about 0: less the twins, or the difference of two runs. */
export const signed = computed<boolean>(() => view.value.minus || isDifference.value);
/** What is taken away, behind what is shown: " minus base"; nothing for a value. */
export const taken = computed<string>(() => (view.value.minus ? " minus the untrained twins" : isDifference.value ? ` minus ${run.value.minus!.less}` : ""));
/** The null that is measured beside a run, or beside the difference of two. */
export const nullName = computed<string>(() => (run.value.minus ? "two seeds of the twin" : "untrained twins"));

/** Runs whose curves or tokens can be shown. */
export function shownRuns(all: Run[]): number[] {
  return all.map((_, k) => k).filter((k) => Object.keys(all[k]!.profiles).length > 0);
}

/** The view of the address, or else that with which the page begins. */
export function firstView(): View {
  const start = startView(page.value);
  return location.hash.length > 1 ? parse(location.hash, start) : start;
}

function startView(all: Page): View {
  const first = shownRuns(all.runs)[0] ?? 0;
  const start = { ...ofRun(all.runs, first), against: "next_logprob" };
  return whole({ ...start, ...viewOf(all.view ?? {}, start) });
}

/** The view with which a run begins: its rotation, at the block that differs most from the twins. */
function ofRun(runs: Run[], number: number): View {
  const one = runs[number]!;
  const measure = "rotation" in one.profiles ? "rotation" : (Object.keys(one.profiles)[0] ?? "rotation");
  return {
    run: number,
    measure,
    block: tellingBlock(one, measure),
    passage: one.data?.passages[0]?.passage ?? 0,
    a: null,
    b: null,
    minus: false,
    against: "",
    box: null,
    tab: "",
  };
}

function tellingBlock(one: Run, measure: string): number {
  const profile = one.profiles[measure];
  const mean = profile?.curves[0]?.mean ?? [];
  const twins = profile?.twins ?? [];
  let [best, most] = [Math.max(1, Math.ceil(one.blocks * 0.75)), 0];
  for (let block = 2; block <= one.blocks; block++) {
    const values = twins.map((twin) => twin[block]).filter((v) => v != null);
    const gap = Math.abs((mean[block] ?? NaN) - values.reduce((a, b) => a + b, 0) / values.length);
    if (gap > most) [best, most] = [block, gap];
  }
  return Math.min(best, Math.max(one.blocks, 0));
}

/** Another run of the page on the same tokens, at the same place. */
export function sameAt(number: number): void {
  const { measure, block, passage, a, b } = view.value;
  change({ run: number, measure, block, passage, a, b });
}

export function change(part: Partial<View>): void {
  const before = view.value;
  const start = part.run !== undefined && part.run !== before.run ? ofRun(page.value.runs, part.run) : before;
  view.value = whole({ ...start, against: before.against, tab: before.tab, ...part });
  remember();
}

/** The view with nothing in it that the run does not have. */
function whole(wanted: View): View {
  const one = page.value.runs[wanted.run] ?? page.value.runs[0]!;
  const profile = one.profiles[wanted.measure];
  const measure = profile ? wanted.measure : (Object.keys(one.profiles)[0] ?? wanted.measure);
  const first = firstLayer(one, measure);
  const block = Math.max(first, Math.min(one.blocks, Math.round(wanted.block) || first));
  return { ...wanted, measure, block, minus: wanted.minus && !one.minus && !!one.profiles[measure]?.twins.length };
}

/** The first layer at which a measure has a number. */
export function firstLayer(one: Run, measure: string): number {
  const mean = one.profiles[measure]?.curves[0]?.mean ?? [];
  return Math.max(0, mean.findIndex((value) => value !== null));
}

function remember(): void {
  try {
    history.replaceState(null, "", `#${fragment(view.value)}`);
  } catch {
    // A frame without an address of its own keeps its view to itself.
  }
}

export function fragment(of: View): string {
  const fields: [string, string | null][] = [
    ["run", page.value.runs[of.run]?.name ?? ""],
    ["measure", of.measure],
    ["block", String(of.block)],
    ["passage", String(of.passage)],
    ["a", of.a && `${of.a.passage}.${of.a.position}`],
    ["b", of.b && `${of.b.passage}.${of.b.position}`],
    ["minus", of.minus ? "1" : null],
    ["against", of.against || null],
    ["tab", of.tab || null],
    ["box", of.box && [...of.box.x, ...(of.box.y ?? [])].map((v) => v.toPrecision(7)).join(",")],
  ];
  const kept = fields.filter((field): field is [string, string] => field[1] !== null);
  return new URLSearchParams(kept).toString();
}

/** The view that a fragment names; what it does not name is as it was. */
export function parse(text: string, from: View): View {
  const fields = Object.fromEntries(new URLSearchParams(text.replace(/^#/, "")));
  return whole({ ...from, ...viewOf(fields, from) });
}

/** The part of a view that named fields describe, as a fragment or a finding has them. */
export function viewOf(fields: Record<string, string | number | boolean>, from: View): Partial<View> {
  const part: Partial<View> = {};
  const named = page.value.runs.findIndex((one) => one.name === fields.run);
  if (named >= 0 && named !== from.run) Object.assign(part, ofRun(page.value.runs, named), { against: from.against });
  if (fields.measure !== undefined) part.measure = String(fields.measure);
  const block = Number(fields.block ?? fields.layer);
  if (Number.isFinite(block)) part.block = block;
  if (Number.isFinite(Number(fields.passage ?? NaN))) part.passage = Number(fields.passage);
  if (fields.a !== undefined) part.a = place(String(fields.a));
  if (fields.b !== undefined) part.b = place(String(fields.b));
  if (fields.minus !== undefined) part.minus = fields.minus === true || Number(fields.minus) === 1;
  if (fields.against !== undefined) part.against = String(fields.against);
  if (fields.tab !== undefined) part.tab = String(fields.tab);
  if (fields.box !== undefined) part.box = box(String(fields.box));
  return part;
}

function place(text: string): Place | null {
  const [passage, position] = text.split(".").map(Number);
  return Number.isInteger(passage) && Number.isInteger(position) ? { passage: passage!, position: position! } : null;
}

function box(text: string): Box | null {
  const n = text.split(",").map(Number);
  if (!(n.length === 2 || n.length === 4) || !n.every(Number.isFinite)) return null;
  return { x: [n[0]!, n[1]!], y: n.length === 4 ? [n[2]!, n[3]!] : null };
}

export function samePlace(one: Place | null, other: Place | null): boolean {
  return !!one && !!other && one.passage === other.passage && one.position === other.position;
}
