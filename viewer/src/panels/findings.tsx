import { useSignal } from "@preact/signals";
import { group } from "d3-array";
import type { JSX } from "preact";
import { Interval } from "./headlines";
import type { Finding, Run, Verdict } from "../page";
import { page } from "../view";
import { Show, VERDICTS } from "./show";

interface Listed {
  finding: Finding;
  run: Run;
}

/** Every finding, one line each, under the question that it answers. */
export function AllFindings(): JSX.Element {
  const verdict = useSignal<string>("");
  const study = useSignal<string>("");
  const word = useSignal<string>("");
  const all: Listed[] = page.value.runs.flatMap((run) => run.findings.map((finding) => ({ finding, run })));
  const wanted = all.filter(({ finding }) =>
    (!verdict.value || finding.verdict === verdict.value) &&
    (!study.value || finding.study === study.value) &&
    (!word.value || `${finding.headline} ${finding.statement}`.toLowerCase().includes(word.value.toLowerCase())));
  const groups = group(wanted, ({ finding, run }) => `${run.name}\n${finding.study}`);
  const present = [...new Set(all.map(({ finding }) => finding.verdict))];
  return (
    <section id="findings" aria-labelledby="findings-title" tabIndex={-1}>
      <h2 id="findings-title">All findings</h2>
      {!all.length && <p>None yet.</p>}
      {all.length > 0 && (
        <div class="filters">
          <Choice name="Verdict" of={verdict} options={present.map((v) => [v, VERDICTS[v as Verdict]])} />
          <Choice name="Study" of={study} options={[...new Set(all.map(({ finding }) => finding.study))].map((s) => [s, s])} />
          <label><span>With the word</span><input type="search" size={12} onInput={(e) => (word.value = e.currentTarget.value)} /></label>
          <output aria-live="polite">{wanted.length} of {all.length}</output>
        </div>
      )}
      {[...groups.values()].map((listed) => <Group key={`${listed[0]!.run.name} ${listed[0]!.finding.study}`} listed={listed} />)}
    </section>
  );
}

function Choice({ name, of, options }: { name: string; of: { value: string }; options: [string, string][] }): JSX.Element {
  return (
    <label>
      <span>{name}</span>
      <select value={of.value} onChange={(e) => (of.value = e.currentTarget.value)}>
        <option value="">all</option>
        {options.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
      </select>
    </label>
  );
}

function Group({ listed }: { listed: Listed[] }): JSX.Element {
  const { finding, run } = listed[0]!;
  const question = run.studies.find((one) => one.name === finding.study)?.question;
  return (
    <section class="question" aria-label={finding.study}>
      <h3>{question || finding.study} <small>{finding.study}{page.value.runs.length > 1 ? ` · ${run.name}` : ""}</small></h3>
      <ol>{listed.map((one) => <Row key={one.finding.statement} {...one} />)}</ol>
    </section>
  );
}

function Row({ finding, run }: Listed): JSX.Element {
  return (
    <li>
      <details data-print>
        <summary>
          <span class={`verdict ${finding.verdict}`}>{VERDICTS[finding.verdict]}</span>
          <span class="told">{finding.headline}</span>
        </summary>
        <div class="more">
          {finding.evidence && <p>{finding.evidence}</p>}
          <p>{finding.statement}</p>
          {finding.plain && <p class="plain">{finding.plain}</p>}
          <Interval finding={finding} />
          <p class="line">{finding.line.join(" · ")}</p>
        </div>
      </details>
      <Show finding={finding} run={run} />
    </li>
  );
}
