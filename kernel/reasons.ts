/** Why something ended: one word from one list, so that logs, metrics and events agree. */
export type CloseReason =
  | "left"
  | "denied"
  | "kicked"
  | "idle"
  | "too-slow"
  | "replaced"
  | "protocol-error"
  | "stream-ended"
  | "stream-changed"
  | "limit"
  | "error"
  | "shutdown";

/** What a signal of Sluice is aborted with: the reason in one word and, where it helps, in a sentence. */
export class Closed extends Error {
  override readonly name = "Closed";

  constructor(readonly reason: CloseReason, readonly detail: string = REASON_TEXT[reason]) {
    super(detail);
  }

  /** The `Closed` that aborted a signal; an abort by anything else counts as `left`. */
  static of(signal: AbortSignal): Closed {
    return signal.reason instanceof Closed ? signal.reason : new Closed("left");
  }
}

/** Runs when the signal aborts, at once when it has aborted already; disposing takes that back. */
export function whenAborted(signal: AbortSignal, run: () => void): Disposable {
  if (signal.aborted) run();
  else signal.addEventListener("abort", run, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", run) };
}

const REASON_TEXT: Record<CloseReason, string> = {
  "left": "the peer left",
  "denied": "access was denied",
  "kicked": "closed by the operator",
  "idle": "nothing arrived for too long",
  "too-slow": "the connection is too slow for the stream",
  "replaced": "another publisher took over",
  "protocol-error": "the peer broke the protocol",
  "stream-ended": "the stream ended",
  "stream-changed": "the stream changed in a way that needs a new start: connect again",
  "limit": "a limit of the server was reached",
  "error": "the server failed",
  "shutdown": "the server is stopping",
};

/** Why a request was refused, for drivers to translate into their protocol's status. */
export type RefusalCode =
  | "bad-name"
  | "unauthorized"
  | "denied"
  | "busy"
  | "not-found"
  /** Who asks is allowed to, but nobody publishes the stream now. */
  | "not-live"
  | "too-many"
  /** What is asked for is had from another server, which cannot be reached, or fails. */
  | "unreachable"
  /** What is asked for is had from another server, which does not answer in time. */
  | "no-answer"
  | "limit"
  | "shutdown"
  | "error";

const HTTP_STATUS = {
  "bad-name": 400,
  "unauthorized": 401,
  "denied": 403,
  "busy": 409,
  "not-found": 404,
  "not-live": 404,
  "too-many": 429,
  "unreachable": 502,
  "no-answer": 504,
  "limit": 503,
  "shutdown": 503,
  "error": 500,
} as const satisfies Record<RefusalCode, number>;

/** A request that the server will not serve; the message may be shown to the peer. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** Where the peer should go instead. */
  readonly redirect?: string;
  /** How the peer may say who it is, as HTTP's `WWW-Authenticate` has it. */
  readonly challenge?: string;

  constructor(
    readonly code: RefusalCode,
    message: string,
    options: { redirect?: string; challenge?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.redirect = options.redirect;
    this.challenge = options.challenge;
  }

  /** The HTTP status that says the same. */
  get status(): typeof HTTP_STATUS[RefusalCode] {
    return HTTP_STATUS[this.code];
  }

  /** The word for the session's end. */
  get closeReason(): CloseReason {
    if (this.code === "too-many") return "limit";
    if (this.code === "unreachable" || this.code === "no-answer") return "error";
    if (this.code === "limit" || this.code === "shutdown" || this.code === "error") return this.code;
    return "denied";
  }
}
