import type { TrackState } from "../../../media/format.ts";
import type { Codec, MediaKind, MediaPacket } from "../../../media/packet.ts";

/** A track of a stream, with what describes it. */
export interface SegmentTrack extends TrackState {
  readonly kind: "video" | "audio";
  readonly codec: Codec;
  /** The first frame since the configuration: some codecs describe themselves in it. */
  readonly frame?: MediaPacket;
}

interface Entry {
  codec: Codec;
  config?: MediaPacket;
  frame?: MediaPacket;
  /** Whether segments carry it as it is now described. */
  isCarried: boolean;
}

/** Which tracks a rendition is made of. */
export interface TrackNumbers {
  readonly video: number;
  readonly audio: number;
}

/** What is known of the one video and the one audio track that segments are made of. */
export class TrackTable {
  readonly #numbers: TrackNumbers;
  #video?: Entry;
  #audio?: Entry;

  constructor(numbers: TrackNumbers) {
    this.#numbers = numbers;
  }

  /** What is known, video first. */
  get tracks(): SegmentTrack[] {
    return [this.#state("video", this.#video), this.#state("audio", this.#audio)].filter((track) =>
      track !== undefined
    );
  }

  /** Whether a packet belongs to one of the tracks. */
  has({ kind, track }: MediaPacket): boolean {
    return kind === "video" ? track === this.#numbers.video : kind === "audio" && track === this.#numbers.audio;
  }

  /** Looks at a packet of one of the tracks; true when players have to be told of what it says. */
  observe(packet: MediaPacket): boolean {
    const isConfig = packet.role === "config";
    const entry = packet.kind === "video" ? this.#video : this.#audio;
    if (entry?.codec === packet.codec && !(isConfig && !isSame(entry.config, packet))) {
      if (!isConfig) entry.frame ??= packet;
      return false;
    }
    const fresh: Entry = {
      codec: packet.codec,
      config: isConfig ? packet : undefined,
      frame: isConfig ? undefined : packet,
      isCarried: false,
    };
    if (packet.kind === "video") this.#video = fresh;
    else this.#audio = fresh;
    return true;
  }

  /** From now on segments carry these tracks and no others. */
  carry(tracks: readonly SegmentTrack[]): void {
    if (this.#video) this.#video.isCarried = tracks.some(({ kind }) => kind === "video");
    if (this.#audio) this.#audio.isCarried = tracks.some(({ kind }) => kind === "audio");
  }

  /** Whether segments carry a packet's track, as it is now described. */
  carries({ kind }: MediaPacket): boolean {
    return (kind === "video" ? this.#video : this.#audio)?.isCarried ?? false;
  }

  #state(kind: MediaKind & ("video" | "audio"), entry: Entry | undefined): SegmentTrack | undefined {
    return entry && { kind, track: this.#numbers[kind], codec: entry.codec, config: entry.config, frame: entry.frame };
  }
}

/** Whether decoders are told the same of both. */
export function isSameTracks(a: readonly SegmentTrack[], b: readonly SegmentTrack[]): boolean {
  return a.length === b.length && a.every(({ kind, codec, config }, i) => {
    const other = b[i];
    return kind === other.kind && codec === other.codec && config === other.config;
  });
}

function isSame(known: MediaPacket | undefined, { data }: MediaPacket): boolean {
  return known !== undefined && known.data.length === data.length && known.data.every((byte, i) => byte === data[i]);
}
