import { signal } from "@preact/signals";
import { useAnswer } from "./hooks";
import type { Axes, Chosen, Cloud, Column, Source } from "./source";
import type { Tokens } from "./tokens";
import { view, type Box } from "./view";

let source: Source;

/** Whether tokens come from a server, all of them, rather than from this file. */
export const live = signal(false);

/** The tokens that are looked at: those of the run, or of the passages around the one shown. */
export const tokens = signal<Tokens | null>(null);

/** What is chosen by the box in the scatter; null without a box. */
export const chosen = signal<Chosen | null>(null);

export function start(one: Source, fromServer: boolean): void {
  source = one;
  live.value = fromServer;
}

export function loadTokens(run: number, passage: number): Promise<Tokens | null> {
  return source.tokens(run, passage);
}

export function useColumn(measure: string): Column | null | undefined {
  const { run, block, minus } = view.value;
  return useAnswer(async () => (await source.columns(run, [measure], block, minus))[measure] ?? null, `${run} ${measure} ${block} ${minus}`);
}

export function useColumns(measures: string[]): Record<string, Column | null> | undefined {
  const { run, block } = view.value;
  return useAnswer(() => source.columns(run, measures, block, false), `${run} ${measures.join()} ${block}`);
}

export function useCloud(axes: Axes): Cloud | null | undefined {
  return useAnswer(() => source.cloud(axes), JSON.stringify(axes));
}

export async function choose(axes: Axes, box: Box | null): Promise<void> {
  chosen.value = box && (await source.choose(axes, box));
}
