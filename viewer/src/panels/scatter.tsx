import { effect } from "@preact/signals";
import { extent } from "d3-array";
import { scaleLinear, type ScaleLinear } from "d3-scale";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Chart, Panel } from "../chart";
import { ARROWS, boxAround, moved } from "../box";
import type { Cells } from "../cells";
import { dark } from "../colour";
import { count, inUnit, labelled, tick, visible } from "../format";
import { within, type Axes, type Cloud, type Example } from "../source";
import { choose, chosen, tokens, useCloud } from "../sources";
import { change, page, run, taken, view, type Box, type Place, type Range, type View } from "../view";

type Scale = ScaleLinear<number, number>;

const [TOP, BOTTOM, LEFT, RIGHT] = [8, 26, 52, 12];

export function axesOf({ run: number, measure, against, block, minus }: View): Axes {
  return { run: number, x: measure, y: upOf(against), layer: block, minus };
}

/** What stands on the vertical axis: what is asked for, where the run has it. */
function upOf(against: string): string {
  const there = choices();
  return there.includes(against) ? against : (there[0] ?? "position");
}

function choices(): string[] {
  const kept = Object.keys(run.value.data?.once ?? {});
  const once = ["next_logprob", "entropy", "rank", "next_logit", "straightness", "displacement", "commitment_depth"].filter((name) => kept.includes(name));
  return [...once, ...Object.keys(run.value.profiles), "position"];
}

export function Scatter(): JSX.Element {
  const axes = axesOf(view.value);
  const cloud = useCloud(axes);
  const { box } = view.value;
  useEffect(() => effect(() => void choose(axesOf(view.value), view.value.box)), []);
  const about = page.value.measures[axes.x]!;
  const up = page.value.measures[axes.y];
  const drawn = cloud?.cells ? ` Darker: more tokens in the cell. Dots: ${count(cloud.x.length, "token")}, drawn by hash.` : "";
  const words = cloud ? `Spearman r = ${inUnit(cloud.r, "r")} over ${count(cloud.of, "token")}; descriptive: tokens of a passage depend on each other, tests take ${run.value.unit}s.` : "";
  return (
    <Panel id="scatter" title="Token by token" tools={
      <label>
        <span>against</span>
        <select value={axes.y} onChange={(e) => change({ against: e.currentTarget.value, box: null })}>
          {choices().map((name) => <option key={name} value={name}>{page.value.measures[name]?.label ?? name}</option>)}
        </select>
      </label>
    }>
      {cloud && <Plot cloud={cloud} axes={axes} words={`${about.label} against ${up?.label ?? axes.y}. ${words}`} />}
      <p class="reading">{words}</p>
      <p class="small">Across: {labelled(about)}{taken}, block {axes.layer}. Up: {up ? labelled(up) : "position in the passage"}. {drawn} {cloud?.source} Drag a box, or arrows, with Shift its far side: its tokens light up in the text.</p>
      <Found shown={!!box && !!chosen.value} />
    </Panel>
  );
}

