import type { StreamSource } from "../plugin/hooks.ts";
import type { Publication } from "../streams/publication.ts";
import type { Refusal } from "../reasons.ts";

/** A source that the test drives. */
export class FakeSource implements StreamSource {
  readonly name = "edge";
  runs = 0;
  /** Whether it makes room for a publisher. */
  givesWay = false;
  /** What has kept it from having the stream so far. */
  failure?: Refusal;
  /** Whether it ends in an error when it is told to stop, as a fetch does. */
  throwsWhenStopped = false;
  /** Whether the upstream answers at once. */
  isReady = true;
  begin!: () => void;
  publication!: Publication;
  signal!: AbortSignal;
  #over!: PromiseWithResolvers<void>;

  run(begin: () => Publication, signal: AbortSignal): Promise<void> {
    this.runs++;
    this.begin = () => void (this.publication = begin());
    if (this.isReady) this.begin();
    this.signal = signal;
    this.#over = Promise.withResolvers();
    signal.addEventListener("abort", () => this.throwsWhenStopped ? this.#over.reject(signal.reason) : this.end());
    return this.#over.promise;
  }

  end(): void {
    this.#over.resolve();
  }

  fail(error: Error): void {
    this.#over.reject(error);
  }
}
