import type { Clock } from "../clock.ts";
import type { HookBus, StreamSource } from "../plugin/hooks.ts";
import type { StreamKey } from "../names.ts";
import type { OpenPublication } from "./publication.ts";
import { Refusal } from "../reasons.ts";
import type { Session } from "../sessions/session.ts";
import { SourceRunner } from "./source_runner.ts";
import type { LiveStream } from "./live_stream.ts";

/** What sources are found and run with. */
export interface StreamSourcesHost {
  readonly clock: Clock;
  readonly hooks: HookBus;
  /** How long a source is kept after the last viewer, in milliseconds. */
  keepMs(key: StreamKey): number;
  /** Opens a session for a source of the server's own. */
  openInternal(protocol: string): Session;
  /** Lets a source publish its stream. */
  publish(session: Session, key: StreamKey): OpenPublication;
}

/** A player that waits for a stream. */
export interface Asker {
  readonly session: Session;
  /** For how long at most. */
  readonly seconds: number;
  /** Whether a stream was brought for this player, and not for one that came before. */
  hasSource: boolean;
}

/** What brings streams from elsewhere: one source for each stream, however many want it. */
export class StreamSources {
  readonly #host: StreamSourcesHost;
  readonly #running = new Map<LiveStream, SourceRunner>();
  /** What brings each stream, or brought it last: who waited for that has still to be told why it was in vain. */
  readonly #newest = new WeakMap<LiveStream, SourceRunner>();
  readonly #waits = new WeakMap<LiveStream, number>();

  constructor(host: StreamSourcesHost) {
    this.#host = host;
  }

  /** Whether a stream is being brought. */
  has(stream: LiveStream): boolean {
    return this.#running.has(stream);
  }

  /** For how many seconds the player waits, or waited, for whom a stream is brought; undefined when it is for none. */
  waitOf(stream: LiveStream): number | undefined {
    return this.#waits.get(stream);
  }

  /** Why a stream that is waited for could not be brought so far. */
  failureOf(stream: LiveStream): Refusal | undefined {
    return this.#newest.get(stream)?.failure;
  }

  /** Whether a source publishes the stream now, and makes room for another publisher. */
  givesWay(stream: LiveStream): boolean {
    return this.#running.get(stream)?.givesWay ?? false;
  }

  /** Has a stream brought that a player waits for, if a plugin knows where from. */
  async find(stream: LiveStream, asker: Asker): Promise<void> {
    if (this.has(stream)) return;
    const { session, seconds: waitSeconds } = asker;
    const source = await this.#host.hooks.resolve({ session, key: stream.key, stream: stream.id, waitSeconds });
    if (!source || stream.state !== "waiting" || this.has(stream)) return;
    asker.hasSource = true;
    this.#waits.set(stream, waitSeconds);
    this.run(stream, source);
  }

  /** Begins to bring a stream that is not being brought. */
  run(stream: LiveStream, source: StreamSource): SourceRunner {
    const runner = new SourceRunner(stream, source, {
      clock: this.#host.clock,
      keepMs: this.#host.keepMs(stream.key),
      open: () => this.#host.openInternal(source.name),
      publish: (session) => {
        if (stream.state === "live") throw new Refusal("busy", `Cannot bring ${stream.id}: it is published here`);
        return this.#host.publish(session, stream.key);
      },
      onEnd: () => void this.#running.delete(stream),
    });
    this.#running.set(stream, runner);
    this.#newest.set(stream, runner);
    runner.start();
    return runner;
  }

  /** A session publishes the stream: unless it is the source's own, the source ends. */
  published(stream: LiveStream, session: Session): void {
    this.#running.get(stream)?.published(session);
  }

  /** A player has left the stream: if it was the last one, its source ends after a while. */
  viewerLeft(stream: LiveStream): void {
    this.#running.get(stream)?.viewerLeft();
  }
}
