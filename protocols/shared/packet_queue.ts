import type { MediaPacket } from "../../media/packet.ts";

/** Bytes of packets that may wait for their reader before the connection is left unread. */
const FULL_BYTES = 4 * 1024 * 1024;

/** What a packet costs besides its body, about: a server may send millions of small ones. */
const PACKET_BYTES = 200;

/** Packets on their way to the one reader. */
export class PacketQueue {
  /** Hears when the queue becomes full, and when it has room again. */
  onFull?: (isFull: boolean) => void;
  #incoming: MediaPacket[] = [];
  /** The oldest, in reverse: both ends of the queue are then ends of an array. */
  #outgoing: MediaPacket[] = [];
  #bytes = 0;
  #isFull = false;
  #end?: { readonly error?: Error };
  #waiting?: PromiseWithResolvers<IteratorResult<MediaPacket, undefined>>;

  /** Takes a packet in. */
  add(packet: MediaPacket): void {
    const waiting = this.#waiting;
    if (waiting) {
      this.#waiting = undefined;
      return waiting.resolve({ done: false, value: packet });
    }
    this.#incoming.push(packet);
    this.#bytes += packet.body.length + PACKET_BYTES;
    this.#setFull(this.#bytes > FULL_BYTES);
  }

  /** Nothing more will come; with an error, the reader hears it behind the last packet. */
  end(error?: Error): void {
    this.#end = { error };
    if (!this.#waiting) return;
    if (error) this.#waiting.reject(error);
    else this.#waiting.resolve(DONE);
    this.#waiting = undefined;
  }

  /** The next packet, when there is one. */
  next(): Promise<IteratorResult<MediaPacket, undefined>> {
    const packet = this.#take();
    if (packet) return Promise.resolve({ done: false, value: packet });
    if (this.#end?.error) return Promise.reject(this.#end.error);
    if (this.#end) return Promise.resolve(DONE);
    if (this.#waiting) return Promise.reject(new TypeError("The stream is being read already: it has one reader"));
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** For `for await`: leaving the loop closes what the packets come from. */
  iterator(close: () => Promise<void>): AsyncIterator<MediaPacket, undefined> {
    return {
      next: () => this.next(),
      return: async () => {
        await close();
        return DONE;
      },
    };
  }

  #take(): MediaPacket | undefined {
    if (this.#outgoing.length === 0) {
      this.#outgoing = this.#incoming.reverse();
      this.#incoming = [];
    }
    const packet = this.#outgoing.pop();
    if (!packet) return undefined;
    this.#bytes -= packet.body.length + PACKET_BYTES;
    if (this.#bytes < FULL_BYTES / 2) this.#setFull(false);
    return packet;
  }

  #setFull(isFull: boolean): void {
    if (this.#isFull === isFull) return;
    this.#isFull = isFull;
    this.onFull?.(isFull);
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
