import type { RingLimits } from "../fanout/byte_ring.ts";
import { type Clock, every, type Timer } from "../clock.ts";
import type { Flusher } from "../fanout/flusher.ts";
import type { Logger } from "../log/log.ts";
import type { StreamKey } from "../names.ts";
import { OpenPlayback, type Playback } from "../streams/playback.ts";
import type { Publication } from "../streams/publication.ts";
import { Closed, Refusal, whenAborted } from "../reasons.ts";
import type { Session } from "../sessions/session.ts";
import { Copies, endOf } from "./packets/copies.ts";
import { Figures, type SharedPlayback } from "./figures.ts";
import { Flow } from "./packets/flow.ts";
import { Forwarding } from "./requests/forwarding.ts";
import type { Post, SentFigures, ToMain, ToWorker, WorkerQuestion } from "./messages.ts";
import { Questions, reply } from "./questions.ts";
import { SentPublication } from "./packets/sent_publication.ts";
import type { SharedMemory } from "./memory/shared_memory.ts";
import { SENT, SharedNumbers, shareSent } from "./memory/shared_numbers.ts";
import { SinkReport } from "./homes/sink_report.ts";
import type { WorkerHooks } from "./worker_hooks.ts";
import { WorkerSessions } from "./worker_sessions.ts";

/** How often the main isolate is told figures, in milliseconds. */
const FIGURES_MS = 1000;

/** What has happened to a publisher's connection is known within so many milliseconds. */
const ENDING_MS = 300;

/** … and so many more: a worker that did not get to run sees that the time is over before it sees what has come in. */
const LATE_MS = 20;

/** What the way to the main isolate takes from its worker. */
export interface MainSideHost {
  readonly index: number;
  readonly memory: SharedMemory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly hooks: WorkerHooks;
  readonly flusher: Flusher;
  readonly ring: RingLimits;
  /** How many connections have been refused, by why. */
  readonly refused: SentFigures["refused"];
  readonly post: Post<ToMain>;
}

/**
 * A worker's way to the main isolate, which has all streams: sessions, publications and playbacks have their
 * counterparts there, and what is decided there counts.
 */
export class MainSide implements Disposable {
  readonly sessions: WorkerSessions;
  readonly copies: Copies;
  readonly forwarding: Forwarding;
  readonly sinks: SinkReport;
  readonly #host: MainSideHost;
  readonly #questions: Questions<WorkerQuestion>;
  readonly #figures: Figures;
  readonly #numbers: SharedNumbers;
  readonly #toMain: Flow;
  readonly #publications = new Map<number, SentPublication>();
  readonly #playbacks = new Map<number, SharedPlayback>();
  readonly #telling: Timer;
  #toldAt: number;
  #newest = 0;

