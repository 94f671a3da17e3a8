import { duration, type Fact } from "../../shared/facts.ts";
import { bitrateText, bytesText } from "../../shared/units.ts";
import type { RenditionFigures } from "./rendition.ts";

export { bitrateText, bytesText };

const UNKNOWN = "–";

/** What the figures of one stream say, from two samples one after the other. */
export function uploadFacts(before: RenditionFigures, now: RenditionFigures): Fact[] {
  const seconds = (now.at - before.at) / 1000;
  const rate = (count: number) => seconds > 0 && count >= 0 ? count / seconds : undefined;
  const upload = rate((now.sentBytes - before.sentBytes) * 8);
  const frames = rate(now.frames - before.frames);
  return [
    ["Frame rate", frames === undefined ? UNKNOWN : `${Math.round(frames)} fps`],
    ["Upload", upload === undefined ? UNKNOWN : bitrateText(upload)],
    ...now.bitrate === undefined ? [] : [["Encoder's target", bitrateText(now.bitrate)] as const],
    ["Waiting to be sent", `${Math.round(now.queueMs)} ms`],
    ["Dropped frames", droppedText(now)],
    ["Picture", now.width ? `${now.width} × ${now.height}` : UNKNOWN],
    ["Codecs", now.codecs || UNKNOWN],
    ["Sent", bytesText(now.sentBytes)],
  ];
}

/** How long a broadcast has been going, and how many watch it. */
export function audienceFacts(sinceMs: number | undefined, viewers: number | undefined): Fact[] {
  return [
    ["On air for", sinceMs === undefined ? UNKNOWN : duration(sinceMs)],
    ["Viewers", viewers === undefined ? UNKNOWN : String(viewers)],
  ];
}

function droppedText({ dropped, frames }: RenditionFigures): string {
  if (dropped === 0) return "0";
  return `${dropped} (${(100 * dropped / (dropped + frames)).toFixed(1)} %)`;
}
