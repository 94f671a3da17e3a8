/** A track as `GET /api/v1/live` describes it. */
export interface LiveTrack {
  /** The codec's name: `avc`, `hevc`, `aac` … */
  readonly codec: string;
  /** RFC 6381, such as `avc1.64001f`; absent while the decoder's configuration is not known. */
  readonly codecString?: string;
  /** In pixels. */
  readonly width?: number;
  /** In pixels. */
  readonly height?: number;
}

/** A stream as `GET /api/v1/live` describes it. */
export interface LiveStream {
  /** `app/name`. */
  readonly path: string;
  readonly app: string;
  readonly name: string;
  /** `interrupted` has lost its publisher, who may return. */
  readonly state: "live" | "interrupted";
  /** When it began, ISO 8601. */
  readonly since: string;
  /** Players attached. */
  readonly viewers: number;
  readonly video: LiveTrack | null;
  readonly audio: LiveTrack | null;
  /** Whether somebody publishes it just now. */
  readonly publisher: boolean;
}

/** What `GET /api/v1/live` answers. */
export interface LiveAnswer {
  readonly streams: readonly LiveStream[];
  /** Where encoders publish; null when the server takes no RTMP. */
  readonly rtmpPort: number | null;
}

const STREAM_PATH = /^[A-Za-z0-9_-]{1,128}\/[A-Za-z0-9_-]{1,128}$/;

/** Says whether a text can be a stream's path, `app/name`. */
export function isStreamPath(text: string): boolean {
  return STREAM_PATH.test(text);
}
