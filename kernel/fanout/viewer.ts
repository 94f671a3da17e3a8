import type { Socket } from "node:net";
import { type Clock, every, type Timer } from "../clock.ts";
import type { Playback } from "../streams/playback.ts";
import type { Closed } from "../reasons.ts";
import type { Session } from "../sessions/session.ts";
import type { Subscription } from "./subscription.ts";

/** How often viewers are looked after. */
const SWEEP_MS = 1000;

/**
 * Most bytes of one write: a viewer counts as stalled when one write takes longer than the stall time, so a write must
 * not be larger than even a poor connection can take in that time.
 */
const MAX_WRITE = 256 * 1024;

/** So many viewers that jump within one second are each reported for themselves. */
const REPORTED_EACH = 5;

const NOTHING = new Uint8Array(0);

/** What a viewer is made of. */
export interface ViewerOptions {
  readonly socket: Socket;
  readonly session: Session;
  readonly playback: Playback;
  readonly subscription: Subscription<Uint8Array>;
  /** Called once when the stream has ended and its last byte has been given to the socket. */
  readonly onEnd: (closed: Closed) => void;
}

/**
 * Writes a stream's shared bytes to one socket, with at most one write waiting in it.
 *
 * Costs a viewer no promise, no callback and no allocation while it keeps up. One that cannot keep up is left alone
 * until its socket is empty again; by then the ring may have moved on, and it continues at the newest entry.
 */
export class SocketViewer implements Disposable {
  readonly #session: Session;
  readonly #playback: Playback;
  readonly #onEnd: (closed: Closed) => void;
  readonly #subscription: Subscription<Uint8Array>;
  readonly #socket: Socket;
  /** TLS takes nothing at once, as a plain socket does while it has room: the viewer goes on when it has. */
  readonly #isSecure: boolean;
  #rest?: Uint8Array;
  #isWaking = false;
  #whenAwake?: () => void;
  #isDone = false;
  /** What the peer had taken at the last sweep, while something waited for it. */
  #taken = -Infinity;
  #stalledMs = 0;
  #sweptSkips = 0;
  #sweptBytes = 0;
  #tookKilobits = 0;

  constructor({ socket, session, playback, subscription, onEnd }: ViewerOptions) {
    this.#session = session;
    this.#playback = playback;
    this.#onEnd = onEnd;
    this.#subscription = subscription;
    this.#socket = socket;
    this.#isSecure = "encrypted" in socket;
    this.#subscription.onReady = this.#pump;
  }

  /** Writes what is there, and from now on whatever comes. */
  start(): void {
    this.#pump();
  }

  /**
   * Looks after the viewer; to be called every {@linkcode SWEEP_MS}. True if it has jumped since the last time: then
   * {@linkcode SocketViewer.reportSkips} says so in words.
   */
  sweep(stallMs: number): boolean {
    const waiting = this.#socket.writableLength;
    const taken = this.#playback.bytes - waiting;
    this.#stalledMs = taken <= this.#taken ? this.#stalledMs + SWEEP_MS : 0;
    this.#taken = waiting > 0 ? taken : -Infinity;
    if (this.#stalledMs >= stallMs) {
      this.#session.close("too-slow", `the viewer took nothing for ${Math.round(stallMs / 1000)} s`);
    }
    this.#tookKilobits = kilobits(this.#playback.bytes - this.#sweptBytes);
    this.#sweptBytes = this.#playback.bytes;
    const hasJumped = this.#subscription.skips !== this.#sweptSkips;
    this.#sweptSkips = this.#subscription.skips;
    return hasJumped;
  }

  /** Says that the viewer has jumped, and how many others have in the same second. */
  reportSkips(others: number): void {
    const { stream } = this.#playback;
    this.#session.log.warn(
      `viewer is slower than ${stream.id}: it took ${this.#tookKilobits} kbit in the last second and jumped to ` +
        `the newest key frame` + (others > 0 ? `; so did ${others} more` : ""),
      { stream: stream.id, skips: this.#sweptSkips },
    );
  }

  [Symbol.dispose](): void {
    this.#isDone = true;
    this.#subscription[Symbol.dispose]();
    this.#rest = undefined;
  }

  #pump = (): void => {
    if (this.#isDone) return;
    while (this.#isReady()) {
      const bytes = this.#rest ?? this.#subscription.next();
      if (!bytes) return this.#caughtUp();
      this.#write(bytes);
    }
    if (this.#subscription.ended) return this.#writeAll();
    this.#wakeWhenEmpty();
    this.#subscription.park();
  };

  /** Whether the next bytes may be written: over TLS once the last ones of this viewer have been taken. */
  #isReady(): boolean {
    return this.#isSecure ? !this.#isWaking : this.#socket.writableLength === 0;
  }

  /**
   * A viewer that catches up does not wait for the next flush, which may not come: the publisher may pause. `drain` does not
   * come after every write.
   */
  #wakeWhenEmpty(): void {
    if (this.#isWaking) return;
    this.#isWaking = true;
    this.#socket.write(NOTHING, this.#awake);
  }

  /** Made for those alone who need it. */
  get #awake(): () => void {
    return this.#whenAwake ??= () => {
      this.#isWaking = false;
      this.#pump();
    };
  }

  #write(bytes: Uint8Array): void {
    const isWhole = bytes.length <= MAX_WRITE;
    const now = isWhole ? bytes : bytes.subarray(0, MAX_WRITE);
    this.#rest = isWhole ? undefined : bytes.subarray(MAX_WRITE);
    if (this.#isSecure) this.#isWaking = true;
    this.#socket.write(now, this.#isSecure ? this.#awake : undefined);
    this.#playback.bytes += now.length;
    this.#session.bytesOut += now.length;
  }

  /** Nothing will wake a viewer after the end, so all that is left goes to the socket at once. */
  #writeAll(): void {
    for (let bytes = this.#rest ?? this.#subscription.next(); bytes; bytes = this.#rest ?? this.#subscription.next()) {
      this.#write(bytes);
    }
    this.#caughtUp();
  }

  #caughtUp(): void {
    const { ended } = this.#subscription;
    if (!ended || this.#isDone) return;
    this.#isDone = true;
    this.#onEnd(ended);
  }
}

/** The viewers of one protocol, looked after together. */
export class Viewers implements Disposable {
  readonly #viewers = new Set<SocketViewer>();
  readonly #sweeping: Timer;

  constructor(clock: Clock, stallMs: number) {
    this.#sweeping = every(clock, SWEEP_MS, () => {
      const slow: SocketViewer[] = [];
      for (const viewer of this.#viewers) if (viewer.sweep(stallMs)) slow.push(viewer);
      reportSlow(slow);
    });
  }

  /** Begins to write to a viewer, until it is removed. */
  add(options: ViewerOptions): SocketViewer {
    const viewer = new SocketViewer(options);
    this.#viewers.add(viewer);
    viewer.start();
    return viewer;
  }

  /** Stops writing to a viewer. */
  remove(viewer: SocketViewer): void {
    this.#viewers.delete(viewer);
    viewer[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#sweeping[Symbol.dispose]();
    for (const viewer of [...this.#viewers]) this.remove(viewer);
  }
}

/** A few each for themselves; of a crowd only one, so that trouble with the network does not become trouble with the disk. */
function reportSlow(slow: readonly SocketViewer[]): void {
  if (slow.length <= REPORTED_EACH) { for (const viewer of slow) viewer.reportSkips(0); }
  else slow[0].reportSkips(slow.length - 1);
}

function kilobits(bytes: number): number {
  return Math.round(bytes * 8 / 1000);
}
