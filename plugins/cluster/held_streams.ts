import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import { CLUSTER_PROTOCOL } from "../shared/published.ts";
import type { ClusterSource } from "./cluster_source.ts";
import type { PushThrough } from "./push_through.ts";
import type { HeldStream } from "./report.ts";
import type { ClusterView } from "./view.ts";

/** Keeps account of what this node has, and where it has it from. */
export class HeldStreams {
  readonly #ctx: Pick<PluginContext, "streams">;
  readonly #view: ClusterView;
  readonly #publishers = new Map<string, string>();
  readonly #sources = new Map<string, ClusterSource>();
  readonly #pushes = new Map<string, PushThrough>();

  constructor(ctx: Pick<PluginContext, "streams" | "on">, view: ClusterView) {
    this.#ctx = ctx;
    this.#view = view;
    const note = (stream: string, session: Session) => void this.#publishers.set(stream, session.protocol);
    ctx.on("stream:start", ({ stream, session }) => note(stream.id, session));
    ctx.on("stream:resume", ({ stream, session }) => note(stream.id, session));
    ctx.on("stream:end", ({ stream }) => void this.#publishers.delete(stream.id));
  }

  /** A stream is fetched by this source from now on; disposing says that it is not any more. */
  fetches(stream: string, source: ClusterSource): Disposable {
    this.#sources.set(stream, source);
    return {
      [Symbol.dispose]: () => void (this.#sources.get(stream) === source && this.#sources.delete(stream)),
    };
  }

  /** A stream that is published here is passed on; disposing says that it is not any more. */
  passesOn(stream: string, push: PushThrough): Disposable {
    this.#pushes.set(stream, push);
    return {
      [Symbol.dispose]: () => void (this.#pushes.get(stream) === push && this.#pushes.delete(stream)),
    };
  }

  /** Whether a stream is published here, rather than fetched from another node. */
  isPublishedHere(stream: string): boolean {
    const protocol = this.#publishers.get(stream);
    return protocol !== undefined && protocol !== CLUSTER_PROTOCOL;
  }

  /** The nodes that a stream is fetched through, or is about to be; none that is published here. */
  viaOf(stream: string): readonly string[] {
    return this.#sources.get(stream)?.via ?? [];
  }

  /** All of it, as it is told to others: a copy that nobody feeds is nothing to have. */
  list(): HeldStream[] {
    const held: HeldStream[] = [];
    for (const { id, state } of this.#ctx.streams.values()) {
      const found = state === "live" || state === "interrupted" ? this.#of(id, state) : undefined;
      if (found) held.push(found);
    }
    return held;
  }

  #of(stream: string, state: HeldStream["state"]): HeldStream | undefined {
    const push = this.#pushes.get(stream);
    // What is passed on is had from where it goes: who takes it must not fetch it back.
    if (push) return { stream, kind: "copy", state, via: [push.node] };
    if (this.isPublishedHere(stream)) return { stream, kind: "origin", state, via: [] };
    const source = this.#sources.get(stream);
    if (!source?.isFed) return undefined;
    const { via } = source;
    return { stream, kind: "copy", state: this.#hasLiveParent(stream, via[0]) ? state : "interrupted", via };
  }

  /** A copy lives no longer than what it is a copy of. */
  #hasLiveParent(stream: string, parent: string): boolean {
    return this.#view.held(parent, stream)?.state !== "interrupted";
  }
}
