import type { Clock } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/error_text.ts";
import type { Verdict } from "../../kernel/plugin/hooks.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { Refusal, whenAborted } from "../../kernel/reasons.ts";
import { Turns } from "../shared/turns.ts";
import type { ServerChoice } from "../shared/relay/choice.ts";
import { refusalFor } from "../shared/relay/refusal.ts";

/** Questions at once: enough for a crowd, too few to harm the servers that answer them. */
const AT_ONCE = 32;

/** Viewers who wait for their question's turn; more are told to try again. */
const MAY_WAIT = 2000;

/** Of so many streams it is kept what the newest viewer has said. Servers that say yes to any name must not cost any memory. */
const MAX_STREAMS = 10_000;

/** A stream that no server has is asked for again after so many milliseconds, while its viewer waits. */
const AGAIN_MS = 1000;

/** A server that says nothing for so long, in milliseconds, is left for another one. */
const PATIENCE_MS = 2000;

/** The kernel waits ten seconds for a decision; after so many milliseconds viewers hear why there is none. */
const DECIDE_MS = 9000;

/** An attempt has so much time at least, in milliseconds. */
const LEAST_MS = 500;

/** A question about one viewer. */
export interface ViewerQuestion {
  /** The stream's id. */
  readonly stream: string;
  /** What the viewer says in the query. */
  readonly params: URLSearchParams;
  /** For how many seconds the viewer waits for the stream to begin. */
  readonly waitSeconds: number;
  readonly choice: ServerChoice;
  /** The stream's address at a server, as this viewer asks for it without waiting. */
  addressAt(server: string): string;
}

/**
 * Has the servers that have a stream decide about each player: they are asked for it as that player, and let go again.
 *
 * The first that has the stream decides. Nobody holds up others by asking for what does not exist: who waits for a stream is not
 * asked about meanwhile.
 */
export class ViewerCheck {
  readonly #ctx: Pick<PluginContext, "clients" | "clock" | "log">;
  readonly #turns = new Turns(AT_ONCE, MAY_WAIT);
  /** By stream, the newest last. */
  readonly #newest = new Map<string, URLSearchParams>();

  constructor(ctx: Pick<PluginContext, "clients" | "clock" | "log">) {
    this.#ctx = ctx;
  }

  /**
   * What the first server says that has the stream.
   *
   * @throws {Refusal} when none of them has it, or can be asked, or too many ask
   */
  async decide(question: ViewerQuestion, signal: AbortSignal): Promise<Verdict> {
    const { clock } = this.#ctx;
    const since = clock.now();
    while (true) {
      const refusal = await this.#turns.run(() => this.#ask(question, since, signal));
      if (!refusal) return this.#note(question);
      if (refusal.code === "denied") return { deny: refusal.message };
      const waitMs = Math.min(question.waitSeconds * 1000, DECIDE_MS - AGAIN_MS);
      const mayBegin = refusal.code === "not-found" && clock.now() - since < waitMs && !signal.aborted;
      if (!mayBegin) throw refusal;
      await pause(clock, Math.min(AGAIN_MS, waitMs), signal);
    }
  }

  /** What the newest viewer of a stream says who was let in: what an older one has said may count no more. */
  paramsOf(stream: string): URLSearchParams | undefined {
    return this.#newest.get(stream);
  }

  /** The stream is over. */
  forget(stream: string): void {
    this.#newest.delete(stream);
  }

  #note({ stream, params }: ViewerQuestion): void {
    this.#newest.delete(stream);
    this.#newest.set(stream, params);
    for (const [oldest] of this.#newest) {
      if (this.#newest.size <= MAX_STREAMS) break;
      this.#newest.delete(oldest);
    }
  }

  /** Why the viewer is not let in; undefined when a server says yes. A server that could not be asked may have the stream. */
  async #ask(question: ViewerQuestion, since: number, signal: AbortSignal): Promise<Refusal | undefined> {
    const { stream, choice } = question;
    let failure = new Refusal("unreachable", "No server could be asked whether this is allowed");
    for (let asked = 0; asked < choice.size && !signal.aborted; asked++) {
      const server = choice.next(stream);
      const refusal = await this.#try(question, server, since, signal);
      if (!refusal || refusal.code === "denied") return refusal;
      choice.bench(server, stream);
      if (refusal.code !== "not-found") this.#warn(stream, refusal);
      if (asked === 0 || refusal.code !== "not-found") failure = refusal;
    }
    return failure;
  }

  /** What a server says, or why it could not be asked. */
  async #try(
    { stream, choice, addressAt }: ViewerQuestion,
    server: string,
    since: number,
    signal: AbortSignal,
  ): Promise<Refusal | undefined> {
    const { clients, clock } = this.#ctx;
    const url = addressAt(server);
    const leftMs = Math.max(LEAST_MS, since + DECIDE_MS - clock.now());
    const timeoutMs = choice.hasOther(server, stream) ? Math.min(PATIENCE_MS, leftMs) : leftMs;
    try {
      const client = await clients.for(url).pull(url, { signal, timeoutMs, clock });
      client.destroy();
    } catch (error) {
      const { code, message } = refusalFor(error instanceof Error ? error : new Error(String(error)), url);
      // Nobody has said yet that the viewer may watch the stream if it were there.
      return new Refusal(code === "not-live" ? "not-found" : code, message, { cause: error });
    }
  }

  #warn(stream: string, { cause }: Refusal): void {
    const words = errorText(cause);
    this.#ctx.log.warn(`Nobody can be let in to ${stream} by a server behind this one: ${words}`, { stream });
  }
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>();
  using _timer = clock.setTimeout(over.resolve, ms);
  using _stop = whenAborted(signal, over.resolve);
  await over.promise;
}
