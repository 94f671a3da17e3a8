/** Why a stream cannot be played, or not now. */
export type FailureKind =
  /** The server knows no such stream. */
  | "absent"
  /** The server does not let us. */
  | "refused"
  /** The server takes no more players now. */
  | "full"
  /** The connection broke or could not be made. */
  | "lost"
  /** The server cannot get the stream from where it is. */
  | "upstream"
  /** What came could not be decoded; the next key frame may do. */
  | "broken"
  /** The browser cannot play such a stream at all. */
  | "unplayable";

/**
 * A failure with what the server or the browser says about it, untrusted text; for `unplayable` the codec's name, empty
 * when the browser lacks Media Source Extensions.
 */
export interface Failure {
  readonly kind: FailureKind;
  readonly detail: string;
}

/** What happens on a connection, told to the one who opened it. */
export interface ConnectionEvents {
  /** The picture moves. */
  onPlaying(): void;
  /** The picture stands because nothing has arrived. */
  onStalled(): void;
  /** The server has sent all there is. */
  onEnded(): void;
  /** No more will come. */
  onFailed(failure: Failure): void;
}

/** What to play, and what is known about it: false only for a track that the stream surely has not. */
export interface ConnectionRequest {
  readonly url: string;
  readonly hasVideo?: boolean;
  readonly hasAudio?: boolean;
}

/** A stream that is being played, until it is disposed; its last picture stays until then. */
export interface Connection extends Disposable {
  /** How many bytes have come; undefined where the browser does not say it. */
  readonly received?: number;
  /** How far the picture is behind the live edge, in seconds, where that is not what is buffered. */
  readonly latency?: number;
}

/** Opens a connection that plays until it is disposed. */
export type Connect = (request: ConnectionRequest, events: ConnectionEvents) => Connection;

/** Sluice closes a WebSocket with this plus the HTTP status that would say the same. */
const WEBSOCKET_STATUS_BASE = 4000;

/** Sorts an HTTP status or a WebSocket close code. */
export function failureKind(code: number): FailureKind {
  switch (code > WEBSOCKET_STATUS_BASE ? code - WEBSOCKET_STATUS_BASE : code) {
    case 404:
      return "absent";
    case 400:
    case 401:
    case 403:
      return "refused";
    case 502:
    case 504:
      return "upstream";
    case 429:
    case 503:
    case 1013:
      return "full";
    default:
      return "lost";
  }
}
