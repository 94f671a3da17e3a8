import { readMetadata } from "../../media/flv/metadata.ts";
import type { MediaPacket } from "../../media/packet.ts";
import type { Clock, Timer } from "../clock.ts";

/** How long after the first frame a second kind of track may still turn up before a header is written without it. */
const PROBE_MS = 800;

/** Which kinds of tracks there are. */
export interface TrackKinds {
  readonly hasAudio: boolean;
  readonly hasVideo: boolean;
}

/**
 * Finds out which kinds of tracks a publication has: when both flow, when all that the metadata announces flow, or when
 * the time is over.
 */
export class Probe implements Disposable {
  readonly #clock: Clock;
  readonly #done = Promise.withResolvers<void>();
  #isDone = false;
  #deadline?: Timer;
  readonly #known?: TrackKinds;
  #announced?: TrackKinds;

  /** `known` is which kinds there are, where that is known from elsewhere. */
  constructor(clock: Clock, known?: TrackKinds) {
    this.#clock = clock;
    this.#known = known;
  }

  /** Settles when the kinds are known; never rejects. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Whether the kinds are known, or nobody waits for them any more. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Looks at a packet; `seen` includes it. */
  observe(packet: MediaPacket, seen: TrackKinds): void {
    if (packet.kind === "data") {
      if (packet.role === "metadata") this.#announced = announcedTracks(packet);
      return;
    }
    this.#deadline ??= this.#clock.setTimeout(() => this.#finish(), PROBE_MS);
    const wanted = this.#known ?? this.#announced ?? { hasAudio: true, hasVideo: true };
    if ((seen.hasAudio || !wanted.hasAudio) && (seen.hasVideo || !wanted.hasVideo)) this.#finish();
  }

  /** Ends the probe: whoever waits goes on with what is known. */
  [Symbol.dispose](): void {
    this.#finish();
  }

  #finish(): void {
    this.#deadline?.[Symbol.dispose]();
    this.#isDone = true;
    this.#done.resolve();
  }
}

/** The kinds of tracks that an onMetaData message speaks of; undefined when it speaks of none. */
export function announcedTracks(script: MediaPacket): TrackKinds | undefined {
  const { videocodecid, audiocodecid } = readMetadata(script);
  // nginx-rtmp has a 0 for a kind that there is not; of sound that is a codec, if one of old.
  const hasVideo = videocodecid !== undefined && videocodecid !== null && videocodecid !== 0;
  const hasAudio = audiocodecid !== undefined && audiocodecid !== null;
  return hasAudio || hasVideo ? { hasAudio, hasVideo } : undefined;
}
