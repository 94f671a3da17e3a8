import { type ClientEnd, ClientError, type PullClient, type StreamClients } from "../kernel/sessions/client.ts";
import { type Clock, every } from "../kernel/clock.ts";
import { whenAborted } from "../kernel/reasons.ts";
import type { MediaPacket } from "../media/packet.ts";
import { isPlaylist, shownAddress } from "../plugins/shared/relay/address.ts";
import { meaningOf } from "../plugins/shared/relay/answers.ts";
import { PulledStream } from "../plugins/shared/relay/pulled_stream.ts";
import { Retries, type RetryOptions } from "./retries.ts";
import type { TransferEvent, TransferFigures } from "./transfer.ts";

/** What an intake works with. */
export interface IntakeHost extends RetryOptions {
  readonly clients: StreamClients;
  readonly clock: Clock;
  /** Aborting it ends the intake. */
  readonly signal?: AbortSignal;
  onEvent(event: TransferEvent): void;
  /** Takes the next packet; the next one waits for the promise. What it throws ends the intake. */
  take(packet: MediaPacket): void | Promise<void>;
  /** A connection that packets came over has ended; more may follow over another. */
  onBreak?(): void;
}

/** Why one connection ended. */
interface Ending {
  readonly error: unknown;
  /** Whether the server ended it as one ends a stream. */
  readonly isOrderly: boolean;
}

/** How long a server may take to answer, in milliseconds: it may wait for the stream's publisher. */
const CONNECT_MS = 30_000;

/** A server that sends nothing for so long is taken for lost, in milliseconds; and how often that is looked at. */
const STALL_MS = 30_000;
const LOOK_MS = 5_000;

/** A stream that is said to have ended may begin again within so many milliseconds: its server may have been restarted. */
const AFTER_END_MS = 15_000;

/** An answer of HTTP ends alike when the stream has ended and when the server has died. */
const SAYS_NO_END = /^https?:/i;

/** Reads a stream of another server, over one connection after the other, as one stream with one time. */
export class Intake {
  readonly #url: string;
  readonly #host: IntakeHost;
  readonly #stream = new PulledStream();
  readonly #retries: Retries;
  /** Aborts when nothing more is wanted or expected. */
  readonly #over = new AbortController();
  #afterEnd?: Disposable;
  #bytes = 0;
  #packets = 0;
  #connects = 0;

  constructor(url: string, host: IntakeHost) {
    this.#url = url;
    this.#host = host;
    const onPause = (problem: string, seconds: number) => host.onEvent({ type: "waiting", problem, seconds });
    this.#retries = new Retries(host, host.clock, onPause);
  }

  /** How far it is. */
  get figures(): TransferFigures {
    return { seconds: this.#stream.seconds, bytes: this.#bytes, packets: this.#packets, connects: this.#connects };
  }

  /** Nothing more is wanted. */
  stop(): void {
    this.#over.abort();
  }

  /**
   * Reads until the stream is over or it is stopped.
   *
   * @throws {ClientError} when the connection failed or the server refused, and it is not to be tried again
   */
  async run(): Promise<void> {
    const { signal } = this.#host;
    using _stop = signal && whenAborted(signal, () => this.stop());
    try {
      while (!this.#isOver) {
        const ending = await this.#attempt();
        if (this.#isOver || this.#isEndOfStream(ending)) return;
        await this.#retries.after(ending.error, this.#over.signal);
      }
    } finally {
      this.#afterEnd?.[Symbol.dispose]();
    }
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Whether what ended a connection ended the stream. */
  #isEndOfStream({ error, isOrderly }: Ending): boolean {
    if (this.#packets === 0 || this.#host.keepTrying) return false;
    // A playlist says of itself that nothing follows.
    if (isOrderly) return this.#host.reconnect === false || isPlaylist(this.#url);
    return error instanceof ClientError && meaningOf(error, false) === "absent";
  }

  /** Reads over one connection; gives why it ended. Throws what the host throws. */
  async #attempt(): Promise<Ending> {
    const { clients, clock, onEvent } = this.#host;
    onEvent({ type: "connecting" });
    let client: PullClient;
    try {
      client = await clients.for(this.#url).pull(this.#url, {
        signal: this.#over.signal,
        timeoutMs: CONNECT_MS,
        clock,
      });
    } catch (error) {
      return { error, isOrderly: false };
    }
    await using _open = client;
    this.#connects++;
    this.#retries.live();
    onEvent({ type: "live" });
    try {
      return await this.#read(client);
    } finally {
      this.#host.onBreak?.();
    }
  }

  async #read(client: PullClient): Promise<Ending> {
    const { clock } = this.#host;
    const packets = client[Symbol.asyncIterator]();
    let heardAt = clock.now();
    let isStalled = false;
    using _watch = every(clock, LOOK_MS, () => {
      isStalled ||= clock.now() - heardAt >= STALL_MS;
      if (isStalled) client.destroy();
    });
    this.#stream.begin();
    while (true) {
      const next = await packets.next().catch((error: unknown) => ({ error }));
      if ("error" in next) return { error: next.error, isOrderly: false };
      if (next.done && isStalled) return { error: this.#failure("nothing came for too long"), isOrderly: false };
      if (next.done) return this.#end(await client.closed);
      await this.#take(next.value);
      heardAt = clock.now();
      if (this.#isOver) return { error: this.#failure("it is enough"), isOrderly: true };
    }
  }

  async #take(packet: MediaPacket): Promise<void> {
    const placed = this.#stream.take(packet, this.#host.clock.now());
    if (!placed) return;
    this.#packets++;
    this.#bytes += packet.body.length;
    if (packet.role === "key" || packet.role === "frame") {
      this.#afterEnd?.[Symbol.dispose]();
      this.#afterEnd = undefined;
    }
    await this.#host.take(placed);
  }

  /** The stream has ended or, over HTTP, the server has gone. */
  #end({ code, message }: ClientEnd): Ending {
    if (!SAYS_NO_END.test(this.#url) && !this.#host.keepTrying && this.#packets > 0) {
      this.#afterEnd ??= this.#host.clock.setTimeout(() => this.stop(), AFTER_END_MS);
    }
    return { error: this.#failure(code === "left" ? message : "the stream ended"), isOrderly: true };
  }

  #failure(words: string): ClientError {
    return new ClientError("lost", `${shownAddress(this.#url)}: ${words}`);
  }
}
