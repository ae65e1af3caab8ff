import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { dark, otherTheme } from "../colour";
import { count } from "../format";
import { change, page, run, shownRuns, view } from "../view";

export function Header(): JSX.Element {
  const keys = useSignal(false);
  const all = page.value.runs;
  return (
    <header class="top">
      <Mark />
      <h1>{page.value.title}</h1>
      {all.length > 1 && (
        <label>
          <span>Run</span>
          <select value={view.value.run} onChange={(e) => change({ run: Number(e.currentTarget.value) })}>
            {shownRuns(all).map((k) => (
              <option key={k} value={k}>
                {all[k]!.name} · {all[k]!.model}
              </option>
            ))}
          </select>
        </label>
      )}
      <Chips />
      <div class="buttons">
        <button type="button" onClick={otherTheme}>
          {dark.value ? "Light" : "Dark"}
        </button>
        <button type="button" aria-expanded={keys.value} aria-controls="keys" onClick={() => (keys.value = !keys.value)}>
          Keys
        </button>
      </div>
      <p id="keys" class="keys" hidden={!keys.value}>
        <kbd>←</kbd> <kbd>→</kbd> block · <kbd>m</kbd> value or difference · <kbd>Esc</kbd> drop the box · in the text: <kbd>←</kbd>{" "}
        <kbd>→</kbd> move token A, with <kbd>Shift</kbd> token B · click A, shift-click B · in the bars: <kbd>←</kbd> <kbd>→</kbd> choose a bar, with <kbd>Shift</kbd> more · in the scatter: drag a box, or arrows move one, with <kbd>Shift</kbd> its far side. The address holds
        the view: copy it to share it.
      </p>
    </header>
  );
}

function Chips(): JSX.Element {
  const one = run.value;
  const passed = one.checks.filter((check) => check.result === "passed").length;
  const tried = one.checks.filter((check) => check.result !== "not applicable").length;
  return (
    <ul class="chips" aria-label="This run">
      {page.value.runs.length === 1 && one.model && <li>{one.model}</li>}
      {one.blocks > 0 && <li>{count(one.blocks, "block")}</li>}
      {one.data && <li>{count(one.data.of_tokens, "token")}, {count(one.data.of_passages, "passage")}</li>}
      {tried > 0 && <li class={passed === tried ? "good" : "bad"}>{passed} of {tried} self-checks passed</li>}
      {!one.complete && <li class="bad">not complete</li>}
    </ul>
  );
}

/** The unrolled path of one token of the bundled model, as the mark of odograph. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="30" height="30" aria-hidden="true">
      <circle cx="15" cy="14" r="1.6" />
      <path d="M15 14 20 13 21.5 17 20 21 16 23.5 10.5 24 4 21.5" />
      <circle cx="4" cy="21.5" r="2.6" class="end" />
    </svg>
  );
}
