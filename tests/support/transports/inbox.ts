import type { MediaPacket } from "../../../media/packet.ts";
import { patiently } from "../patience.ts";
import type { TestEnd } from "./transport.ts";

/** What a test's player has received, and how it ended. */
export class Inbox {
  readonly packets: MediaPacket[] = [];
  readonly #over = Promise.withResolvers<TestEnd>();
  #news = Promise.withResolvers<void>();
  #end?: TestEnd;

  /** Takes what has come. */
  add(packets: readonly MediaPacket[]): void {
    this.packets.push(...packets);
    this.#tell();
  }

  /** Nothing more will come. The first end counts. */
  end(end: TestEnd): void {
    this.#end ??= end;
    this.#over.resolve(this.#end);
    this.#tell();
  }

  /** Waits until playing has ended. */
  over(): Promise<TestEnd> {
    return patiently(this.#over.promise, () => `playing did not end after ${this.#summary()}`);
  }

  /** Waits until such a packet has come. Fails when playing ends before. */
  async until(matches: (packet: MediaPacket) => boolean): Promise<void> {
    let looked = 0;
    while (true) {
      for (; looked < this.packets.length; looked++) if (matches(this.packets[looked])) return;
      if (this.#end) throw new Error(`Playing ended (${this.#end.status} ${this.#end.message}): ${this.#summary()}`);
      await patiently(this.#news.promise, () => `the packet did not come: ${this.#summary()}`);
    }
  }

  #tell(): void {
    const { resolve } = this.#news;
    this.#news = Promise.withResolvers();
    resolve();
  }

  #summary(): string {
    const last = this.packets.at(-1);
    return `${this.packets.length} packets, the last one ${last && `${last.kind} ${last.role} at ${last.dts}`}`;
  }
}
