import { DEFAULT_VHOST } from "../../kernel/names.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import type { StreamJson } from "../../kernel/streams/stream_json.ts";
import type { LiveAnswer, LiveStream, LiveTrack } from "../../web/shared/live_stream.ts";

/** What is live, for everybody to see: no addresses of peers, no session. */
export function liveAnswer(streams: Iterable<Stream>, rtmpPort: number | null): LiveAnswer {
  const shown = [...streams].filter(({ key }) => key.vhost === DEFAULT_VHOST).map(liveStream);
  return { streams: shown.filter((stream) => stream !== undefined).sort(byPath), rtmpPort };
}

function liveStream(stream: Stream): LiveStream | undefined {
  const { app, name, state, since, viewers, tracks } = stream.toJSON();
  if (state !== "live" && state !== "interrupted") return undefined;
  return {
    path: stream.path,
    app,
    name,
    state,
    since,
    viewers,
    video: liveTrack(tracks, "video"),
    audio: liveTrack(tracks, "audio"),
    publisher: state === "live",
  };
}

function liveTrack(tracks: StreamJson["tracks"], kind: "video" | "audio"): LiveTrack | null {
  const main = tracks.find((track) => track.kind === kind && track.track === 0);
  if (!main) return null;
  const { codec, codecString, width, height } = main;
  return { codec, codecString, width, height };
}

function byPath(a: LiveStream, b: LiveStream): number {
  return a.path < b.path ? -1 : 1;
}
