import type { StreamClients } from "../kernel/sessions/client.ts";
import { type Clock, systemClock } from "../kernel/clock.ts";
import type { Files } from "../kernel/files/files.ts";
import { systemFiles } from "../kernel/files/system_files.ts";
import { Timeline } from "../kernel/streams/timeline.ts";
import type { MediaPacket } from "../media/packet.ts";
import { SilentSound } from "../plugins/shared/relay/silent_sound.ts";
import { knownClients } from "./known_clients.ts";
import type { MediaSource } from "./media_source.ts";
import { openSource } from "./open_source.ts";
import { Pacer } from "./pacer.ts";
import type { RetryOptions } from "./retries.ts";
import { RoundClock } from "./round_clock.ts";
import type { TransferEvent, TransferFigures } from "./transfer.ts";
import { Uplink } from "./uplink.ts";

/** How a file is pushed. */
export interface PushFileOptions extends RetryOptions {
  /** Seconds of the file in a second, 1 by default; 0 for as many as the server takes. */
  readonly speed?: number;
  /** Whether it begins anew when it is over, without a break in its time. */
  readonly loop?: boolean;
  /** Whether silence is added while the file has pictures and no sound. */
  readonly silentAudio?: boolean;
  /** Aborting it ends the stream as its end would. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly files?: Files;
  readonly clients?: StreamClients;
  onEvent?(event: TransferEvent): void;
}

/** How far a push is. */
export interface PushFigures extends TransferFigures {
  /** How many times the file has begun. */
  readonly rounds: number;
}

/** A push that can be watched. */
export interface FilePush {
  readonly figures: PushFigures;
  /** Settles when it is over; rejects as {@linkcode pushFile} does. */
  readonly done: Promise<PushFigures>;
}

/**
 * Publishes a file to an address of RTMP, HTTP-FLV or WebSocket-FLV: FLV, MP4, MOV, Matroska, WebM or MPEG-TS.
 *
 * Settles when the server has all of it or the signal has aborted. After a lost connection it comes back, and goes on where it
 * was.
 *
 * @example
 * ```ts
 * import { pushFile } from "@sluice/sluice";
 *
 * const { seconds } = await pushFile("film.mp4", "rtmp://localhost/live/cam", { speed: 2 });
 * ```
 *
 * @throws {ClientError} when the server refuses, or cannot be reached and `reconnect` is false
 * @throws {FormatError} when the file is damaged
 * @throws {Error} when there is no file, or nothing in it can be published
 */
export function pushFile(path: string, url: string, options: PushFileOptions = {}): Promise<PushFigures> {
  return startPush(path, url, options).done;
}

/** Begins to publish a file as {@linkcode pushFile} does, and tells how far it is. */
export function startPush(path: string, url: string, options: PushFileOptions = {}): FilePush {
  return new Push(path, url, options);
}

/** One file on its way. */
class Push implements FilePush {
  readonly done: Promise<PushFigures>;
  readonly #options: PushFileOptions;
  readonly #signal: AbortSignal;
  readonly #uplink: Uplink;
  readonly #pacer: Pacer;
  readonly #roundClock = new RoundClock();
  readonly #timeline = new Timeline();
  readonly #silence?: SilentSound;
  #packets = 0;
  #rounds = 0;
  #start?: number;

  constructor(path: string, url: string, options: PushFileOptions) {
    const { clock = systemClock, clients = knownClients(), signal = new AbortController().signal } = options;
    this.#options = options;
    this.#signal = signal;
    if (options.silentAudio) this.#silence = new SilentSound();
    this.#pacer = new Pacer(clock, options.speed ?? 1);
    const onEvent = (event: TransferEvent) => options.onEvent?.(event);
    this.#uplink = new Uplink(url, { ...options, clients, clock, signal, onEvent });
    this.done = this.#run(path);
  }

  get figures(): PushFigures {
    const { bytes, connects } = this.#uplink;
    const seconds = this.#start === undefined ? 0 : (this.#timeline.front - this.#start) / 1_000_000;
    return { seconds, bytes, packets: this.#packets, connects, rounds: this.#rounds };
  }

  async #run(path: string): Promise<PushFigures> {
    await using source = await openSource(this.#options.files ?? systemFiles, path);
    const { format, seconds, faults } = source;
    this.#options.onEvent?.({ type: "open", path, format, seconds });
    for (const text of faults) this.#options.onEvent?.({ type: "notice", text });
    try {
      do await this.#round(source); while (this.#options.loop && !this.#signal.aborted);
    } finally {
      await this.#uplink.close();
    }
    return this.figures;
  }

  async #round(source: MediaSource): Promise<void> {
    const before = this.#packets;
    this.#rounds++;
    this.#roundClock.begin();
    for await (const read of source.packets()) {
      const packet = this.#roundClock.place(read);
      const placed = this.#timeline.place(packet, source.hasTrueTimes ? packet.dts / 1000 : 0);
      await this.#pacer.due(placed.dts, this.#signal);
      if (this.#signal.aborted) return;
      await this.#write(placed);
      this.#pacer.stoodStill(this.#uplink.takeAwayMs());
      this.#start ??= placed.dts;
      this.#packets++;
    }
    if (this.#packets === before) throw new Error("There is nothing in this file that can be published");
  }

  /** Sends a packet, and the silence that belongs in front of it. */
  async #write(packet: MediaPacket): Promise<void> {
    if (!this.#silence) return await this.#uplink.write(packet);
    for (const each of this.#silence.pass(packet)) await this.#uplink.write(each);
  }
}
