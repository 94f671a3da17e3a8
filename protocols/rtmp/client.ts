import type { PublishedPacket } from "../../kernel/sessions/client.ts";
import { parseTagBody } from "../../media/flv/body.ts";
import type { FlvTagType } from "../../media/flv/tag.ts";
import { TimestampUnwrapper } from "../../media/flv/timestamps.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { parseRtmpAddress } from "./client/client_address.ts";
import { ClientConnection, errorOf, type RtmpClientOptions, type RtmpEnd } from "./client/client_connection.ts";
import { PacketQueue } from "../shared/packet_queue.ts";
import type { RtmpMessage } from "./wire/message.ts";

export { RtmpClientError, type RtmpClientErrorCode } from "./client/client_error.ts";
export type { RtmpClientOptions, RtmpEnd } from "./client/client_connection.ts";

/**
 * Publishes one stream to an RTMP server.
 *
 * @example Send a stream of one server on to another
 * ```ts
 * await using player = await RtmpPlayClient.connect("rtmp://here/live/cam");
 * await using publisher = await RtmpPublishClient.connect("rtmp://there/live/cam");
 * for await (const packet of player) await publisher.write(packet);
 * ```
 */
export class RtmpPublishClient implements AsyncDisposable {
  readonly #connection: ClientConnection;

  private constructor(connection: ClientConnection) {
    this.#connection = connection;
  }

  /**
   * Connects to `rtmp://host[:port]/app/stream[?query]`, or the same with `rtmps`, and settles when publishing may begin.
   *
   * @throws {TypeError} when the address is not one of RTMP
   * @throws {RtmpClientError} when the server cannot be reached, refuses, or does not answer in time; and whatever the
   * signal is aborted with
   */
  static async connect(address: string | URL, options: RtmpClientOptions = {}): Promise<RtmpPublishClient> {
    return new RtmpPublishClient(await ClientConnection.open("publish", parseRtmpAddress(address), options));
  }

  /** Settles when the connection is gone, with the reason; never rejects. */
  get closed(): Promise<RtmpEnd> {
    return this.#connection.closed;
  }

  /**
   * Sends a packet: its `body`, at its `dts`. Tracks beside the main one are sent to servers that know them.
   *
   * Gives undefined while the server keeps up, else a promise that settles when it has caught up: `await` either.
   *
   * @throws {RtmpClientError} when the connection has ended
   */
  write(packet: PublishedPacket): Promise<void> | undefined {
    return this.#connection.write(packet);
  }

  /** Says that the stream is complete, lets the server read all of it, and closes. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Cuts the connection without a word, as a lost network does. */
  destroy(): void {
    this.#connection.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Plays one stream of an RTMP server, packet by packet, for one reader.
 *
 * What the reader does not take waits in the server: this side holds a few megabytes at most. Leaving the loop closes
 * the connection.
 *
 * @example
 * ```ts
 * await using player = await RtmpPlayClient.connect("rtmp://localhost/live/cam");
 * for await (const packet of player) console.log(packet.kind, packet.dts);
 * ```
 */
export class RtmpPlayClient implements AsyncDisposable, AsyncIterable<MediaPacket> {
  readonly #connection: ClientConnection;
  readonly #queue: PacketQueue;

  private constructor(connection: ClientConnection, queue: PacketQueue) {
    this.#connection = connection;
    this.#queue = queue;
    queue.onFull = (isFull) => isFull ? connection.pause() : connection.resume();
    connection.closed.then((end) => queue.end(REGULAR_ENDS.has(end.code) ? undefined : errorOf(connection.end ?? end)));
  }

  /**
   * Connects to `rtmp://host[:port]/app/stream[?query]`, or the same with `rtmps`, and settles when the stream begins.
   * A server may wait for the stream's publisher, so the timeout should be longer than the server's.
   *
   * @throws {TypeError} when the address is not one of RTMP
   * @throws {RtmpClientError} when the server cannot be reached, refuses, or does not answer in time; and whatever the
   * signal is aborted with
   */
  static async connect(address: string | URL, options: RtmpClientOptions = {}): Promise<RtmpPlayClient> {
    const queue = new PacketQueue();
    const timestamps = new TimestampUnwrapper();
    const onMedia = ({ type, timestamp, body }: RtmpMessage) => {
      const time = timestamps.unwrap(timestamp);
      for (const packet of parseTagBody(type as FlvTagType, time, body)) queue.add(packet);
    };
    return new RtmpPlayClient(await ClientConnection.open("play", parseRtmpAddress(address), options, onMedia), queue);
  }

  /** Settles when the connection is gone, with the reason; never rejects. */
  get closed(): Promise<RtmpEnd> {
    return this.#connection.closed;
  }

  /**
   * The packets as they come. Ends with the stream; throws an {@linkcode RtmpClientError} when the connection breaks or
   * the server fails.
   */
  [Symbol.asyncIterator](): AsyncIterator<MediaPacket, undefined> {
    return this.#queue.iterator(() => this.close());
  }

  /** Leaves. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Cuts the connection without a word, as a lost network does. */
  destroy(): void {
    this.#connection.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Ends that are no failure of the stream. */
const REGULAR_ENDS: ReadonlySet<string> = new Set([
  "left",
  "NetStream.Play.Complete",
  "NetStream.Play.Stop",
  "NetStream.Play.UnpublishNotify",
]);

export { rtmpClient } from "./stream_client.ts";
