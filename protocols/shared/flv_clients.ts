import type { ClientEnd, PublishedPacket, PullClient, PushClient } from "../../kernel/sessions/client.ts";
import { errorText } from "../../kernel/error_text.ts";
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import type { MediaPacket } from "../../media/packet.ts";
import type { ClientLink } from "./client_link.ts";
import { FlvOutbox } from "./flv_outbox.ts";
import { PacketQueue } from "./packet_queue.ts";

/** How long a server may take to read what is left and to answer, in milliseconds, before it is cut off. */
const GOODBYE_MS = 3000;

/** Plays what comes over a connection as one FLV stream. */
export class FlvPullClient implements PullClient {
  readonly closed: Promise<ClientEnd>;
  readonly #link: ClientLink;
  readonly #demuxer = new FlvDemuxer();
  readonly #queue = new PacketQueue();

  /** `hold` stops reading what comes, or goes on with it. */
  constructor(link: ClientLink, hold: (isHeld: boolean) => void) {
    this.#link = link;
    this.closed = link.closed;
    this.#queue.onFull = hold;
    link.closed.then((end) => this.#queue.end(end.code === "left" ? undefined : link.errorOf(end)));
  }

  /** Takes the next bytes. */
  protected take(bytes: Uint8Array): void {
    try {
      for (const packet of this.#demuxer.packets(bytes)) this.#queue.add(packet);
    } catch (error) {
      this.#link.end("protocol", `it sent no FLV: ${errorText(error)}`);
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<MediaPacket, undefined> {
    return this.#queue.iterator(() => this.close());
  }

  async close(): Promise<void> {
    this.destroy();
    await this.closed;
  }

  destroy(): void {
    this.#link.end("left", "this side left");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A connection that something is sent over. */
export interface SendingLink extends ClientLink {
  /** Whether more waits for the server than should. */
  readonly isFull: boolean;
  send(bytes: Uint8Array): void;
  /** Settles when what waits for the server has become less, or the connection has ended. */
  room(): Promise<void>;
  /** Says that nothing more comes. */
  finish(): void;
}

/** Publishes over a connection as one FLV stream. */
export class FlvPushClient implements PushClient {
  readonly closed: Promise<ClientEnd>;
  readonly #link: SendingLink;
  readonly #outbox: FlvOutbox;

  constructor(link: SendingLink) {
    this.#link = link;
    this.closed = link.closed;
    this.#outbox = new FlvOutbox((bytes) => {
      if (!link.over) link.send(bytes);
    });
  }

  write(packet: PublishedPacket): Promise<void> | undefined {
    const link = this.#link;
    if (link.over) throw link.errorOf(link.over);
    this.#outbox.add(packet);
    return link.isFull ? link.room() : undefined;
  }

  async close(): Promise<void> {
    if (this.#link.over) return;
    this.#outbox.flush();
    this.#link.finish();
    this.#link.endWithin(GOODBYE_MS);
    await this.closed;
  }

  destroy(): void {
    this.#link.end("left", "this side left");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
