import type { JSX } from "preact";
import type { Finding, Run, Verdict } from "../page";
import { change, page, view, viewOf } from "../view";

export const VERDICTS: Record<Verdict, string> = {
  beyond: "beyond its null",
  like: "like its null",
  describes: "describes",
  undecided: "undecided",
};

/** Goes to the view that shows the finding; nothing where the page lacks what it names. */
export function Show({ finding, run }: { finding: Finding; run: Run }): JSX.Element | null {
  const named = page.value.runs.find((one) => one.name === (finding.show.run ?? run.name));
  if (!(String(finding.show.measure) in (named?.profiles ?? {}))) return null;
  const go = (): void => {
    change({ box: null, ...viewOf({ run: run.name, minus: false, tab: "", ...finding.show }, view.value) });
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    document.getElementById("controls")?.scrollIntoView({ behavior: still ? "auto" : "smooth" });
  };
  return (
    <button type="button" class="show" onClick={go} aria-label={`Show me: ${finding.headline}`}>
      Show me
    </button>
  );
}
