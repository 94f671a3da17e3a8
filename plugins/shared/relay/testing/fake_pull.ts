import { type ClientEnd, ClientError, type PullClient } from "../../../../kernel/sessions/client.ts";
import { packets } from "../../../../kernel/testing/packets.ts";
import { metadataBody } from "../../../../media/flv/metadata.ts";
import type { MediaPacket } from "../../../../media/packet.ts";
import { PacketQueue } from "../../../../protocols/shared/packet_queue.ts";

/** A connection to a server that a test speaks for. */
export class FakePull implements PullClient {
  readonly #queue = new PacketQueue();
  readonly #closed = Promise.withResolvers<ClientEnd>();
  readonly closed: Promise<ClientEnd> = this.#closed.promise;

  /** The server sends packets, as `packets` reads them. */
  send(story: string): this {
    for (const packet of packets(story)) this.#queue.add(packet);
    return this;
  }

  /** The server says that there are sound and pictures. */
  announce(): this {
    const body = metadataBody({ videocodecid: 7, audiocodecid: 10 }, { hasAudio: true, hasVideo: true }, false);
    this.#queue.add({ ...packets("m0")[0], data: body, body });
    return this;
  }

  /** The server ends the stream in order. */
  finish(): this {
    return this.#over("left", "the stream ended");
  }

  /** The connection breaks. */
  lose(): this {
    return this.#over("lost", "the connection broke", new ClientError("lost", "the connection broke"));
  }

  [Symbol.asyncIterator](): AsyncIterator<MediaPacket, undefined> {
    return { next: () => this.#queue.next() };
  }

  close(): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  destroy(): void {
    this.#over("left", "this side left");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #over(code: string, message: string, error?: Error): this {
    this.#queue.end(error);
    this.#closed.resolve({ code, message });
    return this;
  }
}
