/// <reference lib="dom" />
import { forwardedQuery } from "../shared/forwarded_query.ts";

/** What a recording is. */
export type RecordingKind = "mp4" | "flv";

/** A recording as `GET /api/v1/files` describes it. */
export interface Recording {
  readonly kind: RecordingKind | "hls";
  /** `app/name`, with `vhost:` in front where it is not the default one. */
  readonly stream: string;
  readonly name: string;
  /** Where it is on the server. */
  readonly path: string;
  /** When it began, ISO 8601; null when its name does not say. */
  readonly start: string | null;
  readonly bytes: number;
  readonly modified: string;
  /** Whether it is being written. */
  readonly isWritten: boolean;
}

/** A page of what `GET /api/v1/files` answers, the newest first. */
export interface RecordingPage {
  readonly recordings: readonly Recording[];
  /** How many there are on all pages. */
  readonly total: number;
}

/** Asks for the newest recordings; undefined when the server does not say. */
export async function fetchRecordings(
  kind: RecordingKind,
  stream: string,
  limit: number,
  signal: AbortSignal,
): Promise<RecordingPage | undefined> {
  const query = new URLSearchParams({ kind, limit: String(limit), ...(stream && { stream }) });
  try {
    const response = await fetch(`/api/v1/files?${query}`, { signal, cache: "no-store" });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

/** Where a recording is, with what the page was given for the server. */
export function recordingUrl(path: string): string {
  return new URL(path + forwardedQuery(location.search), location.href).href;
}

/** When a recording began, or else when it was last written to. */
export function timeOf({ start, modified }: Pick<Recording, "start" | "modified">): Date {
  return new Date(start ?? modified);
}
