import { useSignal } from "@preact/signals";
import { scaleLinear, scaleLog } from "d3-scale";
import { area, curveMonotoneX, line } from "d3-shape";
import type { JSX } from "preact";
import { apart, Chart, Panel } from "../chart";
import { count, inUnit, labelled, tick } from "../format";
import type { Profile, Series } from "../page";
import { tokens } from "../sources";
import { change, firstLayer, nullName, page, run, signed, taken, view, type Place } from "../view";

/** Measures whose first block takes nearly all of a linear axis. */
const LOGARITHMIC = new Set(["rotation", "relative_step", "growth", "influence", "norm", "step", "attention_step", "mlp_step", "path"]);
const TOP = 14;
const LEFT = 46;
const BOTTOM = 26;

interface Line {
  label: string;
  /** The label where there is no room for all of it. */
  short?: string;
  kind: string;
  values: Series;
  dots?: boolean;
  low?: Series;
  high?: Series;
}

const QUESTIONS: Record<string, string> = {
  rotation: "How far does a token turn in each block?",
  relative_step: "How long is each step, in lengths of the state it is added to?",
  turned: "How far has a token turned by then?",
  norm: "How long is the state?",
  path: "How long is the path by then?",
};

export function ProfilePanel(): JSX.Element {
  const { measure, block, minus } = view.value;
  const hidden = useSignal<string[]>([]);
  const one = run.value;
  const profile = one.profiles[measure]!;
  const about = page.value.measures[measure]!;
  const all = linesOf(profile, one.data ? pinned() : [], minus);
  const lines = all.filter(({ kind }) => !hidden.value.includes(kind));
  const title = (QUESTIONS[measure] ?? `${about.label[0]!.toUpperCase()}${about.label.slice(1)}, by block`) + (taken.value && ` Here${taken.value}.`);
  const first = firstLayer(one, measure);
  const move = (event: PointerEvent): void => {
    const svg = event.currentTarget as SVGSVGElement;
    if (event.type === "pointermove" && !event.buttons) return;
    const at = event.clientX - svg.getBoundingClientRect().left;
    const share = (at - LEFT) / (svg.clientWidth - LEFT - rightOf(svg.clientWidth));
    change({ block: Math.max(first, first + Math.round(share * Math.max(1, one.blocks - first))) });
  };
  const nulls = [...new Map(all.filter(({ kind }) => NULLS[kind]).map(({ kind }) => [kind, kind === "twin" ? nullName.value : NULLS[kind]!])).entries()];
  return (
    <Panel id="profile" title={title} tools={nulls.map(([kind, name]) => <Toggle key={kind} kind={kind} name={name} hidden={hidden} />)}>
      <Chart
        name={`odograph-${measure}`}
        words={`${title} ${reading(profile, block, about.unit, minus)}`}
        height={(w) => Math.round(Math.max(240, Math.min(340, w * 0.5)))}
        draw={(w, h) => drawing(lines, { w, h, first, last: one.blocks, block, unit: about.unit, log: !signed.value && LOGARITHMIC.has(measure) })}
        events={{ onPointerDown: move, onPointerMove: move, class: "drag" }}
      />
      <p class="reading" aria-live="polite">{reading(profile, block, about.unit, minus)}</p>
      <p class="small">{labelled(about)}: {about.formula}. {about.definition} Lines: means over {one.unit}s of means over their tokens; band: 5–95 % of {one.unit}s. Drag, or ← →, to move the block.</p>
    </Panel>
  );
}

const NULLS: Record<string, string> = { twin: "untrained twins", walk: "random walk" };

function Toggle({ kind, name, hidden }: { kind: string; name: string; hidden: { value: string[] } }): JSX.Element {
  const off = hidden.value.includes(kind);
  return (
    <button type="button" class={`toggle ${kind}`} aria-pressed={!off} onClick={() => (hidden.value = off ? hidden.value.filter((k) => k !== kind) : [...hidden.value, kind])}>
      {name}
    </button>
  );
}

