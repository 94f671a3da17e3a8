import { codecName } from "../shared/codec_names.ts";
import { duration } from "../shared/facts.ts";
import type { StreamState, TrackState } from "./shapes.ts";

/** `H.264 1280 × 720, 25 fps, a key frame every 2.0 s · AAC`. */
export function tracksText(tracks: readonly TrackState[]): string {
  return tracks.filter(({ kind }) => kind !== "data").map(trackText).join(" · ") || "Nothing has come yet";
}

function trackText({ codec, width, height, frameRate, gopSeconds }: TrackState): string {
  const size = width && height ? ` ${width} × ${height}` : "";
  const rate = frameRate ? `, ${Math.round(frameRate)} fps` : "";
  const keys = gopSeconds ? `, a key frame every ${gopSeconds.toFixed(1)} s` : "";
  return `${codecName(codec)}${size}${rate}${keys}`;
}

/** `3 viewers, 5 at most · on air for 0:12 · rtmp from 192.0.2.7`. */
export function audienceText({ viewers: { total, peak }, seconds, publisher }: StreamState): string {
  const count = total === 1 ? "1 viewer" : `${total} viewers`;
  return [
    peak > total ? `${count}, ${peak} at most` : count,
    `on air for ${duration(seconds * 1000)}`,
    publisher ? `${publisher.protocol} from ${hostOf(publisher.remote)}` : "no publisher",
  ].join(" · ");
}

/** An address without its port. */
function hostOf(remote: string): string {
  return remote.replace(/:\d+$/, "");
}

/** Where the API has a stream; its vhost where that is not the default one. */
export function streamPath(
  { id, vhost, app, name }: Pick<StreamState, "id" | "vhost" | "app" | "name">,
  more = "",
): string {
  const path = `/streams/${app}/${name}${more}`;
  return id.includes(":") ? `${path}?vhost=${encodeURIComponent(vhost)}` : path;
}
