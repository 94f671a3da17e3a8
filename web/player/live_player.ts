import type { Connect, Connection, ConnectionRequest, Failure } from "./connection.ts";
import type { LiveStream } from "../shared/live_stream.ts";

/**
 * Where the player is.
 *
 * - `idle`: no stream is chosen
 * - `connecting`: asked for, nothing has come yet
 * - `playing`, and `stalled` when the picture stands because nothing comes
 * - `resting`: the viewer paused for so long that the connection was given up
 * - `ended`: it was playing and is over
 * - `failed`: see the failure
 */
export type Phase = "idle" | "connecting" | "playing" | "stalled" | "resting" | "ended" | "failed";

/** All there is to say about the player. */
export interface PlayerStatus {
  readonly phase: Phase;
  /** `app/name` of the chosen stream. */
  readonly path?: string;
  /** Only in phase `failed`. */
  readonly failure?: Failure;
  /** The chosen stream as the server last described it; undefined when it is not live. */
  readonly stream?: LiveStream;
  /** Whether the server has described what is live at all. */
  readonly isInformed: boolean;
}

/** What the player needs of its surroundings. */
export interface PlayerHost {
  readonly connect: Connect;
  /** The address of a stream, by the transport of the moment. */
  address(path: string): string;
  /** The name of a codec in the stream that the browser cannot play; undefined when it can play all. */
  unplayable(stream: LiveStream): string | undefined;
  /** Calls back once after `ms`; what it returns takes that back. */
  later(callback: () => void, ms: number): () => void;
  /** Called after every change. */
  onChange(status: PlayerStatus): void;
  /** Asks the server at once what is live; {@linkcode LivePlayer.inform} follows. */
  refresh(): void;
}

/** Waits between attempts to connect, in milliseconds; the last goes on for ever. */
const RETRY_MS = [500, 1000, 2000, 4000];

/** How often a stream that the list does not know is asked for: an upstream server may have it by then. */
const ABSENT_RETRY_MS = 15_000;

/** How long a viewer may pause before the connection is given up: what comes meanwhile would never be watched. */
const REST_MS = 20_000;

/** A picture that stands for less than this, in milliseconds, is not worth a word. */
const STALL_MS = 400;

/** Keeps one chosen stream playing: connects, waits, notices ends and returns. */
export class LivePlayer {
  readonly #host: PlayerHost;
  #phase: Phase = "idle";
  #path?: string;
  #failure?: Failure;
  #stream?: LiveStream;
  #isInformed = false;
  #attempts = 0;
  #request?: ConnectionRequest;
  #connection?: Connection;
  #cancelTimer?: () => void;
  #cancelStall?: () => void;

  constructor(host: PlayerHost) {
    this.#host = host;
  }

  /** Where it is. */
  get status(): PlayerStatus {
    return {
      phase: this.#phase,
      path: this.#path,
      failure: this.#failure,
      stream: this.#stream,
      isInformed: this.#isInformed,
    };
  }

  /** What is being played, as long as it is. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Plays another stream; `stream` is what is known of it. */
  choose(path: string, stream: LiveStream | undefined): void {
    this.#path = path;
    this.#stream = stream;
    this.reconnect();
  }

