import type { LogRecord } from "@logtape/logtape";
import type { RefusedKind } from "../front/front.ts";
import type { Logger } from "../log/log.ts";
import type { StreamKey } from "../names.ts";
import { OpenPlayback } from "../streams/playback.ts";
import type { PacketReader } from "../fanout/packet_subscription.ts";
import type { Publication } from "../streams/publication.ts";
import { Closed, Refusal, whenAborted } from "../reasons.ts";
import type { OpenSession, Session, SessionInfo } from "../sessions/session.ts";
import type { SessionTarget } from "../sessions/sessions.ts";
import type { Stream } from "../streams/stream.ts";
import type { ToldTimings } from "../fanout/timings.ts";
import { CopySender, type CopySenderHost } from "./packets/copy_sender.ts";
import { Flow } from "./packets/flow.ts";
import type { HomeLink } from "./homes/home_feeds.ts";
import {
  infoOf,
  type MainQuestion,
  type Post,
  type SentArtifact,
  type SentFigures,
  type SentPublisher,
  type ToMain,
  type ToWorker,
  type WorkerQuestion,
} from "./messages.ts";
import { type PacketBatch, unpack } from "./packets/packet_batch.ts";
import { Questions, reply } from "./questions.ts";
import type { Relay } from "./requests/relay.ts";
import type { SharedMemory } from "./memory/shared_memory.ts";
import { NumbersElsewhere } from "./memory/shared_numbers.ts";
import { type AppFetch, WorkerRequests } from "./requests/worker_requests.ts";
import type { WorkerSinks } from "./homes/worker_sinks.ts";

/** What the workers of a server take from its main isolate. */
export interface LinkHost {
  readonly log: Logger;
  readonly timings: ToldTimings;
  /** How many connections all workers have refused, by why. */
  readonly refused: Map<RefusedKind, number>;
  /** All streams, by id. */
  readonly streams: ReadonlyMap<string, Stream>;
  /** Lets a peer in; throws a {@linkcode Refusal}. */
  open(info: SessionInfo, target: SessionTarget): Promise<OpenSession>;
  /** Lets a session publish; throws a {@linkcode Refusal}. */
  publish(session: Session, key: StreamKey): Promise<Publication>;
  /** Lets a session play; throws a {@linkcode Refusal}. */
  play(session: Session, key: StreamKey): Promise<OpenPlayback>;
  /** Answers a request. */
  readonly fetch: AppFetch;
  /** Takes what a worker logs. */
  say(record: LogRecord): void;
  /** Tells what becomes of files. */
  tell(word: SentArtifact): void;
}

/** What a link has to do with the other workers. */
export interface LinkPeers {
  readonly relay: Pick<Relay, "request" | "answer">;
  readonly sinks: Pick<WorkerSinks, "take">;
}

interface Published {
  readonly publication: Publication;
  isWatched: boolean;
}

/**
 * The main isolate's side of one worker: to the server it is a protocol like others, whose peers have sessions, publish and
 * play.
 */
export class WorkerLink implements HomeLink {
  readonly questions: Questions<MainQuestion>;
  readonly #index: number;
  readonly #post: Post<ToWorker>;
  readonly #host: LinkHost;
  readonly #peers: LinkPeers;
  readonly #requests: WorkerRequests;
  readonly #fromWorker: Flow;
  readonly #toWorker: Flow;
  readonly #numbers = new NumbersElsewhere();
  readonly #sessions = new Map<number, OpenSession>();
  readonly #publications = new Map<number, Published>();
  readonly #playbacks = new Map<number, OpenPlayback>();
  readonly #copies = new Map<number, CopySender>();
  #refused: SentFigures["refused"] = new Map();
  /** The copies of streams whose home the worker is, which it has not asked for; their numbers are below zero. */
  readonly #homeCopies = new Map<Stream, number>();
  #adopted = 0;
  #isClosed = false;

  constructor(index: number, memory: SharedMemory, post: Post<ToWorker>, host: LinkHost, peers: LinkPeers) {
    this.#index = index;
    this.#post = post;
    this.#host = host;
    this.#peers = peers;
    this.questions = new Questions<MainQuestion>(post);
    this.#requests = new WorkerRequests(post, host.fetch, host.log);
    this.#fromWorker = new Flow(memory, index, "main");
    this.#toWorker = new Flow(memory, index, "worker");
  }

