import type { Clock, Timer } from "../clock.ts";
import { errorText } from "../error_text.ts";
import type { StreamSource } from "../plugin/hooks.ts";
import type { OpenPublication } from "./publication.ts";
import { Closed, Refusal, whenAborted } from "../reasons.ts";
import type { Session } from "../sessions/session.ts";
import type { LiveStream } from "./live_stream.ts";

/** What a source runner takes from its server. */
export interface SourceHost {
  readonly clock: Clock;
  /** How long the upstream is kept after the last viewer, in milliseconds. */
  readonly keepMs: number;
  open(): Session;
  publish(session: Session): OpenPublication;
  onEnd(): void;
}

/** Brings a stream from elsewhere for as long as somebody watches it, and a little longer. */
export class SourceRunner {
  readonly #stream: LiveStream;
  readonly #source: StreamSource;
  readonly #host: SourceHost;
  readonly #controller = new AbortController();
  #lingering?: Timer;
  #session?: Session;
  #publication?: OpenPublication;
  #holds = 0;
  #failure?: Refusal;
  #isOver = false;

  constructor(stream: LiveStream, source: StreamSource, host: SourceHost) {
    this.#stream = stream;
    this.#source = source;
    this.#host = host;
  }

  /** Whether it publishes now, and makes room for another publisher. */
  get givesWay(): boolean {
    return this.#source.givesWay === true && this.#publication?.signal.aborted === false;
  }

  /** Why the stream could not be had so far, if it is more than that nobody has it. */
  get failure(): Refusal | undefined {
    return this.#failure ?? this.#source.failure;
  }

  /** Keeps the source though nobody watches, until it is disposed. */
  hold(): Disposable {
    this.#holds++;
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#holds--;
        if (!this.#isOver) this.viewerLeft();
      },
    };
  }

  /** Somebody publishes the stream: unless that is the source itself, there is nothing to bring any more. */
  published(session: Session): void {
    if (session !== this.#session) this.#controller.abort(new Closed("replaced"));
  }

  /** Begins to publish what the source brings. */
  start(): void {
    this.viewerLeft();
    void this.#run();
  }

  /** If that was the last viewer, the source stops after a while, unless another comes before. */
  viewerLeft(): void {
    this.#lingering?.[Symbol.dispose]();
    this.#lingering = this.#host.clock.setTimeout(() => {
      if (this.#stream.viewers > 0 || this.#holds > 0) return;
      this.#controller.abort(new Closed("idle", "nobody watches the stream any more"));
      // At once: a player who is let in meanwhile has a stream that goes on.
      this.#end();
    }, this.#host.keepMs);
  }

  async #run(): Promise<void> {
    const session = this.#session = this.#host.open();
    try {
      await this.#bring(session);
    } catch (error) {
      session.log.warn(`The source of ${this.#stream.id} failed: ${errorText(error)}`);
    } finally {
      this.#isOver = true;
      this.#lingering?.[Symbol.dispose]();
      this.#host.onEnd();
      session[Symbol.dispose]();
    }
  }

  /** Settles when the source is through or was told to stop, without waiting for one that does not listen. */
  async #bring(session: Session): Promise<void> {
    const { signal } = this.#controller;
    const stopped = Promise.withResolvers<void>();
    using _stop = whenAborted(signal, stopped.resolve);
    using _ended = whenAborted(this.#stream.signal, () => this.#controller.abort(this.#stream.signal.reason));
    session.onClose((closed) => this.#controller.abort(closed));
    try {
      await Promise.race([this.#source.run(() => this.#begin(session), signal), stopped.promise]);
      this.#end();
    } catch (error) {
      if (signal.aborted) return this.#end();
      this.#fail(error);
      throw error;
    }
  }

  #begin(session: Session): OpenPublication {
    if (this.#publication) return this.#publication;
    const publication = this.#publication = this.#host.publish(session);
    whenAborted(publication.signal, () => this.#controller.abort(publication.signal.reason));
    return publication;
  }

  #end(): void {
    if (this.#publication) this.#publication.end();
    else if (this.#stream.state === "waiting") this.#stream.end("stream-ended", "its source has ended");
  }

  /** Players that wait hear at once that there is nothing to wait for. */
  #fail(error: unknown): void {
    if (error instanceof Refusal) this.#failure = error;
    if (this.#publication) this.#publication.abort(new Closed("error", "the stream could not be had from its source"));
    else if (this.#stream.state === "waiting") this.#stream.end("error", errorText(error));
  }
}
