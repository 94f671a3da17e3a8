import { setImmediate } from "node:timers";
import type { RingLimits } from "../fanout/byte_ring.ts";
import type { Clock } from "../clock.ts";
import type { Flusher } from "../fanout/flusher.ts";
import { endFigures } from "../sessions/end_figures.ts";
import type { HookBus, StreamSource } from "../plugin/hooks.ts";
import type { Logger } from "../log/log.ts";
import { admitStream, admitViewer, type LimitsHost, type ServerLimits } from "./limits.ts";
import { BadNameError, checkName, streamId, type StreamKey } from "../names.ts";
import { OpenPlayback } from "./playback.ts";
import { OpenPublication, type Publication } from "./publication.ts";
import { Publications } from "./publications.ts";
import { Closed, Refusal, whenAborted } from "../reasons.ts";
import { Takeovers } from "./republish.ts";
import type { Session } from "../sessions/session.ts";
import type { LiveStream } from "./live_stream.ts";
import { openStream } from "./open_stream.ts";
import type { Stream } from "./stream.ts";
import { type Asker, StreamSources } from "./stream_sources.ts";
import type { StreamRule } from "./stream_rules.ts";

/** What the registry works with. */
export interface StreamsHost {
  readonly clock: Clock;
  readonly flusher: Flusher;
  readonly log: Logger;
  readonly hooks: HookBus;
  /** What counts for a stream now. */
  rule(key: StreamKey): StreamRule;
  /** How much of a stream that begins now is kept. */
  readonly ring: RingLimits;
  /** How much the server as a whole may do. */
  readonly limits: ServerLimits;
  /** Megabits per second that go out now. */
  readonly egressMbps: number;
  /** Opens a session for a source of the server's own. */
  openInternal(protocol: string): Session;
}

/** What connections have brought by now is known after so many turns of the event loop: some protocols take several for it. */
const ENDING_TURNS = 50;

/** The query parameter by which a player says for how many seconds it wants to wait for a stream, at most `waitSeconds`. */
export const WAIT_PARAM = "wait";

/** How a player waits for a stream. */
interface Wait extends Asker {
  /** On the server's clock. */
  readonly until: number;
}

/** All streams of a server: who publishes, who plays, who waits. */
export class Streams {
  readonly #host: StreamsHost;
  readonly #all = new Map<string, LiveStream>();
  readonly #takeovers = new Takeovers();
  readonly #publications: Publications;
  readonly #sources: StreamSources;
  #isClosed = false;

