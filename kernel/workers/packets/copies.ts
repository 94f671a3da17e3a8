import type { RingLimits } from "../../fanout/byte_ring.ts";
import type { Clock, Timer } from "../../clock.ts";
import type { Flusher } from "../../fanout/flusher.ts";
import type { HookBus } from "../../plugin/hooks.ts";
import type { Logger } from "../../log/log.ts";
import type { StreamKey } from "../../names.ts";
import { Closed, type CloseReason } from "../../reasons.ts";
import type { Session } from "../../sessions/session.ts";
import type { Incumbent, LiveStream } from "../../streams/live_stream.ts";
import { openStream, tellEnd } from "../../streams/open_stream.ts";
import type { TrackKinds } from "../../streams/probe.ts";
import { CopiedSession } from "./copied_session.ts";
import { infoOf, type Post, type SentPublisher, type WorkerWord } from "../messages.ts";
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
  /** Who publishes a stream whose home is here. */
  publisher?: SentPublisher;
  isHurried: boolean;
}

/** Who publishes stands in the main isolate. */
const ELSEWHERE: Incumbent = {
  lastPacketAt: 0,
  label: { session: "", protocol: "", remote: "" },
  replace: () => {},
};

/**
 * Copies of streams that the main isolate has: of those whose home is this worker, as long as they last, and of those that
 * its viewers watch, one for all of them, while there are any.
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

  /** This worker is the home of a stream. */
  adopt(number: number, key: StreamKey, publisher: SentPublisher): void {
    this.#add(number, key).publisher = publisher;
  }

  /** Who publishes a stream whose home is here from the next beginning on. */
  published(number: number, publisher: SentPublisher): void {
    const copy = this.#byNumber.get(number);
    if (copy) copy.publisher = publisher;
  }

  /** One of a copy's viewers has left. */
  left(stream: LiveStream): void {
    const copy = this.#byStream.get(stream);
    if (!copy || copy.publisher || stream.viewers > 0) return;
    copy.lingering?.[Symbol.dispose]();
    copy.lingering = this.#host.clock.setTimeout(() => {
      if (stream.viewers > 0) return;
      this.#host.post({ type: "drop", copy: copy.number });
      stream.end("idle", "nobody watches the stream any more");
    }, LINGER_MS);
  }

  /** A publisher begins: the first of the stream, or another one; `known` is what is known of its tracks. */
  begin(number: number, known?: TrackKinds): void {
    const copy = this.#byNumber.get(number);
    if (!copy) return;
    const { stream, begun, publisher } = copy;
    const session = publisher && this.#sessionOf(publisher);
    const how = stream.begin(session ? { ...ELSEWHERE, label: labelOf(session) } : ELSEWHERE, known);
    begun.resolve();
    if (session) this.#host.hooks.tell(`stream:${how}`, { stream, session });
  }

  /** Takes packets and lets viewers see them. */
  write(number: number, batch: PacketBatch): void {
    const copy = this.#byNumber.get(number);
    const now = this.#host.clock.now();
    if (copy) {
      const { stream } = copy;
      for (const packet of unpack(batch)) stream.write(packet, now);
      stream.flush();
      if (copy.publisher) this.#tellHurry(copy);
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

  /** Sinks take their time, so that a stream which only they read comes a little later. */
  #tellHurry(copy: Copy): void {
    const { isWatched } = copy.stream;
    if (isWatched === copy.isHurried) return;
    copy.isHurried = isWatched;
    this.#host.post({ type: "hurry", copy: copy.number, isHurried: isWatched });
  }

  /** Stands for the publisher's session; the one that can be ended is in the main isolate. */
  #sessionOf({ session, info }: SentPublisher): Session {
    const { log, clock } = this.#host;
    return new CopiedSession(session, infoOf(info), log.child(info.protocol), clock);
  }

  #open(id: string, key: StreamKey): Copy {
    const copy = this.#add(++this.#newest, key);
    this.#host.post({ type: "copy", copy: copy.number, stream: id });
    return copy;
  }

  #add(number: number, key: StreamKey): Copy {
    const stream = openStream(key, this.#host, {
      isMended: true,
      graceMs: () => 0,
      onGone: () => this.#forget(copy),
      onInterrupt: () => {},
      onEnd: (ended, closed) => {
        if (copy.publisher) tellEnd(this.#host.hooks, ended, closed);
      },
    });
    const copy: Copy = { number, stream, begun: Promise.withResolvers(), isHurried: false };
    this.streams.set(stream.id, stream);
    this.#byNumber.set(copy.number, copy);
    this.#byStream.set(stream, copy);
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

function labelOf({ id, protocol, remote }: Session): Incumbent["label"] {
  return { session: id, protocol, remote };
}

/** Why a copy has ended, in words for a player that has come too late. */
export function endOf({ signal }: LiveStream): Closed | undefined {
  return signal.aborted ? Closed.of(signal) : undefined;
}
