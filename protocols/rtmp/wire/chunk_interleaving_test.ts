import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ByteWriter } from "../../../media/bytes.ts";
import { ChunkReader } from "./chunk_reader.ts";
import type { RtmpMessage } from "./message.ts";

const EXTENDED = 0xff_ffff;

/** A sender's choices, which no receiver may notice. */
interface Habits {
  readonly chunkSize: number;
  /** Whether chunks without a header repeat an extended timestamp, as the specification says and half of the world does. */
  readonly repeatsExtended: boolean;
  /** How short the header of each message is at most: the wished for format. */
  readonly formats: Iterator<0 | 1 | 2 | 3>;
  /** Which chunk stream sends its next chunk. */
  readonly turns: Iterator<number>;
}

interface Given extends RtmpMessage {
  readonly chunkStream: number;
}

/** Sends messages of several chunk streams, chunk by chunk in turns. */
class Sender {
  readonly #habits: Habits;
  readonly #streams: SenderStream[];
  readonly #out = new ByteWriter();
  readonly #completed: RtmpMessage[] = [];

  constructor(messages: readonly Given[], habits: Habits) {
    this.#habits = habits;
    const ids = [...new Set(messages.map(({ chunkStream }) => chunkStream))];
    this.#streams = ids.map((id) => new SenderStream(id, messages.filter(({ chunkStream }) => chunkStream === id)));
  }

  /** All bytes, and the messages in the order in which their last chunks went out. */
  run(): { bytes: Uint8Array; messages: readonly RtmpMessage[] } {
    this.#out.u8(2).u24(0).u24(4).u8(1).u32(0).u32(this.#habits.chunkSize);
    for (let open = this.#streams; open.length > 0; open = open.filter((stream) => stream.isOpen)) {
      const stream = open[this.#habits.turns.next().value as number % open.length];
      const completed = stream.sendChunk(this.#out, this.#habits);
      if (completed) this.#completed.push(completed);
    }
    return { bytes: this.#out.view(), messages: this.#completed };
  }
}

class SenderStream {
  readonly #id: number;
  readonly #messages: Given[];
  #last?: Given;
  #delta = 0;
  #sent = 0;

  constructor(id: number, messages: Given[]) {
    this.#id = id;
    this.#messages = messages;
  }

  get isOpen(): boolean {
    return this.#messages.length > 0;
  }

  /** Sends a chunk; gives the message that it completes. */
  sendChunk(out: ByteWriter, { chunkSize, repeatsExtended, formats }: Habits): RtmpMessage | undefined {
    const [message] = this.#messages;
    if (this.#sent === 0) this.#header(out, message, formats.next().value as 0 | 1 | 2 | 3, repeatsExtended);
    else this.#continuation(out, repeatsExtended);
    const part = message.body.subarray(this.#sent, this.#sent + chunkSize);
    out.raw(part);
    this.#sent += part.length;
    if (this.#sent < message.body.length) return undefined;
    this.#sent = 0;
    this.#messages.shift();
    this.#last = message;
    const { chunkStream: _, ...completed } = message;
    return completed;
  }

  #header(out: ByteWriter, message: Given, wish: 0 | 1 | 2 | 3, repeatsExtended: boolean): void {
    const { type, streamId, timestamp, body } = message;
    const format = Math.min(wish, this.#shortest(message));
    if (format === 3) {
      this.#continuation(out, repeatsExtended);
      return;
    }
    this.#delta = format === 0 ? timestamp : (timestamp - (this.#last?.timestamp ?? 0)) >>> 0;
    out.u8(format << 6 | this.#id).u24(Math.min(this.#delta, EXTENDED));
    if (format < 2) out.u24(body.length).u8(type);
    if (format < 1) out.u32le(streamId);
    if (this.#delta >= EXTENDED) out.u32(this.#delta);
  }

  #continuation(out: ByteWriter, repeatsExtended: boolean): void {
    out.u8(0xc0 | this.#id);
    if (repeatsExtended && this.#delta >= EXTENDED) out.u32(this.#delta);
  }

  /** The shortest header that says all that is new. */
  #shortest({ type, streamId, timestamp, body }: Given): 0 | 1 | 2 | 3 {
    const last = this.#last;
    if (!last || last.streamId !== streamId) return 0;
    if (last.type !== type || last.body.length !== body.length) return 1;
    return ((timestamp - last.timestamp) >>> 0) === this.#delta ? 3 : 2;
  }
}

/** Bytes that no timestamp of the test begins with: where it is not repeated, payload must not look like it. */
const payload = fc.uint8Array({ min: 0xa0, max: 0xbf, maxLength: 40 });

const messages: fc.Arbitrary<Given> = fc.record({
  chunkStream: fc.integer({ min: 3, max: 7 }),
  type: fc.constantFrom(8, 9),
  streamId: fc.constantFrom(1, 2),
  timestamp: fc.oneof(
    fc.nat(100).map((n) => n * 20),
    fc.constantFrom(0xff_fffe, 0xff_ffff, 0x100_0000, 0x1ff_fffe, 0x7fff_ffff, 0x8000_0000),
  ),
  body: fc.oneof(payload, fc.constantFrom(Uint8Array.of(0xa1), Uint8Array.of(0xa1, 0xa2))),
});

Deno.test("the chunk reader undoes any sender's habits: header formats, chunk sizes, turns of chunk streams, splits", () => {
  fc.assert(
    fc.property(
      fc.array(messages, { maxLength: 30 }),
      fc.integer({ min: 1, max: 50 }),
      fc.boolean(),
      fc.infiniteStream(fc.constantFrom<0 | 1 | 2 | 3>(0, 1, 2, 3)),
      fc.infiniteStream(fc.nat(4)),
      fc.infiniteStream(fc.integer({ min: 1, max: 60 })),
      (given, chunkSize, repeatsExtended, formats, turns, cuts) => {
        const sent = new Sender(given, { chunkSize, repeatsExtended, formats, turns }).run();
        const reader = new ChunkReader();
        const received: RtmpMessage[] = [];
        for (let at = 0; at < sent.bytes.length;) {
          const length = cuts.next().value as number;
          received.push(...reader.read(sent.bytes.subarray(at, at + length)));
          at += length;
        }
        assertEquals(received.map(plain), sent.messages.map(plain));
        assertEquals(reader.held, 0);
      },
    ),
    { numRuns: 500 },
  );
});

function plain({ body, ...rest }: RtmpMessage): unknown {
  return { ...rest, body: [...body] };
}
