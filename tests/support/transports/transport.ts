import type { FlvFlags } from "../../../media/flv/header.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import type { CloseReason, RefusalCode } from "../../../kernel/reasons.ts";
import type { Tag } from "../stream_maker.ts";
import type { TestServer } from "../test_server.ts";

/** How a protocol told its client that it is over: an HTTP status, a close code, an `onStatus` code, or "end". */
export interface TestEnd {
  readonly status: string;
  /** The server's words; empty where the protocol has none for this. */
  readonly message: string;
}

/** The server said no. */
export class Refused extends Error implements TestEnd {
  override readonly name = "Refused";

  /** `status`: in the protocol's own words. */
  constructor(readonly status: string, message: string) {
    super(message);
  }
}

/** A publisher whose publication the server has accepted. */
export interface TestPublisher extends AsyncDisposable {
  /** Sends tags as they are. */
  write(tags: readonly Tag[]): void;
  /** Waits until the server, or the connection, has ended it. */
  over(): Promise<TestEnd>;
  /** Says that the stream is complete; settles when the server has answered. */
  end(): Promise<TestEnd>;
  /** Cuts the connection, as a lost network does. */
  vanish(): Promise<void>;
}

/** A player that the server has accepted. Disposing it leaves. */
export interface TestPlayer extends AsyncDisposable {
  /** All that has come so far, metadata and configurations included. */
  readonly packets: readonly MediaPacket[];
  /** What the FLV header said; undefined in protocols without one. */
  readonly flags?: FlvFlags;
  /** Waits until the server, or the connection, has ended it. */
  over(): Promise<TestEnd>;
  /** Waits until such a packet has come. Fails when playing ends before. */
  until(matches: (packet: MediaPacket) => boolean): Promise<void>;
  /** Takes nothing more, as a player on a slow network. */
  pause(): void;
  /** Takes again. */
  resume(): void;
}

/** Reasons for which a server ends a player. */
export type PlayerEnd = Extract<CloseReason, "stream-ended" | "stream-changed" | "kicked" | "shutdown">;

/** Reasons for which a server ends a publisher. */
export type PublisherEnd = Extract<CloseReason, "left" | "replaced" | "idle" | "kicked" | "shutdown">;

/** One protocol, so that one suite holds for all. */
export interface TransportUnderTest {
  readonly name: string;
  /** What a refusal is in this protocol: to connect at all (by a plugin), to publish, to play. */
  readonly refused: {
    readonly connect: string;
    readonly publish: Readonly<Record<RefusalCode, string>>;
    readonly play: Readonly<Record<RefusalCode, string>>;
  };
  /** Whether a player's query chooses what it gets (`audio=0`); RTMP has commands for that instead. */
  readonly choosesByQuery: boolean;
  /** The status that players are given. */
  readonly playerEnds: Readonly<Record<PlayerEnd, string>>;
  /** The status that publishers are given. */
  readonly publisherEnds: Readonly<Record<PublisherEnd, string>>;
  /** Settles when the server has accepted. Rejects with {@linkcode Refused}, or when `leaving` cuts it off. */
  publish(
    server: TestServer,
    path: string,
    params?: Readonly<Record<string, string>>,
    leaving?: AbortSignal,
  ): Promise<TestPublisher>;
  /** Settles when the server has begun to answer. Rejects with {@linkcode Refused}, or when `leaving` cuts it off. */
  play(
    server: TestServer,
    path: string,
    params?: Readonly<Record<string, string>>,
    leaving?: AbortSignal,
  ): Promise<TestPlayer>;
}

/** `path?params` of a request. */
export function target(path: string, params: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(params).toString();
  return query ? `${path}?${query}` : path;
}
