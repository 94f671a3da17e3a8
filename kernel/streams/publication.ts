import type { MediaPacket } from "../../media/packet.ts";
import { every, type Timer } from "../clock.ts";
import type { Clock } from "../clock.ts";
import { Closed } from "../reasons.ts";
import type { Session } from "../sessions/session.ts";
import type { Incumbent, LiveStream } from "./live_stream.ts";
import type { Stream } from "./stream.ts";

/** How often a silent publisher is looked for. */
const SILENCE_CHECK_MS = 1000;

/** What a publisher sees of its stream. */
export type PublishedStream = Pick<Stream, "id" | "key" | "path" | "isWatched">;

/** The right to write into a stream. Disposing it means that the publisher vanished: the stream waits for its return. */
export interface Publication extends Disposable {
  readonly stream: PublishedStream;
  /** Aborted with a {@linkcode Closed} when another publisher takes over, this one falls silent or the stream ends. */
  readonly signal: AbortSignal;
  /** Writes a packet with the publisher's own times; what comes after the end is ignored. */
  write(packet: MediaPacket): void;
  /** Lets readers see what has been written: call it when all that one read brought has been written. */
  flush(): void;
  /** The publisher says that it has finished: the stream ends now. */
  end(): void;
}

/** What a publication takes from its server. */
export interface PublicationHost {
  readonly clock: Clock;
  /** Silence after which the publisher counts as gone, in milliseconds. */
  silenceMs(): number;
  /** Called once, when the publication is over. */
  onEnd(publication: OpenPublication, closed: Closed): void;
}

/** The kernel's publications; one ends with its session at the latest. */
export class OpenPublication implements Publication, Incumbent {
  readonly label: Incumbent["label"];
  lastPacketAt: number;
  bytes = 0;
  /** Frames left out because no key frame had come yet. */
  skippedBeforeKey = 0;
  readonly #host: PublicationHost;
  readonly #controller = new AbortController();
  readonly #silence: Timer;
  readonly #sessionEnded = () => this.vanish(endOf(this.session));
  readonly #startedAt: number;
  #isOver = false;
  readonly #keyed = new Set<number>();

  constructor(
    readonly stream: LiveStream,
    readonly session: Session,
    readonly credential: string | undefined,
    host: PublicationHost,
  ) {
    this.#host = host;
    this.label = { session: session.id, protocol: session.protocol, remote: session.remote };
    this.lastPacketAt = this.#startedAt = host.clock.now();
    this.#silence = every(host.clock, SILENCE_CHECK_MS, () => this.#checkSilence());
    session.onClose(this.#sessionEnded);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** How long it has been publishing, in seconds. */
  get seconds(): number {
    return (this.#host.clock.now() - this.#startedAt) / 1000;
  }

  write(packet: MediaPacket): void {
    if (this.#isOver) return;
    const now = this.#host.clock.now();
    this.lastPacketAt = now;
    this.bytes += packet.body.length;
    if (packet.kind === "video" && !this.#isDecodable(packet)) this.skippedBeforeKey++;
    else this.stream.write(packet, now);
  }

  flush(): void {
    if (!this.#isOver) this.stream.flush();
  }

  end(): void {
    if (this.#close(new Closed("left", "the publisher finished"))) this.stream.end("stream-ended");
  }

  replace(): void {
    this.#close(new Closed("replaced"));
  }

  /** Ends publication and stream for the server's own reasons. */
  abort(closed: Closed): void {
    if (this.#close(closed)) this.stream.end(closed.reason, closed.detail);
  }

  [Symbol.dispose](): void {
    this.vanish(endOf(this.session));
  }

  /** The publisher is gone without having said so. */
  vanish(closed: Closed): void {
    if (this.#close(closed)) this.stream.interrupt(closed);
  }

  #close(closed: Closed): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#silence[Symbol.dispose]();
    this.session.offClose(this.#sessionEnded);
    this.#controller.abort(closed);
    this.#host.onEnd(this, closed);
    return true;
  }

  #checkSilence(): void {
    const silenceMs = this.#host.silenceMs();
    if (this.#host.clock.now() - this.lastPacketAt < silenceMs) return;
    const seconds = Math.round(silenceMs / 1000);
    this.vanish(new Closed("idle", `the publisher sent nothing for ${seconds} s`));
  }

  #isDecodable(packet: MediaPacket): boolean {
    if (packet.role === "key") this.#keyed.add(packet.track);
    return packet.role !== "delta" || this.#keyed.has(packet.track);
  }
}

/** Why a publisher's session ended, in words that fit a publisher. */
function endOf({ signal }: Session): Closed {
  const closed = Closed.of(signal);
  return closed.reason === "left" ? new Closed("left", "the publisher's connection ended") : closed;
}
