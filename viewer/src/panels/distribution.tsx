import { max, sum } from "d3-array";
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import { Chart, Panel } from "../chart";
import { shade } from "../colour";
import { count, inUnit, tick } from "../format";
import { within, type Column } from "../source";
import { tokens, useColumn } from "../sources";
import { change, page, signed, taken, view, type Range } from "../view";
import { range } from "./range";

const [TOP, BOTTOM, SIDE] = [34, 24, 12];

export function Distribution(): JSX.Element {
  const { measure, block } = view.value;
  const column = useColumn(measure);
  const about = page.value.measures[measure]!;
  const unit = about.unit;
  const bars = column && barsOf(column);
  const words = column
    ? `${column.count.toLocaleString("en-US")} tokens: median ${inUnit(column.percentiles[50], unit)}, 5–95 % ${inUnit(column.percentiles[5], unit)} to ${inUnit(column.percentiles[95], unit)}.`
    : "";
  return (
    <Panel id="distribution" title={`All tokens at block ${block}`}>
      {column && (
        <div role="group" tabIndex={0} aria-label="All tokens, as bars. Left and right choose the tokens of a bar, with shift of more bars." onKeyDown={(e) => walk(e, column)}>
          <Chart name={`odograph-distribution-${measure}-${block}`} words={`${about.label}. ${words}`} height={200}
            draw={(w, h) => drawing(column, w, h, unit, signed.value)} />
        </div>
      )}
      <p class="reading" aria-live="polite">{column && bars ? `${told(column, bars, unit)} ${words}` : words}{column?.source && ` ${column.source}`}</p>
      <p class="small">
        {about.label}{taken}; first tokens and sinks left out.{column?.twin ? " Dashed outline: the untrained twins (mean of seeds)." : ""} Click a bar, or ← →, to choose its tokens; with Shift, more bars.
      </p>
    </Panel>
  );
}

/** Beyond every value: the outermost bars hold all that lies beyond them. */
const BEYOND = 1e9;

/** Chooses the tokens of these bars, first to last. */
function choose({ edges, counts }: Column, [first, last]: Range): void {
  change({ box: { x: [first ? edges[first]! : -BEYOND, last < counts.length - 1 ? edges[last + 1]! : BEYOND], y: null } });
}

/** The bars that are chosen, first and last; null where a box is, or nothing. */
function barsOf({ edges, counts }: Column): Range | null {
  const { box } = view.value;
  if (!box || box.y) return null;
  const inside = counts.map((_, k) => k).filter((k) => within(box.x, (edges[k]! + edges[k + 1]!) / 2));
  return inside.length ? [inside[0]!, inside.at(-1)!] : null;
}

function told({ edges, counts }: Column, [first, last]: Range, unit: string): string {
  const from = first ? inUnit(edges[first], unit) : "the least";
  const to = last < counts.length - 1 ? inUnit(edges[last + 1], unit) : "the most";
  return `From ${from} to ${to}: ${count(sum(counts.slice(first, last + 1)), "token")}.`;
}

/** Arrows go from bar to bar, from the median on; with shift the last bar moves alone. */
function walk(event: KeyboardEvent, column: Column): void {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  choose(column, nextBars(column, barsOf(column), by, event.shiftKey));
}

function nextBars({ edges, counts, percentiles }: Column, bars: Range | null, by: number, more: boolean): Range {
  const end = counts.length - 1;
  if (!bars) {
    const median = Math.max(0, counts.findIndex((_, k) => percentiles[50]! < edges[k + 1]!));
    return [median, median];
  }
  const [first, last] = bars;
  if (more) return [first, Math.max(first, Math.min(end, last + by))];
  const next = Math.max(0, Math.min(end, (by < 0 ? first : last) + by));
  return [next, next];
}

function drawing(column: Column, w: number, h: number, unit: string, minus: boolean): JSX.Element {
  const { edges, counts, twin } = column;
  const x = scaleLinear([edges[0]!, edges.at(-1)!], [SIDE, w - SIDE]);
  // A twin whose tokens are all alike would leave the bars no height: its outline is then cut off at the top.
  const y = scaleLinear([0, Math.min(Math.max(max(counts)!, max(twin ?? [0])!), 3 * max(counts)!)], [h - BOTTOM, TOP]).clamp(true);
  const between = range.value ?? [edges[0]!, edges.at(-1)!];
  const outline = twin?.map((n, k) => `${k ? "L" : "M"}${x(edges[k]!)} ${y(n)}L${x(edges[k + 1]!)} ${y(n)}`).join("");
  const chosen = barsOf(column);
  return (
    <>
      {counts.map((n, k) => {
        const { ground } = shade(((edges[k]! + edges[k + 1]!) / 2 - between[0]) / (between[1] - between[0]), minus);
        return <rect key={k} class={`bar ${chosen && within(chosen, k) ? "chosen" : ""}`} x={x(edges[k]!)} width={Math.max(1, x(edges[k + 1]!) - x(edges[k]!) - 0.5)} y={y(n)} height={Math.max(0, h - BOTTOM - y(n))} fill={ground} onClick={(e) => choose(column, e.shiftKey && chosen ? [Math.min(k, chosen[0]), Math.max(k, chosen[1])] : [k, k])} />;
      })}
      {outline && <path class="line twin dashed" d={outline} />}
      <line class="axis" x1={SIDE} x2={w - SIDE} y1={h - BOTTOM} y2={h - BOTTOM} />
      {x.ticks(Math.max(3, Math.floor(w / 70))).map((v) => <text key={v} class="middle" x={x(v)} y={h - 7}>{tick(v, unit)}</text>)}
      <Pins x={x} h={h} w={w} />
    </>
  );
}

function Pins({ x, h, w }: { x: (v: number) => number; h: number; w: number }): JSX.Element {
  const { a, b, measure, block, minus } = view.value;
  const all = tokens.value;
  const values = all?.at(measure, block, minus);
  return (
    <>
      {([["a", "■ A", a, 12], ["b", "◆ B", b, 26]] as const).map(([kind, label, place, y]) => {
        const value = all && place ? values?.[all.rowOf(place.passage, place.position)] : undefined;
        if (value === undefined || !Number.isFinite(value)) return null;
        const at = Math.max(SIDE, Math.min(w - SIDE, x(value)));
        return (
          <g key={kind} class={`pin ${kind}`}>
            <line x1={at} x2={at} y1={y + 4} y2={h - BOTTOM} />
            <text x={Math.max(16, Math.min(w - 16, at))} y={y} class={`label middle ${kind}`}>{label}</text>
          </g>
        );
      })}
    </>
  );
}
