import { computed } from "@preact/signals";
import { colourRange } from "../colour";
import { tokens } from "../sources";
import { run, view } from "../view";

/** Between which values the colours run at a layer. */
export function rangeAt(layer: number): [number, number] | null {
  const { measure, minus } = view.value;
  const values = tokens.value?.at(measure, layer, minus);
  return values ? colourRange(values, run.value.profiles[measure]?.scale[layer], minus) : null;
}

/** Between which values the colours run at the chosen block. */
export const range = computed(() => rangeAt(view.value.block));
