import type { JSX } from "preact";
import { inUnit, labelled } from "../format";
import { dark, shade } from "../colour";
import type { Run } from "../page";
import { change, firstLayer, page, run, sameAt, shownRuns, signed, view } from "../view";
import { range } from "./range";

export function Controls(): JSX.Element {
  const { measure, block } = view.value;
  const one = run.value;
  const first = firstLayer(one, measure);
  return (
    <section class="controls" id="controls" aria-label="What is shown">
      <label>
        <span>Measure</span>
        <select value={measure} onChange={(e) => change({ measure: e.currentTarget.value, box: null })}>
          {Object.keys(one.profiles).map((name) => (
            <option key={name} value={name}>
              {labelled(page.value.measures[name]!)}
            </option>
          ))}
        </select>
      </label>
      <label class="block">
        <span>Block</span>
        <input
          type="range"
          min={first}
          max={one.blocks}
          step={1}
          value={block}
          aria-valuetext={`block ${block} of ${one.blocks}`}
          onInput={(e) => change({ block: Number(e.currentTarget.value), box: null })}
        />
        <output>
          <b>{block}</b> of {one.blocks}
        </output>
      </label>
      <Minus />
      <Legend />
    </section>
  );
}

/** Value or difference: less the untrained twins, or less another run that was compared with this one. */
function Minus(): JSX.Element {
  const { measure, minus, run: number } = view.value;
  const all = page.value.runs;
  const named = (name: string): number => shownRuns(all).find((k) => all[k]!.name === name) ?? -1;
  const one = run.value;
  const whole = one.minus ? named(one.minus.run) : number;
  const twins = (all[whole] ?? one).profiles[measure]?.twins.length ?? 0;
  const differences = shownRuns(all).filter((k) => all[k]!.minus && all[k]!.minus!.run === (one.minus?.run ?? one.name));
  const less = (to: Run): string => `minus ${to.minus!.less}`;
  const value = (taken: boolean): void => {
    if (whole !== number) sameAt(whole);
    change({ minus: taken, box: null });
  };
  return (
    <div class="switch" role="group" aria-label="Value or difference">
      <button type="button" aria-pressed={!signed.value} disabled={whole < 0} onClick={() => value(false)}>
        value
      </button>
      <button type="button" aria-pressed={minus} disabled={whole < 0 || !twins} onClick={() => value(true)}>
        minus untrained twin{twins === 1 ? "" : "s"}
      </button>
      {differences.map((k) => (
        <button key={k} type="button" aria-pressed={k === number} onClick={() => sameAt(k)}>
          {less(all[k]!)}
        </button>
      ))}
    </div>
  );
}

function Legend(): JSX.Element | null {
  const between = range.value;
  const { measure } = view.value;
  const unit = page.value.measures[measure]?.unit ?? "";
  if (!between) return null;
  const steps = 24;
  return (
    <div class="legend" data-dark={dark.value} aria-label={`Colours run from ${inUnit(between[0], unit)} to ${inUnit(between[1], unit)}`} role="img">
      <span>{inUnit(between[0], unit)}</span>
      <svg width="120" height="12" viewBox={`0 0 ${steps} 1`} preserveAspectRatio="none" aria-hidden="true">
        {Array.from({ length: steps }, (_, k) => (
          <rect key={k} x={k} width={1.05} height={1} fill={shade(k / (steps - 1), signed.value).ground} />
        ))}
      </svg>
      <span>{inUnit(between[1], unit)}</span>
    </div>
  );
}
