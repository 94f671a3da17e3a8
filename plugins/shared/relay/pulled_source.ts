import { ClientError } from "../../../kernel/sessions/client.ts";
import type { StreamSource } from "../../../kernel/plugin/hooks.ts";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import type { Publication } from "../../../kernel/streams/publication.ts";
import { type Refusal, whenAborted } from "../../../kernel/reasons.ts";
import { shownAddress } from "./address.ts";
import { type Meaning, meaningOf } from "./answers.ts";
import type { ServerChoice } from "./choice.ts";
import { PulledFeed } from "./pulled_feed.ts";
import { refusalFor } from "./refusal.ts";
import { RetryPace } from "./retry_pace.ts";

/** What a source pulls. */
export interface PullPlan {
  /** The stream's id. */
  readonly stream: string;
  readonly choice: ServerChoice;
  /** For how many seconds who asks waits for the stream to begin; servers are not to wait for longer. */
  readonly waitSeconds: number;
  /** The address of the stream at a server, which is to wait so many seconds for its publisher. */
  addressAt(server: string, waitSeconds: number): string;
}

/** For how long a stream that has not begun is waited for, in seconds; a server that stands alone does it by itself. */
export const WAIT_SECONDS = 5;

/** A server that says nothing for so long, in milliseconds, is left for another one that may have the stream. */
const PATIENCE_MS = 2000;

/** Where there is no other, a publisher that vanished may return to its server meanwhile; longer than {@linkcode WAIT_SECONDS}. */
const LONG_PATIENCE_MS = 8000;

/**
 * Players wait ten seconds for a stream to begin, unless the settings say otherwise; so many milliseconds after the first of
 * them came a stream that has not begun is given up, so that they hear why.
 */
const BEGIN_MS = 9500;

/** An attempt has so much time at least, in milliseconds, … */
const LEAST_MS = 500;

/** … and with less than this left none is begun: there is a pause before it. */
const LAST_MS = 1000;

/**
 * Brings a stream from one of several servers, and comes back to it, or to another one, when the connection breaks or nothing
 * comes: players notice a pause at most, and see nothing twice that the same stream has already brought.
 *
 * A stream that none of them has any more ends here, and so does one that cannot be had for ten seconds. After the loss of a
 * server it is looked for all that time, since its publisher may be away for as long as the server.
 */
export class PulledSource implements StreamSource {
  readonly name = "upstream";
  readonly #ctx: Pick<PluginContext, "clients" | "clock" | "log">;
  readonly #plan: PullPlan;
  readonly #feed: PulledFeed;
  readonly #pace: RetryPace;
  readonly #startedAt: number;
  readonly #waitSeconds: number;
  /** What each server has last said, or why it could not be asked; the newest last. */
  readonly #failures = new Map<string, Refusal>();
  /** What servers that said no meant by it, since something came that was new. */
  readonly #refusals = new Map<string, Meaning>();
  /** A server was lost, or could not be reached, since something came that was new. */
  #isShaken = false;
  /** What was warned of since something came that was new. */
  readonly #warned = new Set<string>();
  #publication?: Publication;

  constructor(ctx: Pick<PluginContext, "clients" | "clock" | "log">, plan: PullPlan) {
    this.#ctx = ctx;
    this.#plan = plan;
    this.#feed = new PulledFeed(ctx.clock);
    this.#pace = new RetryPace(ctx.clock);
    this.#startedAt = ctx.clock.now();
    this.#waitSeconds = Math.min(WAIT_SECONDS, plan.waitSeconds);
  }

