import { announcedTracks } from "../../../kernel/streams/probe.ts";
import { silentAac } from "../../../media/codec/silent_aac.ts";
import { audioConfigBody, audioFrameBody } from "../../../media/flv/body_writer.ts";
import { encodeMetadata, readMetadata } from "../../../media/flv/metadata.ts";
import type { MediaPacket } from "../../../media/packet.ts";

/** Pictures without sound for so long, in microseconds, at the beginning: there is none, unless the metadata says so at once. */
const FIRST_WAIT = 1_000_000;

/** Sound that has not come for so long, in microseconds, and over so many pictures, is taken for gone: some encoders pause it. */
const GONE_AFTER = 5_000_000;
const GONE_PICTURES = 10;

/** A longer pause of the pictures, in microseconds, is one of the silence too: an hour of it would come at once. */
const MAX_PAUSE = 10_000_000;

/** What platforms recommend. */
const SILENCE = silentAac(44_100, 2);

/** How long a frame is, in microseconds. */
const FRAME_TIME = SILENCE.frameSamples * 1_000_000 / SILENCE.sampleRate;

/** What `onMetaData` says of the silence; 10 is AAC (FLV specification 10.1, annex E.4.2.1). */
const DESCRIPTION = { hasAudio: true, audiocodecid: 10, audiosamplerate: SILENCE.sampleRate, stereo: true };

const CONFIG = soundPacket("config", SILENCE.config, audioConfigBody("aac", SILENCE.config)!);
const FRAME = soundPacket("frame", SILENCE.frame, audioFrameBody("aac", SILENCE.frame));

/**
 * Gives a stream of pictures without sound some that is not heard, for platforms that refuse it otherwise.
 *
 * The invariant: silence never stands before sound that has been passed, nor behind a picture that comes later, and no sound is
 * passed that should have come before silence that has been. The time of a frame is computed from the first one's, so that it
 * does not drift from that of the pictures.
 */
export class SilentSound {
  #isAdding = false;
  #isAnnounced = false;
  #hasSounded = false;
  /** The pictures' time when sound was last heard, or since when there are pictures. */
  #quietSince?: number;
  #quietPictures = 0;
  /** The newest picture's time. */
  #front = -Infinity;
  /** The newest sound's time. */
  #heard = -Infinity;
  /** What the decoder of real sound needs, by track. */
  readonly #configs = new Map<number, MediaPacket>();
  /** Whether the other side has to be told of the above again. */
  #owesConfigs = false;
  /** Sound from before this has been in time when silence was put in its place. */
  #notBefore = -Infinity;
  /** When the silence began; undefined before its first frame. */
  #origin?: number;
  #frames = 0;

  /** Whether silence is being added. */
  get isAdding(): boolean {
    return this.#isAdding;
  }

  /** Another connection begins, at the other end of which nothing is known of what was passed before. */
  begin(): void {
    this.#quietSince = this.#origin = undefined;
    this.#quietPictures = 0;
    this.#front = this.#heard = this.#notBefore = -Infinity;
    this.#owesConfigs = false;
  }

  /** The packets that pass now that this one has come, in the order of their times. */
  pass(packet: MediaPacket): readonly MediaPacket[] {
    const { kind, role } = packet;
    if (kind === "data") return [role === "metadata" ? this.#describe(packet) : packet];
    if (kind === "audio") return role === "frame" ? this.#hear(packet) : this.#beside(packet);
    return role === "key" || role === "delta" ? this.#see(packet) : [packet];
  }

  #describe(metadata: MediaPacket): MediaPacket {
    const announced = announcedTracks(metadata);
    if (!announced?.hasVideo || announced.hasAudio || this.#hasSounded && !this.#isAdding) return metadata;
    this.#isAnnounced = true;
    const body = encodeMetadata({ ...readMetadata(metadata), ...DESCRIPTION });
    return body ? { ...metadata, data: body, body } : metadata;
  }

  /** What decoders need is kept until there is sound for them. */
  #beside(packet: MediaPacket): readonly MediaPacket[] {
    if (packet.role === "config") this.#configs.set(packet.track, packet);
    return this.#isAdding ? [] : [packet];
  }

  #hear(sound: MediaPacket): readonly MediaPacket[] {
    this.#hasSounded = true;
    if (this.#quietSince !== undefined) this.#quietSince = this.#front;
    this.#quietPictures = 0;
    if (this.#isAdding) this.#stop();
    if (sound.dts < this.#notBefore) return [];
    this.#heard = sound.dts;
    if (!this.#owesConfigs) return [sound];
    this.#owesConfigs = false;
    return [...this.#configs.values().map((config) => at(config, sound.dts)), sound];
  }

  #see(picture: MediaPacket): readonly MediaPacket[] {
    this.#front = Math.max(this.#front, picture.dts);
    this.#quietSince ??= this.#front;
    this.#quietPictures++;
    this.#isAdding ||= this.#isQuiet;
    return this.#isAdding ? [...this.#silenceUntil(this.#front), picture] : [picture];
  }

  get #isQuiet(): boolean {
    const quiet = this.#front - this.#quietSince!;
    if (this.#hasSounded) return quiet >= GONE_AFTER && this.#quietPictures >= GONE_PICTURES;
    // Encoders that forget the sound when they describe a stream have told its decoder by now.
    return quiet >= FIRST_WAIT || this.#isAnnounced && this.#configs.size === 0;
  }

  *#silenceUntil(time: number): Generator<MediaPacket> {
    if (this.#origin === undefined) {
      if (time <= this.#heard) return;
      this.#origin = time;
      this.#frames = 0;
      yield at(CONFIG, time);
    }
    if (time - this.#next() > MAX_PAUSE) this.#frames = Math.ceil((time - this.#origin) / FRAME_TIME);
    for (; this.#next() <= time; this.#frames++) yield at(FRAME, this.#next());
  }

  /** When the next frame is due. */
  #next(): number {
    return this.#origin! + Math.round(this.#frames * FRAME_TIME);
  }

  #stop(): void {
    this.#isAdding = false;
    this.#owesConfigs = true;
    if (this.#origin !== undefined) this.#notBefore = this.#next();
    this.#origin = undefined;
  }
}

function soundPacket(role: "config" | "frame", data: Uint8Array, body: Uint8Array): MediaPacket {
  return { kind: "audio", role, codec: "aac", track: 0, dts: 0, pts: 0, data, body };
}

function at(packet: MediaPacket, time: number): MediaPacket {
  return { ...packet, dts: time, pts: time };
}
