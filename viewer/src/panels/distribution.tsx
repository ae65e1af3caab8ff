import { max } from "d3-array";
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import { Chart, Panel } from "../chart";
import { shade } from "../colour";
import { inUnit, tick } from "../format";
import type { Column } from "../source";
import { tokens, useColumn } from "../sources";
import { change, page, view } from "../view";
import { range } from "./range";
import { axesOf, upRange } from "./scatter";

const [TOP, BOTTOM, SIDE] = [34, 24, 12];

export function Distribution(): JSX.Element {
  const { measure, block, minus } = view.value;
  const column = useColumn(measure);
  const about = page.value.measures[measure]!;
  const unit = about.unit;
  const words = column
    ? `${column.count.toLocaleString("en-US")} tokens: median ${inUnit(column.percentiles[50], unit)}, 5–95 % ${inUnit(column.percentiles[5], unit)} to ${inUnit(column.percentiles[95], unit)}.`
    : "";
  return (
    <Panel id="distribution" title={`All tokens at block ${block}`}>
      {column && (
        <Chart name={`odograph-distribution-${measure}-${block}`} words={`${about.label}. ${words}`} height={200}
          draw={(w, h) => drawing(column, w, h, unit, minus)} />
      )}
      <p class="reading">{words}</p>
      <p class="small">
        {about.label}{minus ? " minus that of the untrained twins" : ""}; first tokens and sinks left out.{column?.twin ? " Dashed outline: the same tokens in the untrained twins (mean of seeds)." : ""} Click a bar to choose its tokens.
      </p>
    </Panel>
  );
}

function drawing(column: Column, w: number, h: number, unit: string, minus: boolean): JSX.Element {
  const { edges, counts, twin } = column;
  const x = scaleLinear([edges[0]!, edges.at(-1)!], [SIDE, w - SIDE]);
  const y = scaleLinear([0, Math.max(max(counts)!, max(twin ?? [0])!)], [h - BOTTOM, TOP]);
  const between = range.value ?? [edges[0]!, edges.at(-1)!];
  const outline = twin?.map((n, k) => `${k ? "L" : "M"}${x(edges[k]!)} ${y(n)}L${x(edges[k + 1]!)} ${y(n)}`).join("");
  const choose = (k: number): void => {
    const axes = axesOf(view.value);
    const up = upRange(tokens.value, axes);
    if (up) change({ box: { x: [k ? edges[k]! : -1e9, k < counts.length - 1 ? edges[k + 1]! : 1e9], y: up } });
  };
  return (
    <>
      {counts.map((n, k) => {
        const { ground } = shade(((edges[k]! + edges[k + 1]!) / 2 - between[0]) / (between[1] - between[0]), minus);
        return <rect key={k} class="bar" x={x(edges[k]!)} width={Math.max(1, x(edges[k + 1]!) - x(edges[k]!) - 0.5)} y={y(n)} height={Math.max(0, h - BOTTOM - y(n))} fill={ground} onClick={() => choose(k)} />;
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
