/** The server, as `GET /api/v1/server` describes it. */
export interface ServerState {
  readonly version: string;
  /** Another one tells that the server was started anew. */
  readonly run: string;
  readonly seconds: number;
  readonly sessions: number;
  readonly viewers: number;
  readonly memory: { readonly rss: number };
  readonly cpuSeconds: number;
  readonly loopLagSeconds: number;
  readonly disk: { readonly freeBytes?: number };
  /** The plugins that can write streams down. */
  readonly sinks: readonly string[];
  readonly role: "read" | "write";
}

/** A track, as it is described in a stream. */
export interface TrackState {
  readonly kind: "video" | "audio" | "data";
  readonly codec: string;
  readonly width?: number;
  readonly height?: number;
  readonly frameRate?: number;
  readonly gopSeconds?: number;
}

/** A stream, as `GET /api/v1/streams` describes it. */
export interface StreamState {
  /** `app/name`, with `vhost:` in front where it is not the default one. */
  readonly id: string;
  readonly vhost: string;
  readonly app: string;
  readonly name: string;
  readonly state: "waiting" | "live" | "interrupted" | "ended";
  readonly seconds: number;
  readonly publisher?: { readonly protocol: string; readonly remote: string };
  readonly tracks: readonly TrackState[];
  readonly bitrate: { readonly "1s": number };
  readonly viewers: { readonly total: number; readonly peak: number };
  readonly sinks: readonly SinkState[];
}

/** What writes a stream down. */
export interface SinkState {
  readonly sink: string;
  readonly state: "writing" | "waiting";
  readonly problem?: string;
}

/** A session, as `GET /api/v1/sessions` describes it. */
export interface SessionState {
  readonly id: string;
  readonly protocol: string;
  readonly remote: string;
  readonly userAgent?: string;
  readonly role?: "publish" | "play";
  readonly stream?: string;
  readonly seconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** A page of a long list. */
export interface Listed<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** An event, as `GET /api/v1/events` tells it. */
export interface ServerEvent {
  readonly time: string;
  readonly name: string;
  readonly stream?: string;
  readonly session?: { readonly protocol: string; readonly remote: string };
  readonly data: Readonly<Record<string, unknown>>;
}
