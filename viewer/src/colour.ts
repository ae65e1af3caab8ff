import { signal } from "@preact/signals";

type Colour = [number, number, number];

/** Whether the page is dark, by the reader's choice or else by the system's. */
export const dark = signal(false);

export function followTheme(): void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const follow = (): void => {
    const chosen = document.documentElement.dataset.theme;
    dark.value = chosen ? chosen === "dark" : media.matches;
  };
  media.addEventListener("change", follow);
  follow();
  lightOnPaper(follow);
}

/** Paper is white: printed is the light page, whatever the screen shows. */
function lightOnPaper(follow: () => void): void {
  const { dataset } = document.documentElement;
  let chosen: { theme: string | undefined } | null = null;
  addEventListener("beforeprint", () => {
    chosen ??= { theme: dataset.theme };
    dataset.theme = "light";
    follow();
  });
  addEventListener("afterprint", () => {
    if (chosen?.theme) dataset.theme = chosen.theme;
    else delete dataset.theme;
    chosen = null;
    follow();
  });
}

export function otherTheme(): void {
  document.documentElement.dataset.theme = dark.value ? "light" : "dark";
  dark.value = !dark.value;
}

/** From little to much: lightness falls (in the dark, rises) evenly, so that grey says the same. */
const MUCH = {
  light: ["#fbfaf6", "#d8e7ee", "#a3c9df", "#5d9fc8", "#1f6ea6", "#0a4475"],
  dark: ["#25241f", "#1f3f55", "#205f88", "#3787b9", "#75b9e4", "#d2ecfc"],
};
/** From less than the twins to more: orange, nothing, blue. */
const DIFFERENCE = {
  light: ["#8f3d00", "#d07a2b", "#f2c799", "#f8f6f1", "#a9cfe4", "#3f8abd", "#0a4475"],
  dark: ["#ffc48a", "#d9862f", "#7a4a1c", "#2a2925", "#1f4f70", "#4796c8", "#bfe3fa"],
};

/** The colour for a share from 0 to 1, and that of the text on it. */
export function shade(share: number, difference: boolean): { ground: string; ink: string } {
  const ramp = stops(difference);
  const at = Math.max(0, Math.min(1, share)) * (ramp.length - 1);
  const k = Math.min(ramp.length - 2, Math.floor(at));
  const mixed = ramp[k]!.map((c, i) => Math.round(c + (ramp[k + 1]![i]! - c) * (at - k))) as Colour;
  return { ground: `rgb(${mixed.join(" ")})`, ink: luminance(mixed) > 0.179 ? "#000" : "#fff" };
}

export function shadeBytes(share: number, difference: boolean): Colour {
  return shade(share, difference).ground.match(/\d+/g)!.map(Number) as Colour;
}

const parsed = new Map<string, Colour[]>();

function stops(difference: boolean): Colour[] {
  const theme = dark.value ? "dark" : "light";
  const key = `${theme} ${difference}`;
  if (!parsed.has(key)) {
    const ramp = (difference ? DIFFERENCE : MUCH)[theme];
    parsed.set(key, ramp.map((hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16)) as Colour));
  }
  return parsed.get(key)!;
}

/** Relative luminance; from 0.179 on, black has more contrast than white, never below 4.58. */
function luminance(colour: Colour): number {
  const [r, g, b] = colour.map((c) => {
    const part = c / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as Colour;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Between which values the colours run: the run's own range, or even to both sides of nothing. */
export function colourRange(values: Float64Array, given: [number | null, number | null] | undefined, minus: boolean): [number, number] {
  if (!minus && given?.[0] != null && given[1] != null) return given[1] > given[0] ? [given[0], given[1]] : [given[0], given[0] + 1];
  const sizes = Float64Array.from(values.filter(Number.isFinite), Math.abs).sort();
  const most = sizes[Math.floor(sizes.length * 0.98)] || 1;
  return [-most, most];
}
