import { Flusher } from "../fanout/flusher.ts";
import { Rendition } from "../fanout/rendition.ts";
import { StreamFacts } from "../streams/stream_facts.ts";
import type { Subscription } from "../fanout/subscription.ts";
import { FakeClock } from "./fake_clock.ts";
import { packets } from "./packets.ts";
import { readText, textFormat } from "./text_format.ts";

/** Rounds of this many readers take long enough for a window of some 20 ms for pictures and 45 ms for sound. */
export const CROWD = 1500;

/** A rendition of a stream that the test writes, on a clock that the test moves. */
export class RenditionStage {
  readonly clock = new FakeClock();
  readonly flusher = new Flusher(this.clock, 350);
  readonly facts = new StreamFacts();
  /** How often the rendition said that nobody reads it. */
  emptied = 0;
  readonly failures: unknown[] = [];
  readonly rendition: Rendition;

  constructor(format = textFormat()) {
    this.rendition = new Rendition(format, this.facts, {
      limits: { bytes: 2 ** 20, ms: 10_000 },
      flusher: this.flusher,
      onEmpty: () => this.emptied++,
      onFailure: (error) => this.failures.push(error),
    });
  }

  /** Writes packets as `packets` reads them. */
  write(story: string): this {
    for (const packet of packets(story)) {
      this.facts.observe(packet, this.clock.now());
      this.rendition.write(packet);
    }
    return this;
  }

  /** Lets readers see what has been written. */
  flush(): this {
    this.rendition.flush();
    return this;
  }

  /** A reader that reads whenever it is told, and what it has heard with the time. */
  listen(): { readonly subscription: Subscription<Uint8Array>; readonly heard: string[] } {
    const subscription = this.rendition.subscribe();
    const heard: string[] = [];
    subscription.onReady = () => heard.push(`${Math.round(this.clock.now())}: ${readText(subscription).trim()}`);
    subscription.park();
    return { subscription, heard };
  }
}
