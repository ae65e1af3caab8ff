import { effect, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Panel } from "../chart";
import { dark, shade } from "../colour";
import { inUnit, isSeen, ordered, visible } from "../format";
import { chosen, live, tokens } from "../sources";
import type { TokenData } from "../page";
import type { Tokens } from "../tokens";
import { change, hovered, page, run, samePlace, signed, taken, view, type Place } from "../view";
import { range } from "./range";
import { Strip } from "./strip";

/** Short passages are shown together up to so many tokens; a longer one in parts of so many. */
const [TOGETHER, PART] = [320, 3000];

export interface Part {
  from: number;
  to: number;
}

/** The rows that are shown: the chosen passage with those after it, or the part with token A. */
export function partOf(all: Tokens, passage: number, a: Place | null): Part {
  const first = all.passages.findIndex((p) => p.passage === passage);
  const start = all.passages[Math.max(0, first)]!;
  if (start.to - start.from > PART) {
    const row = a?.passage === passage ? Math.max(start.from, all.rowOf(a.passage, a.position)) : start.from;
    const from = start.from + Math.floor((row - start.from) / PART) * PART;
    return { from, to: Math.min(start.to, from + PART) };
  }
  let to = start.to;
  for (const next of all.passages.slice(Math.max(0, first) + 1)) {
    if (next.to - start.from > TOGETHER) break;
    to = next.to;
  }
  return { from: start.from, to };
}

export function Text(): JSX.Element {
  const numbers = useSignal(false);
  const { passage, a } = view.value;
  const all = tokens.value;
  const data = run.value.data!;
  const part = all && all.count > 0 ? partOf(all, passage, a) : null;
  return (
    <Panel id="text" title="The text" tools={all && <Tools all={all} numbers={numbers} />}>
      {part && <Strip part={part} />}
      {part ? <Words key={`${view.value.run} ${part.from} ${part.to} ${numbers.value}`} all={all!} part={part} numbers={numbers.value} /> : <p>{all ? "No token is shown." : "Reading the text …"}</p>}
      <Pointed />
      <p class="small">
        Coloured by the measure at the chosen block, each between its own 2 and 98 %. Struck through: sinks and first tokens, which
        statistics leave out. Click: token A; shift-click: token B.{" "}
        {all?.at("commitment_depth", 0) && "Line through the strip: above it the first choice, read at that depth, stays the model's own. "}
        {!data.whole_texts && "This run keeps no texts: the pieces of its tokens are joined, and what was not measured is missing. "}
        {held(data)}
      </p>
    </Panel>
  );
}

/** Which passages can be looked at, where that is not all. */
function held(data: TokenData): string {
  const there = live.value ? data.passages_with_rows : data.passages.length;
  if (there >= data.of_passages) return "";
  const whose = live.value ? "have tokens in this run, which keeps sums; all here goes through these" : "are in this page";
  return `Of ${data.of_passages.toLocaleString("en-US")} passages ${there.toLocaleString("en-US")}, drawn by hash, ${whose}. `;
}

function Tools({ all, numbers }: { all: Tokens; numbers: { value: boolean } }): JSX.Element {
  return (
    <>
      <label>
        <span>Passage</span>
        <select value={view.value.passage} onChange={(e) => change({ passage: Number(e.currentTarget.value), a: null, b: null })}>
          {all.passages.map((p) => (
            <option key={p.passage} value={p.passage}>{p.name} “{ordered(p.text.trim().slice(0, 28))}…”</option>
          ))}
        </select>
      </label>
      <Step by={-1} name="Passage before" sign="‹" />
      <Step by={1} name="Next passage" sign="›" />
      <label>
        <span>Find</span>
        <input type="search" size={8} placeholder="word" onInput={(e) => find(all, e.currentTarget.value)} />
      </label>
      <label class="tick-box">
        <input type="checkbox" checked={numbers.value} onChange={(e) => (numbers.value = e.currentTarget.checked)} /> <span>numbers</span>
      </label>
    </>
  );
}

/** To the passage before or after; of those that a server has not yet given, it has said which they are. */
function Step({ by, name, sign }: { by: -1 | 1; name: string; sign: string }): JSX.Element {
  const { passages, data } = tokens.value!;
  const here = passages.findIndex((p) => p.passage === view.value.passage);
  const next = passages[here + by]?.passage ?? (by < 0 ? data.before : data.after) ?? null;
  return (
    <button type="button" aria-label={name} aria-disabled={next === null} onClick={() => next !== null && change({ passage: next, a: null, b: null })}>
      {sign}
    </button>
  );
}

/** Puts token A on the next token whose text begins with the word. */
function find(all: Tokens, word: string): void {
  const wanted = word.trim().toLowerCase();
  if (!wanted) return;
  const now = view.value.a ? all.rowOf(view.value.a.passage, view.value.a.position) : -1;
  for (let k = 0; k < all.count; k++) {
    const row = (Math.max(0, now) + k) % all.count;
    if (all.shown(row).trim().toLowerCase().startsWith(wanted)) return pin(all, row, false);
  }
}

export function pin(all: Tokens, row: number, second: boolean): void {
  const place = { passage: all.passageOf(row).passage, position: all.position(row) };
  const shown = partOf(all, view.value.passage, view.value.a);
  const passage = row >= shown.from && row < shown.to ? view.value.passage : place.passage;
  change(second ? { b: place } : { a: place, passage });
}

