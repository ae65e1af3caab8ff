import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import { apart, Chart, Panel } from "../chart";
import { number } from "../format";
import { tokens } from "../sources";
import type { Tokens } from "../tokens";
import { change, hovered, run, view, type Place } from "../view";
import { AxesPath } from "./axes";
import { Dot } from "./profile";

type Point = [number, number];

/** States of a path that are marked each; of more, only the chosen block is. */
const MOST_DOTS = 40;
const FAINT = 160;

interface Way {
  kind: string;
  label: string;
  points: Point[];
  turns: number[];
}

/** Origin, state and next state make a triangle; laid side by side they unroll the path: radius is
 * the state's length, the angle all turns so far. */
export function unrolled(norm: number[], rotation: number[]): Point[] {
  let angle = 0;
  return norm.map((length, k) => {
    angle += k ? ((rotation[k] ?? 0) * Math.PI) / 180 : 0;
    return [length * Math.cos(angle), length * Math.sin(angle)];
  });
}

/** The path, unrolled; where common axes were kept, in these on a second tab. */
export function Path(): JSX.Element {
  const { axes } = run.value;
  const inAxes = !!axes && view.value.tab === "axes";
  const tabs = axes && (
    <div class="switch" role="group" aria-label="How the path is shown">
      <button type="button" aria-pressed={!inAxes} onClick={() => change({ tab: "" })}>unrolled</button>
      <button type="button" aria-pressed={inAxes} onClick={() => change({ tab: "axes" })}>common axes</button>
    </div>
  );
  return (
    <Panel id="path" title={inAxes ? "The path, in common axes" : "The path, unrolled"} tools={tabs}>
      {inAxes ? <AxesPath data={axes} /> : <Unrolled />}
    </Panel>
  );
}

function Unrolled(): JSX.Element {
  const all = tokens.value;
  const { a, b, block } = view.value;
  const ways = all ? waysOf(all, [["A", "a", a], ["B", "b", b]]) : [];
  const faint = all ? sample(all).map((row) => wayOf(all, row, "faint", "")) : [];
  const lead = ways.find((way) => way.kind === "a");
  const words = ways.filter((way) => way.label).map((way) => `${way.label} turns ${number(way.turns.at(-1))} degrees over ${run.value.blocks} blocks`).join("; ");
  return (
    <>
      <Chart name="odograph-path" words={`The path from state to state. ${words}.`} height={(w) => Math.round(Math.max(260, Math.min(350, w * 0.78)))}
        draw={(w, h) => drawing(faint, ways, w, h, block)} />
      <p class="reading" aria-live="polite">
        {lead ? `${lead.label}: block ${block} turns ${number((lead.turns[block] ?? NaN) - (lead.turns[block - 1] ?? 0))}°, ${number(lead.turns[block])}° so far; length ${number(Math.hypot(...(lead.points[block] ?? [NaN, NaN])))}.` : " "}
      </p>
      <p class="small">
        Each triangle of origin, state and next state laid beside the one before: lengths, turns and steps are exact for every token, with no
        projection. States two or more blocks apart are drawn too far apart, about 1.24 times in the bundled model. Grey: {faint.length} tokens.{" "}
        {all?.hasTwin && "Dotted: A in the untrained twins, in a scale of its own that ends as far out. "}Rings: lengths.
      </p>
    </>
  );
}

function waysOf(all: Tokens, pins: [string, string, Place | null][]): Way[] {
  const ways: Way[] = [];
  for (const [letter, kind, place] of pins) {
    const row = place ? all.rowOf(place.passage, place.position) : -1;
    if (row < 0) continue;
    ways.push(wayOf(all, row, kind, `${letter} ${all.shown(row).trim()}`));
    const twin = kind === "a" && all.hasTwin ? wayOf(all, row, "twin", "", true) : null;
    // Twins read some of the passages only.
    if (twin?.points.some((point) => point.every(Number.isFinite))) ways.push(asLong(twin, ways.at(-1)!));
  }
  const over = hovered.value ? all.rowOf(hovered.value.passage, hovered.value.position) : -1;
  if (over >= 0) ways.unshift(wayOf(all, over, "over", all.shown(over).trim()));
  return ways;
}

/** The way in another scale, so that it ends as far from the origin as another one. */
function asLong(way: Way, other: Way): Way {
  const [own, wanted] = [way, other].map(({ points }) => Math.hypot(...(points.at(-1) ?? [1, 0]))) as [number, number];
  return { ...way, points: way.points.map(([x, y]) => [(x * wanted) / own, (y * wanted) / own]) };
}

function wayOf(all: Tokens, row: number, kind: string, label: string, twin = false): Way {
  const rotation = all.along("rotation", row, false, twin);
  let sum = 0;
  const turns = rotation.map((turn, k) => (sum += k && Number.isFinite(turn) ? turn : 0));
  return { kind, label, points: unrolled(all.along("norm", row, false, twin), rotation), turns };
}

