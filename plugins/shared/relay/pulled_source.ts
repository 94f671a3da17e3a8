import { setImmediate } from "node:timers";
import { ClientError, type PullClient } from "../../../kernel/client.ts";
import type { StreamSource } from "../../../kernel/hooks.ts";
import type { PluginContext } from "../../../kernel/plugin.ts";
import type { Publication } from "../../../kernel/publication.ts";
import { whenAborted } from "../../../kernel/reasons.ts";
import { shownAddress } from "./address.ts";
import type { Choice } from "./choice.ts";

/** What a source pulls. */
export interface PullPlan {
  /** The stream's id. */
  readonly stream: string;
  readonly choice: Choice;
  /** The address of the stream at a server, which is to wait so many seconds for its publisher. */
  addressAt(server: string, waitSeconds: number): string;
}

/** Attempts that follow a failure without a pause. */
const FAST_RETRIES = 2;

/** The pause between further ones, in milliseconds. */
const RETRY_MS = 1000;

/** After so long without a packet the stream is given up, in milliseconds. */
const GIVE_UP_MS = 10_000;

/** How long a server is asked to wait for a stream that has not begun, in seconds; for one that breaks off it need not wait. */
export const WAIT_SECONDS = 5;

/** How long a server may take to answer, in milliseconds. */
const ANSWER_MS = 8000;

/**
 * Brings a stream from one of several servers, and comes back to it, or to another one, when the connection breaks: players
 * notice a pause at most. A stream that none of them has any more ends here.
 */
export class PulledSource implements StreamSource {
  readonly name = "upstream";
  readonly #ctx: Pick<PluginContext, "clients" | "clock" | "log">;
  readonly #plan: PullPlan;
  #publication?: Publication;
  #newestAt: number;
  #failures = 0;
  /** Servers that have said no since the last packet. */
  readonly #refusals = new Set<string>();

  constructor(ctx: Pick<PluginContext, "clients" | "clock" | "log">, plan: PullPlan) {
    this.#ctx = ctx;
    this.#plan = plan;
    this.#newestAt = ctx.clock.now();
  }

  async run(begin: () => Publication, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const server = this.#plan.choice.next(this.#plan.stream);
      const failure = await this.#attempt(server, begin, signal);
      if (signal.aborted) return;
      this.#plan.choice.bench(server, this.#plan.stream);
      if (failure instanceof ClientError && failure.isRefusal && failure.code !== "left") this.#refusals.add(server);
      if (this.#isHopeless()) return this.#giveUp(failure);
      await this.#pause(failure, signal);
    }
  }

  /** Pulls until the connection ends; gives why. */
  async #attempt(server: string, begin: () => Publication, signal: AbortSignal): Promise<Error> {
    const { choice, addressAt } = this.#plan;
    try {
      using _use = choice.use(server);
      const url = addressAt(server, this.#publication ? 0 : WAIT_SECONDS);
      await using client = await this.#ctx.clients.for(url).pull(url, { signal, timeoutMs: ANSWER_MS });
      this.#publication ??= begin();
      await this.#copy(client, this.#publication);
      const { message } = await client.closed;
      return new ClientError("left", `${shownAddress(server)}: ${message}`);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Players are woken when all that has come together is written. */
  async #copy(client: PullClient, publication: Publication): Promise<void> {
    let isFlushing = false;
    for await (const packet of client) {
      publication.write(packet);
      this.#newestAt = this.#ctx.clock.now();
      this.#failures = 0;
      if (this.#refusals.size > 0) this.#refusals.clear();
      if (isFlushing) continue;
      isFlushing = true;
      setImmediate(() => {
        isFlushing = false;
        publication.flush();
      });
    }
    publication.flush();
  }

  /** Nobody has the stream, or nobody could be reached for too long. */
  #isHopeless(): boolean {
    return this.#refusals.size >= this.#plan.choice.size || this.#ctx.clock.now() - this.#newestAt >= GIVE_UP_MS;
  }

  /** A stream that was here has ended; one that was not has never been. */
  #giveUp(failure: Error): void {
    if (!this.#publication) throw failure;
  }

  async #pause({ message }: Error, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ctx;
    log.warn(`${this.#plan.stream} cannot be pulled: ${message}; trying again`, { stream: this.#plan.stream });
    if (this.#failures++ < FAST_RETRIES) return;
    const over = Promise.withResolvers<void>();
    using _timer = clock.setTimeout(over.resolve, RETRY_MS);
    using _stop = whenAborted(signal, over.resolve);
    await over.promise;
  }
}
