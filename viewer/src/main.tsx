import { effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./app";
import { followTheme } from "./colour";
import { steer } from "./keys";
import type { Page } from "./page";
import { Frozen } from "./source";
import { start } from "./sources";
import { page, parse, startView, view } from "./view";

function begin(): void {
  const data = JSON.parse(document.getElementById("data")!.textContent!) as Page;
  page.value = data;
  view.value = startView(data);
  if (location.hash.length > 1) view.value = parse(location.hash, view.value);
  start(new Frozen(data));
  followTheme();
  addEventListener("hashchange", () => (view.value = parse(location.hash, view.value)));
  effect(() => {
    document.title = page.value.title;
  });
  steer();
  render(<App />, document.getElementById("page")!);
}

begin();
