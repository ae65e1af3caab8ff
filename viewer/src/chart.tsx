import type { ComponentChildren, ComponentProps, JSX } from "preact";
import { useRef } from "preact/hooks";
import { useWidth } from "./hooks";

/** A panel of the page: a heading, what belongs to it, and its chart. */
export function Panel(props: { id: string; title: string; tools?: ComponentChildren; children: ComponentChildren }): JSX.Element {
  return (
    <section class={`panel ${props.id}`} id={props.id} aria-labelledby={`${props.id}-title`} tabIndex={-1}>
      <header>
        <h2 id={`${props.id}-title`}>{props.title}</h2>
        <div class="tools">{props.tools}</div>
      </header>
      {props.children}
    </section>
  );
}

interface ChartProps {
  name: string;
  words: string;
  height: number | ((width: number) => number);
  draw: (width: number, height: number) => ComponentChildren;
  under?: (width: number, height: number) => JSX.Element;
  events?: Omit<ComponentProps<"svg">, "ref">;
}

/** An SVG as wide as its panel, with words for those who cannot see it, and a button that saves it. */
export function Chart({ name, words, height, draw, under, events }: ChartProps): JSX.Element {
  const [box, width] = useWidth<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const tall = typeof height === "number" ? height : height(width);
  return (
    <div class="chart" ref={box}>
      {under?.(width, tall)}
      <svg ref={svg} width={width} height={tall} viewBox={`0 0 ${width} ${tall}`} role="img" aria-label={words} {...events}>
        {draw(width, tall)}
      </svg>
      <button type="button" class="save" title="Save this chart as SVG" aria-label={`Save the chart ${name} as SVG`} onClick={() => save(svg.current!, name)}>
        SVG
      </button>
    </div>
  );
}

const KEPT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity", "fill-opacity", "stroke-opacity", "font", "text-anchor", "dominant-baseline", "paint-order"];

/** Downloads the chart as a file of its own: what style sheets say is written into it. */
function save(svg: SVGSVGElement, name: string): void {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const [from, to] = [svg.querySelectorAll("*"), copy.querySelectorAll("*")];
  from.forEach((element, k) => {
    const style = getComputedStyle(element);
    for (const property of KEPT) to[k]!.setAttribute(property, style.getPropertyValue(property));
  });
  const canvas = svg.parentElement!.querySelector("canvas");
  if (canvas) copy.prepend(pictureOf(canvas, svg));
  download(URL.createObjectURL(new Blob([copy.outerHTML], { type: "image/svg+xml" })), `${name}.svg`);
}

function pictureOf(canvas: HTMLCanvasElement, svg: SVGSVGElement): SVGImageElement {
  const image = document.createElementNS("http://www.w3.org/2000/svg", "image");
  image.setAttribute("href", canvas.toDataURL());
  image.setAttribute("width", svg.getAttribute("width")!);
  image.setAttribute("height", svg.getAttribute("height")!);
  return image;
}

export function download(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** Labels beside the ends of lines, moved apart so that none lies on another. */
export function apart<T extends { y: number }>(labels: T[], gap: number, low: number, high: number): T[] {
  const placed = [...labels].sort((a, b) => a.y - b.y).map((label) => ({ ...label }));
  for (let k = 1; k < placed.length; k++) placed[k]!.y = Math.max(placed[k]!.y, placed[k - 1]!.y + gap);
  const over = (placed.at(-1)?.y ?? 0) - high;
  if (over > 0) placed.forEach((label) => (label.y -= over));
  for (let k = placed.length - 2; k >= 0; k--) placed[k]!.y = Math.min(placed[k]!.y, placed[k + 1]!.y - gap);
  placed.forEach((label) => (label.y = Math.max(label.y, low)));
  return placed;
}
