import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import { inUnit } from "../format";
import { Show, VERDICTS } from "./show";
import type { Finding, Run } from "../page";
import { page } from "../view";

const SHOWN = 3;

/** Three findings: what compares the runs comes first, then the weightiest, each of another study as long as there is one. */
export function headlines(runs: Run[]): { finding: Finding; run: Run }[] {
  const all = runs.flatMap((run) => run.findings.map((finding) => ({ finding, run })));
  const ranked = [...all].sort((a, b) => compares(b.run) - compares(a.run) || b.finding.weight - a.finding.weight || worth(b.finding) - worth(a.finding));
  const firsts = ranked.filter((one, k) => ranked.findIndex((other) => other.finding.study === one.finding.study) === k);
  return [...firsts, ...ranked.filter((one) => !firsts.includes(one))].slice(0, SHOWN);
}

function compares(run: Run): number {
  return run.kind === "comparison" ? 1 : 0;
}

function worth({ verdict, interval }: Finding): number {
  return (verdict === "beyond" ? 2 : 0) + (interval ? 1 : 0);
}

export function Headlines(): JSX.Element {
  const shown = headlines(page.value.runs);
  if (!shown.length) return <NoFindings />;
  return (
    <section class="headlines" aria-label="Headlines">
      {shown.map(({ finding, run }) => (
        <article class={`headline ${finding.verdict}`} key={finding.statement}>
          <h2>{finding.headline}</h2>
          <p class="evidence">{finding.plain || finding.evidence}</p>
          <div class="row">
            <Interval finding={finding} />
            <span class={`verdict ${finding.verdict}`}>{VERDICTS[finding.verdict]}</span>
            <Show finding={finding} run={run} />
          </div>
          <details>
            <summary>Statistics</summary>
            <p>{finding.statement}</p>
            <p class="line">{finding.line.join(" · ")}</p>
          </details>
        </article>
      ))}
    </section>
  );
}

function NoFindings(): JSX.Element {
  const whole = page.value.runs.every((run) => run.complete);
  return (
    <p class="notice">
      No findings yet: {whole ? <><code>odograph analyse</code> makes them, without the model.</> : <>the run is not complete. <code>--resume</code> with the same command finishes it.</>}
    </p>
  );
}

const [WIDE, TALL] = [150, 40];
/** Room of a letter of the value, bold, on the widest fonts. */
const LETTER = 8.5;

/** The estimate as a dot on its interval, the nulls as bars, nothing as a tick: one axis. */
export function Interval({ finding }: { finding: Finding }): JSX.Element | null {
  const { estimate, interval, nulls, unit } = finding;
  if (estimate === null) return null;
  const zero = nulls.length || /^(degrees|r|%|1)$/.test(unit) ? [0] : [];
  const ends = [estimate, ...(interval ?? []), ...nulls.flatMap((n) => [n.low, n.high, n.estimate]), ...zero];
  const known = ends.filter((v): v is number => v !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const x = scaleLinear([low, high === low ? low + 1 : high], [12, WIDE - 12]);
  const span = interval?.every((v) => v !== null) ? (interval as [number, number]) : null;
  const value = inUnit(estimate, unit.length > 6 && unit !== "degrees" ? "" : unit);
  const half = Math.max(26, (value.length * LETTER) / 2);
  const words = `${inUnit(estimate, unit)}${span ? `, interval ${inUnit(span[0], unit)} to ${inUnit(span[1], unit)}` : ""}${nulls.map((n) => `; ${n.name} ${inUnit(n.low ?? n.estimate, unit)} to ${inUnit(n.high ?? n.estimate, unit)}`).join("")}`;
  return (
    <svg class="interval" width={WIDE} height={TALL} viewBox={`0 0 ${WIDE} ${TALL}`} role="img" aria-label={words}>
      <line class="axis" x1={6} x2={WIDE - 6} y1={22} y2={22} />
      {low <= 0 && high >= 0 && <line class="zero" x1={x(0)} x2={x(0)} y1={15} y2={29} />}
      {low <= 0 && high >= 0 && Math.abs(x(0) - x(estimate)) > 30 && <text class="small" x={x(0)} y={39}>0</text>}
      {nulls.map((n) => (
        <NullBar key={n.name} from={x(n.low ?? n.estimate ?? 0)} to={x(n.high ?? n.estimate ?? 0)} />
      ))}
      {span && <line class="span" x1={x(span[0])} x2={x(span[1])} y1={22} y2={22} />}
      <circle class="dot" cx={x(estimate)} cy={22} r={4.5} />
      <text class="value" x={Math.max(half, Math.min(WIDE - half, x(estimate)))} y={12}>{value}</text>
    </svg>
  );
}

function NullBar({ from, to }: { from: number; to: number }): JSX.Element {
  return <rect class="null" x={from - 1.5} width={Math.max(3, to - from + 3)} y={17} height={10} rx={2} />;
}
