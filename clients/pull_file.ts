import { type ClientEnd, ClientError, type PullClient, type StreamClients } from "../kernel/client.ts";
import { type Clock, every, systemClock } from "../kernel/clock.ts";
import type { Files } from "../kernel/files.ts";
import { systemFiles } from "../kernel/system_files.ts";
import type { MediaPacket } from "../media/packet.ts";
import { shownAddress } from "../plugins/shared/relay/address.ts";
import { meaningOf } from "./answers.ts";
import { type FileWriter, openWriter, type WrittenFile } from "./file_writer.ts";
import { knownClients } from "./known_clients.ts";
import { PulledStream } from "./pulled_stream.ts";
import { Retries, type RetryOptions } from "./retries.ts";
import type { TransferEvent, TransferFigures } from "./transfer.ts";

/** How a stream is pulled. */
export interface PullFileOptions extends RetryOptions {
  /** After so many seconds of the stream it is enough; by default it goes on to its end. */
  readonly seconds?: number;
  /** Aborting it completes the file. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly files?: Files;
  readonly clients?: StreamClients;
  onEvent?(event: TransferEvent): void;
}

/** A pull that can be watched. */
export interface FilePull {
  readonly figures: TransferFigures;
  /** Settles when it is over; rejects as {@linkcode pullFile} does. */
  readonly done: Promise<PullResult>;
}

/** What a pull came to. */
export interface PullResult extends TransferFigures {
  /** The complete file; undefined when nothing came, and there is none. */
  readonly file?: WrittenFile;
}

/** There is something under the name that a file was to have. */
export class FileTakenError extends Error {
  override readonly name = "FileTakenError";
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

/**
 * Writes a stream of RTMP, HTTP-FLV or WebSocket-FLV into a new file, FLV or MP4 by its name.
 *
 * After a lost connection it comes back and goes on in the same file, without a break in its time. Settles when the stream has
 * ended and does not begin again, or the signal has aborted; the file is complete then.
 *
 * @example
 * ```ts
 * import { pullFile } from "@sluice/sluice";
 *
 * const { file } = await pullFile("http://localhost:8501/live/cam.flv", "show.mp4", { seconds: 60 });
 * ```
 *
 * @throws {FileTakenError} when there is something under the file's name already
 * @throws {ClientError} when the server refuses, or cannot be reached and `reconnect` is false; what came is in the file
 * @throws {Error} what the disk throws; what could be written is in the file
 */
export function pullFile(url: string, path: string, options: PullFileOptions = {}): Promise<PullResult> {
  return startPull(url, path, options).done;
}

/** Begins to pull a stream as {@linkcode pullFile} does, and tells how far it is. */
export function startPull(url: string, path: string, options: PullFileOptions = {}): FilePull {
  return new Pull(url, path, options);
}

/** Why one connection ended. */
interface Ending {
  readonly error: unknown;
  /** Whether the server ended it as one ends a stream. */
  readonly isOrderly: boolean;
}

/** One stream on its way into a file. */
class Pull implements FilePull {
  readonly done: Promise<PullResult>;
  readonly #url: string;
  readonly #options: PullFileOptions;
  readonly #clock: Clock;
  readonly #clients: StreamClients;
  readonly #stream = new PulledStream();
  readonly #retries: Retries;
  /** Aborts when nothing more is wanted or expected. */
  readonly #over = new AbortController();
  #afterEnd?: Disposable;
  #bytes = 0;
  #packets = 0;
  #connects = 0;

  constructor(url: string, path: string, options: PullFileOptions) {
    const { clock = systemClock, clients = knownClients() } = options;
    this.#url = url;
    this.#options = options;
    this.#clock = clock;
    this.#clients = clients;
    this.#retries = new Retries(
      options,
      clock,
      (problem, seconds) => this.#tell({ type: "waiting", problem, seconds }),
    );
    this.done = this.#run(path);
  }

