import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Chart } from "../chart";
import { count, number } from "../format";
import { useAnswer } from "../hooks";
import type { AxesData } from "../page";
import { tokens } from "../sources";
import { unpack } from "../unpack";
import { change, run, view, type Place } from "../view";
import { Dot } from "./profile";

type Point = [number, number, number];

const [FAINT, STEP] = [120, Math.PI / 24];

/** From where the axes are looked at: turned about the vertical, then tipped; in radians. */
interface Turn {
  yaw: number;
  pitch: number;
}

interface Paths {
  places: Place[];
  path: (token: number) => Point[];
  twin: ((token: number) => Point[]) | null;
  /** How far all but a twentieth go from the middle: turning changes no scale. */
  far: number;
}

async function load(data: AxesData, layers: number): Promise<Paths> {
  const [passages, positions, points] = await Promise.all([unpack(data.passages), unpack(data.positions), unpack(data.points)]);
  const twin = data.twin && (await unpack(data.twin));
  const pathIn = (values: Float64Array) => (token: number): Point[] => Array.from({ length: layers }, (_, layer) => pointOf(values, passages.length, layers, token, layer));
  const path = pathIn(points);
  const reach = Float64Array.from(passages, (_, k) => Math.max(...path(k).map((p) => Math.hypot(...p)))).sort();
  const far = reach[Math.floor(0.95 * (reach.length - 1))]!;
  return { places: Array.from(passages, (passage, k) => ({ passage, position: positions[k]! })), path, twin: twin && pathIn(twin), far };
}

/** Coordinates are packed axis by axis, each [tokens, layers]; an axis that is not there is 0. */
function pointOf(values: Float64Array, count: number, layers: number, token: number, layer: number): Point {
  return [0, 1, 2].map((axis) => values[(axis * count + token) * layers + layer] ?? 0) as Point;
}

/** The same tokens' paths in three common axes, turned by hand. */
export function AxesPath({ data }: { data: AxesData }): JSX.Element {
  const [turn, setTurn] = useState<Turn>({ yaw: -0.6, pitch: 0.4 });
  const from = useRef<[number, number] | null>(null);
  const paths = useAnswer(() => load(data, run.value.blocks + 1), `${view.value.run}`);
  if (!paths) return <p class="reading">Reading the paths …</p>;
  const pins = (["a", "b"] as const).map((kind) => ({ kind, token: tokenOf(paths, view.value[kind]) }));
  const held = data.shares.map((share, k) => `PC${k + 1} ${number(100 * share, 2)} %`).join(", ");
  const whole = data.shares.reduce((sum, share) => sum + share, 0);
  const drag = (event: PointerEvent): void => {
    if (!from.current) return;
    const [x, y] = from.current;
    from.current = [event.clientX, event.clientY];
    setTurn(({ yaw, pitch }) => ({ yaw: yaw + (event.clientX - x) / 120, pitch: tipped(pitch + (event.clientY - y) / 120) }));
  };
  const keys = (event: KeyboardEvent): void => {
    const by = ({ ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] } as Record<string, [number, number]>)[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setTurn(({ yaw, pitch }) => ({ yaw: yaw + by[0], pitch: tipped(pitch + by[1]) }));
  };
  return (
    <>
      <div class="turned" role="group" tabIndex={0} aria-label="Paths in common axes. Arrow keys turn them." onKeyDown={keys} data-turn={`${turn.yaw.toFixed(3)} ${turn.pitch.toFixed(3)}`}>
        <Chart name="odograph-axes" words={`Paths of ${count(paths.places.length, "token")} in three common axes: ${held} of the variance.`}
          height={(w) => Math.round(Math.max(260, Math.min(350, w * 0.78)))}
          draw={(w, h) => drawing(paths, pins, { w, h, turn, shares: data.shares })}
          events={{
            class: "drag",
            onPointerDown: (e: PointerEvent) => {
              from.current = [e.clientX, e.clientY];
              (e.currentTarget as SVGSVGElement).setPointerCapture(e.pointerId);
            },
            onPointerMove: drag,
            onPointerUp: () => (from.current = null),
          }} />
      </div>
      <p class="reading" aria-live="polite">{pins[0]!.token < 0 ? <Missing paths={paths} /> : `The three axes hold ${number(100 * whole, 2)} % of the variance: ${held}.`}</p>
      <p class="small">
        Axes of one fit to all kept words at all layers; drag, or arrow keys, to turn. What the axes do not hold is not seen: tokens close here may be far
        apart. Grey: {count(Math.min(FAINT, paths.places.length), "other word")}{data.of > paths.places.length ? ` of ${data.of}` : ""}.{paths.twin ? " Dashed: A in the first untrained twin, in the same axes, which are not its own." : ""}
      </p>
    </>
  );
}

