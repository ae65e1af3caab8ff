import type { Box, Range } from "./view";

/** By what share of an axis an arrow moves the box, and how far its sides first lie from its middle. */
const [STEP, REACH] = [0.04, 0.12];

export type Axis = "x" | "y";

/** Which way an arrow key moves a box. */
export const ARROWS: Record<string, [Axis, number]> = { ArrowLeft: ["x", -1], ArrowRight: ["x", 1], ArrowDown: ["y", -1], ArrowUp: ["y", 1] };

/** A box around a point, or around the middle of axes that the point does not lie on. */
export function boxAround(point: [number, number], ends: Record<Axis, Range>): { x: Range; y: Range } {
  return { x: around(point[0], ends.x), y: around(point[1], ends.y) };
}

function around(value: number, [low, high]: Range): Range {
  const middle = value >= low && value <= high ? value : (low + high) / 2;
  const reach = REACH * (high - low);
  return [middle - reach, middle + reach];
}

/** The box one step along an axis; with `far`, only its right or upper side. */
export function moved(box: Box, [axis, by]: [Axis, number], far: boolean, ends: Record<Axis, Range>): Box {
  const [low, high] = ends[axis];
  const [from, to] = box[axis] ?? [low, high];
  const step = STEP * (high - low);
  if (far) return { ...box, [axis]: [from, Math.max(from + step, Math.min(high, to + by * step))] };
  const kept = Math.max(low - from, Math.min(high - to, by * step));
  return { ...box, [axis]: [from + kept, to + kept] };
}
