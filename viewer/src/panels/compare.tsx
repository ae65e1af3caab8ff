import { useSignal } from "@preact/signals";
import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { apart, Chart, Panel } from "../chart";
import { shade } from "../colour";
import { inUnit, tick } from "../format";
import { useReducedMotion } from "../hooks";
import type { Run, Series } from "../page";
import { change, page, run, shownRuns, taken, view } from "../view";
import { meanOf } from "./profile";

const [TOP, BOTTOM, LEFT, RIGHT] = [12, 26, 46, 110];

/** The same measure in every run of the page; models of other depths over their relative depth. */
export function Compare(): JSX.Element {
  const { measure, minus, run: chosen } = view.value;
  // A difference stands beside differences, a run beside runs.
  const numbers = shownRuns(page.value.runs).filter((k) => measure in page.value.runs[k]!.profiles && !page.value.runs[k]!.minus === !run.value.minus);
  const runs = numbers.map((k) => page.value.runs[k]!);
  const depths = new Set(runs.map((one) => one.blocks));
  const about = page.value.measures[measure]!;
  const models = new Set(runs.map((one) => one.model));
  const series = runs.map((one) => seriesOf(one, measure, minus));
  const axis = axisOf(runs);
  const words = runs.map((one, k) => `${one.name}: ${inUnit(series[k]!.at(-1), about.unit)} in the last block`).join("; ");
  return (
    <Panel id="compare" title={axis ? `Along the ${axis}` : models.size > 1 ? "Compare models" : "Compare texts"} tools={<Order numbers={numbers} />}>
      <Chart name={`odograph-compare-${measure}`} words={`${about.label}. ${words}.`} height={220}
        draw={(w, h) => drawing(runs, series, { w, h, relative: depths.size > 1, unit: about.unit, chosen: numbers.indexOf(chosen), measure, pick: (k) => goTo(numbers[k]!) })} />
      <p class="small">
        {about.label}, means over {run.value.unit}s{taken}.{" "}
        {depths.size > 1 ? "Over relative depth: first to last block. " : ""}Other texts or models differ in more than one thing; this describes.
      </p>
    </Panel>
  );
}

/** The axis of the series that all these runs are members of; none where one is not. */
function axisOf(runs: Run[]): string {
  const axes = new Set(runs.map((one) => one.place?.axis ?? ""));
  return axes.size === 1 ? [...axes][0]! : "";
}

const EVERY = 1000;

/** Goes through the runs in the order given, by hand or, where nothing is against motion, by itself. */
function Order({ numbers }: { numbers: number[] }): JSX.Element {
  const playing = useSignal(false);
  const still = useReducedMotion();
  const { run: number } = view.value;
  const { place } = run.value;
  const at = numbers.indexOf(number);
  useEffect(() => {
    if (!playing.value || still) return;
    const timer = setInterval(() => {
      const next = numbers.indexOf(view.value.run) + 1;
      if (next < numbers.length) goTo(numbers[next]!);
      else playing.value = false;
    }, EVERY);
    return () => clearInterval(timer);
  }, [playing.value, still]);
  const play = (): void => {
    if (!playing.value && at === numbers.length - 1) goTo(numbers[0]!);
    playing.value = !playing.value;
  };
  return (
    <>
      <label>
        <span>{place ? `${place.axis} ${place.at}` : "Run"}</span>
        <input type="range" min={0} max={numbers.length - 1} step={1} value={at} aria-valuetext={place?.at ?? run.value.name}
          onInput={(e) => {
            playing.value = false;
            goTo(numbers[Number(e.currentTarget.value)]!);
          }} />
      </label>
      {!still && <button type="button" class="play" onClick={play}>{playing.value ? "Stop" : "Play"}</button>}
    </>
  );
}

/** Another run, with the same measure at the same relative depth. */
function goTo(number: number): void {
  const { measure, block, minus } = view.value;
  const depth = block / Math.max(1, run.value.blocks);
  change({ run: number, measure, minus, block: Math.round(depth * page.value.runs[number]!.blocks) });
}

function seriesOf(one: Run, measure: string, minus: boolean): Series {
  const { curves, twins } = one.profiles[measure]!;
  const less = meanOf(twins);
  return (curves[0]?.mean ?? []).map((v, k) => (v === null ? null : minus ? (less[k] == null ? null : v - less[k]!) : v));
}

interface Options {
  w: number;
  h: number;
  relative: boolean;
  unit: string;
  chosen: number;
  measure: string;
  pick: (k: number) => void;
}

function drawing(runs: Run[], series: Series[], { w, h, relative, unit, chosen, pick }: Options): JSX.Element {
  const values = series.flat().filter((v) => v !== null);
  if (!values.length) return <text x={LEFT} y={h / 2}>no numbers</text>;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const log = low > 0 && high / low > 3;
  const y = (log ? scaleLog : scaleLinear)([log ? low / 1.05 : low, log ? high * 1.05 : high === low ? low + 1 : high], [h - BOTTOM, TOP]);
  const last = Math.max(...runs.map((one) => one.blocks));
  const x = scaleLinear([1, Math.max(2, relative ? 100 : last)], [LEFT, w - RIGHT]);
  const at = (one: Run, k: number): number => x(relative ? (one.blocks > 1 ? 1 + ((k - 1) / (one.blocks - 1)) * 99 : 1) : k);
  const shape = (one: Run, s: Series): string => line<number | null>().defined((v, k) => v !== null && k > 0).x((_, k) => at(one, k)).y((v) => y(v!))(s) ?? "";
  // Of a series the ends and the chosen member are named: between them colour falls into line.
  const ordered = axisOf(runs) !== "";
  const named = series.map((s, k) => ({ k, y: y(s.at(-1) ?? values[0]!) }))
    .filter(({ k }) => !ordered || k === 0 || k === runs.length - 1 || k === chosen);
  const labels = apart(named, 14, TOP, h - BOTTOM);
  const ramp = (k: number): string => shade((k + 1) / runs.length, false).ground;
  const stroke = (k: number): Record<string, string> => (ordered ? { stroke: ramp(k), strokeDasharray: "none" } : {});
  const ticks = y.ticks(log ? 4 : 5).filter((v, k, all) => !log || all.length < 7 || /^[0-9.]*[125]e?/.test(v.toExponential()[0]!) && (k % 2 === 0 || all.length < 9));
  return (
    <>
      {ticks.map((v) => (
        <g key={v} class="tick">
          <line x1={LEFT} x2={w - RIGHT} y1={y(v)} y2={y(v)} />
          <text class="end" x={LEFT - 6} y={y(v) + 4}>{tick(v, unit)}</text>
        </g>
      ))}
      <text x={LEFT} y={h - 7} class="small">{relative ? "first block" : "block 1"}</text>
      <text x={w - RIGHT} y={h - 7} class="small end">{relative ? "last block" : last}</text>
      {series.map((s, k) => <path key={k} class={`line run-${k % 6} ${k === chosen ? "chosen" : ""}`} d={shape(runs[k]!, s)} style={stroke(k)} onClick={() => pick(k)} />)}
      {labels.map((label) => <text key={label.k} class={`label run-${ordered ? 0 : label.k % 6}`} x={w - RIGHT + 7} y={label.y + 4} onClick={() => pick(label.k)}>{(runs[label.k]!.place?.at ?? runs[label.k]!.name).slice(0, 15)}</text>)}
    </>
  );
}
