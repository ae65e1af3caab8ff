import { signal } from "@preact/signals";
import { useAnswer } from "./hooks";
import type { Profile } from "./page";
import type { Axes, Chosen, Cloud, Column, Ranks, Source } from "./source";
import type { Tokens } from "./tokens";
import { firstView, page, shownRuns, view, type Box } from "./view";

let source: Source;

/** Whether tokens come from a server, all of them, rather than from this file. */
export const live = signal(false);

/** The tokens that are looked at: those of the run, or of the passages around the one shown. */
export const tokens = signal<Tokens | null>(null);

/** What is chosen by the box in the scatter; null without a box. */
export const chosen = signal<Chosen | null>(null);

/** Whether the curves are there that say at which block the page begins. */
export const begun = signal(true);

export function start(one: Source, fromServer: boolean): void {
  source = one;
  live.value = fromServer;
  begun.value = !fromServer;
}

export function loadTokens(run: number, passage: number): Promise<Tokens | null> {
  return source.tokens(run, passage);
}

/** Asks for the curves of a measure where the page came without them: of the run that is shown, then of the others. */
export async function loadProfiles(measure: string): Promise<void> {
  await load([view.value.run], measure);
  if (!begun.value) {
    view.value = firstView();
    begun.value = true;
  }
  await load(shownRuns(page.value.runs), measure);
}

async function load(numbers: number[], measure: string): Promise<void> {
  const lacking = numbers.filter((k) => page.value.runs[k]!.profiles[measure]?.curves.length === 0);
  const found = await Promise.all(lacking.map(async (k) => [k, await source.profile(k, measure)] as const));
  const known = new Map(found.filter((one): one is [number, Profile] => one[1] !== null));
  if (!known.size) return;
  const runs = page.value.runs.map((one, k) => (known.has(k) ? { ...one, profiles: { ...one.profiles, [measure]: known.get(k)! } } : one));
  page.value = { ...page.value, runs };
}

export function useColumn(measure: string): Column | null | undefined {
  const { run, block, minus } = view.value;
  return useAnswer(() => source.column(run, measure, block, minus), `${run} ${measure} ${block} ${minus}`);
}

export function useRanks(measures: string[]): Ranks | undefined {
  const { run, block, a, b } = view.value;
  return useAnswer(() => source.ranks(run, measures, block, [a, b]), JSON.stringify([run, measures, block, a, b]));
}

export function useCloud(axes: Axes): Cloud | null | undefined {
  return useAnswer(() => source.cloud(axes), JSON.stringify(axes));
}

let asked = 0;

/** Asks what a box holds; the answer to a box before the last one is dropped. */
export async function choose(axes: Axes, box: Box | null): Promise<void> {
  const number = ++asked;
  const found = box && (await inBox(axes, box));
  if (number === asked) chosen.value = found;
}

/** A range of the measure alone is the measure against itself: no token lacks a place there. */
function inBox(axes: Axes, { x, y }: Box): Promise<Chosen | null> {
  return y ? source.choose(axes, { x, y }) : source.choose({ ...axes, y: axes.x }, { x, y: x });
}
