import { createHash } from "node:crypto";
import { DEFAULT_VHOST } from "../../../kernel/names.ts";
import type { Session } from "../../../kernel/sessions/session.ts";
import type { Stream } from "../../../kernel/streams/stream.ts";
import type { TrackJson } from "../../../kernel/streams/track_facts.ts";
import type { Part } from "../../shared/census.ts";

const SRS_DEFAULT_VHOST = "__defaultVhost__";

const VIDEO_NAMES: Readonly<Record<string, string>> = { avc: "H264", hevc: "HEVC", av1: "AV1", vp9: "VP9", vp8: "VP8" };
const AUDIO_NAMES: Readonly<Record<string, string>> = {
  aac: "AAC",
  mp3: "MP3",
  opus: "Opus",
  flac: "FLAC",
  ac3: "AC3",
};

/** Names of H.264's profiles by their numbers (ITU-T H.264, annex A.2). */
const AVC_PROFILES: Readonly<Record<number, string>> = {
  66: "Baseline",
  77: "Main",
  88: "Extended",
  100: "High",
  110: "High 10",
};
const AAC_PROFILES: Readonly<Record<number, string>> = { 1: "Main", 2: "LC", 3: "SSR", 5: "HE", 29: "HEv2" };

/** A name for something that SRS has an id for: the same for the same text. */
export function srsId(kind: "vid" | "sid", text: string): string {
  return `${kind}-${
    createHash("sha256").update(text).digest("base64url").replace(/[^a-z0-9]/gi, "").slice(0, 7).toLowerCase()
  }`;
}

/** The virtual host as SRS calls it. */
function srsVhost(vhost: string): string {
  return vhost === DEFAULT_VHOST ? SRS_DEFAULT_VHOST : vhost;
}

/** A stream as SRS shows it; `host` is where the server is reached. */
export function srsStream(stream: Stream, host: string, nowMs: number) {
  const { id, key, state } = stream;
  const { tracks, bitrate, bytes, publisher } = stream.toJSON();
  const find = (kind: string) => tracks.find((track) => track.kind === kind && track.track === 0);
  const vhost = srsVhost(key.vhost);
  return {
    id: srsId("sid", id),
    name: key.name,
    vhost: srsId("vid", vhost),
    app: key.app,
    tcUrl: `rtmp://${key.vhost === DEFAULT_VHOST ? host : vhost}/${key.app}`,
    url: `/${key.app}/${key.name}`,
    live_ms: nowMs,
    clients: stream.viewers + (state === "live" ? 1 : 0),
    frames: find("video")?.packets ?? 0,
    send_bytes: 0,
    recv_bytes: bytes,
    kbps: { recv_30s: Math.round(bitrate["10s"] / 1000), send_30s: 0 },
    publish: state === "live" ? { active: true, cid: publisher?.session } : { active: false },
    video: srsVideo(find("video")),
    audio: srsAudio(find("audio")),
  };
}

function srsVideo(track: TrackJson | undefined) {
  if (!track) return null;
  const { codec, profile = 0, level, width = 0, height = 0 } = track;
  const name = codec === "avc" ? AVC_PROFILES[profile] : undefined;
  return {
    codec: VIDEO_NAMES[codec] ?? codec,
    profile: name ?? "Other",
    level: String(level ?? "Other"),
    width,
    height,
  };
}

function srsAudio(track: TrackJson | undefined) {
  if (!track) return null;
  const { codec, profile = 0, sampleRate = 0, channels = 0 } = track;
  const name = codec === "aac" ? AAC_PROFILES[profile] : undefined;
  return { codec: AUDIO_NAMES[codec] ?? codec, sample_rate: sampleRate, channel: channels, profile: name ?? "Other" };
}

/** The kinds of clients that SRS tells apart, by our protocols. */
const TYPES: Readonly<Record<string, readonly [play: string, publish: string]>> = {
  rtmp: ["rtmp-play", "fmle-publish"],
  "http-flv": ["flv-play", "flv-publish"],
  "ws-flv": ["flv-play", "flv-publish"],
  hls: ["hls-play", "hls-play"],
};

/** A session as SRS shows its clients. */
export function srsClient(session: Session, part: Part | undefined, host: string) {
  const { id, protocol, remote, url = "", seconds, bytesIn, bytesOut } = session.toJSON();
  const isPublisher = part?.role === "publish";
  const [app = "", name = ""] = part?.stream.split(":").at(-1)?.split("/") ?? [];
  const vhost = part?.stream.includes(":") ? part.stream.split(":")[0] : SRS_DEFAULT_VHOST;
  return {
    id,
    vhost: srsId("vid", vhost),
    stream: part ? srsId("sid", part.stream) : "",
    ip: remote.replace(/:\d+$/, ""),
    pageUrl: session.info.referer ?? "",
    swfUrl: "",
    tcUrl: `rtmp://${host}/${app}`,
    url: url || `/${app}/${name}`,
    name,
    type: TYPES[protocol]?.[isPublisher ? 1 : 0] ?? protocol,
    publish: isPublisher,
    alive: seconds,
    send_bytes: bytesOut,
    recv_bytes: bytesIn,
    kbps: { recv_30s: kbps(bytesIn, seconds), send_30s: kbps(bytesOut, seconds) },
  };
}

/** SRS has the last 30 seconds here; of a session no more than the whole is known. */
function kbps(bytes: number, seconds: number): number {
  return seconds > 0 ? Math.round(bytes * 8 / seconds / 1000) : 0;
}
