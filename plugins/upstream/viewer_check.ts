import { ClientError } from "../../kernel/sessions/client.ts";
import { errorText } from "../../kernel/error_text.ts";
import type { Verdict } from "../../kernel/plugin/hooks.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { Refusal } from "../../kernel/reasons.ts";
import { Turns } from "../shared/turns.ts";
import { wordsOf } from "../shared/relay/address.ts";
import type { Choice } from "../shared/relay/choice.ts";

/** Questions at once: enough for a crowd, too few to harm the servers that answer them. */
const AT_ONCE = 32;

/** Viewers who wait for their question's turn; more are told to try again. */
const MAY_WAIT = 2000;

/** What a server says of a stream that it does not have. */
const NOT_FOUND = /^404$|NotFound/;

/** A question about one viewer. */
export interface ViewerQuestion {
  /** The stream's id. */
  readonly stream: string;
  /** What the viewer says in the query. */
  readonly params: URLSearchParams;
  readonly choice: Choice;
  /** The stream's address at a server, as this viewer asks for it. */
  addressAt(server: string): string;
}

/** Has the servers that have a stream decide about each player: they are asked for it as that player, and let go again. */
export class ViewerCheck {
  readonly #ctx: Pick<PluginContext, "clients" | "log">;
  readonly #turns = new Turns(AT_ONCE, MAY_WAIT);
  readonly #newest = new Map<string, URLSearchParams>();

  constructor(ctx: Pick<PluginContext, "clients" | "log">) {
    this.#ctx = ctx;
  }

  /**
   * What the first server says that can be reached.
   *
   * @throws {Refusal} when there is no such stream, or too many ask
   */
  async decide(question: ViewerQuestion, signal: AbortSignal): Promise<Verdict> {
    const verdict = await this.#turns.run(() => this.#ask(question, signal));
    if (!verdict) this.#newest.set(question.stream, question.params);
    return verdict;
  }

  /** What the newest viewer of a stream says who was let in: what an older one has said may count no more. */
  paramsOf(stream: string): URLSearchParams | undefined {
    return this.#newest.get(stream);
  }

  /** The stream is over. */
  forget(stream: string): void {
    this.#newest.delete(stream);
  }

  async #ask({ stream, choice, addressAt }: ViewerQuestion, signal: AbortSignal): Promise<Verdict> {
    for (let asked = 0; asked < choice.size && !signal.aborted; asked++) {
      const server = choice.next(stream);
      try {
        return await this.#try(addressAt(server), signal);
      } catch (error) {
        if (error instanceof Refusal) throw error;
        const words = errorText(error);
        this.#ctx.log.warn(`Nobody can be let in to ${stream} by a server behind this one: ${words}`, { stream });
        choice.bench(server, stream);
      }
    }
    return { deny: "No server could be asked whether this is allowed" };
  }

  /** What a server says; throws when it could not be asked. */
  async #try(url: string, signal: AbortSignal): Promise<Verdict> {
    try {
      const client = await this.#ctx.clients.for(url).pull(url, { signal });
      client.destroy();
    } catch (error) {
      if (!(error instanceof ClientError) || !error.isRefusal) throw error;
      const words = wordsOf(error, url);
      if (NOT_FOUND.test(error.code)) throw new Refusal("not-found", words, { cause: error });
      return { deny: words };
    }
  }
}
