import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { type StreamMatcher } from "../../kernel/streams/stream_pattern.ts";
import { keyOfStream } from "./addresses.ts";
import type { ClusterNode } from "./cluster_node.ts";
import { keepersOf, originsOf } from "./parents.ts";
import type { NodeReport } from "./report.ts";
import type { ClusterSettings } from "./settings.ts";

/** How long a stream whose publisher has vanished is looked for at other nodes, in milliseconds: longer than any grace. */
const LOOK_MS = 3_600_000;

/** How often it is looked which copies are to be kept, in milliseconds: thousands of streams take their time. */
const LOOK_EVERY_MS = 900;

/** How soon it is tried again to fetch a stream, in milliseconds. */
const AGAIN_MS = 250;

/** Fetches a stream whose publisher has vanished here from another node that has it, so that players go on. */
export function rescue(ctx: PluginContext, node: ClusterNode, matches: StreamMatcher): void {
  const held = new Map<string, Disposable>();
  const letGo = ({ id }: Stream) => {
    held.get(id)?.[Symbol.dispose]();
    held.delete(id);
  };
  const bring = (stream: Stream) => {
    letGo(stream);
    if (stream.state !== "interrupted" || node.view.nodes.length === 0) return;
    const brought = ctx.bring(stream.key, node.source(stream.key, stream.id, [], LOOK_MS));
    // What has brought it so far may not have come to its end yet.
    held.set(stream.id, brought ?? ctx.clock.setTimeout(() => bring(stream), AGAIN_MS));
  };
  ctx.on("stream:interrupt", ({ stream }) => void (matches(stream.key) && bring(stream)));
  ctx.on("stream:resume", ({ stream }) => letGo(stream));
  ctx.on("stream:end", ({ stream }) => letGo(stream));
  ctx.defer(() => held.forEach((each) => each[Symbol.dispose]()));
}

/** Whether this node is to keep a stream, and of which nodes and origins that was found. */
interface Keeping {
  readonly of: string;
  readonly isMine: boolean;
}

/** Keeps copies of streams although nobody plays them here, for when the nodes that they are published to die. */
export class Copies implements Disposable {
  readonly #ctx: PluginContext;
  readonly #node: ClusterNode;
  readonly #settings: Pick<ClusterSettings, "copies">;
  readonly #matches: StreamMatcher;
  readonly #held = new Map<string, Disposable>();
  #lookedAt = -Infinity;
  #found: ReadonlyMap<string, Keeping> = new Map();
  readonly #watching: Disposable;

  /** The settings may change. */
  constructor(
    ctx: PluginContext,
    node: ClusterNode,
    settings: Pick<ClusterSettings, "copies">,
    matches: StreamMatcher,
  ) {
    this.#ctx = ctx;
    this.#node = node;
    this.#settings = settings;
    this.#matches = matches;
    this.#watching = node.view.onChange(() => this.#look());
    ctx.on("stream:end", ({ stream }) => this.#letGo(stream.id));
  }

  [Symbol.dispose](): void {
    this.#watching[Symbol.dispose]();
    for (const stream of [...this.#held.keys()]) this.#letGo(stream);
  }

  #look(): void {
    if (this.#settings.copies === 0 && this.#held.size === 0) return;
    const now = this.#ctx.clock.now();
    if (now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    const nodes = [this.#node.report(), ...this.#node.view.nodes.map(({ report }) => report)];
    const wanted = this.#wanted(nodes);
    for (const stream of wanted) this.#hold(stream);
    for (const stream of [...this.#held.keys()]) if (!wanted.has(stream)) this.#letGo(stream);
  }

  /** Streams may be thousands, and seldom anything changes for one: what was found is kept with what it was found of. */
  #wanted(nodes: readonly NodeReport[]): ReadonlySet<string> {
    const { copies } = this.#settings;
    const those = nodes.map(({ id, role, isDraining, load }) => `${id} ${role} ${isDraining} ${load.mostMbps}`).sort()
      .join();
    const wanted = new Set<string>();
    const found = new Map<string, Keeping>();
    for (const [stream, origins] of originsOf(nodes)) {
      const of = `${copies} ${those} ${origins}`;
      const known = this.#found.get(stream);
      const isMine = known?.of === of
        ? known.isMine
        : keepersOf(nodes, origins, copies, stream).includes(this.#node.id);
      found.set(stream, { of, isMine });
      if (isMine) wanted.add(stream);
    }
    this.#found = found;
    return wanted;
  }

  #hold(stream: string): void {
    const key = keyOfStream(stream);
    if (!key || this.#held.has(stream) || !this.#matches(key)) return;
    const present = this.#ctx.streams.get(stream)?.state;
    if (present === "live" || present === "interrupted") return;
    const brought = this.#ctx.bring(key, this.#node.source(key, stream, [], LOOK_MS));
    if (brought) this.#held.set(stream, brought);
  }

  #letGo(stream: string): void {
    this.#held.get(stream)?.[Symbol.dispose]();
    this.#held.delete(stream);
  }
}