/** Rows spread evenly over the tokens that statistics use: the same ones each time. */
function sample(all: Tokens): number[] {
  const rows: number[] = [];
  const by = Math.max(1, Math.floor(all.count / FAINT));
  for (let row = 0; row < all.count && rows.length < FAINT; row += by) if (all.isUsable(row)) rows.push(row);
  return rows;
}

function drawing(faint: Way[], ways: Way[], w: number, h: number, block: number): JSX.Element {
  const shown = ways.filter((way) => way.kind !== "twin");
  const [left, right, low, high] = bounds([...ways, ...faint]);
  const scale = Math.min((w - 96) / (right - left), (h - 44) / (high - low));
  const [cx, cy] = [w / 2 - ((left + right) / 2) * scale, h / 2 - ((low + high) / 2) * scale];
  const at = ([x, y]: Point): Point => [cx + x * scale, cy + y * scale];
  const outline = (way: Way): string => `M${way.points.filter((p) => p.every(Number.isFinite)).map((p) => at(p).map((v) => v.toFixed(1)).join(" ")).join("L")}`;
  const rings = scaleLinear([0, Math.max(right, -left, high, -low)], [0, 1]).ticks(3).filter((r) => r > 0);
  const ends = apart(shown.filter((way) => way.label).map((way) => ({ way, y: at(way.points.at(-1)!)[1] })), 15, 12, h - 8);
  return (
    <>
      {rings.map((r) => (
        <g key={r} class="ring">
          <circle cx={cx} cy={cy} r={r * scale} />
          <text x={Math.min(w - 30, cx + r * scale * Math.SQRT1_2 + 3)} y={Math.max(10, cy - r * scale * Math.SQRT1_2)}>{number(r)}</text>
        </g>
      ))}
      {faint.map((way, k) => <path key={k} class="way faint" d={outline(way)} />)}
      {ways.map((way, k) => <path key={`${way.kind}${k}`} class={`way ${way.kind}`} d={outline(way)} />)}
      {shown.filter(({ kind }) => kind === "a" || kind === "b").map((way) => <Turn key={way.kind} way={way} block={block} at={at} from={[cx, cy]} />)}
      {shown.filter(({ kind, points }) => (kind === "a" || kind === "b") && points.length <= MOST_DOTS).flatMap((way) => way.points.filter((p) => p.every(Number.isFinite)).map((p, k) => <Dot key={`${way.kind} ${k}`} kind={way.kind} x={at(p)[0]} y={at(p)[1]} />))}
      <circle class="origin" cx={cx} cy={cy} r={3} />
      {ends.map(({ way, y }) => {
        const x = at(way.points.at(-1)!)[0];
        const left = onTheLeft(x, ends.map((other) => at(other.way.points.at(-1)!)[0]), w);
        return <text key={way.kind} class={`label ${way.kind}`} x={x + (left ? -9 : 9)} y={y + 4} text-anchor={left ? "end" : "start"}>{way.label.slice(0, 18)}</text>;
      })}
    </>
  );
}

/** Room that a label takes, in pixels. */
const LABEL = 90;

/** On which side of its end a label stands: away from the ends beside it, and inside the picture. */
function onTheLeft(x: number, ends: number[], w: number): boolean {
  if (x < LABEL) return false;
  if (x > w - LABEL) return true;
  const near = ends.filter((other) => other !== x && Math.abs(other - x) < LABEL);
  return near.length ? near.every((other) => other > x) : x < w / 2;
}

/** The two states around the chosen block, joined to the origin: the angle between them is the turn. */
function Turn({ way, block, at, from }: { way: Way; block: number; at: (p: Point) => Point; from: Point }): JSX.Element | null {
  const [before, after] = [way.points[block - 1], way.points[block]];
  if (!before || !after || !after.every(Number.isFinite)) return null;
  const [p, q] = [at(before), at(after)];
  return (
    <g class={`turn ${way.kind}`}>
      <path class="wedge" d={`M${from.join(" ")}L${p.join(" ")}L${q.join(" ")}Z`} />
      <circle cx={q[0]} cy={q[1]} r={8} />
    </g>
  );
}

function bounds(ways: Way[]): [number, number, number, number] {
  const named = ways.filter((way) => way.kind !== "faint");
  const points = (named.length ? named : ways).flatMap((way) => way.points).filter((p) => p.every(Number.isFinite));
  const far = ways.flatMap((way) => way.points.slice(-1)).filter((p) => p.every(Number.isFinite));
  const typical = far.sort((p, q) => Math.hypot(...p) - Math.hypot(...q)).slice(0, Math.ceil(far.length * 0.9));
  const all = [[0, 0] as Point, ...points, ...typical];
  const [x, y] = [all.map((p) => p[0]), all.map((p) => p[1])];
  const [left, right, low, high] = [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)];
  return [left, right > left ? right : left + 1, low, high > low ? high : low + 1];
}
