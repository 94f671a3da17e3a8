import { ClientError, type StreamClients } from "../kernel/sessions/client.ts";
import { type Clock, systemClock } from "../kernel/clock.ts";
import { type Files, hasCode } from "../kernel/files/files.ts";
import { systemFiles } from "../kernel/files/system_files.ts";
import type { MediaPacket } from "../media/packet.ts";
import { type FileWriter, openWriter, type WrittenFile } from "./file_writer.ts";
import { Intake } from "./intake.ts";
import { knownClients } from "./known_clients.ts";
import type { RetryOptions } from "./retries.ts";
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

/**
 * Writes a stream of RTMP, HTTP-FLV, WebSocket-FLV or HLS into a new file, FLV or MP4 by its name.
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

/** One stream on its way into a file. */
class Pull implements FilePull {
  readonly done: Promise<PullResult>;
  readonly #options: PullFileOptions;
  readonly #clock: Clock;
  readonly #intake: Intake;
  #writer?: FileWriter;

  constructor(url: string, path: string, options: PullFileOptions) {
    const { clock = systemClock, clients = knownClients() } = options;
    this.#options = options;
    this.#clock = clock;
    this.#intake = new Intake(url, {
      ...options,
      clients,
      clock,
      onEvent: (event) => options.onEvent?.(event),
      take: (packet) => this.#take(packet),
    });
    this.done = this.#run(path);
  }

  get figures(): TransferFigures {
    return this.#intake.figures;
  }

  async #run(path: string): Promise<PullResult> {
    const { files = systemFiles } = this.#options;
    const onNotice = (text: string) => this.#options.onEvent?.({ type: "notice", text });
    const writer = this.#writer = await openWriter(path, { files, clock: this.#clock, onNotice });
    if (await files.facts(path)) throw new FileTakenError(`${path} is there already, and nothing is ever overwritten`);
    try {
      await this.#intake.run();
    } catch (error) {
      if (error instanceof ClientError) await writer.finish();
      else await writer.abandon();
      if (hasCode(error, "EEXIST")) throw new FileTakenError(`${path} is there now, and nothing is ever overwritten`);
      throw error instanceof ClientError ? error : await notWritten(files, path, error);
    }
    return { ...this.figures, file: await writer.finish() };
  }

  #take(packet: MediaPacket): void | Promise<void> {
    const { seconds } = this.#options;
    if (seconds !== undefined && this.figures.seconds >= seconds) return this.#intake.stop();
    return this.#writer?.write(packet);
  }
}

async function notWritten(files: Files, path: string, cause: unknown): Promise<Error> {
  const words = cause instanceof Error ? cause.message : String(cause);
  const isThere = await files.facts(path).catch(() => undefined);
  const rest = isThere ? "; it ends there, and can be played" : "";
  return new Error(`Cannot write ${path}: ${words}${rest}`, { cause });
}
