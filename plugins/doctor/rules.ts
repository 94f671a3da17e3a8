import type { StreamJson } from "../../kernel/streams/stream_json.ts";
import type { TrackJson } from "../../kernel/streams/track_facts.ts";
import type { UploadReport } from "./upload_watch.ts";

/** What the rules look at. */
export interface Symptoms {
  readonly stream: StreamJson;
  /** Seconds since it began to be published. */
  readonly seconds: number;
  readonly upload: UploadReport;
  /** How much later than the first picture the first sound came, in seconds; negative when it came first. */
  readonly audioDelay?: number;
  /** Times that were mended since it was last looked at. */
  readonly mended: number;
  /** Jumps of slow players since it was last looked at. */
  readonly skips: number;
}

/** What a rule says of a stream. */
export interface Diagnosis {
  readonly code: string;
  readonly severity: "info" | "warning";
  readonly text: string;
}

/** From where on something is worth a word; what each means is said in the settings. */
export interface DoctorLimits {
  readonly keyFrameSeconds: number;
  readonly audioLateSeconds: number;
  readonly jitterMs: number;
  readonly driftPpm: number;
}

/** The distance of key frames that HLS segments and quick starts want, in seconds. */
const GOOD_GOP = 2;

/** A publication this young may still bring another track, in seconds. */
const SETTLED = 5;

/** Profiles of H.264 that phones and browsers do not decode: 10 bits, 4:2:2, 4:4:4. */
const RARE_AVC_PROFILES: Readonly<Record<number, string>> = { 110: "High 10", 122: "High 4:2:2", 244: "High 4:4:4" };

type Rule = (symptoms: Symptoms, limits: DoctorLimits) => Omit<Diagnosis, "code"> | undefined;

const RULES: Readonly<Record<string, Rule>> = {
  "key-frames-far": ({ stream }, { keyFrameSeconds }) => {
    const gop = mainTrack(stream, "video")?.gopSeconds;
    if (gop === undefined || gop < keyFrameSeconds) return;
    return warning(
      `A key frame comes every ${gop.toFixed(1)} s: viewers wait long for a picture, and HLS is at least ` +
        `${Math.round(gop * 3)} s behind. Set the encoder's key frame interval to ${GOOD_GOP} s.`,
    );
  },
  "no-audio": ({ stream, seconds }) => {
    if (seconds < SETTLED || !mainTrack(stream, "video") || mainTrack(stream, "audio")) return;
    return info("There is no sound. If there should be some, look at the encoder's audio source.");
  },
  "no-video": ({ stream, seconds }) => {
    if (seconds < SETTLED || !mainTrack(stream, "audio") || mainTrack(stream, "video")) return;
    return info("There are no pictures. If there should be some, look at the encoder's video source.");
  },
  "audio-late": ({ audioDelay }, { audioLateSeconds }) => {
    if (audioDelay === undefined || audioDelay < audioLateSeconds) return;
    return info(
      `The first sound came ${
        audioDelay.toFixed(1)
      } s after the first picture: early viewers may have started without.`,
    );
  },
  "times-mended": ({ mended }) => {
    if (mended === 0) return;
    return warning(
      `The encoder's times went back, jumped or came apart ${
        times(mended)
      } in the last seconds and were mended; viewers may ` +
        `have seen a jerk. An encoder that restarts its clock or drops frames does that.`,
    );
  },
  "jitter": ({ upload: { jitterMs } }, limits) => {
    if (jitterMs === undefined || jitterMs < limits.jitterMs) return;
    return warning(
      `The upload is unsteady: packets come up to ${
        Math.round(jitterMs)
      } ms late. Lower the encoder's bit rate or use a better line.`,
    );
  },
  "drift": ({ upload: { driftPpm } }, limits) => {
    if (driftPpm === undefined || Math.abs(driftPpm) < limits.driftPpm) return;
    const perHour = Math.abs(driftPpm) * 3600 / 1e6;
    return info(
      `The encoder's clock runs ${driftPpm > 0 ? "fast" : "slow"}: ${
        perHour.toFixed(1)
      } s in an hour. Viewers' delay ` +
        `${driftPpm > 0 ? "shrinks until they wait" : "grows"} over hours.`,
    );
  },
  "slow-viewers": ({ skips, stream }) => {
    if (skips === 0) return;
    const megabits = (stream.bitrate["10s"] / 1e6).toFixed(1);
    return info(
      `Viewers are slower than the stream's ${megabits} Mbit/s and jumped ${
        times(skips)
      } in the last seconds: offer a smaller rendition.`,
    );
  },
  "codec-rare": ({ stream }) => {
    const track = mainTrack(stream, "video");
    const name = track && rareName(track);
    if (!name) return;
    return info(
      `${name} is not decoded by all: older iPhones, and many televisions, will show nothing. H.264 plays everywhere.`,
    );
  },
};

/** What is to be said of a stream. */
export function diagnose(symptoms: Symptoms, limits: DoctorLimits): Diagnosis[] {
  return Object.entries(RULES).flatMap(([code, rule]) => {
    const found = rule(symptoms, limits);
    return found ? [{ code, ...found }] : [];
  });
}

function rareName({ codec, profile = 0 }: TrackJson): string | undefined {
  if (codec === "avc") return RARE_AVC_PROFILES[profile] && `H.264 in its profile ${RARE_AVC_PROFILES[profile]}`;
  return { hevc: "HEVC", av1: "AV1", vp9: "VP9", vp8: "VP8", vvc: "VVC" }[codec as string];
}

function mainTrack({ tracks }: StreamJson, kind: "video" | "audio"): TrackJson | undefined {
  return tracks.find((track) => track.kind === kind && track.track === 0);
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function warning(text: string): Omit<Diagnosis, "code"> {
  return { severity: "warning", text };
}

function info(text: string): Omit<Diagnosis, "code"> {
  return { severity: "info", text };
}