  constructor(host: StreamsHost) {
    this.#host = host;
    this.#publications = new Publications(host.clock, (key) => host.rule(key).publishKbps);
    this.#sources = new StreamSources({
      clock: host.clock,
      hooks: host.hooks,
      keepMs: (key) => host.rule(key).keepSeconds * 1000,
      openInternal: (protocol) => host.openInternal(protocol),
      publish: (session, key) => this.#beginPublication(session, key, undefined),
    });
  }

  /** By id. */
  get all(): ReadonlyMap<string, Stream> {
    return this.#all;
  }

  /**
   * Lets a session publish: asks first, then takes the stream, then announces it.
   *
   * @throws {Refusal} when the name is bad, a plugin denies it or another publisher holds the stream
   */
  async publish(session: Session, key: StreamKey): Promise<Publication> {
    const stream = checkedId(key);
    const grant = await this.#host.hooks.permit("publish", { session, key, stream });
    await this.#letEnd(stream);
    return this.#beginPublication(session, key, grant.credential);
  }

  /**
   * Lets a session play, waiting for the stream if it is not there yet.
   *
   * @throws {Refusal} when the name is bad, a plugin denies it or the stream does not appear in time
   */
  async play(session: Session, key: StreamKey): Promise<OpenPlayback> {
    const id = checkedId(key);
    await this.#host.hooks.permit("play", { session, key, stream: id });
    this.#checkOpen(session);
    const seconds = Math.min(this.#host.rule(key).waitSeconds, wishOf(session));
    const wait: Wait = { session, seconds, until: this.#host.clock.now() + seconds * 1000, hasSource: false };
    while (true) {
      const stream = this.#obtain(key);
      using _interest = stream.onArrival(() => {});
      if (stream.state !== "waiting" || await this.#arrival(stream, wait)) return this.#beginPlayback(stream, session);
    }
  }

  /**
   * Brings a stream though no player asks for it, until the result is disposed: one that is not here, or one whose publisher
   * has vanished. Undefined when it is live, or brought already.
   */
  bring(key: StreamKey, source: StreamSource): Disposable | undefined {
    if (this.#isClosed) return undefined;
    const stream = this.#obtain(key);
    if (stream.state === "live" || this.#sources.has(stream)) return undefined;
    const hold = new DisposableStack();
    hold.use(stream.onArrival(() => {}));
    hold.use(this.#sources.run(stream, source).hold());
    return hold;
  }

  /**
   * Ends a stream because its operator wants it so: the publisher is sent away, everybody else hears the end.
   *
   * @throws {RangeError} when nothing is published under this id
   */
  stop(id: string, detail?: string): void {
    const stream = this.#all.get(id);
    if (!stream || stream.state === "waiting") throw new RangeError(`Cannot stop ${id}: there is no such stream`);
    const closed = new Closed("kicked", detail);
    const publication = this.#publications.of(stream);
    publication?.abort(closed);
    stream.end("kicked", detail);
    publication?.session.close("kicked", detail);
  }

  /** Ends all streams. */
  close(): void {
    this.#isClosed = true;
    this.#publications.abort(new Closed("shutdown"));
    for (const stream of [...this.#all.values()]) stream.end("shutdown");
  }

  #checkOpen(session: Session): void {
    if (this.#isClosed) throw new Refusal("shutdown", "The server is stopping");
    if (session.closed) throw new Refusal("denied", "The session has ended");
  }

  #obtain(key: StreamKey): LiveStream {
    const id = streamId(key.vhost, key.app, key.name);
    const found = this.#all.get(id);
    if (found) return found;
    const stream = openStream(key, this.#host, {
      graceMs: () => this.#host.rule(key).graceSeconds * 1000,
      onGone: () => {
        this.#all.delete(id);
        this.#takeovers.forget(id);
      },
      onInterrupt: (stream, { reason }) => this.#host.hooks.tell("stream:interrupt", { stream, reason }),
    });
    this.#all.set(id, stream);
    return stream;
  }

  #beginPublication(session: Session, key: StreamKey, credential: string | undefined): OpenPublication {
    this.#checkOpen(session);
    const stream = this.#obtain(key);
    if (stream.state === "waiting") this.#admit(stream);
    if (stream.state === "live") this.#takeOver(stream, credential);
    const publication = new OpenPublication(stream, session, credential, {
      clock: this.#host.clock,
      silenceMs: () => this.#host.rule(key).publishTimeoutSeconds * 1000,
      onEnd: (ended, closed) => this.#publicationEnded(ended, closed),
    });
    this.#publications.add(publication);
    const how = stream.begin(publication);
    this.#sources.published(stream, session);
    session.log.info(how === "start" ? "publish started" : "publish resumed", { stream: stream.id });
    this.#host.hooks.tell(`stream:${how}`, { stream, session });
    return publication;
  }

  #limits(): LimitsHost {
    const { limits, egressMbps } = this.#host;
    return { limits, egressMbps, streams: this.#all.values() };
  }

  /** When it is refused, nobody is left to wait for a stream that was made for this publisher alone. */
  #admit(stream: LiveStream): void {
    try {
      admitStream(stream, this.#limits());
    } catch (error) {
      stream.onArrival(() => {})[Symbol.dispose]();
      throw error;
    }
  }

  #publicationEnded(publication: OpenPublication, closed: Closed): void {
    this.#publications.delete(publication);
    const { stream, session, bytes } = publication;
    session.log.info(`publish ended: ${closed.message}`, {
      stream: stream.id,
      ...endFigures(closed, publication.seconds, bytes),
      detail: undefined,
      repairs: stream.timeline.repairs,
    });
  }

  /**
   * Gives the end of a stream's present publisher the time to be noticed: when it returns over another connection, the system
   * knows that the first one is closed, but that may stand behind what else it has brought.
   */
  async #letEnd(id: string): Promise<void> {
    for (let turns = 0; turns < ENDING_TURNS; turns++) {
      const stream = this.#all.get(id);
      if (stream?.state !== "live" || this.#sources.givesWay(stream)) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #takeOver(stream: LiveStream, credential: string | undefined): void {
    const incumbent = stream.publisher;
    if (!incumbent) return;
    if (!this.#sources.givesWay(stream)) {
      const { republish } = this.#host.rule(stream.key);
      this.#takeovers.takeOver({
        id: stream.id,
        policy: republish,
        incumbent,
        credential,
        now: this.#host.clock.now(),
      });
    }
    incumbent.replace();
  }

  /** Waits for a stream to begin; false when it is to be asked for anew, since it was asked for by another player's words. */
  async #arrival(stream: LiveStream, wait: Wait): Promise<boolean> {
    const { clock } = this.#host;
    const { session, seconds, until } = wait;
    const over = Promise.withResolvers<void>();
    using _arrival = stream.onArrival(over.resolve);
    using _leaving = whenAborted(session.signal, over.resolve);
    await Promise.race([this.#sources.find(stream, wait), over.promise]);
    const isFetched = this.#sources.has(stream);
    using _timer = seconds > 0 ? clock.setTimeout(over.resolve, Math.max(0, until - clock.now())) : undefined;
    if (stream.state === "waiting" && (seconds > 0 || isFetched)) await over.promise;
    this.#checkOpen(session);
    if (stream.state !== "waiting" && stream.state !== "ended") return true;
    const refusal = this.#absence(stream, seconds);
    if (this.#isOfAnother(refusal, stream, wait)) return false;
    throw refusal;
  }

  /** Another player may have been refused for what it said, or have waited for less long than this one does. */
  #isOfAnother({ code }: Refusal, stream: LiveStream, { hasSource, seconds }: Wait): boolean {
    if (hasSource || stream.state !== "ended") return false;
    const asked = this.#sources.waitOf(stream);
    return code === "denied" || (code === "not-live" && asked !== undefined && asked < seconds);
  }

  /** Why a player has waited in vain. */
  #absence(stream: LiveStream, waitSeconds: number): Refusal {
    const failure = this.#sources.failureOf(stream);
    const why = stream.state === "ended" ? Closed.of(stream.signal).message : failure?.message;
    if (why === undefined) {
      const waited = waitSeconds > 0 ? `: waited ${waitSeconds} s` : "";
      return new Refusal("not-live", `Nobody publishes ${stream.id}${waited}`);
    }
    return new Refusal(failure?.code ?? "not-live", `Cannot play ${stream.id}: ${why}`, { cause: failure });
  }

  #beginPlayback(stream: LiveStream, session: Session): OpenPlayback {
    this.#checkOpen(session);
    admitViewer(stream, this.#host.rule(stream.key).viewers, this.#limits());
    const playback = new OpenPlayback(stream, session, this.#host.clock, this.#playbackEnded);
    session.log.info("play started", { stream: stream.id });
    this.#host.hooks.tell("play:start", { stream, session });
    return playback;
  }

  readonly #playbackEnded = ({ stream, session, seconds, bytes, skips }: OpenPlayback, closed: Closed): void => {
    const end = endFigures(closed, seconds, bytes);
    session.log.info(`play ended: ${closed.message}`, { stream: stream.id, ...end, detail: undefined, skips });
    this.#host.hooks.tell("play:end", { stream, session, skips, ...end });
    this.#sources.viewerLeft(stream);
  };
}

function checkedId(key: StreamKey): string {
  try {
    checkName("app", key.app);
    checkName("stream", key.name);
    return streamId(key.vhost, key.app, key.name);
  } catch (error) {
    if (error instanceof BadNameError) throw new Refusal("bad-name", error.message, { cause: error });
    throw error;
  }
}

/** For how many seconds at most a session's peer wants to wait for a stream; `Infinity` for as long as it may. */
export function wishOf({ params, info }: Pick<Session, "params" | "info">): number {
  const text = params.get(WAIT_PARAM);
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Number(text) : info.waitSeconds ?? Infinity;
}