  /** Connects anew: the transport changed, or the viewer wants another try. */
  reconnect(): void {
    this.#attempts = 0;
    if (this.#path !== undefined) this.#connect();
  }

  /** Takes in how the server now describes the chosen stream; undefined when it is not live. */
  inform(stream: LiveStream | undefined): void {
    const before = this.#stream;
    this.#stream = stream;
    this.#isInformed = true;
    if (stream && this.#isWorthConnecting(stream, before)) this.#connect();
    else this.#host.onChange(this.status);
  }

  /** The server did not say what is live: what seemed to have ended has lost its server. */
  miss(): void {
    if (this.#phase === "ended") this.#onFailed({ kind: "lost", detail: "" });
  }

  /** The viewer paused. */
  pause(): void {
    if (this.#phase !== "playing" && this.#phase !== "stalled") return;
    this.#schedule(REST_MS, () => {
      this.#drop();
      this.#enter("resting");
    });
  }

  /** The viewer goes on after a pause. */
  resume(): void {
    if (this.#phase === "resting") this.reconnect();
    else if (this.#phase === "playing" || this.#phase === "stalled") this.#cancelTimer?.();
  }

  #isWorthConnecting(stream: LiveStream, before: LiveStream | undefined): boolean {
    switch (this.#phase) {
      case "connecting":
      case "playing":
      case "stalled":
        return this.#lacksTrackOf(stream);
      case "ended":
        return true;
      case "failed":
        if (this.#failure?.kind === "absent") return true;
        return this.#failure?.kind === "unplayable" && stream.since !== before?.since;
      default:
        return false;
    }
  }

  /** Whether the connection was opened for a stream without a track that has turned up since. */
  #lacksTrackOf({ video, audio }: LiveStream): boolean {
    return (this.#request?.hasVideo === false && video !== null) ||
      (this.#request?.hasAudio === false && audio !== null);
  }

  #connect(): void {
    this.#drop();
    const codec = this.#stream && this.#host.unplayable(this.#stream);
    if (codec !== undefined) return this.#fail({ kind: "unplayable", detail: codec });
    this.#request = { url: this.#host.address(this.#path!), ...knownTracks(this.#stream) };
    this.#enter("connecting");
    this.#connection = this.#host.connect(this.#request, {
      onPlaying: () => this.#onPlaying(),
      onStalled: () => this.#onStalled(),
      onEnded: () => this.#onEnded(),
      onFailed: (failure) => this.#onFailed(failure),
    });
  }

  #onPlaying(): void {
    if (this.#phase === "ended") return;
    this.#attempts = 0;
    this.#cancelTimer?.();
    this.#cancelStall?.();
    this.#enter("playing");
  }

  #onStalled(): void {
    if (this.#phase !== "playing") return;
    this.#cancelStall?.();
    this.#cancelStall = this.#host.later(() => this.#phase === "playing" && this.#enter("stalled"), STALL_MS);
  }

  #onEnded(): void {
    this.#cancelTimer?.();
    this.#cancelStall?.();
    this.#enter("ended");
    this.#schedule(RETRY_MS[0], () => {
      this.#schedule(ABSENT_RETRY_MS, () => this.#connect());
      this.#host.refresh();
    });
  }

  #onFailed(failure: Failure): void {
    this.#attempts++;
    this.#fail(failure);
    const wait = retryDelay(failure, this.#attempts);
    if (wait !== undefined) this.#schedule(wait, () => this.#connect());
  }

  #fail(failure: Failure): void {
    this.#cancelTimer?.();
    this.#enter("failed", failure);
  }

  #enter(phase: Phase, failure?: Failure): void {
    this.#phase = phase;
    this.#failure = failure;
    this.#host.onChange(this.status);
  }

  #drop(): void {
    this.#cancelTimer?.();
    this.#cancelStall?.();
    this.#connection?.[Symbol.dispose]();
    this.#connection = undefined;
    this.#request = undefined;
  }

  #schedule(ms: number, callback: () => void): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#host.later(callback, ms);
  }
}

/** False for a track that the stream is known not to have: mpegts.js would wait for it. */
function knownTracks(stream: LiveStream | undefined): Pick<ConnectionRequest, "hasVideo" | "hasAudio"> {
  if (!stream || (!stream.video && !stream.audio)) return {};
  return { ...(stream.video ? {} : { hasVideo: false }), ...(stream.audio ? {} : { hasAudio: false }) };
}

/** After which time to try again, in milliseconds; undefined for never. */
function retryDelay({ kind }: Failure, attempts: number): number | undefined {
  switch (kind) {
    case "absent":
      return ABSENT_RETRY_MS;
    case "refused":
    case "unplayable":
      return undefined;
    case "broken":
    case "full":
    case "lost":
    case "upstream":
      return RETRY_MS[Math.min(attempts, RETRY_MS.length) - 1];
  }
}
