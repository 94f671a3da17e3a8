import { Refusal } from "../../reasons.ts";
import type { SinkControl, SinkRun } from "../../streams/sinks.ts";
import type { Stream } from "../../streams/stream.ts";

/** What the sinks of all workers take from the server. */
export interface WorkerSinksHost {
  /** All streams, by id. */
  readonly streams: ReadonlyMap<string, Stream>;
  /** Asks the home of a stream to begin, or to stop, writing it; rejects when that cannot be done. */
  ask(what: "sink-start" | "sink-stop", sink: string, stream: string): Promise<unknown>;
}

/** The sinks of all workers, as those see them who oversee the server: one of each name. */
export class WorkerSinks {
  readonly #host: WorkerSinksHost;
  /** What each worker has told last. */
  readonly #told = new Map<number, ReadonlyMap<string, readonly SinkRun[]>>();

  constructor(host: WorkerSinksHost) {
    this.#host = host;
  }

  /** A worker tells what its sinks do. */
  take(worker: number, runs: ReadonlyMap<string, readonly SinkRun[]>): void {
    this.#told.set(worker, runs);
  }

  /** A worker is gone. */
  forget(worker: number): void {
    this.#told.delete(worker);
  }

  /** All sinks of this name as one. */
  named(name: string): SinkControl {
    const { streams, ask } = this.#host;
    const runs = () => this.#runs(name);
    return {
      name,
      get runs() {
        return runs();
      },
      async start(id) {
        const state = streams.get(id)?.state;
        if (state !== "live" && state !== "interrupted") {
          throw new RangeError(`Cannot write ${id}: there is no such live stream`);
        }
        await ask("sink-start", name, id).catch(rethrow);
      },
      async stop(id) {
        if (!runs().some(({ stream }) => stream === id)) {
          throw new RangeError(`Cannot stop writing ${id}: ${name} does not write it`);
        }
        await ask("sink-stop", name, id).catch(rethrow);
      },
    };
  }

  #runs(name: string): SinkRun[] {
    return [...this.#told.values()].flatMap((told) => told.get(name) ?? []);
  }
}

/** What a home has refused crosses as it is; all else is why it cannot, as in the only isolate of a server. */
function rethrow(error: Error): never {
  throw error instanceof Refusal ? error : new RangeError(error.message);
}
