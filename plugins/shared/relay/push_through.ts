import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import type { Session } from "../../../kernel/sessions/session.ts";
import type { Stream } from "../../../kernel/streams/stream.ts";
import type { ServerChoice } from "./choice.ts";
import { SeveralServers } from "./several_servers.ts";
import { Target } from "./target.ts";

/** Where published streams go. */
export interface PushRoute {
  readonly choice: ServerChoice;
  /** The address at which a server takes the stream, for a publisher who has said this in the query. */
  addressAt(server: string, params: URLSearchParams): string;
}

/**
 * Passes what is published here on to other servers.
 *
 * A server that dies costs the publisher nothing: the stream goes to the next one, from the newest key frame on. When all of
 * them say no, the publisher hears so, in the words of the last.
 */
export class PushThrough implements AsyncDisposable {
  readonly #ctx: PluginContext;
  readonly #targets = new Set<Target>();
  /** What the present publisher of each stream has said. */
  readonly #params = new WeakMap<Stream, URLSearchParams>();

  constructor(ctx: PluginContext) {
    this.#ctx = ctx;
    ctx.on("stream:resume", ({ stream, session }) => this.#note(stream, session));
  }

  /** Passes a stream on that has just begun to be published. */
  begin(stream: Stream, session: Session, { choice, addressAt }: PushRoute): void {
    this.#note(stream, session);
    const servers = new SeveralServers({
      stream: stream.id,
      choice,
      clock: this.#ctx.clock,
      addressAt: (server) => addressAt(server, this.#params.get(stream)!),
      onRefused: (words) => this.#refuse(stream, words),
    });
    const target = new Target(stream, servers, this.#ctx);
    this.#targets.add(target);
    void target.done.then(() => {
      servers[Symbol.dispose]();
      this.#targets.delete(target);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#targets].map((target) => target[Symbol.asyncDispose]()));
  }

  #note(stream: Stream, { params }: Session): void {
    this.#params.set(stream, params);
  }

  #refuse(stream: Stream, words: string): void {
    const publisher = stream.toJSON().publisher?.session;
    this.#ctx.sessions.values().find(({ id }) => id === publisher)?.close("denied", words);
  }
}
