import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** The width in pixels that an element has on the page. */
export function useWidth<E extends Element>(start = 600): [RefObject<E | null>, number] {
  const ref = useRef<E>(null);
  const [width, setWidth] = useState(start);
  useLayoutEffect(() => {
    const element = ref.current!;
    const measure = (): void => setWidth(Math.max(240, Math.floor(element.clientWidth)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

/** Milliseconds for which the answer to the question before may stand under the new one. */
const STALE = 150;

/** The answer to a question; a new one is asked when the key changes, a late one is dropped. */
export function useAnswer<T>(ask: () => Promise<T>, key: string): T | undefined {
  const [answer, setAnswer] = useState<T | undefined>(undefined);
  useEffect(() => {
    let wanted = true;
    const clear = setTimeout(() => setAnswer(undefined), STALE);
    void ask().then((given) => {
      clearTimeout(clear);
      if (wanted) setAnswer(given);
    });
    return () => {
      wanted = false;
      clearTimeout(clear);
    };
  }, [key]);
  return answer;
}

/** Whether the reader wants nothing to move by itself; follows the system. */
export function useReducedMotion(): boolean {
  const media = matchMedia("(prefers-reduced-motion: reduce)");
  const [still, setStill] = useState(media.matches);
  useEffect(() => {
    const follow = (): void => setStill(media.matches);
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, []);
  return still;
}
