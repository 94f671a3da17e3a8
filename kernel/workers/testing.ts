import { assert } from "@std/assert";
import type { MediaPacket } from "../../media/packet.ts";
import { Flusher } from "../fanout/flusher.ts";
import { Refusal } from "../reasons.ts";
import type { OpenSession, Session } from "../sessions/session.ts";
import type { SinkRun } from "../streams/sinks.ts";
import type { Stream } from "../streams/stream.ts";
import { collectLog } from "../testing/collected_log.ts";
import { FakeClock } from "../testing/fake_clock.ts";
import { House, keyOf } from "../testing/house.ts";
import { payloads } from "../testing/packets.ts";
import { ToldTimings } from "../fanout/timings.ts";
import { HomeFeeds } from "./homes/home_feeds.ts";
import { Homes } from "./homes/homes.ts";
import { MainSide } from "./main_side.ts";
import { WorkerLink } from "./link.ts";
import type { SentArtifact, ToMain, ToWorker } from "./messages.ts";
import { shareMemory } from "./memory/shared_memory.ts";
import { WorkerHooks } from "./worker_hooks.ts";

/** A main isolate and a worker in one isolate: what crosses is copied, and arrives when the test lets it. */
export class Stage implements Disposable {
  readonly house = new House({ republish: "takeover" });
  readonly timings = new ToldTimings();
  readonly refused = new Map();
  /** Those of the main isolate. */
  readonly sessions: OpenSession[] = [];
  readonly link: WorkerLink;
  readonly mainSide: MainSide;
  /** What the worker's plugins hear of streams and files. */
  readonly told: { readonly name: string; readonly stream: string; readonly session?: string }[] = [];
  /** What the main isolate hears of files. */
  readonly files: SentArtifact[] = [];
  /** What the main isolate hears of sinks. */
  readonly runs: ReadonlyMap<string, readonly SinkRun[]>[] = [];
  /** The worker's bus. */
  readonly hooks: WorkerHooks;
  readonly feeds = new HomeFeeds(new Homes(1), () => this.link);
  readonly #clock = new FakeClock();
  #toMain: ToMain[] = [];
  #toWorker: ToWorker[] = [];

  constructor() {
    const memory = shareMemory(1);
    const { house } = this;
    const { log } = collectLog("debug", this.#clock);
    this.link = new WorkerLink(0, memory, (message) => void this.#toWorker.push(structuredClone(message)), {
      log,
      timings: this.timings,
      refused: this.refused,
      streams: house.streams.all,
      open: ({ protocol, remote }) => {
        if (remote === "nobody") throw new Refusal("denied", "Nobody is let in");
        const session = house.session(protocol, remote);
        this.sessions.push(session);
        return Promise.resolve(session);
      },
      publish: (session, key) => house.streams.publish(session, key),
      play: (session, key) => house.streams.play(session, key),
      fetch: () => new Response(),
      say: () => {},
      tell: (word) => void this.files.push(word),
    }, {
      relay: { request: () => {}, answer: () => {} },
      sinks: { take: (_, runs) => void this.runs.push(runs) },
    });
    const hooks = this.hooks = new WorkerHooks((word) => this.#post(word), log, this.#clock);
    hooks.observe((name, event) => {
      const { stream, session } = event as { stream?: Stream; session?: Session };
      if (stream) this.told.push({ name, stream: stream.id ?? stream, ...(session && { session: session.id }) });
    });
    this.mainSide = new MainSide({
      index: 0,
      memory,
      clock: this.#clock,
      log,
      hooks,
      flusher: new Flusher(this.#clock, 350),
      ring: { bytes: 2 ** 20, ms: 10_000 },
      refused: new Map([["full", 2]]),
      post: (message) => this.#post(message),
    });
    house.hooks.on("stream:resume", ({ stream }) => this.link.resumed(stream), "workers", -1);
  }

  /** The worker is the home of what begins from now on. */
  beHome(): void {
    const { hooks } = this.house;
    hooks.on("stream:start", ({ stream, session }) => this.feeds.began(stream, session), "workers", -2);
    hooks.on("stream:resume", ({ stream, session }) => this.feeds.resumed(stream, session), "workers", -2);
    hooks.on("stream:end", ({ stream }) => this.feeds.ended(stream), "workers", -2);
  }

  get main(): Stream {
    const stream = this.house.streams.all.get("live/cam");
    assert(stream, "there is no stream");
    return stream;
  }

  /** Delivers messages until none is on its way. */
  async settle<T>(result?: Promise<T>): Promise<T> {
    result?.catch(() => {});
    for (let quiet = 0; quiet < 3; quiet++) {
      for (const message of this.#toMain.splice(0)) this.link.receive(message);
      for (const message of this.#toWorker.splice(0)) this.mainSide.receive(message);
      if (this.#toMain.length + this.#toWorker.length > 0) quiet = 0;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return await result as T;
  }

  async session(protocol = "rtmp"): Promise<Session> {
    return await this.settle(this.mainSide.sessions.open({ protocol, remote: "192.0.2.1:5000" }));
  }

  async publish() {
    const session = await this.session();
    return { session, publication: await this.settle(this.mainSide.publish(session, keyOf("cam"))) };
  }

  async play() {
    const session = await this.session("http-flv");
    const playback = await this.settle(this.mainSide.play(session, keyOf("cam")));
    const packets = playback.packets();
    return { session, playback, take: () => payloads(all(packets)) };
  }

  /** Lets the worker's time pass. */
  pass(ms: number): Promise<void> {
    this.#clock.advance(ms);
    return this.settle();
  }

  #post(message: ToMain): void {
    this.#toMain.push(structuredClone(message));
  }

  [Symbol.dispose](): void {
    this.mainSide[Symbol.dispose]();
  }
}

/** All packets that there are for now. */
export function* all(packets: { next(): MediaPacket | undefined }): Generator<MediaPacket> {
  for (let next = packets.next(); next; next = packets.next()) yield next;
}
