import { Rates } from "./series.ts";
import type { Listed, ServerState, SessionState, StreamState } from "./shapes.ts";

/** So many sessions are added up; the server gives no more at once. */
export const COUNTED_SESSIONS = 1000;

/** What one look at the server brought. */
export interface Look {
  readonly server: ServerState;
  readonly streams: Listed<StreamState>;
  readonly sessions: Listed<SessionState>;
  /** How long the server took to answer, in seconds. */
  readonly answer: number;
}

/** The figures of one moment. */
export interface Figures {
  readonly server: ServerState;
  /** What publishers send, in bits per second. */
  readonly received: number;
  /** What is sent to everybody, in bits per second; null while that is not known. */
  readonly sent: number | null;
  /** Of one core, 0 to 1 and more; null while that is not known. */
  readonly cpu: number | null;
  /** How long the server took to answer, in seconds. */
  readonly answer: number;
}

/** Works out figures from one look at the server and the one before. */
export class FigureReader {
  readonly #cpu = new Rates();
  readonly #traffic = new Rates();
  readonly #sent = new Rates();
  #rates: ReadonlyMap<string, number> = new Map();
  #hasLooked = false;

  /** The figures of a look; `now` is any clock, in seconds. */
  read({ server, streams, sessions, answer }: Look, now: number): Figures {
    const { items, total } = sessions;
    this.#rates = this.#traffic.of(new Map(items.map(({ id, bytesIn, bytesOut }) => [id, bytesIn + bytesOut])), now);
    const sent = this.#sent.of(new Map(items.map(({ id, bytesOut }) => [id, bytesOut])), now);
    const cpu = this.#cpu.of(new Map([[server.run, server.cpuSeconds]]), now);
    const isKnown = this.#hasLooked && total <= COUNTED_SESSIONS;
    this.#hasLooked = true;
    return {
      server,
      received: streams.items.reduce((sum, { bitrate }) => sum + bitrate["1s"], 0),
      sent: isKnown ? [...sent.values()].reduce((sum, rate) => sum + rate, 0) * 8 : null,
      cpu: cpu.get(server.run) ?? null,
      answer,
    };
  }

  /** What a session moved in both directions, in bytes per second; undefined while that is not known. */
  rateOf(session: string): number | undefined {
    return this.#rates.get(session);
  }
}
