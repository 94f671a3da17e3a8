import { type Variant, writeMasterPlaylist } from "../../../media/hls/master_playlist.ts";
import { playlistCodec } from "../../../media/hls/playlist_codec.ts";
import { describeCodec } from "../../../media/codec/describe.ts";
import type { LiveWindow } from "../window/live_window.ts";
import type { Rendition } from "../rendition.ts";
import type { SegmentTrack } from "../segments/track_table.ts";

/** Segments to come may be a little larger than those that were measured. */
const HEADROOM = 1.1;

/** The master playlist of renditions; `query` is handed on, since what it lets a player do it must let it do again. */
export function masterPlaylist(
  renditions: readonly { readonly rendition: Rendition; readonly uri: string }[],
  query: string,
): string {
  const suffix = query === "" ? "" : `?${query}`;
  const variants = renditions.map(({ rendition, uri }) => variantOf(rendition, `${uri}${suffix}`));
  return writeMasterPlaylist({
    variants: variants.sort((a, b) => b.bandwidth - a.bandwidth),
    independentSegments: renditions.every(({ rendition }) => rendition.window.isIndependent),
  });
}

function variantOf({ window, frameRate }: Rendition, uri: string): Variant {
  const { segments } = window;
  const rates = segments.map(({ bytes, duration }) => bytes!.length * 8 / (duration / 1_000_000));
  const tracks = tracksOf(window);
  const codecs = tracks.map(({ codec, config }) => playlistCodec(codec, config?.data)).filter((name) =>
    name !== undefined
  );
  const video = tracks.find(({ kind }) => kind === "video");
  const { width, height } = video ? describeCodec(video.codec, video.config?.data) : {};
  return {
    uri,
    bandwidth: Math.ceil(Math.max(1, ...rates) * HEADROOM),
    averageBandwidth: Math.max(1, Math.round(rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length))),
    codecs: codecs.length === tracks.length && codecs.length > 0 ? codecs : undefined,
    resolution: width && height ? { width, height } : undefined,
    frameRate: video ? frameRate : undefined,
  };
}

/**
 * What players have to be able to decode (RFC 8216, 4.3.4.2), video first. The segment in progress counts: the first segment of
 * a stream whose picture comes a moment after its sound has sound alone.
 */
function tracksOf({ segments, open }: LiveWindow): SegmentTrack[] {
  const tracks = [...segments, ...open ? [open] : []].flatMap((segment) => segment.tracks);
  const newest = (wanted: "video" | "audio") => tracks.findLast(({ kind }) => kind === wanted);
  return [newest("video"), newest("audio")].filter((track) => track !== undefined);
}
