import type { Verdict } from "../../kernel/plugin/hooks.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { hopsOf, sentFault } from "../shared/relay/hops.ts";

/** Keeps streams from being forwarded in a circle: a server says which ones a stream has come through, and takes back none of its own. */
export class LoopGuard {
  readonly #id: string;
  /** What the present publisher of each stream has said. */
  readonly #hops = new WeakMap<Stream, readonly string[]>();

  /**
   * `id` is the name of this server, which no other has; `onMoved` hears of streams whose next publisher is no longer where the one
   * before was.
   */
  constructor(ctx: Pick<PluginContext, "decide" | "on">, id: string, onMoved: (stream: Stream) => void) {
    this.#id = id;
    ctx.decide("publish", ({ session, stream }): Verdict => {
      const fault = sentFault(session.params, id);
      if (fault) return { deny: `Cannot publish ${stream}: ${fault}` };
    });
    ctx.on("stream:start", ({ stream, session }) => void this.#hops.set(stream, hopsOf(session.params)));
    ctx.on("stream:resume", ({ stream, session }) => {
      const before = this.hopsOf(stream).join();
      this.#hops.set(stream, hopsOf(session.params));
      if (this.hopsOf(stream).join() !== before) onMoved(stream);
    });
  }

  /** The servers that a stream has come through, this one last. */
  hopsOf(stream: Stream): readonly string[] {
    return [...this.#hops.get(stream) ?? [], this.#id];
  }
}