function pinned(): { label: string; kind: string; place: Place }[] {
  const { a, b } = view.value;
  return [a && { label: "A", kind: "a", place: a }, b && { label: "B", kind: "b", place: b }].filter((pin) => !!pin);
}

function linesOf(profile: Profile, pins: { label: string; kind: string; place: Place }[], minus: boolean): Line[] {
  const mean = meanOf(profile.twins);
  const less = (values: Series): Series => (minus ? values.map((v, k) => (v === null || mean[k] == null ? null : v - mean[k]!)) : values);
  const lines: Line[] = profile.twins.map((twin, k) => ({
    label: k === 0 ? (run.value.minus ? nullName.value : profile.twins.length === 1 ? "untrained twin" : `${profile.twins.length} untrained twins`) : "",
    ...(!run.value.minus && { short: `${profile.twins.length} untrained` }),
    kind: "twin",
    values: less(twin),
  }));
  if (profile.walk && !minus) lines.push({ label: "random walk", kind: "walk", values: profile.walk });
  profile.curves.forEach((curve, k) => {
    const kind = ["mean", "target", "before"][k] ?? "mean";
    lines.push({ label: profile.curves.length > 1 ? curve.label : "mean", ...(kind === "before" && { short: "before it" }), kind, values: less(curve.mean), dots: k === 0, ...(k < 2 && { low: less(curve.low), high: less(curve.high) }) });
  });
  const here = tokens.value;
  for (const { label, kind, place } of here ? pins : []) {
    const row = here!.rowOf(place.passage, place.position);
    if (row >= 0) lines.push({ label: `${label} ${here!.shown(row).trim()}`, kind, values: here!.along(view.value.measure, row, minus).map((v) => (Number.isFinite(v) ? v : null)), dots: true });
  }
  return lines;
}

export function meanOf(series: Series[]): Series {
  const length = series[0]?.length ?? 0;
  return Array.from({ length }, (_, k) => {
    const values = series.map((one) => one[k]).filter((v) => v != null);
    return values.length ? values.reduce((a, b) => a + b, 0) / values.length : null;
  });
}

function rightOf(width: number): number {
  return width < 460 ? 88 : 124;
}

interface Frame {
  w: number;
  h: number;
  first: number;
  last: number;
  block: number;
  unit: string;
  log: boolean;
}

function drawing(lines: Line[], { w, h, first, last, block, unit, log }: Frame): JSX.Element {
  const values = lines.flatMap((one) => [...one.values, ...(one.low ?? []), ...(one.high ?? [])]).filter((v) => v !== null);
  const positive = log && values.length > 0 && values.every((v) => v > 0);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = positive ? 1.06 : (high - low || 1) * 0.06;
  const ends: [number, number] = positive ? [low / pad, high * pad] : [low - pad, high + pad];
  const y = (positive ? scaleLog : scaleLinear)(ends, [h - BOTTOM, TOP]);
  const right = rightOf(w);
  const x = scaleLinear([first, Math.max(last, first + 1)], [LEFT, w - right]);
  const wide = Math.max(8, Math.min(26, ((w - LEFT - right) / Math.max(1, last - first)) * 0.55));
  const there = (v: number | null): v is number => v !== null;
  const shape = line<number | null>().defined((v) => v !== null).x((_, k) => x(k)).y((v) => y(v!)).curve(curveMonotoneX);
  const band = (one: Line): string => area<number | null>().defined((v, k) => v !== null && one.high![k] !== null).x((_, k) => x(k)).y0((v) => y(v!)).y1((_, k) => y(one.high![k]!))(one.low!) ?? "";
  const labels = apart(
    lines.filter((one) => one.label && there(one.values[last] ?? null)).map((one) => ({ text: fitting(one, right), kind: one.kind, y: y(one.values[last]!) })),
    14, TOP, h - BOTTOM,
  );
  const every = Math.ceil((last - first + 1) / Math.max(4, Math.floor((w - LEFT - right) / 34)));
  return (
    <>
      <rect class="here" x={x(block) - wide / 2} y={TOP - 6} width={wide} height={h - BOTTOM - TOP + 10} rx={4} />
      {ticksOf(y, positive).map((v) => (
        <g key={v} class="tick">
          <line x1={LEFT} x2={w - right} y1={y(v)} y2={y(v)} class={v === 0 ? "zero" : ""} />
          <text x={LEFT - 7} y={y(v) + 4} class="end">{tick(v, unit)}</text>
        </g>
      ))}
      {Array.from({ length: last - first + 1 }, (_, k) => first + k).filter((k) => (k - first) % every === 0).map((k) => (
        <text key={k} x={x(k)} y={h - 8} class={k === block ? "middle strong" : "middle"}>{k}</text>
      ))}
      <text x={6} y={h - 8} class="small">block</text>
      {lines.filter((one) => one.low).map((one) => <path key={`band ${one.kind}`} class={`band ${one.kind}`} d={band(one)} />)}
      {lines.map((one, k) => <path key={k} class={`line ${one.kind}`} d={shape(one.values) ?? ""} />)}
      {lines.filter((one) => one.dots).flatMap((one) => one.values.map((v, k) => v !== null && last - first < 40 && <Dot key={`${one.kind} ${k}`} kind={one.kind} x={x(k)} y={y(v)} />))}
      {labels.map((label) => <text key={`${label.kind} ${label.text}`} class={`label ${label.kind}`} x={w - right + 8} y={label.y + 4}>{label.text}</text>)}
    </>
  );
}