  constructor(host: MainSideHost) {
    this.#host = host;
    const { post, clock, log, hooks, flusher, memory, index } = host;
    this.#questions = new Questions<WorkerQuestion>(post);
    this.#numbers = new SharedNumbers((memory) => post({ type: "numbers", memory }));
    this.sessions = new WorkerSessions({ clock, log, post, questions: this.#questions, numbers: this.#numbers });
    this.#toMain = new Flow(memory, index, "main");
    const toWorker = new Flow(memory, index, "worker");
    this.copies = new Copies({
      clock,
      flusher,
      log,
      hooks,
      post,
      get ring() {
        return host.ring;
      },
      taken: (bytes) => toWorker.taken(bytes),
    });
    this.forwarding = new Forwarding(post, log);
    this.sinks = new SinkReport(clock, post);
    this.#figures = new Figures(flusher.timings);
    this.#toldAt = clock.now();
    this.#telling = every(clock, FIGURES_MS, () => this.#tellFigures());
  }

  /**
   * Lets a session publish.
   *
   * @throws {Refusal} when the main isolate does not
   */
  async publish(session: Session, key: StreamKey): Promise<Publication> {
    const number = ++this.#newest;
    const query = session.params.toString();
    const { post, flusher } = this.#host;
    await this.#questions.ask({ type: "publish", session: this.sessions.numberOf(session), number, key, query });
    const publication = new SentPublication(number, session, key, {
      post,
      flow: this.#toMain,
      flusher,
      publications: () => this.#publications.size,
      onEnd: () => void this.#publications.delete(number),
    });
    if (!session.closed) this.#publications.set(number, publication);
    return publication;
  }

  /**
   * Lets a session play, from the copy that this worker has of the stream.
   *
   * @throws {Refusal} when the main isolate does not, or the stream has ended meanwhile
   */
  async play(session: Session, key: StreamKey): Promise<Playback> {
    const number = ++this.#newest;
    const query = session.params.toString();
    const place = this.#numbers.take(SENT);
    this.sessions.shareOne(session);
    const about = { session: this.sessions.numberOf(session), number, key, query, place: place.at };
    const id = await this.#questions.ask({ type: "play", ...about }) as string;
    const stream = await this.copies.obtain(id, key);
    const ended = session.closed ?? endOf(stream);
    if (ended) {
      this.copies.left(stream);
      this.#host.post({ type: "leave", playback: number, skips: 0, isSessionOver: false });
      if (session.closed) throw sentAway(session.closed);
      throw new Refusal("not-live", `Cannot play ${id}: ${ended.message}`);
    }
    const playback = new OpenPlayback(stream, session, this.#host.clock, (over) => {
      this.#playbacks.delete(number);
      shareSent(place, over);
      this.sessions.shareOne(session);
      this.#host.post({
        type: "leave",
        playback: number,
        skips: over.skips,
        isSessionOver: session.closed !== undefined,
      });
      this.copies.left(stream);
    });
    this.#playbacks.set(number, { playback, place, toldSkips: 0 });
    return playback;
  }

  /** Settles when a publication has ended, or does not do so within a moment. */
  async #ending(number: number): Promise<void> {
    const signal = this.#publications.get(number)?.signal;
    for (const ms of [ENDING_MS, LATE_MS]) if (signal && !signal.aborted) await this.#aborted(signal, ms);
  }

  /** Settles when a signal has aborted, or does not do so in time. */
  async #aborted(signal: AbortSignal, ms: number): Promise<void> {
    const over = Promise.withResolvers<void>();
    using _end = whenAborted(signal, over.resolve);
    using _timer = this.#host.clock.setTimeout(over.resolve, ms);
    await over.promise;
  }

  /** Takes a message that concerns peers and streams; false for others. */
  receive(message: ToWorker): boolean {
    switch (message.type) {
      case "reply":
        this.#questions.settle(message);
        return true;
      case "ending":
        void reply(this.#host.post, message.ask, this.#ending(message.publication));
        return true;
      case "closed":
        this.sessions.closed(message.session, message.reason, message.detail);
        return true;
      case "unpublished":
        this.#publications.get(message.publication)?.ended(new Closed(message.reason, message.detail));
        return true;
      case "watched":
        this.#publications.get(message.publication)?.watched(message.isWatched);
        return true;
      case "artifact":
        this.#host.hooks.hear(message);
        return true;
      default:
        return this.#receiveCopy(message) || this.#receiveAnswer(message);
    }
  }

  /** Ends all that goes on, so that viewers and publishers hear it. */
  close(): void {
    this.copies.close();
    for (const session of [...this.sessions.all]) session.close("shutdown");
    this.#questions.fail(new Refusal("shutdown", "The server is stopping"));
  }

  [Symbol.dispose](): void {
    this.sinks[Symbol.dispose]();
    this.#telling[Symbol.dispose]();
  }

  #receiveCopy(message: ToWorker): boolean {
    switch (message.type) {
      case "adopt":
        this.copies.adopt(message.copy, message.key, message.publisher);
        return true;
      case "publisher":
        this.copies.published(message.copy, message.publisher);
        return true;
      case "copy-begin":
        this.copies.begin(message.copy, message.known);
        return true;
      case "copy-packets":
        this.copies.write(message.copy, message.batch);
        return true;
      case "copy-end":
        this.copies.end(message.copy, message.reason, message.detail);
        return true;
      default:
        return false;
    }
  }

  #receiveAnswer(message: ToWorker): boolean {
    switch (message.type) {
      case "answer":
        this.forwarding.answer(message.id, message.head, message.chunk);
        return true;
      case "answered":
        this.forwarding.answered(message.id, message.head);
        return true;
      case "break":
        this.forwarding.break(message.id);
        return true;
      case "more":
        this.forwarding.more(message.id);
        return true;
      default:
        return false;
    }
  }

  /** Told also when nothing has changed: a worker that says nothing at all counts as stuck. */
  #tellFigures(): void {
    const { clock, refused, post } = this.#host;
    const now = clock.now();
    const lagSeconds = Math.max(0, now - this.#toldAt - FIGURES_MS) / 1000;
    this.#toldAt = now;
    this.sessions.share();
    const streams = this.copies.streams.values();
    const figures = this.#figures.take({ refused, lagSeconds }, streams, this.#playbacks);
    post({ type: "figures", ...figures });
  }
}

/** For a player whose session the main isolate has ended before it had anything. */
function sentAway({ reason, message }: Closed): Refusal {
  return new Refusal(reason === "shutdown" ? "shutdown" : "denied", message);
}
