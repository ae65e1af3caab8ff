import { signal } from "@preact/signals";
import { useAnswer } from "./hooks";
import type { Axes, Chosen, Cloud, Column, Source } from "./source";
import type { Tokens } from "./tokens";
import { view, type Box } from "./view";

let source: Source;

/** The tokens that are looked at: those of the run, or of the passages around the one shown. */
export const tokens = signal<Tokens | null>(null);

/** What is chosen by the box in the scatter; null without a box. */
export const chosen = signal<Chosen | null>(null);

export function start(one: Source): void {
  source = one;
}

export function loadTokens(run: number, passage: number): Promise<Tokens | null> {
  return source.tokens(run, passage);
}

export function useColumn(measure: string): Column | null | undefined {
  const { run, block, minus } = view.value;
  return useAnswer(() => source.column(run, measure, block, minus), `${run} ${measure} ${block} ${minus}`);
}

export function useColumns(measures: string[]): Record<string, Column | null> | undefined {
  const { run, block } = view.value;
  return useAnswer(async () => {
    const found = await Promise.all(measures.map(async (m) => [m, await source.column(run, m, block, false)] as const));
    return Object.fromEntries(found);
  }, `${run} ${measures.join()} ${block}`);
}

export function useCloud(axes: Axes): Cloud | null | undefined {
  return useAnswer(() => source.cloud(axes), JSON.stringify(axes));
}

export async function choose(axes: Axes, box: Box | null): Promise<void> {
  chosen.value = box && (await source.choose(axes, box));
}
