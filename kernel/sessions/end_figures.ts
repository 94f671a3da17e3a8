import type { EndFigures } from "../plugin/hooks.ts";
import type { Closed } from "../reasons.ts";

/** How much a session, a publication or a playback moved, as it is told at its end. */
export function endFigures(closed: Closed, seconds: number, bytes: number): EndFigures {
  return { reason: closed.reason, detail: closed.message, seconds: Math.round(seconds * 10) / 10, bytes };
}
