import { effect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { dark, shadeBytes } from "../colour";
import { useWidth } from "../hooks";
import { tokens } from "../sources";
import { change, firstLayer, hovered, run, signed, view } from "../view";
import { pin, type Part } from "./text";
import { rangeAt } from "./range";

const [LEFT, MOST] = [22, 120];
/** Pixels between the numbers of blocks, so that each can be read. */
const GAP = 11;

/** All blocks of the shown tokens at once, each block between colours of its own. */
export function Strip({ part }: { part: Part }): JSX.Element {
  const [box, width] = useWidth<HTMLDivElement>();
  const one = run.value;
  const first = firstLayer(one, view.value.measure);
  const rows = one.blocks - first + 1;
  const tall = Math.max(3, Math.min(11, Math.floor(MOST / rows)));
  const height = rows * tall;
  useEffect(() => {
    const canvas = box.current!.querySelector("canvas")!;
    return effect(() => paint(canvas, part, width, tall));
  }, [part.from, part.to, width, tall, first]);
  const click = (event: PointerEvent): void => {
    const area = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const share = (event.clientX - area.left - LEFT) / (width - LEFT);
    const row = part.from + Math.floor(share * (part.to - part.from));
    const block = one.blocks - Math.floor((event.clientY - area.top) / tall);
    if (share < 0 || row >= part.to || !tokens.value) return;
    pin(tokens.value, row, event.shiftKey);
    change({ block });
  };
  return (
    <div class="strip" ref={box}>
      <canvas width={width} height={height} role="img" aria-label="Blocks from below to above, tokens from left to right: the same colours for all blocks at once" onPointerDown={click} />
    </div>
  );
}

function paint(canvas: HTMLCanvasElement, part: Part, width: number, tall: number): void {
  const { measure, minus, block, a, b } = view.value;
  const all = tokens.value;
  const context = canvas.getContext("2d")!;
  const one = run.value;
  const first = firstLayer(one, measure);
  const n = part.to - part.from;
  void dark.value;
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!all || !n || part.to > all.count) return;
  const picture = new ImageData(n, one.blocks - first + 1);
  for (let layer = first; layer <= one.blocks; layer++) fill(picture, one.blocks - layer, layer, part, minus);
  const buffer = document.createElement("canvas");
  [buffer.width, buffer.height] = [picture.width, picture.height];
  buffer.getContext("2d")!.putImageData(picture, 0, 0);
  context.imageSmoothingEnabled = n > width;
  context.drawImage(buffer, LEFT, 0, width - LEFT, canvas.height);
  context.font = "10px system-ui, sans-serif";
  context.textBaseline = "middle";
  const style = getComputedStyle(canvas);
  const every = tall >= GAP ? 1 : 5 * Math.ceil(GAP / tall / 5);
  for (let layer = first; layer <= one.blocks; layer++) {
    if (layer !== block && (layer % every || Math.abs(layer - block) * tall < GAP)) continue;
    context.fillStyle = layer === block ? style.color : style.getPropertyValue("--soft");
    const middle = (one.blocks - layer + 0.5) * tall;
    context.fillText(String(layer), 4, Math.max(5, Math.min(canvas.height - 5, middle)));
  }
  context.strokeStyle = style.color;
  context.strokeRect(LEFT + 0.5, (one.blocks - block) * tall + 0.5, width - LEFT - 1, tall - 1);
  settled(context, part, first, tall, width);
  for (const [place, name] of [[a, "--a"], [b, "--b"], [hovered.value, "--soft"]] as const) {
    const row = place ? all.rowOf(place.passage, place.position) - part.from : -1;
    if (row < 0 || row >= n) continue;
    context.fillStyle = style.getPropertyValue(name);
    context.fillRect(LEFT + ((row + 0.5) / n) * (width - LEFT) - 1, 0, 2, canvas.height);
  }
}

/** The depth from which each token's prediction stays, as an edge: above it, it has settled. */
function settled(context: CanvasRenderingContext2D, { from, to }: Part, first: number, tall: number, width: number): void {
  const depth = tokens.value!.at("commitment_depth", 0);
  if (!depth) return;
  const line = new Path2D();
  const across = (row: number): number => LEFT + ((row - from) / (to - from)) * (width - LEFT);
  let open = false;
  for (let row = from; row < to; row++) {
    const known = Number.isFinite(depth[row]);
    // Between a block and the one below it, and never outside the strip.
    const height = Math.min((run.value.blocks - Math.max(depth[row]!, first) + 1) * tall, context.canvas.height - 1);
    if (known) {
      if (open) line.lineTo(across(row), height);
      else line.moveTo(across(row), height);
      line.lineTo(across(row + 1), height);
    }
    open = known;
  }
  const style = getComputedStyle(context.canvas);
  // Twice, so that it is seen on dark and on light colours.
  for (const [colour, thick] of [[style.getPropertyValue("--paper") || "white", 4], [style.color, 1.6]] as const) {
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.stroke(line);
  }
  context.lineWidth = 1;
}

function fill(picture: ImageData, line: number, layer: number, part: Part, minus: boolean): void {
  const all = tokens.value!;
  const values = all.at(view.value.measure, layer, minus);
  const between = rangeAt(layer);
  for (let k = 0; k < picture.width; k++) {
    const value = values?.[part.from + k] ?? NaN;
    if (!between || !Number.isFinite(value)) continue;
    const colour = shadeBytes((value - between[0]) / (between[1] - between[0]), signed.value);
    picture.data.set([...colour, 255], (line * picture.width + k) * 4);
  }
}
