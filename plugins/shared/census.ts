import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { perServer } from "./per_server.ts";

/** Who watches a stream. */
export interface Audience {
  /** Viewers by protocol, of those that have any. */
  readonly viewers: Readonly<Record<string, number>>;
  /** The most at once since the stream began. */
  readonly peakViewers: number;
}

/** What a session does. */
export interface Part {
  readonly role: "publish" | "play";
  /** The stream's id. */
  readonly stream: string;
}

class Crowd {
  readonly byProtocol = new Map<string, number>();
  count = 0;
  peak = 0;

  add(protocol: string, change: 1 | -1): void {
    const now = (this.byProtocol.get(protocol) ?? 0) + change;
    if (now > 0) this.byProtocol.set(protocol, now);
    else this.byProtocol.delete(protocol);
    this.count += change;
    this.peak = Math.max(this.peak, this.count);
  }
}

/** The one census of a server: several plugins want it, and players are counted once. */
export const censusOf: (ctx: Pick<PluginContext, "on" | "feed">) => Census = perServer(
  (ctx: Pick<PluginContext, "on" | "feed">) => new Census(ctx),
);

/** Keeps count of who watches and publishes what, from what the server tells. */
export class Census {
  readonly #crowds = new Map<string, Crowd>();
  readonly #parts = new WeakMap<Session, Part>();

  constructor(ctx: Pick<PluginContext, "on">) {
    ctx.on("play:start", ({ stream, session }) => this.#plays(stream, session));
    ctx.on("play:end", ({ stream, session }) => this.#crowds.get(stream.id)?.add(session.protocol, -1));
    ctx.on("stream:start", ({ stream, session }) => this.#publishes(stream, session));
    ctx.on("stream:resume", ({ stream, session }) => this.#publishes(stream, session));
    ctx.on("stream:end", ({ stream }) => void this.#crowds.delete(stream.id));
  }

  /** Who watches a stream. */
  audience(stream: string): Audience {
    const crowd = this.#crowds.get(stream);
    return { viewers: Object.fromEntries(crowd?.byProtocol ?? []), peakViewers: crowd?.peak ?? 0 };
  }

  /** Viewers by stream and protocol, where there are any. */
  *crowds(): Iterable<{ readonly stream: string; readonly protocol: string; readonly viewers: number }> {
    for (const [stream, { byProtocol }] of this.#crowds) {
      for (const [protocol, viewers] of byProtocol) yield { stream, protocol, viewers };
    }
  }

  /** What a session did last; undefined before it has done anything. */
  part(session: Session): Part | undefined {
    return this.#parts.get(session);
  }

  #plays(stream: Stream, session: Session): void {
    this.#parts.set(session, { role: "play", stream: stream.id });
    this.#crowd(stream).add(session.protocol, 1);
  }

  #publishes(stream: Stream, session: Session): void {
    this.#parts.set(session, { role: "publish", stream: stream.id });
    this.#crowd(stream);
  }

  #crowd({ id }: Stream): Crowd {
    let crowd = this.#crowds.get(id);
    if (!crowd) this.#crowds.set(id, crowd = new Crowd());
    return crowd;
  }
}
