import type { StreamFactsJson } from "./stream_facts.ts";
import type { Repairs } from "./timeline.ts";

/** `waiting`: players are there, no publisher yet. `interrupted`: the publisher vanished and may return. */
export type StreamState = "waiting" | "live" | "interrupted" | "ended";

/** The safe projection of a stream. */
export interface StreamJson extends StreamFactsJson {
  /** Its id: `app/name`, with `vhost:` in front for other vhosts than the default one. */
  readonly stream: string;
  readonly vhost: string;
  readonly app: string;
  readonly name: string;
  readonly state: StreamState;
  /** When it last began to be published, or to be waited for, as ISO 8601 has it. */
  readonly since: string;
  /** Players attached. */
  readonly viewers: number;
  /** Who publishes, or published last and may return. */
  readonly publisher?: { readonly session: string; readonly protocol: string; readonly remote: string };
  /** What of its times had to be mended. */
  readonly repairs: Repairs;
  /** How often viewers were too slow and jumped to the newest key frame. */
  readonly skips: number;
}
