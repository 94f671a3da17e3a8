import { Refusal } from "../../../kernel/reasons.ts";
import type { PlaylistView } from "../window/live_playlist.ts";
import type { Rendition } from "../rendition.ts";

/** A request that waits longer than so many target durations is answered with an error (draft-pantos-hls-rfc8216bis, 6.2.5.2). */
const MAX_WAIT_TARGETS = 3;

/** Players ask for what comes next; who asks for more segments ahead is told so (draft-pantos-hls-rfc8216bis, 6.2.5.2). */
const MAX_AHEAD = 2;

/**
 * Holds a request for a media playlist until the segment or part that it asks for is there (draft-pantos-hls-rfc8216bis,
 * 6.2.5). Who asks for a part that is there hears with the next answer that nothing more comes.
 *
 * @throws {Refusal} when the directives make no sense, and when what was asked for does not come in time
 */
export async function blockingRequest(rendition: Rendition, params: URLSearchParams): Promise<PlaylistView> {
  const msn = directive(params, "_HLS_msn");
  const part = directive(params, "_HLS_part");
  const skip = params.get("_HLS_skip");
  if (part !== undefined && msn === undefined) throw new Refusal("bad-name", "_HLS_part needs _HLS_msn");
  if (msn !== undefined) await awaitPart(rendition, msn, part);
  const isBeforeEnd = msn !== undefined && part !== undefined && rendition.window.lists(msn, part);
  return { skip: skip === "YES" || skip === "v2", isBeforeEnd };
}

async function awaitPart({ window, waiting }: Rendition, msn: number, part: number | undefined): Promise<void> {
  const newest = window.segments.at(-1)?.msn ?? window.nextMsn;
  if (msn > newest + MAX_AHEAD) {
    throw new Refusal("bad-name", `_HLS_msn=${msn} is too far ahead: the newest segment is ${newest}`);
  }
  const ms = MAX_WAIT_TARGETS * (window.target ?? 1) * 1000;
  const result = await waiting.until(() => window.isEnded || window.has(msn, part), ms);
  if (result === "there") return;
  const what = part === undefined ? `segment ${msn}` : `part ${part} of segment ${msn}`;
  throw new Refusal(
    "limit",
    result === "full" ? "Too many requests wait" : `There is still no ${what} after ${ms / 1000} s`,
  );
}

function directive(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Refusal("bad-name", `${name} has to be a number`);
}
