import type { Socket } from "node:net";
import type { Timer } from "../../../kernel/clock.ts";
import type { Deadlines } from "../../../kernel/front/deadlines.ts";
import { errorText } from "../../../kernel/error_text.ts";
import { addressOf } from "../../../kernel/front/peer_address.ts";
import type { Playback } from "../../../kernel/streams/playback.ts";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import type { Publication } from "../../../kernel/streams/publication.ts";
import { Closed, whenAborted } from "../../../kernel/reasons.ts";
import type { Session } from "../../../kernel/sessions/session.ts";
import type { Viewers } from "../../../kernel/fanout/viewer.ts";
import type { MergedReads } from "../../shared/merged_reads.ts";
import { Answers } from "./answers.ts";
import { RtmpProtocolError } from "../wire/errors.ts";
import { openSession } from "./open_session.ts";
import { RtmpPlayer } from "./player.ts";
import { RtmpPublisher } from "./publisher.ts";
import { asRefusal } from "./refusal.ts";
import type { PlayQuestion, ServerEvent, StreamQuestion } from "./server_events.ts";
import { ServerMachine } from "./server_machine.ts";
import { StreamQuestions } from "./stream_questions.ts";
import { StreamTable } from "./stream_table.ts";

/** What the connections of one server share. */
export interface RtmpDeps {
  readonly ctx: PluginContext;
  readonly viewers: Viewers;
  readonly reads: MergedReads;
  /** How long handshake and connect may take. */
  readonly connecting: Deadlines;
  /** How long a connected peer may neither publish nor play. */
  readonly idling: Deadlines;
  /** The same in seconds, for words. */
  readonly idleSeconds: number;
}

/** Drives one RTMP connection: the only one that waits, between the machine and the kernel. */
export class RtmpConnection {
  readonly #deps: RtmpDeps;
  readonly #socket: Socket;
  readonly #machine = new ServerMachine();
  readonly #answers: Answers;
  readonly #publishers = new StreamTable<RtmpPublisher>();
  readonly #players = new StreamTable<RtmpPlayer>();
  /** Runs while the peer is expected to connect, or to ask for something. */
  #deadline?: Timer;
  #session?: Session;
  /** Only while there are questions: thousands of connections have none. */
  #questions?: StreamQuestions;
  #hasParams = false;

  constructor(socket: Socket, deps: RtmpDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#answers = new Answers(socket, this.#machine);
    this.#deadline = deps.connecting.set(() => socket.destroy());
    socket.setNoDelay(true);
    socket.on("data", (bytes: Uint8Array) => this.receive(bytes));
    socket.on("end", destroyThis);
    socket.on("close", () => {
      this.#clearDeadline();
      this.#session?.close("left");
    });
  }

  /** Takes bytes from the peer. */
  receive(bytes: Uint8Array): void {
    if (this.#answers.isClosing) return;
    if (this.#session) this.#session.bytesIn += bytes.length;
    this.#guard(() => {
      this.#handle(this.#machine.receive(bytes));
      this.#publishers.forEach(flush);
    });
    if (this.#publishers.size > 0) this.#rest(bytes.length);
  }

  /** What nobody watches may gather before it is read. */
  #rest(bytes: number): void {
    for (const [, publisher] of this.#publishers) if (publisher.isWatched) return;
    this.#deps.reads.rest(this.#socket, bytes);
  }

  #clearDeadline(): void {
    this.#deadline?.[Symbol.dispose]();
    this.#deadline = undefined;
  }

  /** To be called whenever the peer begins or ends to use the connection. */
  #watchIdleness(): void {
    const isUsed = this.#publishers.size > 0 || this.#players.size > 0 || this.#questions !== undefined;
    if (isUsed || this.#answers.isClosing) this.#clearDeadline();
    else this.#deadline ??= this.#deps.idling.set(() => this.#idle());
  }