  /** A server that could not be asked counts more than those that do not have the stream: it may have it. */
  get failure(): Refusal | undefined {
    const failures = [...this.#failures.values()];
    return failures.findLast(({ code }) => code === "unreachable" || code === "no-answer") ?? failures.at(-1);
  }

  async run(begin: () => Publication, signal: AbortSignal): Promise<void> {
    const { choice, stream } = this.#plan;
    while (!signal.aborted) {
      const server = choice.next(stream);
      const failure = await this.#attempt(server, begin, signal);
      if (signal.aborted) return;
      choice.bench(server, stream);
      this.#note(server, failure);
      if (this.#isHopeless()) return this.#giveUp(failure);
      await this.#pause(failure, signal);
    }
  }

  /** Pulls until the connection ends; gives why. */
  async #attempt(server: string, begin: () => Publication, signal: AbortSignal): Promise<Error> {
    const { choice, addressAt } = this.#plan;
    const { clients, clock } = this.#ctx;
    try {
      using _use = choice.use(server);
      const url = addressAt(server, this.#publication || choice.size > 1 ? 0 : this.#waitSeconds);
      const leftMs = Math.max(LEAST_MS, Math.min(this.#leftMs, this.#pace.leftMs));
      const timeoutMs = Math.min(this.#patienceMs(server), leftMs);
      await using client = await clients.for(url).pull(url, { signal, timeoutMs, clock });
      this.#pace.connected();
      const silence = await this.#feed.read(client, {
        publication: () => this.#publication ??= begin(),
        onNews: () => this.#hasNews(),
        leave: () => this.#silenceOf(server),
      });
      if (silence) return new ClientError("timeout", `${shownAddress(url)} ${silence}`);
      const { message } = await client.closed;
      return new ClientError("left", `${shownAddress(url)}: ${message}`);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #hasNews(): void {
    this.#pace.news();
    this.#isShaken = false;
    this.#warned.clear();
    if (this.#refusals.size > 0) this.#refusals.clear();
  }

  /** How a server has fallen silent, in words, when it is to be left for that. */
  #silenceOf(server: string): string | undefined {
    const { silentMs } = this.#feed;
    const isHopeless = this.#pace.isOver || this.#leftMs < LEAST_MS;
    if (silentMs < this.#patienceMs(server) && !isHopeless) return undefined;
    return `has sent nothing for ${(silentMs / 1000).toFixed(1)} s`;
  }

  #patienceMs(server: string): number {
    return this.#plan.choice.hasOther(server, this.#plan.stream) ? PATIENCE_MS : LONG_PATIENCE_MS;
  }

  /** How long it may still take until the stream begins, in milliseconds; no matter any more once it has. */
  get #leftMs(): number {
    return this.#publication ? Infinity : BEGIN_MS - this.#waitedMs;
  }

  get #waitedMs(): number {
    return this.#ctx.clock.now() - this.#startedAt;
  }

  #note(server: string, failure: Error): void {
    this.#failures.delete(server);
    this.#failures.set(server, refusalFor(failure, this.#plan.addressAt(server, 0)));
    if (!(failure instanceof ClientError) || !failure.isRefusal) this.#isShaken = true;
    else if (failure.code !== "left") this.#refusals.set(server, meaningOf(failure, false));
  }

  /** Nobody has the stream, or it could not be had for too long. */
  #isHopeless(): boolean {
    const { choice } = this.#plan;
    if (this.#pace.isOver || this.#leftMs < LAST_MS) return true;
    if (this.#refusals.size < choice.size) return false;
    const meanings = [...this.#refusals.values()];
    if (this.#publication) {
      return meanings.every((meaning) => meaning === "refused" || meaning === "absent" && !this.#isShaken);
    }
    const mayBegin = choice.size > 1 && meanings.includes("absent") && this.#waitedMs < this.#waitSeconds * 1000;
    return !mayBegin;
  }

  /** A stream that was here has ended; one that was not has never been, and its players are told why. */
  #giveUp(failure: Error): void {
    if (this.#publication) return;
    const { stream } = this.#plan;
    this.#ctx.log.debug(`${stream} cannot be pulled: ${failure.message}`, { stream });
    throw this.failure;
  }

  async #pause(failure: Error, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ctx;
    const { stream } = this.#plan;
    const { message } = failure;
    if (failure instanceof ClientError && failure.code === "left") {
      log.debug(`${message}; looking whether ${stream} goes on`, { stream });
    } else {
      log[this.#warned.has(message) ? "debug" : "warn"](`${stream} cannot be pulled: ${message}; trying again`, {
        stream,
      });
      this.#warned.add(message);
    }
    const ms = this.#pace.next();
    if (ms === 0) return;
    const over = Promise.withResolvers<void>();
    using _timer = clock.setTimeout(over.resolve, ms);
    using _stop = whenAborted(signal, over.resolve);
    await over.promise;
  }
}
