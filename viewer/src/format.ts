import type { Measure } from "./page";

const MINUS = "−";

/** A number with three significant digits and a true minus sign. */
export function number(value: number | null | undefined, digits = 3): string {
  if (value == null || !Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(digits - 1).replace(/e\+?/, "e").replaceAll("-", MINUS);
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return value
    .toLocaleString("en-US", { minimumFractionDigits: Math.min(decimals, 6), maximumFractionDigits: Math.min(decimals, 6) })
    .replace("-", MINUS);
}

/** A number in its unit, as short as a label wants it. */
export function inUnit(value: number | null | undefined, unit: string, digits = 3): string {
  const text = number(value, digits);
  if (text === "–") return text;
  if (unit === "degrees") return `${text}°`;
  if (unit === "r") return number(value, 2).replace(/^(−?)0\./, "$1.");
  if (unit === "%") return `${text} %`;
  if (unit === "1" || unit === "model units" || unit === "") return text;
  return `${text} ${unit}`;
}

/** A tick's label: no digit that it does not need. */
export function tick(value: number, unit: string): string {
  const text = String(Number(value.toPrecision(6))).replace("-", MINUS);
  return unit === "degrees" ? `${text}°` : text;
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString("en-US")} ${value === 1 ? one : many}`;
}

/** The label of a measure with its unit, as an axis has it. */
export function labelled(measure: Measure): string {
  return measure.unit === "1" ? measure.label : `${measure.label} (${measure.unit})`;
}

/** The text with characters that turn the order of what follows named instead of obeyed. */
export function ordered(text: string): string {
  return text.replace(/[\u202a-\u202e\u2066-\u2069]/g, (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase()}]`);
}

/** Whether a token has something to be seen or to make room, rather than joiners and selectors alone. */
export function isSeen(piece: string): boolean {
  return !/^[\p{Cf}\p{Cc}\ufe00-\ufe0f]*$/u.test(piece) || /[\t\n\r]/.test(piece);
}

/** White space of a token made visible. */
export function visible(piece: string): string {
  if (!isSeen(piece)) return [...piece].map((character) => `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`).join(" ") || "◌";
  return piece.trim() ? piece.trim() : piece.replaceAll("\n", "⏎").replaceAll("\t", "⇥").replaceAll(" ", "␣");
}
