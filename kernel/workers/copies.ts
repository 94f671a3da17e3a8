import type { RingLimits } from "../byte_ring.ts";
import type { Clock, Timer } from "../clock.ts";
import type { Flusher } from "../flusher.ts";
import type { HookBus } from "../hooks.ts";
import type { Logger } from "../log/log.ts";
import type { StreamKey } from "../names.ts";
import { Closed, type CloseReason } from "../reasons.ts";
import { type Incumbent, LiveStream } from "../stream.ts";
import type { Post, WorkerWord } from "./messages.ts";
import { type PacketBatch, unpack } from "./packet_batch.ts";

/** A copy is kept for so long after its last viewer, in milliseconds: the next one often comes at once. */
const LINGER_MS = 2000;

/** What copies work with. */
export interface CopiesHost {
  readonly clock: Clock;
  readonly flusher: Flusher;
  readonly log: Logger;
  readonly hooks: HookBus;
  readonly ring: RingLimits;
  readonly post: Post<WorkerWord>;
  /** Bytes of packets have been dealt with. */
  taken(bytes: number): void;
}

interface Copy {
  readonly number: number;
  readonly stream: LiveStream;
  readonly begun: PromiseWithResolvers<void>;
  lingering?: Timer;
}

/** Who publishes stands in the main isolate. */
const ELSEWHERE: Incumbent = {
  lastPacketAt: 0,
  label: { session: "", protocol: "", remote: "" },
  replace: () => {},
};

/**
 * The streams that this worker's viewers watch: each a copy of what the main isolate has, one for all viewers, and only
 * while there are any.
 */
export class Copies {
  /** By the streams' ids. */
  readonly streams = new Map<string, LiveStream>();
  readonly #host: CopiesHost;
  readonly #byNumber = new Map<number, Copy>();
  readonly #byStream = new Map<LiveStream, Copy>();
  #newest = 0;

  constructor(host: CopiesHost) {
    this.#host = host;
  }

  /** The copy of a stream that is live in the main isolate; settles when it has begun, or has ended already. */
  async obtain(id: string, key: StreamKey): Promise<LiveStream> {
    const found = this.streams.get(id);
    const copy = found && this.#byStream.get(found) || this.#open(id, key);
    copy.lingering?.[Symbol.dispose]();
    copy.lingering = undefined;
    await copy.begun.promise;
    return copy.stream;
  }

  /** One of a copy's viewers has left. */
  left(stream: LiveStream): void {
    const copy = this.#byStream.get(stream);
    if (!copy || stream.viewers > 0) return;
    copy.lingering?.[Symbol.dispose]();
    copy.lingering = this.#host.clock.setTimeout(() => {
      if (stream.viewers > 0) return;
      this.#host.post({ type: "drop", copy: copy.number });
      stream.end("idle", "nobody watches the stream any more");
    }, LINGER_MS);
  }

  /** A publisher begins: the first of the stream, or another one. */
  begin(number: number): void {
    const copy = this.#byNumber.get(number);
    copy?.stream.begin(ELSEWHERE);
    copy?.begun.resolve();
  }

  /** Takes packets and lets viewers see them. */
  write(number: number, batch: PacketBatch): void {
    const stream = this.#byNumber.get(number)?.stream;
    const now = this.#host.clock.now();
    if (stream) {
      for (const packet of unpack(batch)) stream.write(packet, now);
      stream.flush();
    }
    this.#host.taken(batch.bytes.length);
  }

  /** The stream is over. */
  end(number: number, reason: CloseReason, detail: string): void {
    this.#byNumber.get(number)?.stream.end(reason, detail);
  }

  /** Ends all. */
  close(): void {
    for (const { stream } of [...this.#byNumber.values()]) stream.end("shutdown");
  }

  #open(id: string, key: StreamKey): Copy {
    const { clock, flusher, log, hooks, ring } = this.#host;
    const stream: LiveStream = new LiveStream(key, {
      clock,
      flusher,
      log: log.child("stream").with({ stream: id }),
      limits: ring,
      isMended: true,
      graceMs: () => 0,
      onGone: () => this.#forget(copy),
      onInterrupt: () => {},
      onEnd: () => {},
      onTrack: (_, packet) => hooks.tell("stream:track", { stream, packet }),
      onConfig: (_, packet) => hooks.tell("stream:config", { stream, packet }),
      onMetadata: (_, packet) => hooks.tell("stream:metadata", { stream, packet }),
    });
    const copy: Copy = { number: ++this.#newest, stream, begun: Promise.withResolvers() };
    this.streams.set(id, stream);
    this.#byNumber.set(copy.number, copy);
    this.#byStream.set(stream, copy);
    this.#host.post({ type: "copy", copy: copy.number, stream: id });
    return copy;
  }

  #forget(copy: Copy): void {
    const { number, stream } = copy;
    copy.lingering?.[Symbol.dispose]();
    copy.begun.resolve();
    this.#byNumber.delete(number);
    this.#byStream.delete(stream);
    if (this.streams.get(stream.id) === stream) this.streams.delete(stream.id);
  }
}

/** Why a copy has ended, in words for a player that has come too late. */
export function endOf({ signal }: LiveStream): Closed | undefined {
  return signal.aborted ? Closed.of(signal) : undefined;
}
