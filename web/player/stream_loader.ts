/// <reference lib="dom" />
import { receive, SourceError } from "./byte_source.ts";
import type { Mpegts } from "./mpegts_library.ts";

type PlayerConfig = NonNullable<Parameters<Mpegts["createPlayer"]>[1]>;

/**
 * Makes the loader through which mpegts.js gets a stream's bytes, over HTTP and WebSocket alike; `onBytes` is told how many.
 */
export function streamLoader(
  mpegts: Mpegts,
  onBytes: (bytes: number) => void,
): NonNullable<PlayerConfig["customLoader"]> {
  const { BaseLoader, LoaderErrors, LoaderStatus } = mpegts;
  return class StreamLoader extends BaseLoader {
    readonly #controller = new AbortController();
    #received = 0;

    constructor() {
      super("stream-loader");
    }

    override open({ url }: { url: string }): void {
      this._status = LoaderStatus.kConnecting;
      receive(url, this.#controller.signal, (chunk) => this.#deliver(chunk)).then(
        () => this.#complete(),
        (error) => this.#fail(error),
      );
    }

    override abort(): void {
      this._status = LoaderStatus.kComplete;
      this.#controller.abort();
    }

    override destroy(): void {
      this.abort();
      super.destroy();
    }

    #deliver(chunk: ArrayBuffer): void {
      if (this.#controller.signal.aborted) return;
      this._status = LoaderStatus.kBuffering;
      const start = this.#received;
      this.#received += chunk.byteLength;
      onBytes(chunk.byteLength);
      this.onDataArrival(chunk, start, this.#received);
    }

    #complete(): void {
      if (this.#controller.signal.aborted) return;
      this._status = LoaderStatus.kComplete;
      this.onComplete(0, this.#received - 1);
    }

    #fail(error: Error): void {
      if (this.#controller.signal.aborted) return;
      this._status = LoaderStatus.kError;
      const code = error instanceof SourceError ? error.code : -1;
      this.onError(LoaderErrors.EXCEPTION as never, { code, msg: error.message });
    }
  };
}
