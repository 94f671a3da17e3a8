import type { Socket } from "node:net";
import type { Playback } from "../../../kernel/streams/playback.ts";
import { Closed } from "../../../kernel/reasons.ts";
import type { Session } from "../../../kernel/sessions/session.ts";
import type { SocketViewer, Viewers } from "../../../kernel/fanout/viewer.ts";
import { rtmpFormat } from "../format.ts";

/** How long a paused player's connection may be silent before the system asks whether it is still there. */
const KEEP_ALIVE_MS = 60_000;

/** What players get until they want less. */
const EVERYTHING = { audio: true, video: true };

/** What a player is made of. */
export interface RtmpPlayerOptions {
  readonly streamId: number;
  readonly socket: Socket;
  readonly session: Session;
  readonly playback: Playback;
  readonly viewers: Viewers;
  /** True if it understands multitrack messages; others get the main track alone. */
  readonly knowsTracks: boolean;
  /** Called once when the stream has ended. */
  readonly onEnd: (closed: Closed) => void;
}

/** One played stream of a connection. */
export class RtmpPlayer implements Disposable {
  readonly #options: RtmpPlayerOptions;
  #viewer?: SocketViewer;
  #hasStarted = false;
  #isPaused = false;
  #wants = EVERYTHING;
  /** Made for those alone who rest. */
  #streamEnded?: () => void;

  constructor(options: RtmpPlayerOptions) {
    this.#options = options;
  }

  /** Begins at the newest entry of the stream, unless it is paused or nothing is wanted. */
  start(): void {
    this.#hasStarted = true;
    this.#restart();
  }

  /** Stops sending, or goes on at the newest entry. */
  pause(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    this.#restart();
  }

  /** Switches one kind of track on or off. */
  receive(kind: "audio" | "video", isOn: boolean): void {
    if (this.#wants[kind] === isOn) return;
    this.#wants = { ...this.#wants, [kind]: isOn };
    this.#restart();
  }

  [Symbol.dispose](): void {
    this.#stop();
    this.#options.playback[Symbol.dispose]();
  }

  #restart(): void {
    this.#stop();
    if (!this.#hasStarted) return;
    if (this.#isPaused || !(this.#wants.audio || this.#wants.video)) return this.#rest();
    const { streamId, socket, session, playback, knowsTracks, viewers, onEnd } = this.#options;
    const format = rtmpFormat({ streamId, ...this.#wants, tracks: knowsTracks ? "all" : "main" });
    this.#viewer = viewers.add({ socket, session, playback, subscription: playback.read(format), onEnd });
  }

  /** Nothing is read, so nothing else will tell of the stream's end, or of a peer that is gone. */
  #rest(): void {
    const { socket, onEnd, playback: { stream: { signal } } } = this.#options;
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.#streamEnded = () => onEnd(Closed.of(signal));
    if (signal.aborted) this.#streamEnded();
    else signal.addEventListener("abort", this.#streamEnded);
  }

  #stop(): void {
    if (this.#viewer) this.#options.viewers.remove(this.#viewer);
    this.#viewer = undefined;
    if (this.#streamEnded) this.#options.playback.stream.signal.removeEventListener("abort", this.#streamEnded);
    this.#streamEnded = undefined;
  }
}
