import type { MediaPacket } from "../../../media/packet.ts";
import { Inbox } from "./inbox.ts";
import { StrictFlv } from "./strict_flv.ts";
import type { TestEnd, TestPlayer } from "./transport.ts";

/** A connection that FLV comes by. */
export interface FlvConnection {
  /** Stops reading. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /** Breaks it off. */
  cut(): Promise<void>;
}

/** A player of FLV, whatever it comes by: everything is read strictly and kept. */
export class FlvPlayer implements TestPlayer {
  readonly #connection: FlvConnection;
  readonly #inbox = new Inbox();
  readonly #flv = new StrictFlv();

  constructor(connection: FlvConnection) {
    this.#connection = connection;
  }

  get packets() {
    return this.#inbox.packets;
  }

  get flags() {
    return this.#flv.flags;
  }

  /** Whether what has come ends with a whole tag. */
  get isWhole(): boolean {
    return this.#flv.isWhole;
  }

  over(): Promise<TestEnd> {
    return this.#inbox.over();
  }

  until(matches: (packet: MediaPacket) => boolean): Promise<void> {
    return this.#inbox.until(matches);
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection.cut();
  }

  /** Takes bytes; what is no FLV ends playing. */
  protected read(bytes: Uint8Array): void {
    try {
      this.#inbox.add(this.#flv.read(bytes));
    } catch (error) {
      this.#inbox.end({ status: "not FLV", message: String(error) });
    }
  }

  /** Nothing more will come. */
  protected end(end: TestEnd): void {
    this.#inbox.end(end);
  }
}
