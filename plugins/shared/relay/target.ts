import { ClientError, type PushClient, type StreamClients } from "../../../kernel/sessions/client.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Logger } from "../../../kernel/log/log.ts";
import { whenAborted } from "../../../kernel/reasons.ts";
import { RateMeter } from "../../../kernel/streams/rate_meter.ts";
import type { Stream } from "../../../kernel/streams/stream.ts";
import type { Subscription } from "../../../kernel/fanout/subscription.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import { shownTarget } from "./address.ts";
import { leadsBack } from "./hops.ts";
import { OneServer } from "./one_server.ts";
import { SilentSound } from "./silent_sound.ts";

/**
 * Where a forwarded stream stands with one of its targets.
 *
 * - `connecting`: it is being dialled
 * - `live`: packets go there
 * - `waiting`: the connection failed or broke; it is tried again after a pause
 * - `refused`: the server itself said no; it is tried again after a long pause
 * - `ended`: the stream has ended, or nobody wants it there any more
 */
export type TargetState = "connecting" | "live" | "waiting" | "refused" | "ended";

/** What may be shown of a target. */
export interface TargetJson {
  readonly id: string;
  readonly stream: string;
  /** Without its query. */
  readonly address: string;
  readonly state: TargetState;
  readonly since: string;
  /** Why it waits, in words. */
  readonly problem?: string;
  readonly bytes: number;
  /** Bits of media per second over the last {@linkcode RATE_SECONDS}; 0 while it is not live. */
  readonly bitrate: number;
  /** How often it was connected. */
  readonly connects: number;
  /** How often it was too slow and jumped to the newest key frame. */
  readonly skips: number;
  /** Whether silence is being added; absent when it never is. */
  readonly silentAudio?: boolean;
}

/** Where a stream is sent, and when it is tried again. */
export interface TargetPolicy {
  /** The address for the next attempt. */
  next(): string;
  /**
   * How long to wait until the next attempt, in milliseconds, after one that failed. `liveMs` is how long its connection
   * lasted; undefined when there was none.
   */
  pauseAfter(failure: Error, liveMs?: number): number;
}

/** What a target works with. */
export interface TargetHost {
  readonly clients: StreamClients;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random?: () => number;
  /** Whether silence is added while the stream has pictures and no sound. */
  readonly silentAudio?: boolean;
  /** The servers that the stream has come through by now, this one last; by default nothing is said of them. */
  hops?(): readonly string[];
}

/** Over so many seconds the bit rate is taken: long enough for a group of pictures, short enough to see a line fail. */
export const RATE_SECONDS = 5;

/** How long a server may take to read the rest of what it is sent no more of, in milliseconds. */
const DRAIN_MS = 5000;

/** A server that takes nothing for so long, in milliseconds, is dialled anew: its network may be gone without a word. */
const STALL_MS = 20_000;

/**
 * Sends a stream to another server for as long as it lasts, and comes back after every failure.
 *
 * It reads at its own pace: a server that is slow, or gone, holds up neither the publisher nor another target. One that falls
 * too far behind goes on at the newest key frame.
 */
export class Target implements AsyncDisposable {
  readonly id: string = crypto.randomUUID().slice(0, 8);
  /** Settles when it has ended; never rejects. */
  readonly done: Promise<void>;
  readonly #stream: Stream;
  readonly #policy: TargetPolicy;
  readonly #host: TargetHost;
  readonly #silence?: SilentSound;
  readonly #stopping = new AbortController();
  #url: string;
  #state: TargetState = "connecting";
  #since: Date;
  #problem?: string;
  #bytes = 0;
  /** Of the present or last connection. */
  #rate = new RateMeter();
  #connects = 0;
  #skips = 0;
  #isAbandoned = false;
  /** Ends a pause that was made because the stream would have gone in a circle. */
  #askAgain?: () => void;
  /** When the present or last connection was made. */
  #liveAt?: number;

  /** `to` is an address, or says where the stream goes from attempt to attempt. */
  constructor(stream: Stream, to: string | TargetPolicy, host: TargetHost) {
    this.#stream = stream;
    this.#policy = typeof to === "string" ? new OneServer(to, host.random) : to;
    this.#url = this.#policy.next();
    this.#host = host;
    if (host.silentAudio) this.#silence = new SilentSound();
    this.#since = host.clock.date();
    this.done = this.#run();
  }

  /** Where it is on its way. */
  get state(): TargetState {
    return this.#state;
  }

  toJSON(): TargetJson {
    return {
      id: this.id,
      stream: this.#stream.id,
      address: this.#shown,
      state: this.#state,
      since: this.#since.toISOString(),
      problem: this.#problem,
      bytes: this.#bytes,
      bitrate: this.#state === "live" ? Math.round(this.#rate.perSecond(RATE_SECONDS, this.#host.clock.now()) * 8) : 0,
      connects: this.#connects,
      skips: this.#skips,
      silentAudio: this.#silence?.isAdding,
    };
  }

  /** Stops: what was written is given to the server before the connection is closed, if it takes it in time. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.done;
  }

  /** Stops without a word, as a lost network does: the server is to wait for the stream's return, not to end it. */
  async abandon(): Promise<void> {
    this.#isAbandoned = true;
    await this[Symbol.asyncDispose]();
  }

  /** The stream comes from elsewhere now: a server that would have had it go in a circle is asked again at once. */
  reconsider(): void {
    this.#askAgain?.();
  }

  get #shown(): string {
    return shownTarget(this.#url, this.#stream.key);
  }