/** A different shape for each kind of line: never colour alone. */
export function Dot({ kind, x, y }: { kind: string; x: number; y: number }): JSX.Element {
  if (kind === "a") return <rect class="dot a" x={x - 4} y={y - 4} width={8} height={8} />;
  if (kind === "b") return <path class="dot b" d={`M${x} ${y - 5.5}l5.5 5.5-5.5 5.5-5.5-5.5z`} />;
  return <circle class={`dot ${kind}`} cx={x} cy={y} r={3.2} />;
}

function fitting({ label, short }: Line, right: number): string {
  const most = Math.floor((right - 8) / 6.7);
  if (label.length <= most) return label;
  return short ?? `${label.slice(0, most - 1)}…`;
}

function ticksOf(y: { ticks: (n: number) => number[]; domain: () => number[] }, logarithmic: boolean): number[] {
  if (!logarithmic) return y.ticks(5);
  const [low, high] = y.domain() as [number, number];
  const steps = high / low > 40 ? [1, 3] : high / low > 12 ? [1, 2, 5] : [1, 1.5, 2, 3, 5, 7];
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of steps) {
      const value = Number((step * 10 ** power).toPrecision(3));
      if (value >= low && value <= high) found.push(value);
    }
  }
  return found.length > 1 ? found : y.ticks(4);
}

/** What pairs of seeds differ by: their mean is nothing, each being another's opposite. */
function between(values: (number | null | undefined)[], unit: string): string[] {
  const known = values.filter((v) => v != null);
  return known.length ? [`${nullName.value} ${inUnit(Math.min(...known), unit)} to ${inUnit(Math.max(...known), unit)}`] : [];
}

/** The chosen block in words. */
function reading(profile: Profile, block: number, unit: string, minus: boolean): string {
  const twin = meanOf(profile.twins)[block] ?? null;
  const parts = profile.curves.map((curve) => {
    const less = minus && twin !== null ? twin : 0;
    const shift = (v: number | null | undefined): string => inUnit(v == null ? null : v - less, unit);
    const span = `5–95 % of ${count(curve.units, run.value.unit)} ${shift(curve.low[block])} to ${shift(curve.high[block])}`;
    return `${curve.label} ${shift(curve.mean[block])}${curve.units > 1 ? ` (${span})` : ` (1 ${run.value.unit})`}`;
  });
  if (run.value.minus) parts.push(...between(profile.twins.map((one) => one[block]), unit));
  else if (twin !== null) parts.push(`${nullName.value} ${inUnit(twin, unit)}`);
  const walk = profile.walk?.[block];
  if (walk != null && !minus) parts.push(`random walk ${inUnit(walk, unit)}`);
  return `Block ${block}: ${parts.join("; ")}.`;
}
