import { every } from "../../kernel/clock.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { whenAborted } from "../../kernel/reasons.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { Target, type TargetPolicy } from "../shared/relay/target.ts";
import type { NodeReport } from "./report.ts";

/** How often it is looked whether a node still takes what is passed on to it, in milliseconds. */
const WATCH_MS = 250;

/** A node that has failed is asked again after so many milliseconds, or another one is. */
const RETRY_MS = 500;

/** A node that has failed is not chosen again for so long, in milliseconds, if there is another. */
const BENCH_MS = 10_000;

/** What passing on works with. */
export interface PushThroughHost extends Pick<PluginContext, "clients" | "clock" | "log"> {
  /** The nodes that take publishers of the stream, the best first; empty when none is known. */
  takers(): readonly NodeReport[];
  addressAt(node: NodeReport): string;
  /** The stream goes to another node from now on. */
  onMove(): void;
}

/** Passes on a stream that is published here to a node that takes publishers, and to another when that one dies or is emptied. */
export class PushThrough implements TargetPolicy {
  readonly #stream: Stream;
  readonly #host: PushThroughHost;
  readonly #benched = new Map<string, number>();
  #node: NodeReport;

  /** `first` is the node that it goes to as long as it does. */
  constructor(stream: Stream, first: NodeReport, host: PushThroughHost) {
    this.#stream = stream;
    this.#host = host;
    this.#node = first;
  }

  /** The node that it goes to. */
  get node(): string {
    return this.#node.id;
  }

  /** Runs until the stream ends or `signal` aborts, which does not end it where it went; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#stream.signal.aborted) {
      const target = new Target(this.#stream, this, this.#host);
      using _stop = whenAborted(signal, () => void target.abandon());
      await this.#untilMoved(target);
      // Players there go on with what comes from elsewhere.
      if (!this.#stream.signal.aborted) await target.abandon();
      await target.done;
    }
  }

  next(): string {
    const now = this.#host.clock.now();
    const takers = this.#host.takers();
    const fresh = takers.find(({ id }) => (this.#benched.get(id) ?? -Infinity) + BENCH_MS <= now);
    this.#node = fresh ?? takers[0] ?? this.#node;
    this.#host.onMove();
    return this.#host.addressAt(this.#node);
  }

  pauseAfter(): number {
    this.#benched.set(this.node, this.#host.clock.now());
    return RETRY_MS;
  }

  /** A node that is being emptied, or of which nothing is heard, is left without waiting for its connection to break. */
  async #untilMoved(target: Target): Promise<void> {
    const over = Promise.withResolvers<void>();
    using _watch = every(this.#host.clock, WATCH_MS, () => {
      const takers = this.#host.takers();
      if (takers.length > 0 && !takers.some(({ id }) => id === this.node)) over.resolve();
    });
    await Promise.race([over.promise, target.done]);
  }
}