/** The words as spans, made once; their colours follow block, measure, theme and pins. */
function Words({ all, part, numbers }: { all: Tokens; part: Part; numbers: boolean }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const spans = write(box.current!, all, part);
    const stop = [effect(() => colour(spans, all, part, numbers)), effect(() => mark(spans, all, part))];
    return () => stop.forEach((one) => one());
  }, []);
  const rowAt = (event: Event): number => Number((event.target as HTMLElement).closest<HTMLElement>("[data-row]")?.dataset.row ?? -1);
  return (
    <div
      ref={box}
      class={`words ${numbers ? "numbered" : ""}`}
      role="group"
      tabIndex={0}
      aria-label="The text, token by token. Arrow keys move token A, with shift token B."
      onClick={(e) => rowAt(e) >= 0 && pin(all, rowAt(e), e.shiftKey)}
      onPointerOver={(e) => point(all, rowAt(e))}
      onPointerLeave={() => (hovered.value = null)}
      onKeyDown={(e) => walk(e, all)}
    />
  );
}

function point(all: Tokens, row: number): void {
  hovered.value = row < 0 ? null : { passage: all.passageOf(row).passage, position: all.position(row) };
}

function walk(event: KeyboardEvent, all: Tokens): void {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const from = event.shiftKey ? (view.value.b ?? view.value.a) : view.value.a;
  const row = from ? all.rowOf(from.passage, from.position) : -1;
  pin(all, Math.max(0, Math.min(all.count - 1, row + by)), event.shiftKey);
}

/** One paragraph a passage; every token a span, what lies between them plain text. */
function write(box: HTMLElement, all: Tokens, part: Part): HTMLElement[] {
  const spans: HTMLElement[] = [];
  box.replaceChildren();
  for (let row = part.from; row < part.to; ) {
    const passage = all.passageOf(row);
    const paragraph = document.createElement("p");
    paragraph.dir = "auto";
    const last = Math.min(passage.to, part.to);
    let cursor = row === passage.from ? 0 : all.start[row]!;
    for (; row < last; row++) {
      if (all.start[row]! > cursor) paragraph.append(ordered(passage.text.slice(cursor, all.start[row])));
      const span = document.createElement("span");
      const text = ordered(passage.text.slice(Math.max(cursor, all.start[row]!), all.end[row]));
      const piece = text || (all.start[row] === all.end[row] ? all.shown(row).trim() : "");
      span.textContent = piece;
      span.className = `token${text && isSeen(text) ? "" : piece && isSeen(piece) ? " put-in" : " thin"}${all.isUsable(row) ? "" : " left-out"}${["", " before", " target"][all.role(row)]}`;
      span.dataset.row = String(row);
      cursor = Math.max(cursor, all.end[row]!);
      paragraph.append(span);
      spans.push(span);
    }
    if (last === passage.to) paragraph.append(ordered(passage.text.slice(cursor)));
    box.append(paragraph);
  }
  return spans;
}

function colour(spans: HTMLElement[], all: Tokens, part: Part, numbers: boolean): void {
  const { measure, block, minus } = view.value;
  const between = range.value;
  const values = all.at(measure, block, minus);
  const unit = page.value.measures[measure]?.unit ?? "";
  void dark.value;
  spans.forEach((span, k) => {
    const value = values?.[part.from + k] ?? NaN;
    const known = Number.isFinite(value) && between;
    const { ground, ink } = known ? shade((value - between[0]) / (between[1] - between[0]), signed.value) : { ground: "", ink: "" };
    span.style.backgroundColor = ground;
    span.style.color = ink;
    if (numbers) span.dataset.value = inUnit(value, unit, 2);
  });
}

function mark(spans: HTMLElement[], all: Tokens, part: Part): void {
  const { a, b } = view.value;
  const has = chosen.value?.has;
  spans.forEach((span, k) => {
    const place = { passage: all.passageOf(part.from + k).passage, position: all.position(part.from + k) };
    span.classList.toggle("a", samePlace(place, a));
    span.classList.toggle("b", samePlace(place, b));
    span.classList.toggle("chosen", !!has?.(place.passage, place.position));
  });
}

/** What the pointer, or else token A, stands on: its value at the chosen block. */
function Pointed(): JSX.Element {
  const place = hovered.value ?? view.value.a;
  const { measure, block, minus } = view.value;
  const all = tokens.value;
  const row = all && place ? all.rowOf(place.passage, place.position) : -1;
  if (!all || row < 0) return <p class="reading" aria-live="polite"> </p>;
  const about = page.value.measures[measure]!;
  const extra = ["", ", before a target", ", target"][all.role(row)]! + (all.label("tag", row) && `, ${all.label("tag", row)}`);
  return (
    <p class="reading" aria-live="polite">
      <b>“{visible(all.shown(row))}”</b> (token {all.position(row)}{extra}): {about.label}{taken}, block {block}:{" "}
      <b>{inUnit(all.at(measure, block, minus)?.[row], about.unit)}</b>
      {all.isSink(row) ? "; an attention sink" : ""}
    </p>
  );
}