/** Of token A no states were kept: the first of which there are. */
function Missing({ paths }: { paths: Paths }): JSX.Element {
  return (
    <>
      No states were kept of token A.{" "}
      <button type="button" onClick={() => change({ a: paths.places[0]!, passage: paths.places[0]!.passage })}>To a word that has them</button>
    </>
  );
}

function tokenOf(paths: Paths, place: Place | null): number {
  return place ? paths.places.findIndex((one) => one.passage === place.passage && one.position === place.position) : -1;
}

function tipped(pitch: number): number {
  return Math.max(-Math.PI / 2, Math.min(Math.PI / 2, pitch));
}

interface Options {
  w: number;
  h: number;
  turn: Turn;
  shares: number[];
}

function drawing(paths: Paths, pins: { kind: "a" | "b"; token: number }[], { w, h, turn, shares }: Options): JSX.Element {
  const scale = (Math.min(w, h) / 2 - 22) / (paths.far || 1);
  const at = (point: Point): [number, number] => {
    const [across, up] = seen(point, turn);
    return [w / 2 + across * scale, h / 2 - up * scale];
  };
  const outline = (points: Point[]): string => `M${points.map((p) => at(p).map((v) => v.toFixed(1)).join(" ")).join("L")}`;
  const every = Math.max(1, Math.ceil(paths.places.length / FAINT));
  const faint = paths.places.map((_, k) => k).filter((k) => k % every === 0 && !pins.some((pin) => pin.token === k));
  const all = tokens.value;
  const { block } = view.value;
  return (
    <>
      {shares.map((share, axis) => <Axis key={axis} axis={axis} share={share} far={paths.far} at={at} />)}
      {faint.map((k) => <path key={k} class="way faint" d={outline(paths.path(k))} />)}
      {pins[0]!.token >= 0 && paths.twin && <path class="way twin" d={outline(paths.twin(pins[0]!.token))} />}
      {pins.filter(({ token }) => token >= 0).map(({ kind, token }) => {
        const points = paths.path(token);
        const [x, y] = at(points.at(-1)!);
        const row = all ? all.rowOf(paths.places[token]!.passage, paths.places[token]!.position) : -1;
        const now = at(points[block]!);
        return (
          <g key={kind}>
            <path class={`way ${kind}`} d={outline(points)} />
            {points.map((p, k) => <Dot key={k} kind={kind} x={at(p)[0]} y={at(p)[1]} />)}
            <g class={`turn ${kind}`}>
              <circle cx={now[0]} cy={now[1]} r={8} />
            </g>
            <text class={`label ${kind}`} x={x + (x > w - 80 ? -9 : 9)} y={y + 4} text-anchor={x > w - 80 ? "end" : "start"}>{`${kind.toUpperCase()} ${row < 0 ? "" : all!.shown(row).trim()}`.slice(0, 18)}</text>
          </g>
        );
      })}
    </>
  );
}

function seen([x, y, z]: Point, { yaw, pitch }: Turn): [number, number] {
  const across = x * Math.cos(yaw) + z * Math.sin(yaw);
  const deep = z * Math.cos(yaw) - x * Math.sin(yaw);
  return [across, y * Math.cos(pitch) - deep * Math.sin(pitch)];
}

function Axis({ axis, share, far, at }: { axis: number; share: number; far: number; at: (p: Point) => [number, number] }): JSX.Element {
  const end = (length: number): Point => [0, 1, 2].map((k) => (k === axis ? length : 0)) as Point;
  const [low, high] = [at(end(-far)), at(end(far))];
  return (
    <g class="ring">
      <line x1={low[0]} y1={low[1]} x2={high[0]} y2={high[1]} />
      <text class="middle" x={high[0]} y={high[1] - 5}>{`PC${axis + 1} ${number(100 * share, 2)} %`}</text>
    </g>
  );
}