  get figures(): TransferFigures {
    return { seconds: this.#stream.seconds, bytes: this.#bytes, packets: this.#packets, connects: this.#connects };
  }

  async #run(path: string): Promise<PullResult> {
    const { files = systemFiles, signal } = this.#options;
    const onNotice = (text: string) => this.#tell({ type: "notice", text });
    const writer = openWriter(path, { files, clock: this.#clock, onNotice });
    if (await files.facts(path)) throw new FileTakenError(`${path} is there already, and nothing is ever overwritten`);
    const stop = () => this.#over.abort();
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop);
    try {
      await this.#follow(writer);
    } catch (error) {
      if (!(error instanceof ClientError)) await writer.abandon();
      else await writer.finish();
      throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#afterEnd?.[Symbol.dispose]();
    }
    return { ...this.figures, file: await writer.finish() };
  }

  /** Reads the stream over one connection after the other, until it is over. */
  async #follow(writer: FileWriter): Promise<void> {
    while (!this.#isOver) {
      const ending = await this.#attempt(writer);
      if (this.#isOver || this.#isEndOfStream(ending)) return;
      await this.#retries.after(ending.error, this.#over.signal);
    }
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Whether what ended a connection ended the stream. */
  #isEndOfStream({ error, isOrderly }: Ending): boolean {
    if (this.#packets === 0 || this.#options.keepTrying) return false;
    if (isOrderly) return this.#options.reconnect === false;
    return error instanceof ClientError && meaningOf(error, false) === "absent";
  }

  /** Reads over one connection; gives why it ended. Throws what the writer throws. */
  async #attempt(writer: FileWriter): Promise<Ending> {
    this.#tell({ type: "connecting" });
    let client: PullClient;
    try {
      const options = { signal: this.#over.signal, timeoutMs: CONNECT_MS, clock: this.#clock };
      client = await this.#clients.for(this.#url).pull(this.#url, options);
    } catch (error) {
      return { error, isOrderly: false };
    }
    await using _open = client;
    this.#connects++;
    this.#retries.live();
    this.#tell({ type: "live" });
    return await this.#read(client, writer);
  }

  async #read(client: PullClient, writer: FileWriter): Promise<Ending> {
    const packets = client[Symbol.asyncIterator]();
    let heardAt = this.#clock.now();
    let isStalled = false;
    using _watch = every(this.#clock, LOOK_MS, () => {
      isStalled ||= this.#clock.now() - heardAt >= STALL_MS;
      if (isStalled) client.destroy();
    });
    this.#stream.begin();
    while (true) {
      const next = await packets.next().catch((error: unknown) => ({ error }));
      if ("error" in next) return { error: next.error, isOrderly: false };
      if (next.done && isStalled) return { error: this.#failure("nothing came for too long"), isOrderly: false };
      if (next.done) return this.#end(await client.closed);
      heardAt = this.#clock.now();
      await this.#take(next.value, writer);
      if (this.#isOver) return { error: this.#failure("it is enough"), isOrderly: true };
    }
  }

  async #take(packet: MediaPacket, writer: FileWriter): Promise<void> {
    const placed = this.#stream.take(packet, this.#clock.now());
    if (!placed) return;
    if (this.#options.seconds !== undefined && this.#stream.seconds >= this.#options.seconds) return this.#over.abort();
    this.#packets++;
    this.#bytes += packet.body.length;
    this.#retries.proven();
    if (packet.role === "key" || packet.role === "frame") this.#goesOn();
    await writer.write(placed);
  }

  /** The stream has ended or, over HTTP, the server has gone. */
  #end({ code, message }: ClientEnd): Ending {
    if (!SAYS_NO_END.test(this.#url) && !this.#options.keepTrying) {
      this.#afterEnd ??= this.#clock.setTimeout(() => this.#over.abort(), AFTER_END_MS);
    }
    return { error: this.#failure(code === "left" ? message : "the stream ended"), isOrderly: true };
  }

  #goesOn(): void {
    this.#afterEnd?.[Symbol.dispose]();
    this.#afterEnd = undefined;
  }

  #failure(words: string): ClientError {
    return new ClientError("lost", `${shownAddress(this.#url)}: ${words}`);
  }

  #tell(event: TransferEvent): void {
    this.#options.onEvent?.(event);
  }
}