function Plot({ cloud, axes, words }: { cloud: Cloud; axes: Axes; words: string }): JSX.Element {
  const [drag, setDrag] = useState<Box | null>(null);
  const from = useRef<[number, number] | null>(null);
  const ends = { x: niceEnds(cloud.cells?.x ?? cloud.x), y: niceEnds(cloud.cells?.y ?? cloud.y) };
  const scales = (w: number, h: number): [Scale, Scale] => [
    scaleLinear(ends.x, [LEFT, w - RIGHT]),
    scaleLinear(ends.y, [h - BOTTOM, TOP]),
  ];
  const keys = (event: KeyboardEvent): void => {
    const arrow = ARROWS[event.key];
    if (!arrow || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const { box, a } = view.value;
    change({ box: box ? moved(box, arrow, event.shiftKey, ends) : boxAround(pointOf(a, axes), ends) });
  };
  const at = (event: PointerEvent): [number, number] => {
    const area = (event.currentTarget as SVGSVGElement).getBoundingClientRect();
    const [x, y] = scales(area.width, area.height);
    return [x.invert(event.clientX - area.left), y.invert(event.clientY - area.top)];
  };
  const boxTo = ([x, y]: [number, number]): { x: Range; y: Range } => ({ x: [Math.min(x, from.current![0]), Math.max(x, from.current![0])], y: [Math.min(y, from.current![1]), Math.max(y, from.current![1])] });
  return (
    <div class="brushed" role="group" tabIndex={0} aria-label="Token by token. Arrow keys move a box, with shift its right or upper side; Escape drops it." onKeyDown={keys}>
      <Chart
        name={`odograph-${axes.x}-${axes.y}`}
        words={words}
        height={260}
        under={(w, h) => <Points cloud={cloud} scales={scales(w, h)} w={w} h={h} />}
        draw={(w, h) => <Frame scales={scales(w, h)} axes={axes} w={w} h={h} box={drag ?? view.value.box} />}
        events={{
          class: "drag",
          onPointerDown: (e: PointerEvent) => {
            from.current = at(e);
            (e.currentTarget as SVGSVGElement).setPointerCapture(e.pointerId);
          },
          onPointerMove: (e: PointerEvent) => from.current && setDrag(boxTo(at(e))),
          onPointerUp: (e: PointerEvent) => {
            const box = from.current && boxTo(at(e));
            from.current = null;
            setDrag(null);
            change({ box: box && box.x[1] > box.x[0] && box.y[1] > box.y[0] ? box : null });
          },
        }}
      />
    </div>
  );
}

/** Round numbers around all values. */
function niceEnds(values: Iterable<number>): Range {
  const [low, high] = extent(values);
  const whole = low === undefined ? [0, 1] : high! > low ? [low, high!] : [low - 1, low + 1];
  return scaleLinear(whole, [0, 1]).nice().domain() as Range;
}

/** Where a token lies in the scatter; NaN where it is not here or has no number. */
function pointOf(place: Place | null, axes: Axes): [number, number] {
  const all = tokens.value;
  const row = all && place ? all.rowOf(place.passage, place.position) : -1;
  return [axes.x, axes.y].map((name) => all?.at(name, axes.layer, axes.minus)?.[row] ?? NaN) as [number, number];
}

function Points({ cloud, scales: [x, y], w, h }: { cloud: Cloud; scales: [Scale, Scale]; w: number; h: number }): JSX.Element {
  const ref = useRef<HTMLCanvasElement>(null);
  const { box } = view.value;
  // At once, not after the next frame: before it is printed there is none.
  useLayoutEffect(() => {
    const canvas = ref.current!;
    const sharp = Math.min(2, devicePixelRatio);
    [canvas.width, canvas.height] = [w * sharp, h * sharp];
    const context = canvas.getContext("2d")!;
    context.scale(sharp, sharp);
    const style = getComputedStyle(canvas);
    if (cloud.cells) paintCells(context, cloud.cells, x, y, style.getPropertyValue("--ink"));
    const size = cloud.x.length > 8000 ? 1.2 : cloud.x.length > 1500 ? 1.8 : cloud.x.length > 200 ? 2.6 : 4;
    for (const inside of box ? [false, true] : [false]) {
      context.fillStyle = style.getPropertyValue(inside ? "--chosen-dot" : "--ink");
      context.globalAlpha = inside ? 0.9 : cloud.x.length > 3000 ? 0.3 : 0.5;
      for (let k = 0; k < cloud.x.length; k++) {
        const [a, b] = [cloud.x[k]!, cloud.y[k]!];
        if (inside && !(within(box!.x, a) && (!box!.y || within(box!.y, b)))) continue;
        context.fillRect(x(a) - size / 2, y(b) - size / 2, size, size);
      }
    }
  }, [cloud, w, h, dark.value, box]);
  return <canvas ref={ref} class="under" aria-hidden="true" />;
}

/** Cells darker with the logarithm of how many tokens lie in them. */
function paintCells(context: CanvasRenderingContext2D, { x: wide, y: tall, across, up, counts }: Cells, x: Scale, y: Scale, ink: string): void {
  const most = Math.log1p(Math.max(...counts));
  const edge = (scale: Scale, [low, high]: [number, number], share: number): number => scale(low + (high - low) * share);
  context.fillStyle = ink;
  counts.forEach((n, k) => {
    if (!n) return;
    const [column, row] = [k % across, Math.floor(k / across)];
    const [left, right] = [column, column + 1].map((c) => edge(x, wide, c / across)) as [number, number];
    const [bottom, top] = [row, row + 1].map((r) => edge(y, tall, r / up)) as [number, number];
    context.globalAlpha = 0.08 + 0.72 * (Math.log1p(n) / most);
    context.fillRect(left, top, right - left, bottom - top);
  });
}

function Frame({ scales: [x, y], axes, w, h, box }: { scales: [Scale, Scale]; axes: Axes; w: number; h: number; box: Box | null }): JSX.Element {
  const clamp = (v: number, [low, high]: [number, number]): number => Math.max(low, Math.min(high, v));
  const sides = box && { left: clamp(x(box.x[0]), [LEFT, w - RIGHT]), right: clamp(x(box.x[1]), [LEFT, w - RIGHT]), top: box.y ? clamp(y(box.y[1]), [TOP, h - BOTTOM]) : TOP, bottom: box.y ? clamp(y(box.y[0]), [TOP, h - BOTTOM]) : h - BOTTOM };
  return (
    <>
      {y.ticks(5).map((v) => (
        <g key={v} class="tick">
          <line x1={LEFT} x2={w - RIGHT} y1={y(v)} y2={y(v)} />
          <text class="end" x={LEFT - 6} y={y(v) + 4}>{tick(v, page.value.measures[axes.y]?.unit ?? "")}</text>
        </g>
      ))}
      {x.ticks(Math.max(3, Math.floor(w / 90))).map((v) => <text key={v} class="middle" x={x(v)} y={h - 8}>{tick(v, page.value.measures[axes.x]?.unit ?? "")}</text>)}
      {sides && <rect class="brush" x={sides.left} width={Math.max(1, sides.right - sides.left)} y={sides.top} height={Math.max(1, sides.bottom - sides.top)} />}
      <Pinned x={x} y={y} axes={axes} />
    </>
  );
}

function Pinned({ x, y, axes }: { x: (v: number) => number; y: (v: number) => number; axes: Axes }): JSX.Element {
  const { a, b } = view.value;
  return (
    <>
      {([["a", a], ["b", b]] as const).map(([kind, place]) => {
        const [across, up] = pointOf(place, axes);
        const [px, py] = [x(across), y(up)];
        if (!Number.isFinite(px) || !Number.isFinite(py)) return null;
        return kind === "a" ? <rect key={kind} class="dot a ringed" x={px - 5} y={py - 5} width={10} height={10} /> : <path key={kind} class="dot b ringed" d={`M${px} ${py - 7}l7 7-7 7-7-7z`} />;
      })}
    </>
  );
}

/** How many tokens are chosen, and some of them; the line that says so is there before, to be read out. */
function Found({ shown }: { shown: boolean }): JSX.Element {
  const found = shown ? chosen.value : null;
  return (
    <div class={found ? "found" : ""}>
      <p aria-live="polite">{found && <><b id="chosen-count">{count(found.count, "token")}</b> chosen.</>}</p>
      {found && <button type="button" onClick={() => change({ box: null })}>Choose none</button>}
      {found && (
        <ul>
          {found.examples.map((one) => <li key={`${one.passage}.${one.position}`}><Line one={one} /></li>)}
        </ul>
      )}
    </div>
  );
}

function Line({ one }: { one: Example }): JSX.Element {
  const place = { passage: one.passage, position: one.position };
  return (
    <button type="button" class="example" dir="auto" onClick={() => change({ a: place, passage: one.passage })}>
      {one.before && "…"}{one.before}<mark class="chosen">{one.token.trim() ? one.token : visible(one.token)}</mark>{one.after}{one.after && "…"}
    </button>
  );
}
