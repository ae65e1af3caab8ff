import { effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./app";
import { followTheme } from "./colour";
import { steer } from "./keys";
import { Live } from "./live";
import type { Page } from "./page";
import { Frozen, type Source } from "./source";
import { start } from "./sources";
import { firstView, page, parse, view } from "./view";

const place = document.getElementById("page")!;

/** The page in this file; of a page without data, the server that it came from. */
async function begin(): Promise<void> {
  const inside = document.getElementById("data");
  if (inside) {
    const data = JSON.parse(inside.textContent!) as Page;
    return show(data, new Frozen(data), false);
  }
  place.textContent = "Reading the runs …";
  const live = await Live.open();
  place.textContent = "";
  show(live.whole, live, true);
}

function show(data: Page, source: Source, live: boolean): void {
  page.value = data;
  view.value = firstView();
  start(source, live);
  followTheme();
  addEventListener("hashchange", () => (view.value = parse(location.hash, view.value)));
  effect(() => {
    document.title = page.value.title;
  });
  steer();
  render(<App />, place);
}

begin().catch((error: Error) => {
  place.textContent = `This page cannot be shown: ${error.message}.`;
});
