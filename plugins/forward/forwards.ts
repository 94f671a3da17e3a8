import { errorText } from "../../kernel/error_text.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { type StreamMatcher, streamMatcher } from "../../kernel/streams/stream_pattern.ts";
import { fetchProblem } from "../shared/http/fetch_problem.ts";
import { onPublished } from "../shared/published.ts";
import { addressFor, wholeTemplate } from "../shared/relay/address.ts";
import { Target } from "../shared/relay/target.ts";
import { askBackend } from "./backend.ts";
import { LoopGuard } from "./loop_guard.ts";

/** Which streams go where. */
export interface ForwardRule {
  readonly streams: readonly string[];
  readonly to: readonly string[];
  /** Whether the targets get silence while a stream has pictures and no sound. */
  readonly silentAudio: boolean;
}

/** The settings of {@linkcode Forwards}. */
export interface ForwardSettings {
  readonly rules: readonly ForwardRule[];
  readonly backend?: string;
  readonly backendSeconds: number;
  /** Counts from the beginning on, whatever it is later. */
  readonly id?: string;
}

/** Targets of one stream: more than any show needs, too few to make the server a weapon. */
export const MAX_TARGETS = 64;

/** Where one stream goes. */
interface ForwardTarget {
  readonly stream: Stream;
  /** With its key. */
  readonly url: string;
  readonly target: Target;
}

/** All targets of all streams. */
export class Forwards implements AsyncDisposable {
  readonly #ctx: PluginContext;
  readonly #guard: LoopGuard;
  #settings!: ForwardSettings;
  #rules: readonly (Omit<ForwardRule, "streams"> & { readonly matches: StreamMatcher })[] = [];
  readonly #targets = new Map<string, ForwardTarget>();

  constructor(ctx: PluginContext, settings: ForwardSettings) {
    this.#ctx = ctx;
    this.#guard = new LoopGuard(ctx, settings.id ?? ctx.feed.run, (moved) => this.#reconsider(moved));
    this.configure(settings);
    onPublished(ctx, ({ stream, session }) => this.#begin(stream, session));
  }

  /** Takes other settings for streams that begin from now on. */
  configure(settings: ForwardSettings): void {
    this.#settings = settings;
    this.#rules = settings.rules.map(({ streams, ...rest }) => ({ matches: streamMatcher(streams), ...rest }));
  }

  /** All targets, the oldest first. */
  get targets(): readonly Target[] {
    return Array.from(this.#targets.values(), ({ target }) => target);
  }

  /**
   * Sends a live stream to one more target.
   *
   * @throws {RangeError} when there is no such stream, it goes there already, or it has too many targets
   * @throws {TypeError} when nobody speaks the protocol of the address
   */
  add(id: string, address: string, silentAudio: boolean): Target {
    const stream = this.#ctx.streams.get(id);
    if (!stream || stream.state === "waiting" || stream.state === "ended") {
      throw new RangeError(`Cannot forward ${id}: there is no such live stream`);
    }
    return this.#open(stream, addressFor(wholeTemplate(address), stream.key), silentAudio);
  }

  /**
   * Stops sending to a target.
   *
   * @throws {RangeError} when there is none with this id
   */
  async remove(id: string): Promise<void> {
    const found = this.#targets.get(id);
    if (!found) throw new RangeError(`There is no target ${id}`);
    await found.target[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.targets.map((target) => target[Symbol.asyncDispose]()));
  }

  #reconsider(moved: Stream): void {
    for (const { stream, target } of this.#targets.values()) if (stream === moved) target.reconsider();
  }

  async #begin(stream: Stream, session: Session): Promise<void> {
    const { key } = stream;
    for (const { to, silentAudio } of this.#rules.filter(({ matches }) => matches(key))) {
      for (const template of to) this.#tryOpen(stream, template, silentAudio);
    }
    const { backend, backendSeconds } = this.#settings;
    if (!backend) return;
    try {
      const targets = await askBackend(this.#ctx, backend, backendSeconds * 1000, session, key);
      if (stream.signal.aborted) return;
      for (const { url, silentAudio } of targets) this.#tryOpen(stream, url, silentAudio);
    } catch (error) {
      this.#ctx.log.error(`Cannot ask where ${stream.id} is to go: ${fetchProblem(error)}`);
    }
  }

  #tryOpen(stream: Stream, template: string, silentAudio: boolean): void {
    try {
      this.#open(stream, addressFor(wholeTemplate(template), stream.key), silentAudio);
    } catch (error) {
      if (error instanceof RangeError) this.#ctx.log.warn(error.message);
      else this.#ctx.log.error(`Cannot forward ${stream.id}: ${errorText(error)}`);
    }
  }

  #open(stream: Stream, url: string, silentAudio: boolean): Target {
    this.#ctx.clients.for(url);
    const known = this.#targets.values().filter((each) => each.stream === stream).toArray();
    const same = known.find((each) => each.url === url);
    // Two who publish one stream would take it from each other.
    if (same) throw new RangeError(`Cannot forward ${stream.id}: it goes there already, as target ${same.target.id}`);
    if (known.length >= MAX_TARGETS) {
      throw new RangeError(`Cannot forward ${stream.id} once more: it has ${MAX_TARGETS} targets`);
    }
    const { clients, clock, log } = this.#ctx;
    const target = new Target(stream, url, {
      clients,
      clock,
      log,
      silentAudio,
      hops: () => this.#guard.hopsOf(stream),
    });
    this.#targets.set(target.id, { stream, url, target });
    void target.done.then(() => this.#targets.delete(target.id));
    return target;
  }
}
