import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import type { Events, StreamSource } from "../plugin/hooks.ts";
import type { OpenPlayback } from "./playback.ts";
import type { OpenPublication } from "./publication.ts";
import { House, write } from "../testing/house.ts";
import { settled } from "../testing/settled.ts";

const NAMES = ["a", "b"];

/** A stream's life in the letters of {@linkcode LETTERS}: begun once, interrupted and resumed in turn, ended once. */
const LIFE = /^S(R|IR)*I?E$/;

const LETTERS = { "stream:start": "S", "stream:interrupt": "I", "stream:resume": "R", "stream:end": "E" } as const;

type Step =
  | { readonly do: "publish" | "play"; readonly name: string }
  | { readonly do: "end" | "vanish" | "kick" | "write" | "leave"; readonly which: number }
  | { readonly do: "advance"; readonly ms: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom("publish" as const, "play" as const),
        name: fc.constantFrom(...NAMES),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constantFrom("end" as const, "vanish" as const, "kick" as const, "write" as const, "leave" as const),
        which: fc.nat(9),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 1, max: 12_000 }) }),
    },
  ),
  { minLength: 1, maxLength: 60, size: "max" },
);

/** A house with what is going on in it, and the lives of its streams as they were told. */
class Story {
  readonly house: House;
  readonly lives = new Map<object, string>();
  readonly plays = new Map<object, number>();
  readonly #publications: OpenPublication[] = [];
  readonly #playbacks: OpenPlayback[] = [];

  constructor(republish: "auto" | "reject" | "takeover", source: StreamSource | undefined) {
    this.house = new House({ republish, keepSeconds: 3 });
    const { hooks } = this.house;
    let asked = 0;
    hooks.decide("publish", () => ({ credential: asked++ % 3 ? "x" : undefined }), "auth", 0);
    if (source) hooks.decide("resolve", ({ key }) => key.name === "b" ? source : undefined, "edge", 0);
    for (const name of Object.keys(LETTERS) as (keyof typeof LETTERS)[]) {
      hooks.on(
        name,
        ({ stream }: Events[typeof name]) => {
          this.lives.set(stream, (this.lives.get(stream) ?? "") + LETTERS[name]);
        },
        "story",
        0,
      );
    }
    hooks.on("play:start", ({ session }) => this.#count(session, 1), "story", 0);
    hooks.on("play:end", ({ session }) => this.#count(session, -1), "story", 0);
  }

  async take(step: Step): Promise<void> {
    const { house } = this;
    if (step.do === "publish") void house.publish(step.name).then((one) => this.#publications.push(one), () => {});
    if (step.do === "play") void house.play(step.name).then((one) => this.#playbacks.push(one), () => {});
    if (step.do === "advance") house.clock.advance(step.ms);
    if ("which" in step) this.#act(step.do, this.#publications.at(step.which), this.#playbacks.at(step.which));
    for (let i = 0; i < 30; i++) await Promise.resolve();
    this.#check();
  }

  #act(what: string, publication?: OpenPublication, playback?: OpenPlayback): void {
    if (what === "end") publication?.end();
    if (what === "vanish") publication?.[Symbol.dispose]();
    if (what === "kick") publication?.session.close("kicked");
    if (what === "leave") playback?.session.close("left");
    if (what === "write" && publication) write(publication, `V0 K${this.house.clock.now()}`);
  }

  #count(session: object, by: 1 | -1): void {
    const open = (this.plays.get(session) ?? 0) + by;
    assert(open === 0 || open === 1, "a play starts once and ends once");
    this.plays.set(session, open);
  }

  #check(): void {
    for (const [stream, life] of this.lives) {
      const isOver = this.house.streams.all.get((stream as { id: string }).id) !== stream;
      assertMatch(isOver ? life : `${life.replace(/I$/, "")}E`, LIFE);
    }
    const publishing = this.#publications.filter(({ signal }) => !signal.aborted);
    assertEquals(new Set(publishing.map(({ stream }) => stream)).size, publishing.length, "one publisher a stream");
    for (const { stream } of publishing) assertEquals(stream.state, "live");
  }

  /** Everybody goes; then nothing may be left. */
  async end(): Promise<void> {
    this.house.streams.close();
    await settled();
    for (const session of [...this.house.sessions]) session.close("left");
    for (const life of this.lives.values()) assertMatch(life, LIFE);
    for (const open of this.plays.values()) assertEquals(open, 0);
    const { streams, clock, flusher } = this.house;
    assertEquals([streams.all.size, clock.pending, flusher.readers], [0, 0, 0]);
  }
}

/** A source that ends, fails or goes on until it is told to stop, in turn. */
function moodySource(): StreamSource {
  let runs = 0;
  return {
    name: "edge",
    async run(begin, signal) {
      write(begin(), "V0 K0");
      const mood = runs++ % 3;
      if (mood === 0) return;
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      if (mood === 1) throw new Error("moody");
    },
  };
}

for (const policy of ["auto", "reject", "takeover"] as const) {
  Deno.test(`${policy}: whatever publishers and players do, streams begin once, end once and have one publisher`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (life, hasSource) => {
        const story = new Story(policy, hasSource ? moodySource() : undefined);
        for (const step of life) await story.take(step);
        await story.end();
      }),
      { numRuns: 80 },
    );
  });
}
