import type { Denial, StreamRequest, Verdict } from "../../kernel/plugin/hooks.ts";
import type { StreamKey } from "../../kernel/names.ts";
import { schemesOf } from "../../kernel/front/other_server.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { isCopy } from "../shared/published.ts";
import { elsewhere, publishAddress } from "./addresses.ts";
import type { ClusterNode } from "./cluster_node.ts";
import { takersOf } from "./parents.ts";
import { PushThrough } from "./push_through.ts";
import type { NodeReport } from "./report.ts";
import type { ClusterSettings } from "./settings.ts";

/** What becomes of publishers while this node takes viewers alone. */
export class Publishers implements AsyncDisposable {
  readonly #ctx: PluginContext;
  readonly #node: ClusterNode;
  readonly #settings: Pick<ClusterSettings, "publishers">;
  readonly #pushes = new Map<Stream, { readonly stopping: AbortController; readonly done: Promise<void> }>();

  /** The settings may change. */
  constructor(ctx: PluginContext, node: ClusterNode, settings: Pick<ClusterSettings, "publishers">) {
    this.#ctx = ctx;
    this.#node = node;
    this.#settings = settings;
    ctx.decide("publish", (request) => this.#decide(request));
    ctx.on("stream:start", ({ stream, session }) => this.#published(stream, session));
    ctx.on("stream:resume", ({ stream, session }) => this.#published(stream, session));
    ctx.on("server:stop", () => this.#stop());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await Promise.all([...this.#pushes.values()].map(({ done }) => done));
  }

  #stop(): void {
    for (const { stopping } of this.#pushes.values()) stopping.abort();
  }

  async #decide({ session, key, stream }: StreamRequest): Promise<Verdict> {
    const node = this.#node;
    if (node.role === "all" || node.isFromNode({ session })) return undefined;
    if (this.#takers(stream).length === 0) await node.membership.refresh();
    const takers = this.#takers(stream);
    if (takers.length === 0) {
      return {
        deny: `Cannot publish ${stream}: this node takes viewers alone, and none that takes publishers is known`,
      };
    }
    return this.#settings.publishers === "push" ? undefined : this.#elsewhere(session, key, stream, takers);
  }

  #elsewhere({ protocol, params }: Session, key: StreamKey, stream: string, takers: readonly NodeReport[]): Denial {
    const schemes = schemesOf(protocol);
    const path = `/${key.app}/${key.name}`;
    const found = takers.map((node) => elsewhere(node.public, protocol, path, params))
      .find((address) => address !== undefined);
    const shown = takers[0].public.find((address) => schemes.some((scheme) => address.startsWith(scheme)));
    const words = `Cannot publish ${stream}: this node takes viewers alone${shown ? `; publish to ${shown}` : ""}`;
    return { deny: words, redirect: this.#settings.publishers === "redirect" ? found : undefined };
  }

  #takers(stream: string): NodeReport[] {
    return takersOf(this.#node.view.nodes.map(({ report }) => report), stream);
  }

  /** What is published here goes on to where it is taken; what is fetched from there does not go back. */
  #published(stream: Stream, session: Session): void {
    if (isCopy(session)) return void this.#pushes.get(stream)?.stopping.abort();
    if (this.#node.role === "all" || this.#node.isFromNode({ session })) return;
    const before = this.#pushes.get(stream);
    if (before && !before.stopping.signal.aborted) return;
    const [first] = this.#takers(stream.id);
    if (!first) return;
    const { clients, clock, log } = this.#ctx;
    const push = new PushThrough(stream, first, {
      clients,
      clock,
      log,
      takers: () => this.#takers(stream.id),
      addressAt: ({ address }) => publishAddress(address, stream.key, this.#node.hopsOf(session), this.#node.asker),
      onMove: () => this.#node.membership.tell(),
    });
    const stopping = new AbortController();
    this.#pushes.set(stream, { stopping, done: this.#run(stream, push, stopping.signal, before?.done) });
  }

  /** Begins when the one `before` has stopped: the stream goes to the others once at a time. */
  async #run(stream: Stream, push: PushThrough, signal: AbortSignal, before?: Promise<void>): Promise<void> {
    if (before) await before;
    if (!signal.aborted) {
      using _told = this.#node.held.passesOn(stream.id, push);
      await push.run(signal);
    }
    if (this.#pushes.get(stream)?.stopping.signal === signal) this.#pushes.delete(stream);
  }
}
