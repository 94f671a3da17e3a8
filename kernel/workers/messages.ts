import type { LogRecord } from "@logtape/logtape";
import type { Config } from "../config/config.ts";
import type { SettingPath } from "../config/diff.ts";
import type { ConnectionLimits } from "../front/file_limit.ts";
import type { ListenOptions, RefusedKind } from "../front/front.ts";
import type { StreamKey } from "../names.ts";
import { type CloseReason, Refusal, type RefusalCode } from "../reasons.ts";
import type { ArtifactEvents } from "../plugin/hooks.ts";
import type { ServerAddress } from "../server.ts";
import type { SessionInfo } from "../sessions/session.ts";
import type { SessionTarget } from "../sessions/sessions.ts";
import type { TrackKinds } from "../streams/probe.ts";
import type { SinkRun } from "../streams/sinks.ts";
import type { PacketBatch } from "./packets/packet_batch.ts";
import type { SharedMemory } from "./memory/shared_memory.ts";

/** A session's facts as they cross from one isolate to another. */
export type SentInfo = Omit<SessionInfo, "params"> & { readonly query: string };

/** The facts of a session without what cannot cross. */
export function sentInfo({ params, ...info }: SessionInfo): SentInfo {
  return { ...info, query: params?.toString() ?? "" };
}

/** The facts of a session that have crossed. */
export function infoOf({ query, ...info }: SentInfo): SessionInfo {
  return { ...info, params: new URLSearchParams(query) };
}

/** The session that publishes a stream, as the stream's home knows it. */
export interface SentPublisher {
  /** The session's id. */
  readonly session: string;
  readonly info: SentInfo;
}

/** What is told of a file, as it crosses. */
export type SentArtifact = {
  [K in keyof ArtifactEvents]: { readonly type: "artifact"; readonly name: K; readonly event: ArtifactEvents[K] };
}[keyof ArtifactEvents];

/** Why something ended, as it crosses. */
export interface SentEnd {
  readonly reason: CloseReason;
  readonly detail: string;
}

/** A request on its way from the worker where it came in to the main isolate, that answers it. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly httpVersion: string;
  readonly remote: { readonly ip: string; readonly port: number };
  /** Whether a proxy has said who asks. */
  readonly isProxied: boolean;
  readonly localPort: number;
  readonly isEncrypted: boolean;
  readonly hasBody: boolean;
}

/** The head of an answer. */
export interface SentHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
}

/** What an HTTP route of the main isolate answers before a plugin that the workers have may do so. */
export type RouteEntry =
  | { readonly plugin: string }
  | { readonly method: string; readonly path: string };

/** A port that all workers listen on; `slot` is its place in their shared memory. */
export type SharedListenOptions = ListenOptions & { readonly slot: number };

/** A plugin that runs in workers; without a module it is one that they know by its name. */
export interface WorkerPlugin {
  readonly name: string;
  readonly module?: string;
  /** Whether it writes down the streams whose home the worker is. */
  readonly atHome?: boolean;
}

/** What a worker is started with. */
export interface WorkerStart {
  readonly index: number;
  readonly config: Config;
  readonly possible: ConnectionLimits;
  readonly plugins: readonly WorkerPlugin[];
  readonly memory: SharedMemory;
  /** Random bytes of this run of the server. */
  readonly runKey: Uint8Array;
}

/** What went on in a worker since it last said so, besides what both isolates see in {@linkcode SharedNumbers}. */
export interface SentFigures {
  /** How often each player that has jumped since then has done so in all. */
  readonly skips: readonly (readonly [playback: number, skips: number])[];
  /** Readers and seconds of each round of waking players. */
  readonly flushes: readonly (readonly [readers: number, seconds: number])[];
  /** What players waited for their first bytes. */
  readonly firstBytes: readonly (readonly [protocol: string, seconds: number])[];
  /** How much later than it should have come this is, in seconds. */
  readonly lagSeconds: number;
  /** How many connections this worker has refused since its start, by why. */
  readonly refused: ReadonlyMap<RefusedKind, number>;
}

/** What fails on the other side. */
export type Fault =
  | {
    readonly kind: "refusal";
    readonly code: RefusalCode;
    readonly message: string;
    readonly redirect?: string;
    readonly challenge?: string;
  }
  | { readonly kind: "error"; readonly message: string; readonly code?: string };

/** The answer to a question. */
export interface Reply {
  readonly type: "reply";
  readonly ask: number;
  readonly value?: unknown;
  readonly fault?: Fault;
}

interface StreamQuestion {
  readonly session: number;
  /** The number by which the publication or playback goes from here on. */
  readonly number: number;
  readonly key: StreamKey;
  readonly query: string;
}

/** What a worker asks the main isolate; each is answered by a {@linkcode Reply}. */
export type WorkerQuestion =
  | {
    readonly type: "open";
    readonly session: number;
    /** Where its bytes are counted, in the newest piece of memory. */
    readonly place: number;
    readonly info: SentInfo;
    readonly target: SessionTarget;
  }
  | ({ readonly type: "publish" } & StreamQuestion)
  | ({
    readonly type: "play";
    /** Where its bytes are counted, in the newest piece of memory. */
    readonly place: number;
  } & StreamQuestion);

