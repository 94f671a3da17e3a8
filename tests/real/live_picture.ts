import { HttpFlvPlayClient } from "../../protocols/http_flv/client.ts";
import { RtmpPublishClient } from "../../protocols/rtmp/client.ts";
import { ClientError } from "../../kernel/sessions/client.ts";
import { FlvReader } from "../../media/flv/reader.ts";
import { TAG_AUDIO, TAG_VIDEO } from "../../media/flv/tag.ts";
import { patiently } from "../support/patience.ts";
import type { Tag } from "../support/stream_maker.ts";

/** An encoder that loses its server tries another one, or the same, after so many milliseconds. */
const RECONNECT_MS = 500;

/** What the second byte of a tag of H.264 or AAC says (FLV 10.1, E.4.2.1 and E.4.3.1). */
const PACKET_HEAD = 0;
const PACKET_FRAME = 1;

/** A clip that goes on and on. */
export class Loop {
  readonly #tags: readonly Tag[];
  readonly #length: number;

  private constructor(tags: readonly Tag[], length: number) {
    this.#tags = tags;
    this.#length = length;
  }

  /** Reads an FLV file with pictures in H.264 and sound in AAC; `seconds` is how long it is. */
  static async read(path: string, seconds: number): Promise<Loop> {
    const tags = new FlvReader().read(await Deno.readFile(path)).filter((event) => event.type === "tag")
      .filter(({ tagType }) => tagType === TAG_VIDEO || tagType === TAG_AUDIO)
      .map(({ tagType, timestamp, body }) => ({
        kind: tagType === TAG_VIDEO ? "video" as const : "audio" as const,
        dts: timestamp * 1000,
        body,
      }));
    return new Loop(tags, seconds * 1_000_000);
  }

  /** All tags from the next key frame on at a time in microseconds, configurations first, as an encoder begins. */
  *from(time: number): Iterable<Tag> {
    const heads = this.#tags.filter(({ body }) => body[1] === PACKET_HEAD);
    let hasBegun = false;
    for (let start = Math.floor(time / this.#length) * this.#length;; start += this.#length) {
      for (const tag of this.#frames) {
        const dts = start + tag.dts;
        if (!hasBegun && (dts < time || !isKey(tag))) continue;
        if (!hasBegun) yield* heads.map((head) => ({ ...head, dts }));
        hasBegun = true;
        yield { ...tag, dts };
      }
    }
  }

  /** The end of a sequence, which stands at the end of a file, is none when it goes on. */
  get #frames(): readonly Tag[] {
    return this.#tags.filter(({ body }) => body[1] === PACKET_FRAME);
  }
}

function isKey({ kind, body }: Tag): boolean {
  return kind === "video" && body[0] >> 4 === 1;
}

/** Publishes a loop in real time to the first of some addresses that takes it, again and again, as encoders do. */
export class LoopEncoder implements AsyncDisposable {
  readonly #loop: Loop;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  readonly #startedAt: number;
  /** Where it may publish; changing it moves nothing that flows. */
  addresses: readonly string[];
  /** How often it has begun. */
  begins = 0;

  /** `startedAt` is when the loop began, as `performance.now()` has it: two encoders with the same send the same. */
  constructor(loop: Loop, addresses: readonly string[], startedAt: number = performance.now()) {
    this.#loop = loop;
    this.addresses = addresses;
    this.#startedAt = startedAt;
    this.#done = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const address = this.addresses[attempt % this.addresses.length];
      try {
        await this.#publish(address, signal);
      } catch (error) {
        if (!signal.aborted && !(error instanceof ClientError)) throw error;
      }
      await until(performance.now() + RECONNECT_MS, signal);
    }
  }

  async #publish(address: string, signal: AbortSignal): Promise<void> {
    const client = await RtmpPublishClient.connect(address, { signal, timeoutMs: 3000 });
    this.begins++;
    try {
      for (const tag of this.#loop.from((performance.now() - this.#startedAt) * 1000)) {
        await until(this.#startedAt + tag.dts / 1000, signal);
        if (signal.aborted) return;
        const room = client.write(tag);
        if (room) await Promise.race([room, client.closed, aborted(signal)]);
      }
    } finally {
      client.destroy();
    }
  }
}

/** Watches a stream, and notes when pictures come; it never connects anew. */
export class Watcher implements AsyncDisposable {
  readonly #client: HttpFlvPlayClient;
  readonly #done: Promise<void>;
  #newestAt = performance.now();
  #longest = 0;
  #pictures = 0;
  #news = Promise.withResolvers<void>();
  #end?: string;

  private constructor(client: HttpFlvPlayClient) {
    this.#client = client;
    this.#done = this.#watch();
  }

  static async open(address: string): Promise<Watcher> {
    const watcher = new Watcher(await HttpFlvPlayClient.connect(address, { timeoutMs: 15_000 }));
    await watcher.pictures(1);
    return watcher;
  }

  /** Forgets what interruptions there were. */
  mark(): void {
    this.#longest = 0;
    this.#newestAt = performance.now();
  }

  /** The longest time without a picture since the last mark, in milliseconds. */
  get longestMs(): number {
    return Math.round(Math.max(this.#longest, performance.now() - this.#newestAt));
  }

  /** Waits for so many more pictures. */
  async pictures(count: number): Promise<void> {
    const wanted = this.#pictures + count;
    while (this.#pictures < wanted) {
      if (this.#end !== undefined) throw new Error(`The player was ended: ${this.#end}`);
      await patiently(this.#news.promise, () => `no picture has come for ${this.longestMs} ms`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
    await this.#done;
  }

  async #watch(): Promise<void> {
    try {
      for await (const { kind, role } of this.#client) {
        if (kind === "video" && (role === "key" || role === "delta")) this.#seen();
      }
      this.#end = (await this.#client.closed).message;
    } catch (error) {
      this.#end = String(error);
    }
    this.#news.resolve();
  }

  #seen(): void {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#newestAt);
    this.#newestAt = now;
    this.#pictures++;
    const { resolve } = this.#news;
    this.#news = Promise.withResolvers();
    resolve();
  }
}

/** Waits for a moment, or for the signal. */
async function until(at: number, signal: AbortSignal): Promise<void> {
  const ms = at - performance.now();
  if (ms <= 0 || signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = () => resolve();
  signal.addEventListener("abort", stop, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", stop);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
}
