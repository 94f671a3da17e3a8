import { codecName } from "../shared/codec_names.ts";
import type { LiveStream, LiveTrack } from "../shared/live_stream.ts";

/** The browser's media source, under whichever name it has one. */
export interface MediaSourceSupport {
  isTypeSupported(type: string): boolean;
}

/**
 * The name of the first codec of a stream that a browser says it cannot play; undefined when it can play all, or when
 * it is not known what the stream is made of.
 */
export function unplayableCodec(
  { video, audio }: Pick<LiveStream, "video" | "audio">,
  mediaSource: MediaSourceSupport,
): string | undefined {
  if (isUnplayable(video, "video/mp4", mediaSource)) return codecName(video.codec);
  if (isUnplayable(audio, audio?.codec === "mp3" ? "audio/mpeg" : "audio/mp4", mediaSource)) {
    return codecName(audio.codec);
  }
}

function isUnplayable(track: LiveTrack | null, container: string, source: MediaSourceSupport): track is LiveTrack {
  if (!track?.codecString) return false;
  const type = container === "audio/mpeg" ? container : `${container}; codecs="${track.codecString}"`;
  return !source.isTypeSupported(type);
}

/** The media source of this browser: `MediaSource`, or the managed one of iPhones; undefined when it has neither. */
export function findMediaSource(scope: object = globalThis): MediaSourceSupport | undefined {
  const { ManagedMediaSource, MediaSource } = scope as Record<string, MediaSourceSupport | undefined>;
  return ManagedMediaSource ?? MediaSource;
}
