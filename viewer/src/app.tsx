import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Compare } from "./panels/compare";
import { Controls } from "./panels/controls";
import { Distribution } from "./panels/distribution";
import { AllFindings } from "./panels/findings";
import { Header } from "./panels/header";
import { Headlines } from "./panels/headlines";
import { Method } from "./panels/method";
import { Pair } from "./panels/pair";
import { Path } from "./panels/path";
import { ProfilePanel } from "./panels/profile";
import { Scatter } from "./panels/scatter";
import { Figures, Tables } from "./panels/studies";
import { Text } from "./panels/text";
import { begun, live, loadProfiles, loadTokens, tokens } from "./sources";
import { change, page, run, samePlace, shownRuns, view } from "./view";
import type { Tokens } from "./tokens";

export function App(): JSX.Element {
  const { run: number, passage, measure } = view.value;
  useEffect(() => {
    void loadTokens(number, passage).then((loaded) => {
      tokens.value = loaded;
      if (loaded) pinSomething(loaded);
    });
  }, [number, passage]);
  useEffect(() => void loadProfiles(measure), [number, measure]);
  const curves = Object.keys(run.value.profiles).length > 0;
  const beside = shownRuns(page.value.runs).filter((k) => !page.value.runs[k]!.minus === !run.value.minus);
  const compared = beside.length > 1;
  return (
    <>
      <a class="skip" href="#findings" onClick={toFindings}>
        To the findings
      </a>
      <Header />
      <main>
        <Headlines />
        {curves && !begun.value && <p class="notice" role="status">Reading the curves …</p>}
        {curves && begun.value && <Controls />}
        {curves && begun.value && (
          <div class={`grid ${compared ? "compared" : ""} ${run.value.minus ? "difference" : ""}`}>
            <ProfilePanel />
            {run.value.data && !run.value.minus && <Path />}
            {run.value.data && <Text />}
            {run.value.data && <Pair />}
            {run.value.data && <Distribution />}
            {run.value.data && <Scatter />}
            {compared && <Compare />}
          </div>
        )}
        {!curves && run.value.problem && <p class="notice">No curves and no text to show: {run.value.problem}.</p>}
        <AllFindings />
        <Figures />
        <Tables />
        <Method />
      </main>
      <footer>
        Made by odograph. {live.value ? "Served from this machine, read-only." : "This file holds everything it shows and asks for nothing from a network."}{" "}
        Geometry is not importance: a small turn can be vital.
      </footer>
    </>
  );
}

function toFindings(event: Event): void {
  event.preventDefault();
  document.getElementById("findings")?.focus();
}

/** Without pins there is nothing to compare: the first target and the token before it, or the ends of the range. */
function pinSomething(loaded: Tokens): void {
  const { a, b, passage, measure, block } = view.value;
  const here = (one: typeof a): boolean => !!one && loaded.rowOf(one.passage, one.position) >= 0;
  if (here(a) && (b === null || here(b))) return;
  const shown = loaded.passages.find((p) => p.passage === passage) ?? loaded.passages[0];
  if (!shown) return;
  const rows = Array.from({ length: shown.to - shown.from }, (_, k) => shown.from + k).filter((row) => loaded.isUsable(row));
  const place = (row: number | undefined): typeof a =>
    row === undefined ? null : { passage: loaded.passageOf(row).passage, position: loaded.position(row) };
  const values = loaded.at(measure, block);
  const ordered = [...rows].sort((x, y) => (values?.[y] ?? 0) - (values?.[x] ?? 0));
  const target = rows.find((row) => loaded.role(row) === 2);
  const before = rows.find((row) => loaded.role(row) === 1);
  const first = place(target ?? ordered[0] ?? shown.from);
  const second = place(target === undefined ? ordered.at(-1) : before);
  change({ passage: shown.passage, a: first, b: samePlace(first, second) ? null : second });
}
