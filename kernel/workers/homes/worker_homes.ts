import type { HookBus } from "../../plugin/hooks.ts";
import type { Placement } from "../../plugin/placement.ts";
import { Refusal } from "../../reasons.ts";
import type { Stream } from "../../streams/stream.ts";
import { HomeFeeds } from "./home_feeds.ts";
import { Homes } from "./homes.ts";
import type { LinkPeers } from "../link.ts";
import { mainPlacement } from "./main_placement.ts";
import type { MainQuestion } from "../messages.ts";
import { Relay } from "../requests/relay.ts";
import type { RunningWorker } from "../isolates/running_worker.ts";
import { WorkerSinks } from "./worker_sinks.ts";

/** What the homes of streams take from the pool of workers. */
export interface WorkerHomesHost {
  readonly workers: number;
  readonly hooks: HookBus;
  /** All streams, by id. */
  readonly streams: ReadonlyMap<string, Stream>;
  /** The worker in a place, if it can be used. */
  worker(index: number): RunningWorker | undefined;
}

/** The workers as homes of streams: what they write down, what they answer, and what is known of it in the main isolate. */
export class WorkerHomes implements LinkPeers, Disposable {
  readonly relay: Relay;
  readonly sinks: WorkerSinks;
  readonly placement: Placement;
  readonly #host: WorkerHomesHost;
  readonly #homes: Homes;
  readonly #feeds: HomeFeeds;

  constructor(host: WorkerHomesHost) {
    this.#host = host;
    const { workers, streams } = host;
    this.#homes = new Homes(workers);
    this.#feeds = new HomeFeeds(this.#homes, (index) => host.worker(index)?.link);
    this.relay = new Relay((index, message, transfer) => {
      const worker = host.worker(index);
      worker?.post(message, transfer);
      return worker !== undefined;
    });
    this.sinks = new WorkerSinks({
      streams,
      ask: (type, sink, stream) => this.#askHome(stream, { type, sink, stream }),
    });
    this.placement = mainPlacement(this.#homes, this.sinks, this.relay);
  }

  /** Has streams sent to their homes, before anybody else hears that they have begun. */
  feed(): void {
    const { hooks } = this.#host;
    const [owner, first] = ["workers", -1];
    hooks.on("stream:start", ({ stream, session }) => this.#feeds.began(stream, session), owner, first);
    hooks.on("stream:resume", ({ stream, session }) => this.#feeds.resumed(stream, session), owner, first);
    hooks.on("stream:end", ({ stream }) => this.#feeds.ended(stream), owner, first);
    hooks.on(
      "artifact:remove",
      (event) => {
        const word = { type: "artifact", name: "artifact:remove", event } as const;
        this.#host.worker(this.#homes.ofId(event.stream))?.post(word);
      },
      owner,
      first,
    );
  }

  /** A worker has begun in this place. */
  begun(index: number): void {
    this.#feeds.begun(index);
  }

  /** The worker in this place is gone. */
  lost(index: number): void {
    this.sinks.forget(index);
    this.#feeds.lost(index);
    this.relay.lost(index);
    for (let other = 0; other < this.#host.workers; other++) {
      this.#host.worker(other)?.post({ type: "lost", worker: index });
    }
  }

  /** No worker answers any more. */
  [Symbol.dispose](): void {
    for (let index = 0; index < this.#host.workers; index++) this.relay.lost(index);
  }

  #askHome(stream: string, question: MainQuestion): Promise<unknown> {
    const worker = this.#host.worker(this.#homes.ofId(stream));
    if (worker) return worker.link.questions.ask(question);
    return Promise.reject(new Refusal("busy", "the worker that writes it has failed and is being replaced"));
  }
}
