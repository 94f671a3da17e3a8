import type { Format, TrackSource } from "../../media/format.ts";
import type { MediaPacket } from "../../media/packet.ts";
import type { RingLimits } from "../fanout/byte_ring.ts";
import type { Clock, Timer } from "../clock.ts";
import { EntryPoints } from "../fanout/entry_points.ts";
import { errorText } from "../error_text.ts";
import type { Flusher } from "../fanout/flusher.ts";
import type { Logger } from "../log/log.ts";
import { streamId, type StreamKey } from "../names.ts";
import { PacketRing } from "../fanout/packet_ring.ts";
import { type PacketReader, PacketReaders } from "../fanout/packet_subscription.ts";
import { Probe, type TrackKinds } from "./probe.ts";
import { Closed, type CloseReason } from "../reasons.ts";
import { Renditions } from "../fanout/renditions.ts";
import { StreamFacts } from "./stream_facts.ts";
import type { StreamJson, StreamState } from "./stream_json.ts";
import type { Subscription } from "../fanout/subscription.ts";
import { Timeline } from "./timeline.ts";
import type { PacketOptions, Stream } from "./stream.ts";

/** What a stream takes from its server. */
export interface StreamHost {
  readonly clock: Clock;
  readonly flusher: Flusher;
  readonly log: Logger;
  readonly limits: RingLimits;
  /** Whether the times of packets have been mended already: it is a copy of another stream. */
  readonly isMended?: boolean;
  graceMs(): number;
  /** Called when the stream has ended, or nobody waits for it any more. */
  onGone(stream: LiveStream): void;
  onInterrupt(stream: LiveStream, closed: Closed): void;
  onEnd(stream: LiveStream, closed: Closed): void;
  onTrack(stream: LiveStream, packet: MediaPacket): void;
  onConfig(stream: LiveStream, packet: MediaPacket): void;
  onMetadata(stream: LiveStream, packet: MediaPacket): void;
}

/** Who publishes a stream just now. */
export interface Incumbent {
  readonly credential?: string;
  /** When its last packet came, on the server's clock. */
  readonly lastPacketAt: number;
  readonly label: { readonly session: string; readonly protocol: string; readonly remote: string };
  /** Ends it because another takes over. */
  replace(): void;
}

/** The kernel's streams. */
export class LiveStream implements Stream {
  readonly id: string;
  readonly path: string;
  readonly timeline = new Timeline();
  readonly facts = new StreamFacts();
  readonly #host: StreamHost;
  readonly #ring: PacketRing;
  readonly #packetReaders: PacketReaders;
  readonly #renditions: Renditions;
  readonly #entries = new EntryPoints();
  readonly #controller = new AbortController();
  readonly #arrivals = new Set<() => void>();
  #probe: Probe;
  #state: StreamState = "waiting";
  #since: Date;
  #viewers = 0;
  #skipsElsewhere = 0;
  #publisher?: Incumbent;
  #grace?: Timer;
  #startedAt: number;

