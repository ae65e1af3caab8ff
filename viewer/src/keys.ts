import { change, view } from "./view";

/** Arrows move the block wherever nothing else wants them. */
export function steer(): void {
  document.addEventListener("keydown", (event) => {
    const at = event.target as HTMLElement;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|SELECT|TEXTAREA|BUTTON|SUMMARY)$/.test(at.tagName) && event.key !== "Escape") return;
    if (event.key === "ArrowLeft") change({ block: view.value.block - 1 });
    else if (event.key === "ArrowRight") change({ block: view.value.block + 1 });
    else if (event.key === "Escape") change({ box: null });
    else if (event.key === "-" || event.key === "m") change({ minus: !view.value.minus });
    else return;
    event.preventDefault();
  });
  addEventListener("beforeprint", () => {
    document.querySelectorAll<HTMLDetailsElement>("details[data-print]").forEach((one) => (one.open = true));
  });
}
