import type { Clock, Timer } from "./clock.ts";
import type { StreamSource } from "./hooks.ts";
import type { OpenPublication } from "./publication.ts";
import { Closed, whenAborted } from "./reasons.ts";
import type { Session } from "./session.ts";
import type { LiveStream } from "./stream.ts";

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

  constructor(stream: LiveStream, source: StreamSource, host: SourceHost) {
    this.#stream = stream;
    this.#source = source;
    this.#host = host;
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
      if (this.#stream.viewers > 0) return;
      this.#controller.abort(new Closed("idle", "nobody watches the stream any more"));
    }, this.#host.keepMs);
  }

  async #run(): Promise<void> {
    const session = this.#host.open();
    try {
      await this.#bring(this.#host.publish(session));
    } catch (error) {
      session.log.warn(`The source of ${this.#stream.id} failed: ${error instanceof Error ? error.message : error}`);
    } finally {
      this.#lingering?.[Symbol.dispose]();
      this.#host.onEnd();
      session[Symbol.dispose]();
    }
  }

  /** Settles when the source is through or was told to stop, without waiting for one that does not listen. */
  async #bring(publication: OpenPublication): Promise<void> {
    const { signal } = this.#controller;
    const stopped = Promise.withResolvers<void>();
    whenAborted(signal, stopped.resolve);
    whenAborted(publication.signal, () => this.#controller.abort(publication.signal.reason));
    try {
      await Promise.race([this.#source.run(publication, signal), stopped.promise]);
      publication.end();
    } catch (error) {
      if (signal.aborted) return publication.end();
      publication.abort(new Closed("error", "the stream could not be had from its source"));
      throw error;
    }
  }
}
