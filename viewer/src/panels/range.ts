import { computed } from "@preact/signals";
import { colourRange } from "../colour";
import { tokens } from "../sources";
import { run, signed, view } from "../view";

/** Between which values the colours run at a layer; sinks, far longer than all others, have no say. */
export function rangeAt(layer: number): [number, number] | null {
  const { measure, minus } = view.value;
  const all = tokens.value;
  const values = all?.at(measure, layer, minus);
  return all && values ? colourRange(values.filter((_, row) => all.isUsable(row)), run.value.profiles[measure]?.scale[layer], signed.value) : null;
}

/** Between which values the colours run at the chosen block. */
export const range = computed(() => rangeAt(view.value.block));
