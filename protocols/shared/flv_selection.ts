import type { FlvFlags } from "../../media/flv/header.ts";
import { type FlvOptions } from "../../media/flv/format.ts";
import { Refusal } from "../../kernel/reasons.ts";

/** Which part of a stream an FLV player asked for in its query. */
export type FlvSelection = Required<FlvOptions>;

/**
 * Reads `audio=0`, `video=0` and `tracks=all` from a query.
 *
 * @throws {Refusal} when a value is not known, or both kinds are switched off
 */
export function flvSelection(query: URLSearchParams): FlvSelection {
  const audio = flag(query, "audio");
  const video = flag(query, "video");
  if (!audio && !video) throw new Refusal("bad-name", "audio=0 and video=0 together leave nothing to play");
  const tracks = query.get("tracks") ?? "main";
  if (tracks !== "main" && tracks !== "all") throw new Refusal("bad-name", "tracks can be main or all");
  return { audio, video, tracks };
}

/** The file header's flags for a stream of which this part was asked; both flags while nothing is known. */
export function flvFlags(has: FlvFlags, selection: FlvSelection): FlvFlags {
  const isKnown = has.hasAudio || has.hasVideo;
  return {
    hasAudio: selection.audio && (has.hasAudio || !isKnown),
    hasVideo: selection.video && (has.hasVideo || !isKnown),
  };
}

function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  if (value === null || value === "1" || value === "true") return true;
  if (value === "0" || value === "false") return false;
  throw new Refusal("bad-name", `${name} can be 0 or 1`);
}
