import type { MediaPacket } from "../../../media/packet.ts";
import { Closed } from "../../reasons.ts";
import type { Stream } from "../../streams/stream.ts";
import type { PacketReader } from "../../fanout/packet_subscription.ts";
import { type Flow, MOST_IN_FLIGHT } from "./flow.ts";
import type { MainWord, Post } from "../messages.ts";
import { MAX_BATCH_BYTES, pack, transferOf } from "./packet_batch.ts";

/** What a copy's sender takes from the link to its worker. */
export interface CopySenderHost {
  readonly post: Post<MainWord>;
  readonly flow: Flow;
  /** Whether nobody there needs packets as soon as they come. */
  readonly isPatient?: boolean;
  /** Where to begin, if not at the newest entry. */
  readonly reader?: PacketReader;
  /** The stream is over. */
  onEnd(): void;
}

/** Sends a stream to one worker, whose viewers all read the copy there. */
export class CopySender implements Disposable {
  readonly stream: Stream;
  readonly #copy: number;
  readonly #host: CopySenderHost;
  /** Whether all of the stream has been sent. */
  isOver = false;
  #isPatient: boolean;
  #subscription: PacketReader;

  constructor(copy: number, stream: Stream, host: CopySenderHost) {
    this.stream = stream;
    this.#copy = copy;
    this.#host = host;
    this.#isPatient = host.isPatient ?? false;
    this.#subscription = this.#begin(host.reader);
    this.#send();
  }

  /** Another publisher has begun: what comes now cannot be decoded with what came before. */
  resumed(): void {
    this.#send();
    this.#tellBegin();
  }

  /** Somebody there needs packets as soon as they come, or nobody any more. */
  hurry(isHurried: boolean): void {
    this.#isPatient = this.#subscription.isPatient = !isHurried;
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  #begin(subscription = this.stream.packets({ patient: this.#isPatient })): PacketReader {
    this.#tellBegin();
    subscription.onReady = () => this.#send();
    return subscription;
  }

  #send(): void {
    const { flow, post } = this.#host;
    while (flow.inFlight < MOST_IN_FLIGHT || this.stream.signal.aborted) {
      const packets = this.#take();
      if (packets.length === 0) return this.#caughtUp();
      const batch = pack(packets);
      flow.sent(batch.bytes.length);
      // One turn often brings packets of many streams.
      post({ type: "copy-packets", copy: this.#copy, batch }, transferOf(batch), 0);
    }
    this.#subscription.park();
  }

  /** From the newest entry on, not all kinds of tracks need turn up at once that the stream has. */
  #tellBegin(): void {
    const { isProbed, hasAudio, hasVideo } = this.stream;
    const known = isProbed ? { hasAudio, hasVideo } : undefined;
    this.#host.post({ type: "copy-begin", copy: this.#copy, known });
  }

  #take(): MediaPacket[] {
    const packets: MediaPacket[] = [];
    for (let bytes = 0; bytes < MAX_BATCH_BYTES;) {
      const packet = this.#subscription.next();
      if (!packet) break;
      packets.push(packet);
      bytes += packet.body.length;
    }
    return packets;
  }

  #caughtUp(): void {
    if (!this.#subscription.ended) return;
    this.#subscription[Symbol.dispose]();
    if (!this.stream.signal.aborted) {
      this.#subscription = this.#begin();
      return this.#send();
    }
    const { reason, detail } = Closed.of(this.stream.signal);
    this.isOver = true;
    this.#host.post({ type: "copy-end", copy: this.#copy, reason, detail });
    this.#host.onEnd();
  }
}
