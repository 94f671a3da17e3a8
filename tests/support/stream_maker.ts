import { parseTagBody } from "../../media/flv/body.ts";
import { tagTypeOf } from "../../media/flv/tag.ts";
import type { MediaKind, MediaPacket } from "../../media/packet.ts";
import { aac, avc, scriptBody, type TestAudioCodec, type TestVideoCodec } from "./test_bodies.ts";

/** One FLV tag to publish: any packet will do, and so will a body that holds several tracks. */
export interface Tag {
  readonly kind: MediaKind;
  /** In microseconds. */
  readonly dts: number;
  readonly body: Uint8Array;
}

/** What a made stream is like. */
export interface Recipe {
  /** By default H.264; null for none. */
  readonly video?: TestVideoCodec | null;
  /** By default AAC; null for none. */
  readonly audio?: TestAudioCodec | null;
  /** Whether `onMetaData` comes first and names the codecs; by default true. */
  readonly metadata?: boolean;
  /** Where it begins, in milliseconds; by default 0. */
  readonly startMs?: number;
  /** Pictures from key to key; by default 10. */
  readonly gopPictures?: number;
  /** Bytes of a key picture; others have an eighth. By default 800. */
  readonly keyBytes?: number;
  /** Streams with other seeds have other payloads; by default 0. */
  readonly seed?: number;
}

const PICTURE_MS = 40;

/** Stored as I P B B P B B …: how much later than it is stored each of P, B and B is shown, in pictures. */
const COMPOSITION = [3, 0, 0];

const SOUND_BYTES = 64;

/** More payloads than a test makes. */
const SEED_STEP = 1_000_000;

/**
 * Makes a stream piece by piece, the same each time: what an encoder sends, with payloads that only look like media.
 *
 * H.264 and H.265 have B-frames, so that pictures are not stored in the order in which they are shown.
 */
export class StreamMaker {
  readonly #video: TestVideoCodec | null;
  readonly #audio: TestAudioCodec | null;
  readonly #recipe: Recipe;
  readonly #gopPictures: number;
  #pictures = 0;
  #sounds = 0;
  #payloads: number;
  #variant = 0;
  #startMs: number;

  constructor(recipe: Recipe = {}) {
    this.#recipe = recipe;
    this.#video = recipe.video === undefined ? avc : recipe.video;
    this.#audio = recipe.audio === undefined ? aac : recipe.audio;
    this.#gopPictures = recipe.gopPictures ?? 10;
    this.#startMs = recipe.startMs ?? 0;
    this.#payloads = (recipe.seed ?? 0) * SEED_STEP;
  }

  /** Where the next picture stands, in milliseconds. */
  get ms(): number {
    return this.#startMs + this.#pictures * PICTURE_MS;
  }

  /** Metadata and decoder configurations, stamped with the time at which the stream began or last jumped. */
  head(): Tag[] {
    const { metadata = true } = this.#recipe;
    return [...(metadata ? [this.metadata()] : []), ...this.#videoConfig(this.#startMs), ...this.audioConfig()];
  }

  /** What describes the stream. */
  metadata(more: Readonly<Record<string, number | string | boolean>> = {}): Tag {
    const properties = {
      ...(this.#video && { width: 320, height: 180, framerate: 25, videocodecid: 7 }),
      ...(this.#audio && { audiosamplerate: 48_000, stereo: true, audiocodecid: 10 }),
      encoder: "stream maker",
      ...more,
    };
    return tag("data", this.#startMs, scriptBody("onMetaData", properties));
  }

  /** A script at the present time. */
  script(name: string, properties: Readonly<Record<string, string>>): Tag {
    return tag("data", this.ms, scriptBody(name, properties));
  }

  /** The audio's decoder configuration; none for codecs that have none. */
  audioConfig(): Tag[] {
    return this.#audio?.config ? [tag("audio", this.#startMs, this.#audio.config())] : [];
  }

  /** The next group of pictures, sound between them; without video, as much sound as would go with one. */
  gop(): Tag[] {
    const tags: Tag[] = [];
    for (let i = 0; i < this.#gopPictures; i++) {
      if (this.#video) tags.push(this.#picture(this.#video, i));
      this.#pictures++;
      tags.push(...this.#soundsUntil(this.ms));
    }
    return tags;
  }

  /** Several groups of pictures. */
  gops(count: number): Tag[] {
    return Array.from({ length: count }, () => this.gop()).flat();
  }

  /** Goes on with another decoder configuration for pictures, and gives it. */
  changeVideo(): Tag[] {
    this.#variant++;
    return this.#videoConfig(this.ms);
  }

  /** Goes on at another time, in milliseconds, as an encoder does that starts anew. */
  jumpTo(ms: number): void {
    this.#startMs = ms;
    this.#pictures = 0;
    this.#sounds = 0;
  }

  #videoConfig(ms: number): Tag[] {
    return this.#video?.config ? [tag("video", ms, this.#video.config(this.#variant))] : [];
  }

  #picture(codec: TestVideoCodec, index: number): Tag {
    const isKey = index === 0;
    const composition = isKey ? PICTURE_MS : PICTURE_MS * COMPOSITION[(index - 1) % COMPOSITION.length];
    const { keyBytes = 800 } = this.#recipe;
    const data = payload(this.#payloads++, isKey ? keyBytes : keyBytes >> 3);
    return tag("video", this.ms, codec.picture({ isKey, composition, data }));
  }

  #soundsUntil(endMs: number): Tag[] {
    const tags: Tag[] = [];
    if (!this.#audio) return tags;
    for (let ms = this.#soundMs(); ms < endMs; ms = this.#soundMs()) {
      this.#sounds++;
      tags.push(tag("audio", ms, this.#audio.sound(payload(this.#payloads++, SOUND_BYTES))));
    }
    return tags;
  }

  #soundMs(): number {
    return this.#startMs + Math.floor(this.#sounds * (this.#audio?.ms ?? 0));
  }
}

/** The packets that tags carry. */
export function packetsOf(tags: readonly Tag[]): MediaPacket[] {
  return tags.flatMap(({ kind, dts, body }) => parseTagBody(tagTypeOf(kind), dts / 1000, body));
}

function tag(kind: MediaKind, ms: number, body: Uint8Array): Tag {
  return { kind, dts: ms * 1000, body };
}

/** Bytes that look like nothing in particular, the same for the same seed. */
function payload(seed: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let state = seed + 1;
  for (let i = 0; i < length; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    out[i] = state >>> 24;
  }
  return out;
}
