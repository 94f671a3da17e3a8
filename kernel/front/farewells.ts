import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";
import type { SocketProtocol } from "./front.ts";
import { problemText } from "./problem.ts";
import { endSocket } from "./socket_end.ts";

/**
 * Refused connections that may hear why at once. They take of the open files that are kept for recordings, so they are few;
 * all others are closed without a word.
 */
export const MAX_FAREWELLS = 32;

/** How long a refused connection may take to say what it speaks and to read the answer, in milliseconds. */
export const FAREWELL_MS = 2000;

/** Why a connection is refused, and the status that says so over HTTP. */
export interface Rebuff {
  readonly status: 429 | 503;
  /** In words for the peer. */
  readonly why: string;
}

/** After so many seconds it may be worth while to come again. */
const RETRY_SECONDS = 5;

/** HTTP's methods are words in capitals. */
const CAPITALS = { first: 0x41, last: 0x5a };

/** Tells connections that are refused why, as far as that costs next to nothing: in HTTP, and in what protocols offer for it. */
export class Farewells implements Disposable {
  readonly #clock: Clock;
  readonly #protocols: Iterable<SocketProtocol>;
  readonly #open = new Set<Socket>();

  constructor(clock: Clock, protocols: Iterable<SocketProtocol>) {
    this.#clock = clock;
    this.#protocols = protocols;
  }

  /** Refuses a connection; `first` has been read from it already. */
  say(socket: Socket, rebuff: Rebuff, first?: Uint8Array): void {
    if (this.#open.size >= MAX_FAREWELLS) return void socket.destroy();
    this.#open.add(socket);
    const timer = this.#clock.setTimeout(() => socket.destroy(), FAREWELL_MS);
    socket.once("close", () => {
      this.#open.delete(socket);
      timer[Symbol.dispose]();
    });
    if (first && first.length > 0) this.#answer(socket, rebuff, first);
    else socket.once("data", (bytes: Uint8Array) => this.#answer(socket, rebuff, bytes));
  }

  [Symbol.dispose](): void {
    for (const socket of this.#open) socket.destroy();
  }

  #answer(socket: Socket, rebuff: Rebuff, first: Uint8Array): void {
    for (const protocol of this.#protocols) {
      if (!protocol.matches(first)) continue;
      return protocol.refuse ? protocol.refuse(socket, first, rebuff.why) : void socket.destroy();
    }
    if (first[0] < CAPITALS.first || first[0] > CAPITALS.last) return void socket.destroy();
    socket.write(httpAnswer(rebuff));
    endSocket(socket, this.#clock, FAREWELL_MS);
  }
}

/** The request is not read: whatever it is, this is the answer. */
function httpAnswer({ status, why }: Rebuff): string {
  const body = problemText(status, why);
  return [
    `HTTP/1.1 ${status} ${status === 429 ? "Too Many Requests" : "Service Unavailable"}`,
    "Content-Type: application/problem+json",
    `Content-Length: ${new TextEncoder().encode(body).length}`,
    "Access-Control-Allow-Origin: *",
    "Cache-Control: no-store",
    `Retry-After: ${RETRY_SECONDS}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}
