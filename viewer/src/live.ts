import { exampleOf, type Area, type Axes, type Chosen, type Cloud, type Column, type Ranks, type Source } from "./source";
import type { Cells } from "./cells";
import type { Page, Packed, Profile, TokenData } from "./page";
import { Tokens } from "./tokens";
import { unpack } from "./unpack";
import type { Place } from "./view";

interface PackedCloud {
  x: Packed;
  y: Packed;
  of: number;
  r: number | null;
  cells: (Omit<Cells, "counts"> & { counts: Packed }) | null;
  source: string;
}

/** The tokens of a run of any size, asked of the server on this machine. */
export class Live implements Source {
  private shown: { key: string; tokens: Promise<Tokens | null> } = { key: "", tokens: Promise.resolve(null) };

  constructor(private readonly page: Page) {}

  /** Buys the cookie with the token of the address, takes the token out of it, asks for the page. */
  static async open(): Promise<Live> {
    const fields = new URLSearchParams(location.hash.slice(1));
    const token = fields.get("token");
    if (token) {
      await fetch("/session", { headers: { Authorization: `Bearer ${token}` } });
      fields.delete("token");
      history.replaceState(null, "", `#${fields.toString()}`);
    }
    return new Live(await ask<Page>("page", {}));
  }

  get whole(): Page {
    return this.page;
  }

  tokens(run: number, passage: number): Promise<Tokens | null> {
    const key = `${run} ${passage}`;
    const { data, blocks } = this.page.runs[run]!;
    if (!data) return Promise.resolve(null);
    if (this.shown.key !== key) {
      const asked = this.keeps(run, passage).then(async (kept) => kept ?? Tokens.load(await ask<TokenData>("tokens", { run, passage }), blocks));
      this.shown = { key, tokens: asked };
    }
    return this.shown.tokens;
  }

  /** What is loaded already, where the passage is in it. */
  private async keeps(run: number, passage: number): Promise<Tokens | null> {
    if (!this.shown.key.startsWith(`${run} `)) return null;
    const kept = await this.shown.tokens;
    return kept?.passages.some((one) => one.passage === passage) ? kept : null;
  }

  async profile(run: number, measure: string): Promise<Profile | null> {
    return this.page.runs[run]!.profiles[measure]?.curves.length ? null : ask("profile", { run, measure });
  }

  column(run: number, measure: string, layer: number, minus: boolean): Promise<Column | null> {
    return ask("column", { run, measure, layer, minus: Number(minus) });
  }

  ranks(run: number, measures: string[], layer: number, places: (Place | null)[]): Promise<Ranks> {
    const [a, b] = places.map((place) => (place ? `${place.passage}.${place.position}` : ""));
    return ask("ranks", { run, measures: measures.join(), layer, a: a!, b: b! });
  }

  async cloud(axes: Axes): Promise<Cloud | null> {
    const found = await ask<PackedCloud | null>("cloud", { ...axes, minus: Number(axes.minus) });
    if (!found) return null;
    const { x, y, of, r, cells, source } = found;
    return { x: await unpack(x), y: await unpack(y), of, r: r ?? NaN, cells: cells && { ...cells, counts: await unpack(cells.counts) }, source };
  }

  async choose(axes: Axes, area: Area): Promise<Chosen | null> {
    const shown = await this.shown.tokens;
    const passage = shown?.passages[0]?.passage ?? 0;
    const [[left, right], [low, high]] = [area.x, area.y];
    const found = await ask<{ count: number; examples: [number, number][]; places: string[] }>("choose", { ...axes, minus: Number(axes.minus), left, right, low, high, passage });
    const places = new Set(found.places);
    const examples = await Promise.all(found.examples.map(([of, position]) => this.example(axes.run, of, position, shown)));
    return { count: found.count, examples, has: (of, position) => places.has(`${of}.${position}`) };
  }

  private async example(run: number, passage: number, position: number, shown: Tokens | null): Promise<ReturnType<typeof exampleOf>> {
    const here = shown && shown.rowOf(passage, position) >= 0;
    const tokens = here ? shown : await Tokens.load(await ask<TokenData>("tokens", { run, passage }), this.page.runs[run]!.blocks);
    return exampleOf(tokens, tokens.rowOf(passage, position));
  }
}

async function ask<T>(what: string, fields: Record<string, string | number>): Promise<T> {
  const query = new URLSearchParams(Object.entries(fields).map(([k, v]) => [k, String(v)]));
  const answer = await fetch(`/api/${what}?${query}`);
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as T;
}
