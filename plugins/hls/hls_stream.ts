import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/log/log.ts";
import type { StreamKey } from "../../kernel/names.ts";
import { Closed, whenAborted } from "../../kernel/reasons.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import type { MediaPacket } from "../../media/packet.ts";
import type { StreamWriter } from "../shared/sink_runner.ts";
import type { CommonTime } from "./window/groups.ts";
import type { Recorder } from "./recording/recorder.ts";
import { Rendition } from "./rendition.ts";
import { sequenceOrigin } from "./window/sequence.ts";
import type { HlsSettings } from "./settings.ts";

/** So many video tracks of one stream become renditions: more qualities than anybody offers. */
const MAX_RENDITIONS = 8;

/** What the HLS of a stream works with. */
export interface HlsStreamOptions {
  /** The stream's id. */
  readonly id: string;
  readonly key: StreamKey;
  /** What it has in common with the other streams of its group, if it is in one. */
  readonly common?: CommonTime;
  /** Records its main tracks. */
  readonly recorder?: Recorder;
  readonly settings: HlsSettings;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * A stream as HLS: a rendition for each of its video tracks. It outlives the stream it is made from, so that players come to
 * the end, and goes on when the stream is published again.
 */
export class HlsStream {
  readonly id: string;
  readonly key: StreamKey;
  /** By video track. */
  readonly renditions = new Map<number, Rendition>();
  /** When it was last asked for anything, in milliseconds of the server's clock. */
  usedAt: number;
  /** When its stream ended, in milliseconds of the server's clock; undefined while there is a writer. */
  idleSince: number | undefined;
  readonly #options: HlsStreamOptions;
  readonly #tracksTime: CommonTime;
  #writer?: StreamWriter;
  /** While a writer has failed and another may follow: ends with the stream. */
  #lastChance?: Disposable;

  constructor(options: HlsStreamOptions) {
    this.id = options.id;
    this.key = options.key;
    this.#options = options;
    this.usedAt = this.idleSince = options.clock.now();
    this.#tracksTime = { origin: sequenceOrigin(options.clock.date()) };
    this.#rendition(0);
  }

  /** The rendition of the main tracks. */
  get main(): Rendition {
    return this.#rendition(0);
  }

  /** Whether its packets are coming. */
  get isWritten(): boolean {
    return this.#writer !== undefined;
  }

  /** The rendition whose media playlist has this file name. */
  find(uri: string): Rendition | undefined {
    return this.renditions.values().find((rendition) => rendition.uri === uri);
  }

  /** Begins to be made from a stream's packets; they are recorded while `isRecorded` says so. */
  write(stream: Stream, isRecorded: () => boolean = () => true): StreamWriter {
    this.#lastChance?.[Symbol.dispose]();
    for (const rendition of this.renditions.values()) rendition.begin();
    this.idleSince = undefined;
    const { recorder } = this.#options;
    if (recorder) recorder.isWanted = isRecorded;
    const writer: StreamWriter = {
      get problem() {
        return recorder?.problem;
      },
      write: (packet) => this.#write(packet),
      finish: (closed) => this.#finish(writer, stream, closed),
      abandon: () => this.#finish(writer, stream, new Closed("error")),
    };
    return this.#writer = writer;
  }

  #write(packet: MediaPacket): void {
    if (packet.kind === "video" && !this.renditions.has(packet.track) && packet.track < MAX_RENDITIONS) {
      this.#rendition(packet.track).begin();
    }
    for (const rendition of this.renditions.values()) rendition.write(packet);
  }

  /** After a failure the writing begins anew soon, as long as the stream is there. */
  async #finish(writer: StreamWriter, stream: Stream, { reason }: Closed): Promise<void> {
    if (this.#writer !== writer) return;
    this.#writer = undefined;
    this.idleSince = this.#options.clock.now();
    const mayGoOn = (reason === "error" || reason === "too-slow") && !stream.signal.aborted;
    for (const rendition of this.renditions.values()) rendition.finish(mayGoOn);
    if (mayGoOn) this.#lastChance = whenAborted(stream.signal, () => void this.#end());
    else await this.#options.recorder?.finish();
  }

  async #end(): Promise<void> {
    for (const rendition of this.renditions.values()) rendition.finish(false);
    await this.#options.recorder?.finish();
  }

  #rendition(video: number): Rendition {
    const known = this.renditions.get(video);
    if (known) return known;
    const { id, common, recorder, key: _, ...options } = this.#options;
    const uri = video === 0 ? "media.m3u8" : `media-${video}.m3u8`;
    const rendition = new Rendition({
      ...options,
      title: id,
      uri,
      video,
      recorder: video === 0 ? recorder : undefined,
      common: common ?? this.#tracksTime,
      isAligned: common !== undefined,
    });
    this.renditions.set(video, rendition);
    return rendition;
  }
}
