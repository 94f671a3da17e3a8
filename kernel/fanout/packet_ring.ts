import type { MediaPacket } from "../../media/packet.ts";

/** Bytes that one packet costs besides its body, so that floods of tiny packets are bounded too. */
const PACKET_OVERHEAD = 200;

interface Node {
  readonly packet?: MediaPacket;
  /** All bytes written to the ring up to and with this packet. */
  readonly total: number;
  next?: Node;
}

/** Where a reader stands in a {@linkcode PacketRing}. */
export class PacketCursor {
  /** @internal The last packet read. */ node?: Node;
  /** True when the ring dropped packets that this reader had not read: it reads nothing more. */
  fell = false;

  /** @internal */ constructor(node: Node) {
    this.node = node;
  }
}

/**
 * The newest packets of a stream: what formats are opened from and what sinks read.
 *
 * Invariant: where there is an entry, decoding can start with it, and everything since is kept. A reader more than
 * `limit` bytes behind loses its place for good.
 */
export class PacketRing {
  readonly #limit: number;
  readonly #cursors = new Set<PacketCursor>();
  #tail: Node = { total: 0 };
  #beforeEntry?: Node;

  /** `limit`: bytes kept for the slowest reader and for a GOP. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Appends a packet; `isEntry` says that decoding can start with it. */
  write(packet: MediaPacket, isEntry: boolean): void {
    const before = this.#tail;
    this.#tail = before.next = { packet, total: before.total + packet.body.length + PACKET_OVERHEAD };
    if (isEntry) this.#beforeEntry = before;
    if (this.#beforeEntry && this.#isTooFar(this.#beforeEntry)) this.#beforeEntry = undefined;
    for (const cursor of this.#cursors) {
      if (cursor.node && this.#isTooFar(cursor.node)) this.#drop(cursor);
    }
  }

  /** The newest entry packet. */
  get entry(): MediaPacket | undefined {
    return this.#beforeEntry?.next?.packet;
  }

  /** Bytes from the newest entry on. */
  get gopBytes(): number {
    return this.#beforeEntry ? this.#tail.total - this.#beforeEntry.total : 0;
  }

  /** The packets from the newest entry on; none if there is no entry. */
  *fromEntry(): Iterable<MediaPacket> {
    for (let node = this.#beforeEntry?.next; node; node = node.next) if (node.packet) yield node.packet;
  }

  /** Forgets the entry, because what comes next cannot be decoded from it. */
  clearEntry(): void {
    this.#beforeEntry = undefined;
  }

  /** A new reader that begins at the newest entry, or with what is written from now on. */
  open(from: "entry" | "live"): PacketCursor {
    const cursor = new PacketCursor(from === "entry" && this.#beforeEntry || this.#tail);
    this.#cursors.add(cursor);
    return cursor;
  }

  /** The next packet for a reader, undefined when it has read all. */
  read(cursor: PacketCursor): MediaPacket | undefined {
    const next = cursor.node?.next;
    if (next) cursor.node = next;
    return next?.packet;
  }

  /** Forgets a reader. */
  close(cursor: PacketCursor): void {
    this.#cursors.delete(cursor);
    cursor.node = undefined;
  }

  #drop(cursor: PacketCursor): void {
    cursor.fell = true;
    cursor.node = undefined;
  }

  #isTooFar(node: Node): boolean {
    return this.#tail.total - node.total > this.#limit;
  }
}
