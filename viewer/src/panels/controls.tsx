import type { JSX } from "preact";
import { inUnit, labelled } from "../format";
import { dark, shade } from "../colour";
import { change, firstLayer, page, run, view } from "../view";
import { range } from "./range";

export function Controls(): JSX.Element {
  const { measure, block, minus } = view.value;
  const one = run.value;
  const profile = one.profiles[measure];
  const twins = profile?.twins.length ?? 0;
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
      <div class="switch" role="group" aria-label="Value or difference">
        <button type="button" aria-pressed={!minus} onClick={() => change({ minus: false, box: null })}>
          value
        </button>
        <button type="button" aria-pressed={minus} disabled={!twins} onClick={() => change({ minus: true, box: null })}>
          minus untrained twin{twins === 1 ? "" : "s"}
        </button>
      </div>
      <Legend />
    </section>
  );
}

function Legend(): JSX.Element | null {
  const between = range.value;
  const { minus, measure } = view.value;
  const unit = page.value.measures[measure]?.unit ?? "";
  if (!between) return null;
  const steps = 24;
  return (
    <div class="legend" data-dark={dark.value} aria-label={`Colours run from ${inUnit(between[0], unit)} to ${inUnit(between[1], unit)}`} role="img">
      <span>{inUnit(between[0], unit)}</span>
      <svg width="120" height="12" viewBox={`0 0 ${steps} 1`} preserveAspectRatio="none" aria-hidden="true">
        {Array.from({ length: steps }, (_, k) => (
          <rect key={k} x={k} width={1.05} height={1} fill={shade(k / (steps - 1), minus).ground} />
        ))}
      </svg>
      <span>{inUnit(between[1], unit)}</span>
    </div>
  );
}
