/** How a device plays live streams: FLV through its media source, HLS by itself, or not at all. */
export type Way = "flv" | "native-hls" | "none";

/** What a device can do. */
export interface Device {
  /** Whether scripts can feed a player, by `MediaSource` or the managed one of iPhones. */
  readonly hasMediaSource: boolean;
  /** Whether the video element itself plays HLS. */
  readonly playsHls: boolean;
}

/** The way with the least delay that a device has. */
export function wayOf({ hasMediaSource, playsHls }: Device): Way {
  if (hasMediaSource) return "flv";
  return playsHls ? "native-hls" : "none";
}

/** The MIME type that video elements are asked for HLS with. */
export const HLS_TYPE = "application/vnd.apple.mpegurl";