  constructor(readonly key: StreamKey, host: StreamHost) {
    this.id = streamId(key.vhost, key.app, key.name);
    this.path = `${key.app}/${key.name}`;
    this.#host = host;
    this.#ring = new PacketRing(host.limits.bytes);
    this.#renditions = new Renditions({
      stream: this.id,
      source: this.facts,
      ring: this.#ring,
      limits: host.limits,
      flusher: host.flusher,
      log: host.log,
    });
    this.#packetReaders = new PacketReaders(this.#ring, (error) => {
      const text = errorText(error);
      host.log.error(`A reader of ${this.id} failed: ${text}`, { error });
    });
    this.#probe = new Probe(host.clock);
    this.#since = host.clock.date();
    this.#startedAt = host.clock.now();
  }

  get state(): StreamState {
    return this.#state;
  }

  get since(): Date {
    return this.#since;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get viewers(): number {
    return this.#viewers;
  }

  get tracks(): TrackSource["tracks"] {
    return this.facts.tracks;
  }

  get hasVideo(): boolean {
    return this.facts.hasVideo;
  }

  get hasAudio(): boolean {
    return this.facts.hasAudio;
  }

  get isWatched(): boolean {
    return this.#renditions.areRead || this.#packetReaders.isHurried;
  }

  get probed(): Promise<void> {
    return this.#probe.done;
  }

  get isProbed(): boolean {
    return this.#probe.isDone;
  }

  /** Who publishes, or published last and may return. */
  get publisher(): Incumbent | undefined {
    return this.#publisher;
  }

  /** Seconds since it began to be published. */
  get seconds(): number {
    return (this.#host.clock.now() - this.#startedAt) / 1000;
  }

  /** Bytes held for readers, in all formats. */
  get size(): number {
    return this.#ring.gopBytes + this.#renditions.size;
  }

  /** How often viewers were too slow and jumped. */
  get skips(): number {
    return this.#skipsElsewhere + this.#renditions.skips;
  }

  subscribe(format: Format): Subscription<Uint8Array> {
    return this.#renditions.subscribe(format);
  }

  packets({ from = "entry", patient = false }: PacketOptions = {}): PacketReader {
    const at = this.#ring.entry?.dts ?? this.timeline.front;
    return this.#packetReaders.subscribe(from, this.facts.prelude(at), patient);
  }

  /** A publisher begins: the first one, a returning one, or one that takes over. `known` is what is known of its tracks. */
  begin(publisher: Incumbent, known?: TrackKinds): "start" | "resume" {
    const isStart = this.#state === "waiting";
    this.#grace?.[Symbol.dispose]();
    this.#publisher = publisher;
    this.timeline.begin();
    this.facts.begin();
    this.#ring.clearEntry();
    this.#probe[Symbol.dispose]();
    this.#probe = new Probe(this.#host.clock, known);
    this.#state = "live";
    if (isStart) {
      this.#since = this.#host.clock.date();
      this.#startedAt = this.#host.clock.now();
    }
    for (const arrived of this.#arrivals) arrived();
    return isStart ? "start" : "resume";
  }

  /** Passes a packet on that came at `now` on the server's clock; its own times are still the publisher's. */
  write(raw: MediaPacket, now: number): void {
    const packet = this.#host.isMended ? raw : this.timeline.place(raw, now);
    const isNews = (packet.role === "config" || packet.role === "metadata") && this.facts.isNews(packet);
    const replaces = isNews && packet.role === "config" && (packet.kind === "video" || this.facts.hasConfigOf(packet));
    const isNewTrack = this.facts.observe(packet, now);
    if (replaces) this.#ring.clearEntry();
    this.#ring.write(packet, this.#entries.isEntry(packet, this.facts.hasVideo));
    this.#renditions.write(packet);
    if (!this.#probe.isDone) this.#probe.observe(packet, this.facts);
    if (isNewTrack) this.#host.onTrack(this, packet);
    if (isNews) this.#tell(packet);
  }

  /** Lets readers see what has been written. */
  flush(): void {
    this.#renditions.flush();
    this.#packetReaders.flush();
  }

  /** The publisher vanished: everybody stays attached for the grace period. */
  interrupt(closed: Closed): void {
    if (this.#state !== "live") return;
    this.#state = "interrupted";
    this.flush();
    this.#grace = this.#host.clock.setTimeout(() => this.end("stream-ended"), this.#host.graceMs());
    this.#host.onInterrupt(this, closed);
  }

  /** The stream is over: readers read what there is and end. */
  end(reason: CloseReason, detail?: string): void {
    if (this.#state === "ended") return;
    const hadBegun = this.#state !== "waiting";
    this.#state = "ended";
    this.#grace?.[Symbol.dispose]();
    this.#probe[Symbol.dispose]();
    const closed = new Closed(reason, detail);
    this.#controller.abort(closed);
    this.#renditions.end(closed);
    this.#packetReaders.end(closed);
    for (const arrived of this.#arrivals) arrived();
    this.#host.onGone(this);
    if (hadBegun) this.#host.onEnd(this, closed);
  }

  /** Calls back when a publisher begins or the stream ends; disposing takes that back. */
  onArrival(callback: () => void): Disposable {
    this.#arrivals.add(callback);
    return { [Symbol.dispose]: () => this.#forget(callback) };
  }

  /** One of its players is given its first bytes. */
  tellFirstBytes(protocol: string, seconds: number): void {
    this.#host.flusher.timings.firstBytes(protocol, seconds);
  }

  /** Viewers elsewhere, of a copy of the stream, were too slow so often. */
  countSkips(skips: number): void {
    this.#skipsElsewhere += skips;
  }

  /** Counts a player in. */
  attach(): void {
    this.#viewers++;
  }

  /** Counts a player out. */
  detach(): void {
    this.#viewers--;
  }

  toJSON(): StreamJson {
    return {
      stream: this.id,
      vhost: this.key.vhost,
      app: this.key.app,
      name: this.key.name,
      state: this.#state,
      since: this.#since.toISOString(),
      viewers: this.#viewers,
      publisher: this.#publisher?.label,
      repairs: { ...this.timeline.repairs },
      skips: this.skips,
      ...this.facts.report(this.#host.clock.now()),
    };
  }

  #tell(packet: MediaPacket): void {
    if (packet.role === "config") this.#host.onConfig(this, packet);
    else this.#host.onMetadata(this, packet);
  }

  #forget(callback: () => void): void {
    this.#arrivals.delete(callback);
    if (this.#state === "waiting" && this.#arrivals.size === 0) this.end("left");
  }
}
