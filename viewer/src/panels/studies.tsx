import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { download } from "../chart";
import { count } from "../format";
import type { Figure, Run, Study, Table } from "../page";
import { fileOf } from "../source";
import { page } from "../view";

interface Own {
  study: Study;
  run: Run;
}

function studies(): Own[] {
  return page.value.runs.flatMap((run) => run.studies.map((study) => ({ study, run })));
}

/** The figures for papers, folded by study; each is unpacked when its study is opened. */
export function Figures(): JSX.Element | null {
  const own = studies().filter(({ study }) => study.figures.length);
  if (!own.length) return null;
  return (
    <section id="figures" aria-labelledby="figures-title">
      <h2 id="figures-title">Figures</h2>
      <p class="small">As files, SVG and PNG, in the folder <code>figures</code> of each run.</p>
      {own.map(({ study, run }) => (
        <Folded key={`${run.name} ${study.name}`} title={study.name} aside={`${count(study.figures.length, "figure")}${page.value.runs.length > 1 ? ` · ${run.name}` : ""}`}>
          {() => (
            <>
              <p class="question">{study.question}</p>
              <div class="figures">{study.figures.map((figure) => <Picture key={figure.name} figure={figure} />)}</div>
              {study.notes.length > 0 && <ul class="small">{study.notes.map((note) => <li key={note}>{note}</li>)}</ul>}
              {study.card.length > 0 && <dl class="card">{study.card.map(([label, text]) => <div key={label}><dt>{label}</dt><dd>{text}</dd></div>)}</dl>}
            </>
          )}
        </Folded>
      ))}
    </section>
  );
}

function Folded({ title, aside, children }: { title: string; aside: string; children: () => JSX.Element }): JSX.Element {
  const open = useSignal(false);
  return (
    <details onToggle={(e) => (open.value = e.currentTarget.open)}>
      <summary><b>{title}</b> <small>{aside}</small></summary>
      {open.value && children()}
    </details>
  );
}

function Picture({ figure }: { figure: Figure }): JSX.Element {
  const url = useSignal("");
  useEffect(() => {
    if (figure.data) void fileOf(figure.data, "image/svg+xml").then((made) => (url.value = made));
    return () => URL.revokeObjectURL(url.value);
  }, [figure]);
  return (
    <figure>
      {figure.problem && <p class="notice">No picture: {figure.problem}.</p>}
      {url.value && <img src={url.value} alt={`${figure.title}. ${figure.caption}`} decoding="async" />}
      <figcaption><b>{figure.title}.</b> {figure.caption}{figure.null && ` Null: ${figure.null}.`}
        {figure.card.length > 0 && <span class="card-line">{figure.card.map(([label, text]) => `${label}: ${text}`).join(" · ")}</span>}
      </figcaption>
    </figure>
  );
}

/** The first rows of every table; the whole one can be saved where the page holds it. */
export function Tables(): JSX.Element | null {
  const own = studies().flatMap(({ study, run }) => study.tables.map((table) => ({ study, run, table })));
  if (!own.length) return null;
  return (
    <section id="tables" aria-labelledby="tables-title">
      <h2 id="tables-title">Tables</h2>
      {own.map(({ study, run, table }) => (
        <Folded key={`${run.name} ${study.name} ${table.name}`} title={table.title} aside={`${study.name} · ${table.problem || count(table.total, "row")}${page.value.runs.length > 1 ? ` · ${run.name}` : ""}`}>
          {() => <Rows table={table} />}
        </Folded>
      ))}
    </section>
  );
}

function Rows({ table }: { table: Table }): JSX.Element {
  if (table.problem) return <p class="notice">{table.problem}.</p>;
  const save = (): void => void fileOf(table.data, "text/csv").then((url) => download(url, `${table.name}.csv`));
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label={table.title}>
        <table>
          <thead><tr>{table.columns.map((name, k) => <th key={name} scope="col" class={table.numeric[k] ? "number" : ""}>{name}</th>)}</tr></thead>
          <tbody>{table.rows.map((row, r) => <tr key={r}>{row.map((cell, k) => <td key={k} class={table.numeric[k] ? "number" : ""}>{cell}</td>)}</tr>)}</tbody>
        </table>
      </div>
      {table.same.length > 0 && <p class="small">The same in every row: {table.same.map(([name, value]) => `${name} ${value}`).join("; ")}.</p>}
      <p class="small">
        {table.total > table.rows.length && `The first ${table.rows.length} of ${table.total} rows. `}The whole table: <code>{table.path}</code>{" "}
        {table.data && <button type="button" onClick={save}>Save as CSV</button>}
      </p>
    </>
  );
}
