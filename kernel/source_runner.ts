import type { Clock, Timer } from "./clock.ts";
import type { StreamSource } from "./hooks.ts";
import type { Publication } from "./publication.ts";
import { Closed } from "./reasons.ts";
import type { Session } from "./session.ts";
import type { LiveStream } from "./stream.ts";

/** What a source runner takes from its server. */
export interface SourceHost {
  readonly clock: Clock;
  /** How long the upstream is kept after the last viewer, in milliseconds. */
  readonly keepMs: number;
  open(): Session;
  publish(session: Session): Publication;
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
      const publication = this.#host.publish(session);
      publication.signal.addEventListener("abort", () => this.#controller.abort(publication.signal.reason), {
        once: true,
      });
      await this.#source.run(publication, this.#controller.signal);
      publication.end();
    } catch (error) {
      session.log.warn(`The source of ${this.#stream.id} failed: ${error instanceof Error ? error.message : error}`);
      this.#stream.end("error", "the stream could not be had from its source");
    } finally {
      this.#lingering?.[Symbol.dispose]();
      this.#host.onEnd();
      session[Symbol.dispose]();
    }
  }
}
