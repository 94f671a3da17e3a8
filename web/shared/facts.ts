import { codecName, describeTrack } from "./codec_names.ts";
import type { LiveStream } from "./live_stream.ts";
import { bitrateText } from "./units.ts";

/** What the video element tells about itself at one moment. */
export interface Sample {
  /** Any monotonic clock, in milliseconds. */
  readonly at: number;
  readonly totalFrames: number;
  readonly droppedFrames: number;
  /** How far the picture is behind the live edge, in seconds. */
  readonly latency: number;
  /** How much is there to show without a hole, in seconds. */
  readonly buffered: number;
  /** How many bytes have come; undefined where nobody says it. */
  readonly received?: number;
  /** In pixels; 0 while nothing is decoded. */
  readonly width: number;
  readonly height: number;
}

/** One line of the statistics. */
export type Fact = readonly [label: string, value: string];

const UNKNOWN = "–";

/** The statistics of a playing stream, from two samples one after the other; `stream` is what the list of streams tells of it. */
export function factsOf(stream: LiveStream | undefined, before: Sample, now: Sample, wallClock: Date): Fact[] {
  const facts: (Fact | undefined)[] = [
    stream && ["Video", stream.video ? describeTrack(stream.video) : UNKNOWN],
    ["Resolution", now.width ? `${now.width} × ${now.height}` : UNKNOWN],
    stream && ["Audio", stream.audio ? codecName(stream.audio.codec) : UNKNOWN],
    ["Bit rate", bitRate(before, now)],
    ["Frame rate", frameRate(before, now)],
    ["Latency", `${now.latency.toFixed(2)} s`],
    ["Buffer", `${now.buffered.toFixed(2)} s`],
    ["Dropped frames", droppedShare(now)],
    stream && ["Viewers", String(stream.viewers)],
    stream && ["On air for", duration(wallClock.getTime() - Date.parse(stream.since))],
  ];
  return facts.filter((fact) => fact !== undefined);
}

function frameRate(before: Sample, now: Sample): string {
  const seconds = (now.at - before.at) / 1000;
  const frames = now.totalFrames - before.totalFrames;
  return seconds > 0 && frames >= 0 ? `${Math.round(frames / seconds)} fps` : UNKNOWN;
}

function bitRate(before: Sample, now: Sample): string {
  if (now.received === undefined || before.received === undefined || now.received < before.received) return UNKNOWN;
  const seconds = (now.at - before.at) / 1000;
  return seconds > 0 ? bitrateText(8 * (now.received - before.received) / seconds) : UNKNOWN;
}

function droppedShare({ droppedFrames, totalFrames }: Sample): string {
  if (droppedFrames === 0) return "0";
  return `${droppedFrames} (${(100 * droppedFrames / totalFrames).toFixed(1)} %)`;
}

/** `1:02:03`, `4:05`; negative counts as zero, for the clocks of two machines differ. */
export function duration(ms: number): string {
  if (Number.isNaN(ms)) return UNKNOWN;
  const total = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const padded = (value: number) => String(value).padStart(2, "0");
  return hours ? `${hours}:${padded(minutes)}:${padded(seconds)}` : `${minutes}:${padded(seconds)}`;
}
