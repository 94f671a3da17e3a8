import type { FailureKind } from "../player/connection.ts";
import type { Words } from "../shared/words.ts";

/** Where the player of segments is. */
export type SegmentPhase = "idle" | "opening" | "playing" | "stalled" | "ended" | FailureKind;

/** Says it in words. */
export function describeSegments(phase: SegmentPhase, path: string, detail: string, isLive: boolean): Words {
  switch (phase) {
    case "idle":
      return {
        tone: "quiet",
        label: "Nothing there",
        title: "There are no segments yet",
        detail: "Publish a stream: its segments are here while it is live, and for a day after.",
      };
    case "opening":
      return { tone: "waiting", label: "Opening", title: "Opening…" };
    case "playing":
      return isLive ? { tone: "live", label: "Live" } : { tone: "quiet", label: "Playing" };
    case "stalled":
      return { tone: "waiting", label: "Buffering", title: "Waiting for data…" };
    case "ended":
      return { tone: "quiet", label: "Ended" };
    default:
      return failed(phase, path, detail);
  }
}

function failed(kind: FailureKind, path: string, detail: string): Words {
  switch (kind) {
    case "absent":
      return {
        tone: "quiet",
        label: "Not there",
        title: `There are no such segments of ${path}`,
        detail: "They are written while a stream is live, and kept for a day.",
        action: "Try again",
      };
    case "unplayable":
      return {
        tone: "trouble",
        label: "Not playable",
        title: detail ? `This browser cannot play ${detail}` : "This browser cannot play segments",
        detail: "Another browser may.",
      };
    case "refused":
      return {
        tone: "trouble",
        label: "Refused",
        title: `The server does not let you play ${path}`,
        detail: "A key may be missing in the address of this page.",
        action: "Try again",
      };
    case "full":
    case "lost":
    case "upstream":
    case "broken":
      return {
        tone: "trouble",
        label: kind === "broken" ? "Broken" : "No connection",
        title: kind === "broken" ? "The segments cannot be decoded" : "The segments cannot be had just now",
        detail: detail || undefined,
        action: "Try again",
      };
  }
}
