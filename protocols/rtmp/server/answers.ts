import type { Socket } from "node:net";
import type { Clock } from "../../../kernel/clock.ts";
import { endSocket } from "../../../kernel/front/socket_end.ts";
import type { ServerMachine } from "./server_machine.ts";

/** How long a peer may take to read what it was told before its connection is cut, in milliseconds. */
const LINGER_MS = 1000;

/** Most bytes of answers that may wait for a peer that asks and does not read. */
const MAX_UNREAD_ANSWERS = 1024 * 1024;

/** A connection's way out for all but media: what its machine has to say, up to the last word. */
export class Answers {
  readonly #socket: Socket;
  readonly #machine: ServerMachine;
  /** Bytes since the peer was last seen to have read all. */
  #unreadBytes = 0;
  #isClosing = false;

  constructor(socket: Socket, machine: ServerMachine) {
    this.#socket = socket;
    this.#machine = machine;
  }

  /** True once the last word has been said. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Writes what the machine has to say; false if it cut the connection, for the peer asks and does not read. */
  send(): boolean {
    const socket = this.#socket;
    if (socket.destroyed) return true;
    if (socket.writableLength === 0) this.#unreadBytes = 0;
    for (let bytes = this.#machine.take(); bytes; bytes = this.#machine.take()) {
      this.#unreadBytes += bytes.length;
      socket.write(bytes);
    }
    if (this.#unreadBytes <= MAX_UNREAD_ANSWERS) return true;
    socket.destroy();
    return false;
  }

  /** Lets the peer read its last message, but not for ever. */
  close(clock: Clock): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    endSocket(this.#socket, clock, LINGER_MS);
  }
}
