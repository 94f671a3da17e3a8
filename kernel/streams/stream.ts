import type { Format, TrackSource } from "../../media/format.ts";
import type { StreamKey } from "../names.ts";
import type { PacketReader } from "../fanout/packet_subscription.ts";
import type { StreamJson, StreamState } from "./stream_json.ts";
import type { Subscription } from "../fanout/subscription.ts";

/** How a stream's packets are read. */
export interface PacketOptions {
  /** Where to begin; by default at the newest entry. */
  readonly from?: "entry" | "live";
  /**
   * True for a reader such as a recorder, that gets packets some tenths of a second later as well: the publisher of a
   * stream that only such readers read costs less.
   */
  readonly patient?: boolean;
}

/** A named, long-lived timeline. It outlives its publisher; everybody but the publisher can only read it. */
export interface Stream {
  /** Unique in the server: `app/name`, with `vhost:` in front for other vhosts than the default one. */
  readonly id: string;
  /** The same in its parts. */
  readonly key: StreamKey;
  /** `app/name`. */
  readonly path: string;
  readonly state: StreamState;
  /** When it last began to be published, or to be waited for. */
  readonly since: Date;
  /** Aborted with a {@linkcode Closed} when the stream has ended. */
  readonly signal: AbortSignal;
  /** Players attached. */
  readonly viewers: number;
  /** What is known of its tracks. */
  readonly tracks: TrackSource["tracks"];
  /** True once a video configuration or frame of the current publication has come. */
  readonly hasVideo: boolean;
  /** True once an audio configuration or frame of the current publication has come. */
  readonly hasAudio: boolean;
  /** True while somebody reads it for whom every tenth of a second counts. */
  readonly isWatched: boolean;
  /** Settles when it is known which kinds of tracks flow, or after a short probe; never rejects. */
  readonly probed: Promise<void>;
  /** Whether it has settled for the current publication. */
  readonly isProbed: boolean;
  /** Reads the stream in a byte format, encoded once for all its readers, from the newest entry on. */
  subscribe(format: Format): Subscription<Uint8Array>;
  /** Reads the stream's packets: configurations and metadata first, then from the newest entry, or what comes next. */
  packets(options?: PacketOptions): PacketReader;
  toJSON(): StreamJson;
}
