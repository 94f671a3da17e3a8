import type { Context, MiddlewareHandler } from "hono";
import type { HttpEnv } from "../front/front.ts";
import type { StreamKey } from "../names.ts";
import type { SinkControl } from "../streams/sinks.ts";

/** Names the group that a stream belongs to, if it belongs to one. */
export type StreamGroup = (key: StreamKey) => string | undefined;

/** The stream that a request is about; undefined when it is about none. */
export type StreamOfRequest = (c: Context<HttpEnv>) => StreamKey | undefined;

/** Which streams are written down in this isolate: their home. */
export interface Placement {
  /** Whether this is the main isolate, which sees to what is of the whole server. */
  readonly isMain: boolean;
  /** Random bytes of this run of the server, the same in all its isolates. */
  readonly runKey: Uint8Array;
  /** Whether the home of a stream, given by its id, is here. */
  isHome(stream: string): boolean;
  /** Has streams of the same group share a home. */
  together(group: StreamGroup): Disposable;
  /** Passes requests on to the home of the stream that they are about. */
  atHome(streamOf: StreamOfRequest): MiddlewareHandler<HttpEnv>;
  /** What those see of a sink who oversee the server, instead of what this isolate has of it. */
  overseen(control: SinkControl): SinkControl;
}

/** How many bytes {@linkcode Placement.runKey} has: as many as SHA-256 gives. */
const RUN_KEY_BYTES = 32;

/** The bytes of a new run. */
export function newRunKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(RUN_KEY_BYTES));
}

/** The only isolate of a server is the home of all its streams. */
export function onlyIsolate(): Placement {
  return {
    isMain: true,
    runKey: newRunKey(),
    isHome: () => true,
    together: () => ({ [Symbol.dispose]: () => {} }),
    atHome: () => (_, next) => next(),
    overseen: (control) => control,
  };
}
