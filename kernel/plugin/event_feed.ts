import type { MediaPacket } from "../../media/packet.ts";
import type { Clock } from "../clock.ts";
import { errorText } from "../error_text.ts";
import type { Logger } from "../log/log.ts";
import type { Events, HookBus } from "./hooks.ts";
import type { Session } from "../sessions/session.ts";
import type { Stream } from "../streams/stream.ts";

/** An event as those see it who are not in the process: no live object, no secret. */
export interface FeedEvent {
  /** Unique over all servers and their restarts. */
  readonly id: string;
  /** Counts the events of this run from 1. */
  readonly seq: number;
  /** ISO 8601, in UTC. */
  readonly time: string;
  readonly name: keyof Events;
  /** The id of the stream that it is about. */
  readonly stream?: string;
  /** The session that it is about. */
  readonly session?: FeedSession;
  /** What else the event says. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A session in an event. */
export interface FeedSession {
  readonly id: string;
  readonly protocol: string;
  readonly remote: string;
  readonly url?: string;
  readonly userAgent?: string;
}

/** The events of a server in the order in which they were told, for those who read at their own pace. */
export interface EventFeed {
  /** Tells this run of the server from others; event ids begin with it. */
  readonly run: string;
  /** The number of the newest event; 0 when there is none. */
  readonly newest: number;
  /** The number of the oldest event that is still there. */
  readonly oldest: number;
  /** The events behind this number, as far as they are still there. */
  since(seq: number): readonly FeedEvent[];
  /** Calls back for each event, in the moment in which it is told; disposing takes that back. */
  subscribe(listener: (event: FeedEvent) => void): Disposable;
}

/** What a peer says of itself is kept for thousands of events, in characters; a header may be far longer. */
const MAX_USER_AGENT = 256;

/** Addresses are kept so long, in characters. */
const MAX_URL = 1024;

/** How many events are kept for those who were away: an hour of a busy server, some megabytes. */
const KEPT_EVENTS = 4096;

/** The kernel's feed. */
export class RecordedFeed implements EventFeed {
  readonly run: string = crypto.randomUUID().slice(0, 8);
  readonly #clock: Clock;
  readonly #ring: FeedEvent[] = [];
  readonly #listeners = new Set<(event: FeedEvent) => void>();
  readonly #onFailure: (error: unknown) => void;
  #newest = 0;

  /** `onFailure` hears what listeners throw: it harms nobody else. */
  constructor(clock: Clock, onFailure: (error: unknown) => void = () => {}) {
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  get newest(): number {
    return this.#newest;
  }

  get oldest(): number {
    return Math.max(1, this.#newest - KEPT_EVENTS + 1);
  }

  since(seq: number): readonly FeedEvent[] {
    const events: FeedEvent[] = [];
    for (let at = Math.max(seq + 1, this.oldest); at <= this.#newest; at++) events.push(this.#ring[at % KEPT_EVENTS]);
    return events;
  }

  subscribe(listener: (event: FeedEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Takes the next event. */
  record<K extends keyof Events>(name: K, event: Events[K]): void {
    const seq = ++this.#newest;
    const time = this.#clock.date().toISOString();
    const recorded = recordOf({ id: `${this.run}-${seq}`, seq, time, name }, event);
    this.#ring[seq % KEPT_EVENTS] = recorded;
    for (const listener of [...this.#listeners]) this.#call(listener, recorded);
  }

  #call(listener: (event: FeedEvent) => void, event: FeedEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.#onFailure(error);
    }
  }
}

/** The feed of what a bus tells from now on; what its readers throw is logged. */
export function recordedFeed(hooks: HookBus, clock: Clock, log: Logger): RecordedFeed {
  const feed = new RecordedFeed(clock, (error) => {
    log.error(`A reader of the event feed failed: ${errorText(error)}`, { error });
  });
  hooks.observe((name, event) => feed.record(name, event));
  return feed;
}

type Told = {
  readonly stream?: Stream | string;
  readonly session?: Session;
  readonly packet?: MediaPacket;
};

/** What most events say besides what they are about. */
const NOTHING: FeedEvent["data"] = Object.freeze({});

/** Written out for each kind, since there are thousands and objects that are put together take twice the memory. */
function recordOf({ id, seq, time, name }: Pick<FeedEvent, "id" | "seq" | "time" | "name">, event: object): FeedEvent {
  const { stream: live, session: open, packet, ...rest } = event as Told;
  const data = packet ? { ...rest, ...packetOf(packet) } : Object.keys(rest).length > 0 ? rest : NOTHING;
  const stream = typeof live === "object" ? live.id : live;
  const session = open && sessionOf(open);
  if (stream !== undefined && session) return { id, seq, time, name, stream, session, data };
  if (session) return { id, seq, time, name, session, data };
  return stream === undefined ? { id, seq, time, name, data } : { id, seq, time, name, stream, data };
}

function sessionOf({ id, protocol, remote, info: { url, userAgent } }: Session): FeedSession {
  return { id, protocol, remote, url: cut(url, MAX_URL), userAgent: cut(userAgent, MAX_USER_AGENT) };
}

/** A copy, since a part of a string would keep the whole of it. */
function cut(text: string | undefined, most: number): string | undefined {
  return text === undefined || text.length <= most ? text : text.slice(0, most).split("").join("");
}

function packetOf({ kind, track, codec }: MediaPacket): Record<string, unknown> {
  return { kind, track, codec };
}
