import type { MediaPacket } from "../../../media/packet.ts";
import type { Timer } from "../../clock.ts";
import type { Flusher } from "../../fanout/flusher.ts";
import { streamId, type StreamKey } from "../../names.ts";
import type { Publication, PublishedStream } from "../../streams/publication.ts";
import { Closed } from "../../reasons.ts";
import type { Session } from "../../sessions/session.ts";
import { type Flow, MOST_IN_FLIGHT } from "./flow.ts";
import type { Post, WorkerWord } from "../messages.ts";
import { MAX_BATCH_BYTES, pack, transferOf } from "./packet_batch.ts";

/**
 * What nobody watches waits for that of the worker's other publishers, so many milliseconds for each of them: however many
 * there are, they send hardly more messages than a single one, which waits for nothing …
 */
const EACH_WAITS_MS = 8;

/** … and so many at most: recorders take their time, but players may come. */
const MOST_WAIT_MS = 100;

/** What a sent publication takes from its worker. */
export interface SentPublicationHost {
  readonly post: Post<WorkerWord>;
  readonly flow: Flow;
  readonly flusher: Flusher;
  /** How many publications this worker has. */
  publications(): number;
  onEnd(): void;
}

/**
 * The right to write into a stream of the main isolate; what is written is sent there with each flush.
 *
 * While this worker's players are many enough to get sound along with pictures, it is sent that way too: each message costs
 * the main isolate and the workers of all players more than what it carries.
 */
export class SentPublication implements Publication {
  readonly #number: number;
  readonly #session: Session;
  readonly #host: SentPublicationHost;
  readonly #controller = new AbortController();
  readonly #sessionEnded = (closed: Closed) => this.#vanish(closed);
  readonly #stream: Omit<PublishedStream, "isWatched"> & { isWatched: boolean };
  #packets: MediaPacket[] = [];
  #bytes = 0;
  #hasPicture = false;
  #sentAt = -Infinity;
  #timer?: Timer;
  #hasSent = false;
  #isOver = false;

  constructor(number: number, session: Session, key: StreamKey, host: SentPublicationHost) {
    this.#number = number;
    this.#session = session;
    this.#host = host;
    const id = streamId(key.vhost, key.app, key.name);
    this.#stream = { id, key, path: `${key.app}/${key.name}`, isWatched: false };
    session.onClose(this.#sessionEnded);
  }

  get stream(): PublishedStream {
    return this.#stream;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The main isolate says whether somebody watches the stream. */
  watched(isWatched: boolean): void {
    this.#stream.isWatched = isWatched;
  }

  write(packet: MediaPacket): void {
    if (this.#isOver) return;
    this.#packets.push(packet);
    this.#bytes += packet.body.length;
    this.#hasPicture ||= packet.kind === "video";
    if (this.#bytes >= MAX_BATCH_BYTES) this.#send();
  }

  flush(): void {
    if (this.#hasPicture) return this.#send();
    if (this.#packets.length === 0 || this.#timer) return;
    const { clock, ride } = this.#host.flusher;
    const waitMs = this.#sentAt + ride - clock.now();
    if (waitMs <= 0) this.#send();
    else this.#timer = clock.setTimeout(() => this.#send(), waitMs);
  }

  #send(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#packets.length === 0) return;
    const batch = pack(this.#packets);
    const { length } = batch.bytes;
    this.#packets = [];
    this.#bytes = 0;
    this.#hasPicture = false;
    this.#sentAt = this.#host.flusher.clock.now();
    const { post, flow } = this.#host;
    flow.sent(length);
    post({ type: "packets", publication: this.#number, batch }, transferOf(batch), this.#waitMs());
    this.#hasSent = true;
    flow.hold(MOST_IN_FLIGHT);
  }

  /** Nothing waits that somebody watches, with which a stream begins, or of which much has gathered already. */
  #waitMs(): number | undefined {
    const { flow, publications } = this.#host;
    const isHurried = this.#stream.isWatched || !this.#hasSent || flow.inFlight > MAX_BATCH_BYTES;
    return isHurried ? undefined : Math.min(Math.max(0, publications() - 1) * EACH_WAITS_MS, MOST_WAIT_MS);
  }

  end(): void {
    this.#finish(new Closed("left", "the publisher finished"), true);
  }

  /** The main isolate has ended the publication. */
  ended(closed: Closed): void {
    this.#packets = [];
    this.#close(closed);
  }

  [Symbol.dispose](): void {
    this.#vanish(this.#session.closed ?? new Closed("left"));
  }

  #vanish(closed: Closed): void {
    this.#finish(closed, false);
  }

  #finish(closed: Closed, isFinished: boolean): void {
    if (this.#isOver) return;
    this.#send();
    // The end of the session follows at once, and says why.
    if (isFinished || !this.#session.closed) {
      this.#host.post({ type: "unpublish", publication: this.#number, isFinished });
    }
    this.#close(closed);
  }

  #close(closed: Closed): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    this.#session.offClose(this.#sessionEnded);
    this.#host.onEnd();
    this.#controller.abort(closed);
  }
}
