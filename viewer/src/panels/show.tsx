import type { JSX } from "preact";
import type { Finding, Run, Verdict } from "../page";
import { change, view, viewOf } from "../view";

export const VERDICTS: Record<Verdict, string> = {
  beyond: "beyond its null",
  like: "like its null",
  describes: "describes",
  undecided: "undecided",
};

/** Goes to the view that shows the finding; nothing where its run has no curves. */
export function Show({ finding, run }: { finding: Finding; run: Run }): JSX.Element | null {
  if (!Object.keys(run.profiles).length || !finding.show.measure) return null;
  const go = (): void => {
    change(viewOf({ run: run.name, ...finding.show }, view.value));
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    document.getElementById("controls")?.scrollIntoView({ behavior: still ? "auto" : "smooth" });
  };
  return (
    <button type="button" class="show" onClick={go} aria-label={`Show me: ${finding.headline}`}>
      Show me
    </button>
  );
}