  get #isOver(): boolean {
    return this.#stopping.signal.aborted || this.#stream.signal.aborted;
  }

  async #run(): Promise<void> {
    using ending = abortedByEither(this.#stopping.signal, this.#stream.signal);
    while (!this.#isOver) {
      this.#liveAt = undefined;
      const failure = await this.#attempt(ending.signal);
      if (this.#isOver || !failure) break;
      await this.#wait(failure, ending.signal);
      this.#url = this.#policy.next();
    }
    this.#become("ended");
  }

  /** Connects and sends until something fails, the stream ends or it is stopped; gives what failed. */
  async #attempt(ending: AbortSignal): Promise<Error | undefined> {
    this.#become("connecting");
    const dialling = new AbortController();
    using _ended = whenAborted(ending, () => dialling.abort());
    try {
      const options = { signal: dialling.signal, hops: this.#host.hops?.() };
      await using client = await this.#host.clients.for(this.#url).push(this.#url, options);
      _ended[Symbol.dispose]();
      this.#connects++;
      this.#liveAt = this.#host.clock.now();
      await this.#send(client);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  async #send(client: PushClient): Promise<void> {
    const lost = client.closed.then(({ code, message }) => {
      throw new ClientError(code, `${this.#shown}: ${message}`);
    });
    lost.catch(() => {});
    this.#silence?.begin();
    this.#rate = new RateMeter();
    this.#become("live");
    this.#host.log.info(`${this.#stream.id} goes to ${this.#shown}`, { stream: this.#stream.id });
    using late = this.#late();
    for (let isFirst = true; !this.#isOver; isFirst = false) {
      if (!isFirst) this.#skips++;
      using subscription = this.#stream.packets();
      using _stop = whenAborted(this.#stopping.signal, () => subscription[Symbol.dispose]());
      const end = await Promise.race([this.#pump(subscription, client), lost, late.promise]);
      if (end === "late" || this.#isAbandoned) client.destroy();
      if (end !== "fell") return;
    }
  }

  /** Settles when the server has had time enough to read the rest. */
  #late(): Disposable & { readonly promise: Promise<"late"> } {
    const { promise, resolve } = Promise.withResolvers<"late">();
    const stack = new DisposableStack();
    const limit = () => void stack.use(this.#host.clock.setTimeout(() => resolve("late"), DRAIN_MS));
    stack.use(whenAborted(this.#stopping.signal, limit));
    stack.use(whenAborted(this.#stream.signal, limit));
    return { promise, [Symbol.dispose]: () => stack.dispose() };
  }

  /** Sends what there is, until the end of the stream or until the target has fallen too far behind. */
  async #pump(subscription: Subscription<MediaPacket>, client: PushClient): Promise<"ended" | "fell"> {
    let hasVideoKey = false;
    while (true) {
      const news = Promise.withResolvers<void>();
      subscription.onReady = subscription.onDispose = news.resolve;
      for (let packet = subscription.next(); packet; packet = subscription.next()) {
        hasVideoKey ||= packet.role === "key";
        if (packet.role === "delta" && !hasVideoKey) continue;
        const wait = this.#give(packet, client);
        if (wait) await this.#room(wait, client);
      }
      if (subscription.ended) return subscription.ended.reason === "too-slow" ? "fell" : "ended";
      await news.promise;
    }
  }

  /** Writes what the server gets with this packet. */
  #give(packet: MediaPacket, client: PushClient): Promise<void> | undefined {
    if (!this.#silence) return this.#write(packet, client);
    let wait: Promise<void> | undefined;
    for (const each of this.#silence.pass(packet)) wait = this.#write(each, client) ?? wait;
    return wait;
  }

  #write(packet: MediaPacket, client: PushClient): Promise<void> | undefined {
    this.#bytes += packet.body.length;
    this.#rate.add(packet.body.length, this.#host.clock.now());
    return client.write(packet);
  }

  /** Waits until the server has taken something. */
  async #room(wait: Promise<void>, client: PushClient): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    using _timer = this.#host.clock.setTimeout(() => {
      reject(new ClientError("timeout", `${this.#shown} has taken nothing for ${STALL_MS / 1000} s`));
      client.destroy();
    }, STALL_MS);
    await Promise.race([wait, promise]);
  }

  async #wait(failure: Error, ending: AbortSignal): Promise<void> {
    const { clock, log } = this.#host;
    const stream = this.#stream.id;
    const isRefused = failure instanceof ClientError && failure.isRefusal && failure.code !== "left";
    this.#problem = failure.message;
    this.#become(isRefused ? "refused" : "waiting");
    const ms = this.#policy.pauseAfter(failure, this.#liveAt === undefined ? undefined : clock.now() - this.#liveAt);
    const when = ms > 0 ? `trying again in ${(ms / 1000).toFixed(1)} s` : "trying again";
    log.warn(`${stream} does not get to ${this.#shown}: ${failure.message}; ${when}`, { stream });
    if (ms <= 0) return;
    const over = Promise.withResolvers<void>();
    if (leadsBack(failure)) this.#askAgain = over.resolve;
    using _timer = this.#host.clock.setTimeout(over.resolve, ms);
    using _ended = whenAborted(ending, over.resolve);
    await over.promise;
    this.#askAgain = undefined;
  }

  #become(state: TargetState): void {
    this.#state = state;
    this.#since = this.#host.clock.date();
    if (state === "live" || state === "ended") this.#problem = undefined;
  }
}

/** A signal that aborts with either of two, without leaving anything at them when it is disposed. */
function abortedByEither(one: AbortSignal, other: AbortSignal): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const listeners = [one, other].map((signal) => whenAborted(signal, () => controller.abort()));
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => listeners.forEach((listener) => listener[Symbol.dispose]()),
  };
}