  /** Takes a message of the worker. */
  receive(message: ToMain): void {
    switch (message.type) {
      case "reply":
        return this.questions.settle(message);
      case "open":
      case "publish":
      case "play":
        return void reply(this.#post, message.ask, this.#answer(message));
      case "packets":
        return this.#write(message.publication, message.batch);
      case "unpublish":
        return this.#unpublish(message.publication, message.isFinished);
      case "leave":
        return this.#leave(message);
      case "close":
        return this.#close(message);
      case "copy":
        return this.#copy(message.copy, message.stream);
      case "drop":
        return this.#drop(message.copy);
      case "figures":
        return this.#take(message);
      case "numbers":
        return this.#numbers.add(message.memory);
      case "log":
        return this.#host.say(message.record);
      case "hurry":
        return this.#copies.get(message.copy)?.hurry(message.isHurried);
      case "artifact":
        return this.#host.tell(message);
      case "sinks":
        return this.#peers.sinks.take(this.#index, message.runs);
      default:
        this.#receiveRequest(message);
    }
  }

  adopt(stream: Stream, publisher: SentPublisher, reader?: PacketReader): void {
    if (this.#homeCopies.has(stream)) return;
    const copy = --this.#adopted;
    this.#homeCopies.set(stream, copy);
    this.#post({ type: "adopt", copy, key: stream.key, publisher });
    this.#sendCopy(copy, stream, { isPatient: true, reader });
  }

  published(stream: Stream, publisher: SentPublisher): void {
    const copy = this.#homeCopies.get(stream);
    if (copy !== undefined) this.#post({ type: "publisher", copy, publisher });
  }

  /** Another publisher has begun. */
  resumed(stream: Stream): void {
    for (const copy of this.#copies.values()) if (copy.stream === stream) copy.resumed();
  }

  /** Settles at once unless a stream is published by way of this worker, and otherwise when it is known whether it still is. */
  async ending(stream: string): Promise<void> {
    for (const [number, { publication }] of this.#publications) {
      if (publication.stream.id !== stream) continue;
      await this.questions.ask({ type: "ending", publication: number }).catch(() => {});
    }
  }

  /** The worker is gone, and with it all its peers. */
  close(closed: Closed): void {
    this.#isClosed = true;
    for (const session of [...this.#sessions.values()]) session.close(closed.reason, closed.detail);
    this.#playbacks.clear();
    for (const copy of [...this.#copies.keys()]) this.#drop(copy);
    this.#requests.close();
    this.questions.fail(closed);
  }

  #receiveRequest(message: ToMain): void {
    switch (message.type) {
      case "request":
      case "body":
      case "taken":
      case "gone":
        if (message.home === undefined) this.#requests.receive(message);
        else this.#peers.relay.request(this.#index, message);
        break;
      case "answer":
      case "answered":
      case "break":
      case "more":
        this.#peers.relay.answer(message);
    }
  }

  #answer(question: WorkerQuestion): Promise<unknown> {
    if (question.type === "open") return this.#open(question);
    const session = this.#sessions.get(question.session);
    if (!session) return Promise.reject(new Refusal("denied", "The session has ended"));
    setParams(session, question.query);
    return question.type === "publish" ? this.#publish(session, question) : this.#play(session, question);
  }

  async #open(question: WorkerQuestion & { type: "open" }): Promise<string> {
    const { session: number, info, target } = question;
    const traffic = this.#numbers.traffic(question.place);
    const session = await this.#host.open(infoOf(info), target);
    session.countedElsewhere(traffic);
    if (this.#isClosed) session.close("error", "the worker of this connection is gone");
    else this.#sessions.set(number, session);
    session.onClose(({ reason, detail }) => {
      if (this.#sessions.delete(number)) this.#post({ type: "closed", session: number, reason, detail });
    });
    return session.id;
  }

  async #publish(session: OpenSession, { number, key }: WorkerQuestion & { type: "publish" }): Promise<void> {
    const publication = await this.#host.publish(session, key);
    this.#publications.set(number, { publication, isWatched: false });
    whenAborted(publication.signal, () => {
      if (!this.#publications.delete(number)) return;
      const { reason, detail } = Closed.of(publication.signal);
      this.#post({ type: "unpublished", publication: number, reason, detail });
    });
  }

  async #play(session: OpenSession, { number, key, place }: WorkerQuestion & { type: "play" }): Promise<string> {
    const sent = this.#numbers.sent(place);
    const playback = await this.#host.play(session, key);
    playback.sentElsewhere(sent);
    // Nothing is registered with the session, which may play as often as it likes: the worker says when each is over.
    this.#playbacks.set(number, playback);
    return playback.stream.id;
  }

  #write(number: number, batch: PacketBatch): void {
    const published = this.#publications.get(number);
    if (published) {
      const { publication } = published;
      for (const packet of unpack(batch)) publication.write(packet);
      publication.flush();
      this.#tellWatched(number, published);
    }
    this.#fromWorker.taken(batch.bytes.length);
  }

  #tellWatched(number: number, published: Published): void {
    const { isWatched } = published.publication.stream;
    if (isWatched === published.isWatched) return;
    published.isWatched = isWatched;
    this.#post({ type: "watched", publication: number, isWatched });
  }

  #unpublish(number: number, isFinished: boolean): void {
    const publication = this.#publications.get(number)?.publication;
    this.#publications.delete(number);
    if (isFinished) publication?.end();
    else publication?.[Symbol.dispose]();
  }

  #leave({ playback: number, skips, isSessionOver }: ToMain & { type: "leave" }): void {
    const playback = this.#playbacks.get(number);
    this.#playbacks.delete(number);
    playback?.skippedElsewhere(skips);
    if (!isSessionOver) playback?.[Symbol.dispose]();
  }

  #close({ session: number, reason, detail }: ToMain & { type: "close" }): void {
    const session = this.#sessions.get(number);
    this.#sessions.delete(number);
    session?.close(reason, detail);
  }

