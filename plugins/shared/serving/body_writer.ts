import type { ServerResponse } from "node:http";
import type { ByteRange } from "./range.ts";
import type { ResourceReading } from "./resource.ts";

/**
 * Most bytes of one write: a reader counts as stalled when one write takes longer than the stall time, so a write must not
 * be larger than even a poor connection can take in that time; and as long as it waits it holds what is written.
 */
const MAX_WRITE = 256 * 1024;

/** Hears that an answer is over: its connection took all of it, or was closed; `fault` says why nothing more could be read. */
export type BodyOver = (writer: BodyWriter, fault?: unknown) => void;

const sent = new WeakMap<ServerResponse, BodyWriter>();

/** How many bytes of a resource the connection has taken of this answer; undefined when it is not one of a resource. */
export function bodyBytes(outgoing: ServerResponse): number | undefined {
  return sent.get(outgoing)?.written;
}

/**
 * Writes a piece of a resource to one HTTP answer, whose head has been written.
 *
 * There is one write at a time, and the next bytes are asked for only when the connection has taken it: a reader that is
 * slow holds a position, and of the resource nothing but what lies in its one write.
 */
export class BodyWriter {
  readonly #outgoing: ServerResponse;
  readonly #reading: ResourceReading;
  readonly #end: number;
  readonly #onOver: BodyOver;
  readonly #start: number;
  #position: number;
  #taken: number;
  #isOver = false;
  #fault?: unknown;
  #waitsForClient = false;
  #sweptAt = -1;
  #stalledMs = 0;

  constructor(outgoing: ServerResponse, reading: ResourceReading, { start, end }: ByteRange, onOver: BodyOver) {
    this.#outgoing = outgoing;
    this.#reading = reading;
    this.#start = this.#position = this.#taken = start;
    this.#end = end;
    this.#onOver = onOver;
    sent.set(outgoing, this);
  }

  /** How many bytes the connection has taken. */
  get written(): number {
    return this.#taken - this.#start;
  }

  /** Begins; from here on the writer goes on by itself. */
  start(): void {
    this.#outgoing.once("close", this.#over);
    this.#next();
  }

  /** Looks whether anything was taken since the last call, `ms` ago; closes the connection of one that has stalled. */
  sweep(ms: number, stallMs: number): void {
    // Without a connection it waits for an earlier answer, which has its own time.
    const isTurn = this.#waitsForClient && this.#outgoing.socket !== null;
    const isStalled = isTurn && this.#sweptAt === this.#taken;
    this.#stalledMs = isStalled ? this.#stalledMs + ms : 0;
    this.#sweptAt = isTurn ? this.#taken : -1;
    if (this.#stalledMs >= stallMs) this.abort();
  }

  /** Closes the connection, so that the client knows the answer for incomplete. */
  abort(): void {
    this.#outgoing.destroy();
    this.#over();
  }

  #next(): void {
    if (this.#isOver) return;
    this.#waitsForClient = false;
    try {
      const piece = this.#reading.read(this.#position);
      if (piece instanceof Uint8Array) this.#write(piece);
      else piece.then(this.#write, this.#fail);
    } catch (error) {
      this.#fail(error);
    }
  }

  readonly #write = (piece: Uint8Array): void => {
    if (this.#isOver) return;
    if (piece.length === 0) return this.#fail(new Error("It has become shorter while it was read"));
    const now = piece.subarray(0, Math.min(piece.length, MAX_WRITE, this.#end - this.#position));
    this.#position += now.length;
    this.#waitsForClient = true;
    if (this.#position === this.#end) this.#outgoing.end(now, this.#written);
    else this.#outgoing.write(now, this.#written);
  };

  readonly #written = (error?: Error | null): void => {
    if (error) return;
    this.#taken = this.#position;
    if (this.#position < this.#end) this.#next();
  };

  readonly #fail = (fault: unknown): void => {
    this.#fault = fault;
    this.abort();
  };

  readonly #over = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reading.close();
    this.#onOver(this, this.#fault);
  };
}
