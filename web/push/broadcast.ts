/// <reference lib="dom" />
import { audioConfigBody, audioFrameBody } from "../../media/flv/body_writer.ts";
import { FrameGate } from "./capture/frame_gate.ts";
import type { UploadMetadata } from "./upload/flv_upload.ts";
import { KeyRhythm } from "./encode/key_rhythm.ts";
import { Rendition, type RenditionFigures, type RenditionPlan } from "./upload/rendition.ts";
import { SAMPLE_RATE, type SoundBlock } from "./capture/sound_block.ts";
import { type EncodedSound, openSound, type SoundCodec, type SoundEncoder } from "./encode/sound_encoding.ts";
import { SourceClock } from "./capture/source_clock.ts";
import type { UplinkStatus } from "./upload/uplink.ts";

/** What is to be published. */
export interface BroadcastPlan {
  /** One stream, or several of the same picture in different sizes. */
  readonly renditions: readonly RenditionPlan[];
  /** Silence is sent too, so that a sound can be added at any time. */
  readonly sound: SoundCodec;
  readonly framesPerSecond: number;
  readonly metadata: UploadMetadata;
}

/** What a broadcast tells. */
export interface BroadcastEvents {
  /** The status of a connection has changed. */
  onChange(): void;
  /** It cannot be encoded; in words. */
  onFailed(words: string): void;
}

/** How often connections are looked at, in microseconds. */
const LOOK_EVERY = 250_000;

/**
 * A picture that stands still is sent again after so long, in microseconds: screens give no frames while nothing moves, and
 * players keep as far behind as pictures are apart.
 */
const REPEAT_AFTER = 200_000;

/** Encodes a picture and a sound and publishes them, as one stream or as several whose key frames are at the same times. */
export class Broadcast implements Disposable {
  readonly #plan: BroadcastPlan;
  readonly #events: BroadcastEvents;
  readonly #renditions: Rendition[];
  readonly #began = performance.now();
  readonly #pictureClock = new SourceClock();
  readonly #soundClock = new SourceClock();
  readonly #rhythm = new KeyRhythm();
  readonly #gate: FrameGate;
  #encoder?: SoundEncoder;
  #last?: { frame: VideoFrame; at: number };
  readonly #waiting: (() => void)[] = [];
  #lookedAt = 0;
  #zero = 0;
  #isOver = false;

  constructor(plan: BroadcastPlan, events: BroadcastEvents) {
    this.#plan = plan;
    this.#events = events;
    this.#gate = new FrameGate(plan.framesPerSecond);
    this.#renditions = plan.renditions.map((rendition) =>
      new Rendition(rendition, {
        now: () => this.#now(),
        onOpen: () => this.#onOpen(),
        onGap: () => this.#rhythm.request(),
        onChange: () => events.onChange(),
        onFailed: (words) => events.onFailed(words),
      })
    );
  }

  /**
   * Opens the sound's encoder and connects, all renditions or one of them alone; rejects when this browser cannot encode
   * sound.
   */
  async start(alone?: number): Promise<void> {
    const encoder = await openSound(this.#plan.sound, (encoded) => this.#onSound(encoded), (error) => {
      if (!this.#isOver) this.#events.onFailed(error.message);
    });
    if (this.#isOver) return encoder[Symbol.dispose]();
    this.#encoder = encoder;
    this.#renditions.forEach((_, i) => {
      if (alone === undefined || i === alone) this.switchOn(i);
    });
  }

  /** Connects a rendition, by its place in the plan. */
  switchOn(index: number): void {
    this.#renditions[index].start(this.#plan.metadata);
  }

  /** Ends a rendition's stream; it can be connected again. */
  switchOff(index: number): void {
    this.#renditions[index].stop();
  }

  /** Measures over a rendition what the connection carries, in bits per second; undefined when it closes meanwhile. */
  async measure(index: number): Promise<number | undefined> {
    return await this.#renditions[index].measure(() => {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      return promise;
    });
  }

  /** Of the connections, in the order of the plan. */
  get statuses(): UplinkStatus[] {
    return this.#renditions.map(({ status }) => status);
  }

  /** Of the renditions, in the order of the plan. */
  get figures(): RenditionFigures[] {
    return this.#renditions.map(({ figures }) => figures);
  }

  /** Takes the next frame of the picture, whatever its clock; the broadcast closes it. */
  frame(frame: VideoFrame): void {
    if (this.#isOver) return frame.close();
    const now = this.#now();
    this.#pictureClock.observe(frame.timestamp, now);
    const time = this.#pictureClock.place(frame.timestamp);
    if (!this.#gate.takes(time)) return frame.close();
    this.#encode(frame, time);
    this.#last?.frame.close();
    this.#last = { frame, at: now };
  }

  /** Another source gives the picture from now on. */
  restartPicture(): void {
    this.#pictureClock.restart();
  }

  /** Takes the next block of sound; all that is done now and then is done by the way. */
  block(block: SoundBlock): void {
    if (this.#isOver) return;
    const now = this.#now();
    this.#soundClock.observe(block.start * 1_000_000 / SAMPLE_RATE, now);
    this.#encoder?.encode(block);
    for (const resolve of this.#waiting.splice(0)) resolve();
    if (this.#last && now - this.#last.at >= REPEAT_AFTER) this.#repeat(this.#last, now);
    if (now - this.#lookedAt < LOOK_EVERY) return;
    this.#lookedAt = now;
    for (const rendition of this.#renditions) rendition.look();
  }

  /** Ends the streams. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#last?.frame.close();
    this.#last = undefined;
    this.#encoder?.[Symbol.dispose]();
    for (const rendition of this.#renditions) rendition[Symbol.dispose]();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /**
   * Several renditions count from when the first of them was connected: servers keep small stamps as they are, so that equal
   * stamps stay equal times in all of them. One alone counts on through all its connections.
   */
  #onOpen(): number {
    this.#rhythm.request();
    const open = this.#renditions.filter(({ status }) => status.phase === "open");
    if (this.#renditions.length > 1 && open.length <= 1) this.#zero = this.#now();
    return this.#zero;
  }

  #now(): number {
    return (performance.now() - this.#began) * 1000;
  }

  #repeat(last: { frame: VideoFrame; at: number }, now: number): void {
    this.#pictureClock.restart();
    this.#pictureClock.observe(now, now);
    this.#encode(last.frame, this.#pictureClock.place(now));
    this.#pictureClock.restart();
    last.at = now;
  }

  /** The frame stays the caller's. */
  #encode(frame: VideoFrame, time: number): void {
    const taking = this.#renditions.filter((rendition) => rendition.admits());
    if (taking.length === 0) return;
    const isKey = this.#rhythm.isDue(time);
    const stamped = new VideoFrame(frame, { timestamp: time });
    for (const rendition of taking) rendition.encode(stamped, isKey);
    stamped.close();
  }

  #onSound({ data, timestamp, config }: EncodedSound): void {
    if (this.#isOver || !this.#encoder) return;
    const { codec } = this.#encoder;
    const dts = this.#soundClock.place(timestamp);
    const configBody = config && audioConfigBody(codec, config);
    const body = audioFrameBody(codec, data);
    for (const rendition of this.#renditions) {
      if (configBody) rendition.send({ kind: "audio", role: "config", codec, dts, body: configBody });
      rendition.send({ kind: "audio", role: "frame", codec, dts, body });
    }
  }
}