  #copy(number: number, id: string): void {
    const stream = this.#host.streams.get(id);
    if (!stream || stream.state === "waiting") {
      return this.#post({ type: "copy-end", copy: number, ...endAsWords(new Closed("stream-ended")) });
    }
    this.#sendCopy(number, stream);
  }

  #sendCopy(number: number, stream: Stream, how: Pick<CopySenderHost, "isPatient" | "reader"> = {}): void {
    const onEnd = () => this.#forget(number, stream);
    const host = { ...how, post: this.#post, flow: this.#toWorker, onEnd };
    const sender = new CopySender(number, stream, host);
    if (!sender.isOver) this.#copies.set(number, sender);
  }

  #drop(number: number): void {
    const sender = this.#copies.get(number);
    sender?.[Symbol.dispose]();
    if (sender) this.#forget(number, sender.stream);
  }

  #forget(number: number, stream: Stream): void {
    this.#copies.delete(number);
    if (this.#homeCopies.get(stream) === number) this.#homeCopies.delete(stream);
  }

  #take({ skips, flushes, firstBytes, refused, lagSeconds }: SentFigures): void {
    this.#host.timings.workerLag(this.#index + 1, lagSeconds);
    for (const [playback, count] of skips) this.#playbacks.get(playback)?.skippedElsewhere(count);
    for (const [readers, seconds] of flushes) this.#host.timings.flushed(readers, seconds);
    for (const [protocol, seconds] of firstBytes) this.#host.timings.firstBytes(protocol, seconds);
    for (const [why, count] of refused) {
      const before = this.#host.refused.get(why) ?? 0;
      this.#host.refused.set(why, before + count - (this.#refused.get(why) ?? 0));
    }
    this.#refused = refused;
  }
}

function endAsWords({ reason, detail }: Closed): Pick<Closed, "reason" | "detail"> {
  return { reason, detail };
}

/** The session's query is the one of the stream that is being decided. */
function setParams({ params }: Session, query: string): void {
  if (params.toString() === query) return;
  for (const key of [...params.keys()]) params.delete(key);
  for (const [key, value] of new URLSearchParams(query)) params.append(key, value);
}
