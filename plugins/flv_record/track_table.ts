import { isEntryPoint, type MediaPacket } from "../../media/packet.ts";

/** Pictures that have not come for so long are not waited for any more, in microseconds. */
const MAX_PICTURE_GAP = 10_000_000;

interface Track {
  config?: MediaPacket;
  metadata?: MediaPacket;
  codec: string;
  hasFrames: boolean;
}

/** What the newest packets of a stream have told of its tracks: what a recording that begins in the middle needs first. */
export class TrackTable {
  readonly #tracks = new Map<string, Track>();
  /** The newest `onMetaData`. */
  published?: MediaPacket;
  hasAudio = false;
  hasVideo = false;
  #pictureAt = -Infinity;

  /** Configurations and metadata of all tracks, as they are now. */
  get setup(): MediaPacket[] {
    return [...this.#tracks.values()].flatMap(({ config, metadata }) => [config, metadata])
      .filter((packet) => packet !== undefined);
  }

  /** Whether a picture builds on others that have not come. */
  isUndecodable({ kind, role, track }: MediaPacket): boolean {
    return role === "delta" && !this.#tracks.get(`${kind} ${track}`)?.hasFrames;
  }

  /** Whether a recording may begin with this packet: with a key or, while there are no pictures, with any sound. */
  mayBegin(packet: MediaPacket): boolean {
    if (packet.kind === "data") return false;
    return isEntryPoint(packet, this.hasVideo && packet.dts - this.#pictureAt < MAX_PICTURE_GAP) ||
      packet.role === "key" && packet.track === 0;
  }

  observe(packet: MediaPacket): void {
    const { kind, role, track, codec } = packet;
    if (kind === "data") {
      if (role === "metadata") this.published = packet;
      return;
    }
    const known = this.#obtain(packet);
    if (known.codec !== codec && role !== "metadata") Object.assign(known, { codec, config: undefined });
    if (role === "config" || role === "metadata") known[role] = packet;
    else if (role !== "end") known.hasFrames = true;
    if (track !== 0) return;
    if (kind === "audio") this.hasAudio = true;
    else [this.hasVideo, this.#pictureAt] = [true, packet.dts];
  }

  #obtain({ kind, track, codec }: MediaPacket): Track {
    const id = `${kind} ${track}`;
    const known = this.#tracks.get(id) ?? { codec, hasFrames: false };
    this.#tracks.set(id, known);
    return known;
  }
}
