import type { Socket } from "node:net";
import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Publication } from "../../kernel/streams/publication.ts";
import { whenAborted } from "../../kernel/reasons.ts";

/** So many publishers are read whenever something has come: together they cost little. */
export const FEW_PUBLISHERS = 16;

/** For how long what a publisher sends may gather, in milliseconds: at 1 Mbit/s some 25 KB, for which the system has room. */
export const GATHER_MS = 200;

/** A read of so many bytes shows that more has gathered than was meant: the rest is read at once. */
const LARGE_READ = 48 * 1024;

/** Sockets whose time comes within so many milliseconds are read together. */
const TOGETHER_MS = 25;

interface Resting {
  readonly socket: Socket;
  readonly due: number;
}

/**
 * Reads from many publishers seldom, and much at once: a read costs more than what is read.
 *
 * What is sent meanwhile waits in the system's buffers. Only streams that nobody watches are read this way, and only
 * once there are many; a stream that gets its first viewer is read at once again when its turn has come.
 */
export class MergedReads implements Disposable {
  readonly #clock: Clock;
  /** From which something has been read just now, and how much: one read may bring many messages. */
  readonly #read = new Map<Socket, number>();
  /** In the order of their times. */
  #resting: Resting[] = [];
  #publishers = 0;
  #isOver = false;
  #timer?: Timer;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a publication for as long as it lasts. */
  count({ signal }: Publication): void {
    this.#publishers++;
    whenAborted(signal, () => this.#publishers--);
  }

  /** Lets a socket rest that nobody is in a hurry to hear from, now that `bytes` of what one read brought are dealt with. */
  rest(socket: Socket, bytes: number): void {
    if (this.#publishers <= FEW_PUBLISHERS || this.#isOver || isEncrypted(socket)) return;
    if (this.#read.size === 0) queueMicrotask(this.#restAll);
    const before = this.#read.get(socket);
    if (before === undefined) insidesOf(socket)?.readStop();
    this.#read.set(socket, (before ?? 0) + bytes);
  }

  /** Reads from all again. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    for (const socket of this.#read.keys()) insidesOf(socket)?.readStart();
    this.#read.clear();
    for (const { socket } of this.#resting.splice(0)) insidesOf(socket)?.readStart();
  }

  #restAll = (): void => {
    const due = this.#clock.now() + GATHER_MS;
    for (const [socket, bytes] of this.#read) {
      if (bytes >= LARGE_READ) insidesOf(socket)?.readStart();
      else this.#resting.push({ socket, due });
    }
    this.#read.clear();
    if (this.#resting.length > 0) this.#timer ??= this.#clock.setTimeout(this.#wake, GATHER_MS);
  };

  #wake = (): void => {
    const now = this.#clock.now();
    const rested = this.#resting;
    const left = rested.findIndex(({ due }) => due > now + TOGETHER_MS);
    this.#resting = left < 0 ? [] : rested.slice(left);
    this.#timer = left < 0 ? undefined : this.#clock.setTimeout(this.#wake, rested[left].due - now);
    for (const { socket } of left < 0 ? rested : rested.slice(0, left)) insidesOf(socket)?.readStart();
  };
}

/** What the runtime reads a socket with; gone when that is closed. To pause the socket itself would not keep it from reading. */
interface Insides {
  readStart(): void;
  readStop(): void;
}

/** What reads an encrypted connection writes to it as well, and is not stopped. */
function isEncrypted(socket: Socket): boolean {
  return (socket as { readonly encrypted?: boolean }).encrypted === true;
}

function insidesOf(socket: Socket): Insides | null | undefined {
  return (socket as unknown as { readonly _handle?: Insides | null })._handle;
}