  #idle(): void {
    this.#session?.close("idle", `the peer neither published nor played for ${this.#deps.idleSeconds} s`);
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      const text = errorText(error);
      if (!(error instanceof RtmpProtocolError)) {
        this.#deps.ctx.log.error(`An RTMP connection failed: ${text}`, { error });
      } else if (!this.#session) this.#deps.ctx.log.debug(`refused: ${text}`, { peer: addressOf(this.#socket) });
      this.#session?.close("protocol-error", text);
      this.#close();
    }
    this.#send();
  }

  #handle(events: readonly ServerEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case "media":
          this.#publishers.get(event.streamId)?.write(event.message);
          break;
        case "connect":
          void this.#connect(event);
          break;
        case "publish":
        case "play":
          this.#ask(event);
          break;
        case "unpublish":
          this.#endPublisher(event.streamId);
          break;
        case "stop":
          this.#stopPlayer(event.streamId);
          break;
        case "pause":
          this.#players.get(event.streamId)?.pause(event.isPaused);
          break;
        case "receive":
          this.#players.get(event.streamId)?.receive(event.kind, event.isOn);
      }
    }
  }

  async #connect({ info }: ServerEvent & { type: "connect" }): Promise<void> {
    this.#clearDeadline();
    try {
      this.#open(await openSession(this.#deps.ctx, this.#socket, info));
      this.#guard(() => this.#handle(this.#machine.acceptConnect()));
    } catch (error) {
      const { message, redirect } = asRefusal(error, this.#deps.ctx.log);
      this.#machine.rejectConnect(message, redirect);
      this.#send();
      this.#close();
    }
  }

  #open(session: Session): void {
    this.#session = session;
    this.#hasParams = (session.info.params?.size ?? 0) > 0;
    session.onClose((closed) => this.#ended(closed));
    this.#watchIdleness();
    if (this.#socket.destroyed) session.close("left");
  }

  #ask(question: StreamQuestion): void {
    this.#questions ??= this.#openQuestions();
    this.#watchIdleness();
    this.#questions.ask(question);
  }

  #openQuestions(): StreamQuestions {
    return new StreamQuestions({
      ctx: this.#deps.ctx,
      machine: this.#machine,
      session: this.#session as Session,
      setParams: (params) => this.#setParams(params),
      publish: (streamId, publication) => this.#guard(() => this.#startPublisher(streamId, publication)),
      play: (question, playback) => this.#guard(() => this.#startPlayer(question, playback)),
      send: () => this.#send(),
      onEmpty: () => {
        this.#questions = undefined;
        this.#watchIdleness();
      },
    });
  }

  /** The session's query is the one of the stream that is being decided. */
  #setParams(params: URLSearchParams): void {
    if (params.size === 0 && !this.#hasParams) return;
    this.#hasParams = true;
    const known = this.#session?.params;
    for (const key of [...known?.keys() ?? []]) known?.delete(key);
    for (const [key, value] of params) known?.append(key, value);
  }

  #startPublisher(streamId: number, publication: Publication): void {
    const publisher = new RtmpPublisher(publication);
    this.#publishers.set(streamId, publisher);
    this.#deps.reads.count(publication);
    whenAborted(publication.signal, () => {
      if (this.#publishers.get(streamId) === publisher) this.#unpublished(streamId, Closed.of(publication.signal));
    });
    this.#handle(this.#machine.acceptPublish(streamId));
    publication.flush();
  }

  #startPlayer({ streamId, reset }: PlayQuestion, playback: Playback): void {
    const wishes = this.#machine.acceptPlay(streamId, reset);
    this.#send();
    const player = new RtmpPlayer({
      streamId,
      socket: this.#socket,
      session: this.#session as Session,
      playback,
      viewers: this.#deps.viewers,
      knowsTracks: this.#machine.connectInfo?.knowsTracks ?? false,
      onEnd: (closed) => this.#endPlay(streamId, closed),
    });
    this.#players.set(streamId, player);
    this.#handle(wishes);
    player.start();
  }

  /** The peer has finished one stream; others of the connection go on. */
  #endPublisher(streamId: number): void {
    const publisher = this.#publishers.get(streamId);
    this.#publishers.delete(streamId);
    publisher?.end();
    this.#watchIdleness();
  }

  /** The server has ended what the peer publishes. */
  #unpublished(streamId: number, closed: Closed): void {
    this.#publishers.delete(streamId);
    if (this.#session?.closed) return;
    this.#machine.rejectPublish(streamId, "NetStream.Unpublish.Success", closed.message);
    this.#send();
    this.#session?.close(closed.reason, closed.message);
  }

  #stopPlayer(streamId: number): void {
    this.#players.get(streamId)?.[Symbol.dispose]();
    this.#players.delete(streamId);
    this.#watchIdleness();
  }

  #endPlay(streamId: number, closed: Closed): void {
    this.#stopPlayer(streamId);
    this.#machine.endPlay(streamId, closed.message);
    this.#send();
  }

  /** The session is over: tells the peer why, as far as RTMP can, and closes. */
  #ended(closed: Closed): void {
    for (const [streamId, publisher] of this.#publishers) {
      this.#publishers.delete(streamId);
      publisher[Symbol.dispose]();
      this.#machine.rejectPublish(streamId, "NetStream.Publish.Denied", closed.message);
    }
    for (const [streamId] of this.#players) this.#endPlay(streamId, closed);
    this.#rejectUndecided(closed);
    this.#send();
    this.#close();
  }

  #rejectUndecided({ message }: Closed): void {
    for (const [streamId, { use }] of this.#machine.streams) {
      if (use === "publish-asked") this.#machine.rejectPublish(streamId, "NetStream.Publish.Denied", message);
      else if (use === "play-asked") this.#machine.rejectPlay(streamId, "NetStream.Play.Failed", message);
    }
  }

  #send(): void {
    if (!this.#answers.send()) this.#session?.close("too-slow", "the peer asks and does not read the answers");
  }

  #close(): void {
    this.#clearDeadline();
    this.#answers.close(this.#deps.ctx.clock);
  }
}

function destroyThis(this: Socket): void {
  this.destroy();
}

function flush(publisher: RtmpPublisher): void {
  publisher.flush();
}
