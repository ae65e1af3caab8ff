import type { JSX } from "preact";
import { Panel } from "../chart";
import { inUnit, visible } from "../format";
import { exampleOf } from "../source";
import { tokens, useRanks } from "../sources";
import { page, run, view, type Place } from "../view";

const ONCE: Record<string, string> = { next_logprob: "nats", entropy: "nats", rank: "", straightness: "1", commitment_depth: "" };

/** All measures of tokens A and B at the chosen block, and how each lies among all tokens. */
export function Pair(): JSX.Element {
  const { a, b, block } = view.value;
  const all = tokens.value;
  const names = Object.keys(run.value.profiles);
  const row = (place: Place | null): number => (all && place ? all.rowOf(place.passage, place.position) : -1);
  const [first, second] = [row(a), row(b)];
  const measures = [...names, ...(all?.once().filter((name) => name in ONCE) ?? [])];
  const ranks = useRanks(measures);
  return (
    <Panel id="pair" title="Two tokens">
      {all && [["a", first], ["b", second]].map(([kind, at]) => (at as number) >= 0 && <Context key={kind} kind={kind as string} row={at as number} />)}
      <div class="scroll" tabIndex={0} role="region" aria-label="Two tokens, measure by measure">
        <table>
          <thead>
            <tr>
              <th scope="col">block {block}</th>
              <th scope="col" class="a">■ {first >= 0 && visible(all!.shown(first))}</th>
              <th scope="col" class="b">◆ {second >= 0 && visible(all!.shown(second))}</th>
            </tr>
          </thead>
          <tbody>
            {all && measures.map((name) => (
              <tr key={name}>
                <th scope="row">{page.value.measures[name]?.label ?? name}</th>
                {[first, second].map((at, k) => {
                  const value = at >= 0 ? (all.at(name, block)?.[at] ?? NaN) : NaN;
                  const below = ranks?.[name]?.[k];
                  return (
                    <td key={k}>
                      {inUnit(value, page.value.measures[name]?.unit ?? "")}
                      {below != null && Number.isFinite(value) && <small>{among(below)}</small>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="small">Under each value: above how many of all tokens it lies.</p>
    </Panel>
  );
}

/** In words where a token lies, of which this share lies below it. */
function among(below: number): string {
  const percent = Math.floor(100 * below);
  if (below === 0) return "lowest";
  if (percent >= 98) return "top 2 %";
  if (percent < 2) return "lowest 2 %";
  return `above ${percent} %`;
}

function Context({ kind, row }: { kind: string; row: number }): JSX.Element {
  const { before, token, after } = exampleOf(tokens.value!, row);
  return (
    <p class="context" dir="auto">
      {before && "…"}{before}<mark class={kind}>{token.trim() ? token : visible(token)}</mark>{after}{after && "…"}
    </p>
  );
}