/** What becomes of a request, told to who answers it. `home` is the worker that does, where that is not the main isolate. */
export type RequestWord =
  & (
    | { readonly type: "request"; readonly id: number; readonly request: SentRequest }
    | { readonly type: "body"; readonly id: number; readonly chunk?: Uint8Array }
    | { readonly type: "taken"; readonly id: number }
    | { readonly type: "gone"; readonly id: number }
  )
  & { readonly home?: number };

/** What becomes of an answer, told to where the request came in. */
export type AnswerWord =
  | { readonly type: "answer"; readonly id: number; readonly head?: SentHead; readonly chunk?: Uint8Array }
  | { readonly type: "answered"; readonly id: number; readonly head?: SentHead }
  | { readonly type: "break"; readonly id: number }
  | { readonly type: "more"; readonly id: number };

/** What a worker tells the main isolate. */
export type WorkerWord =
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "packets"; readonly publication: number; readonly batch: PacketBatch }
  | { readonly type: "unpublish"; readonly publication: number; readonly isFinished: boolean }
  /** A playback has ended; with its session, if that has ended too, whose end follows at once and says why. */
  | { readonly type: "leave"; readonly playback: number; readonly skips: number; readonly isSessionOver: boolean }
  | ({ readonly type: "close"; readonly session: number } & SentEnd)
  | { readonly type: "numbers"; readonly memory: SharedArrayBuffer }
  | { readonly type: "copy"; readonly copy: number; readonly stream: string }
  | { readonly type: "drop"; readonly copy: number }
  | ({ readonly type: "figures" } & SentFigures)
  | { readonly type: "log"; readonly record: LogRecord }
  | RequestWord
  | AnswerWord
  | SentArtifact
  /** Somebody is in a hurry, or nobody any more, who reads the copy of a stream whose home this worker is. */
  | { readonly type: "hurry"; readonly copy: number; readonly isHurried: boolean }
  /** What each sink, by name, writes in this worker. */
  | { readonly type: "sinks"; readonly runs: ReadonlyMap<string, readonly SinkRun[]> };

/** What the main isolate asks a worker. */
export type MainQuestion =
  | { readonly type: "listen"; readonly options: SharedListenOptions }
  | { readonly type: "prepare"; readonly config: Config; readonly changed: readonly SettingPath[] }
  /** Answered when the publication has ended, or does not do so within a moment. */
  | { readonly type: "ending"; readonly publication: number }
  /** Completes what it writes. */
  | { readonly type: "wind-up"; readonly ms: number }
  | { readonly type: "sink-start" | "sink-stop"; readonly sink: string; readonly stream: string }
  | { readonly type: "stop" };

/** What the main isolate tells a worker. */
export type MainWord =
  | ({ readonly type: "start" } & WorkerStart)
  | {
    readonly type: "admit";
    readonly routes: readonly RouteEntry[];
    readonly addresses: readonly ServerAddress[];
  }
  | { readonly type: "unlisten"; readonly slot: number }
  | { readonly type: "apply" }
  | ({ readonly type: "closed"; readonly session: number } & SentEnd)
  | ({ readonly type: "unpublished"; readonly publication: number } & SentEnd)
  | { readonly type: "watched"; readonly publication: number; readonly isWatched: boolean }
  | { readonly type: "copy-begin"; readonly copy: number; readonly known?: TrackKinds }
  | { readonly type: "copy-packets"; readonly copy: number; readonly batch: PacketBatch }
  | ({ readonly type: "copy-end"; readonly copy: number } & SentEnd)
  | AnswerWord
  | RequestWord
  | SentArtifact
  /** This worker is the home of a stream: a copy follows, under this number. */
  | { readonly type: "adopt"; readonly copy: number; readonly key: StreamKey; readonly publisher: SentPublisher }
  /** Who publishes it from the next beginning on. */
  | { readonly type: "publisher"; readonly copy: number; readonly publisher: SentPublisher }
  /** A worker is gone, and with it what it was to answer and what it has asked for. */
  | { readonly type: "lost"; readonly worker: number };

/** Everything that crosses from a worker to the main isolate. */
export type ToMain = WorkerWord | (WorkerQuestion & { readonly ask: number }) | Reply;

/** Everything that crosses from the main isolate to a worker. */
export type ToWorker = MainWord | (MainQuestion & { readonly ask: number }) | Reply;

/**
 * Sends a message to the other side; what is transferred is gone here. One that may wait, for so many milliseconds or with 0
 * until the end of this turn of the event loop, crosses along with others.
 */
export type Post<T> = (message: T, transfer?: Transferable[], waitMs?: number) => void;

/** The fault for an error, so that the other side can throw the like of it. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Refusal) {
    const { code, message, redirect, challenge } = error;
    return { kind: "refusal", code, message, redirect, challenge };
  }
  const code = codeOf(error) ?? codeOf((error as { cause?: unknown } | undefined)?.cause);
  return {
    kind: "error",
    message: error instanceof Error ? error.message : String(error),
    ...(typeof code === "string" && { code }),
  };
}

/** The system's word for what went wrong, which may have come about on the way to something else. */
function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}

/** The error that a fault stands for. */
export function errorOf(fault: Fault): Error {
  if (fault.kind === "refusal") return new Refusal(fault.code, fault.message, fault);
  return Object.assign(new Error(fault.message), { code: fault.code });
}
