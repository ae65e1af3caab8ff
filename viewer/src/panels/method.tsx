import type { JSX } from "preact";
import type { Pairs, Run } from "../page";
import { page } from "../view";

/** How it was measured, what was left out, what it does not show, how to make it again. */
export function Method(): JSX.Element {
  return (
    <section id="method" aria-labelledby="method-title">
      <h2 id="method-title">Method</h2>
      {page.value.runs.map((run) => <One key={run.name} run={run} />)}
      <h3>What this does not show</h3>
      <ul class="limits">{page.value.limits.map(([head, text]) => <li key={head}><b>{head}</b> {text}</li>)}</ul>
      <h3>This page</h3>
      <pre tabIndex={0}><code>{page.value.command}</code></pre>
    </section>
  );
}

function One({ run }: { run: Run }): JSX.Element {
  return (
    <details class="run" data-print>
      <summary><b>{run.kind === "run" ? "Run" : "Comparison"} {run.name}</b> <small>{run.model}</small></summary>
      {!run.complete && <p class="notice">This run is not complete: it was stopped before all texts were measured. <code>--resume</code> finishes it.</p>}
      <Card pairs={run.card} />
      {run.kind === "run" && <Checks run={run} />}
      {run.kind === "run" && <LeftOut run={run} />}
      <h3>How to reproduce</h3>
      {run.command ? <pre tabIndex={0}><code>{run.command}</code></pre> : <p class="notice">The command is not recorded.</p>}
      <Card pairs={run.reproduce} />
      {run.config && <details><summary>Whole configuration</summary><pre tabIndex={0}><code>{run.config}</code></pre></details>}
    </details>
  );
}

function Card({ pairs }: { pairs: Pairs }): JSX.Element {
  return <dl class="card">{pairs.map(([label, text]) => <div key={label}><dt>{label}</dt><dd>{text}</dd></div>)}</dl>;
}

function Checks({ run }: { run: Run }): JSX.Element {
  if (!run.checks.length) return <p class="notice">No self-check is recorded for this run.</p>;
  return (
    <>
      <h3>Self-check</h3>
      <div class="scroll" tabIndex={0} role="region" aria-label={`Self-check of ${run.name}`}>
        <table>
          <thead><tr>{["check", "result", "relative error", "tolerance", "remark"].map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
          <tbody>
            {run.checks.map((check) => (
              <tr key={check.name}>
                <th scope="row">{check.name}{check.meaning && <small> {check.meaning}</small>}</th>
                <td class={check.result === "refused" ? "bad" : ""}>{check.result}</td>
                <td class="number">{check.error}</td>
                <td class="number">{check.tolerance}</td>
                <td>{check.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function LeftOut({ run }: { run: Run }): JSX.Element {
  return (
    <>
      <h3>Left out</h3>
      {run.exclusions.length > 0 && <ul>{run.exclusions.map(([count, reason]) => <li key={reason}><b>{count}</b> {reason}</li>)}</ul>}
      {!run.exclusions.length && !run.never && <p>No exclusions are recorded.</p>}
      {run.never > 0 && <p class="small">Nothing was left out for the {run.never} {run.exclusions.length ? "other " : ""}reasons that are counted.</p>}
      {run.skipped.length > 0 && <p>Passages that could not be read:</p>}
      {run.skipped.length > 0 && <ul>{run.skipped.map(([place, reason]) => <li key={place}><code>{place}</code>: {reason}</li>)}</ul>}
    </>
  );
}
