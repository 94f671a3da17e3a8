import { assert, assertEquals, assertLessOrEqual, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteCursor, ByteRing, type RingLimits } from "./byte_ring.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Blocks are closed at this size. */
const BLOCK = MIB;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const LIMITS: RingLimits = { bytes: 8 * MIB, ms: 10_000 };

/** A ring that is written and read as text, at a time that the test sets. */
class TextRing {
  readonly ring: ByteRing;
  now = 0;

  constructor(limits: Partial<RingLimits> = {}) {
    this.ring = new ByteRing({ ...LIMITS, ...limits });
  }

  /** Writes an entry, `<init>key`, and the units behind it. */
  gop(init: string, ...units: string[]): this {
    this.ring.beginEntry(this.now).raw(encoder.encode(init));
    this.ring.endInit();
    return this.units(...units);
  }

  units(...units: string[]): this {
    for (const unit of units) this.ring.writer(this.now).raw(encoder.encode(unit));
    return this;
  }

  flush(): this {
    this.ring.flush();
    return this;
  }

  /** All that there is for a reader. */
  read(cursor: ByteCursor): string {
    let text = "";
    for (let bytes = this.ring.read(cursor); bytes; bytes = this.ring.read(cursor)) text += decoder.decode(bytes);
    return text;
  }
}

/** A unit of `size` bytes that begins with its name. */
function large(name: string, size: number): string {
  return name + ".".repeat(size - name.length);
}

/** Large units as their names alone. */
function names(text: string): string {
  return text.replace(/\.+/g, " ").trim();
}

Deno.test("before the first entry there is nothing to read and nothing can be appended", () => {
  const ring = new ByteRing(LIMITS);
  assertEquals(ring.isOpen, false);
  assertThrows(() => ring.writer(0), TypeError, "A ring begins with an entry block");
  assertEquals(ring.flush(), false);
  assertEquals(ring.read(new ByteCursor()), undefined);
  assertEquals(ring.size, 0);
});

Deno.test("a reader enters at the newest entry, with its init, however much came since", () => {
  const ring = new TextRing().gop("<1>", "K1 ", "d2 ").gop("<2>", "K3 ", "d4 ", "d5 ").flush();
  const cursor = new ByteCursor();
  assertEquals(ring.read(cursor), "<2>K3 d4 d5 ");
  assertEquals(cursor.skips, 0);
});

Deno.test("a reader that goes on from one GOP into the next does not get the next one's init", () => {
  const ring = new TextRing().gop("<1>", "K1 ").flush();
  const cursor = new ByteCursor();
  assertEquals(ring.read(cursor), "<1>K1 ");
  assertEquals(ring.units("d2 ").flush().read(cursor), "d2 ");
  assertEquals(ring.gop("<2>", "K3 ").flush().read(cursor), "K3 ");
  assertEquals(ring.gop("<3>", "K4 ").gop("<4>", "K5 ").flush().read(cursor), "K4 K5 ");
  assertEquals(cursor.skips, 0);
});

Deno.test("readers see only what has been flushed", () => {
  const ring = new TextRing().gop("<1>", "K1 ");
  const early = new ByteCursor();
  assertEquals(ring.read(early), "");
  assertEquals(ring.flush().read(early), "<1>K1 ");
  ring.units("d2 ").gop("<2>", "K3 ");
  assertEquals(ring.read(early), "");
  assertEquals(ring.read(new ByteCursor()), "<1>K1 ", "the unflushed entry cannot be entered");
  assertEquals(ring.flush().read(early), "d2 K3 ");
  assertEquals(ring.read(new ByteCursor()), "<2>K3 ");
});

Deno.test("flush says whether there was anything", () => {
  const { ring } = new TextRing().gop("<1>", "K1 ");
  assertEquals([ring.flush(), ring.flush()], [true, false]);
  ring.writer(0).raw(encoder.encode("d2 "));
  assertEquals([ring.flush(), ring.flush()], [true, false]);
});

Deno.test("all readers at one place are given the same view on the same memory", () => {
  const { ring } = new TextRing().gop("<1>", "K1 ").flush();
  const cursors = Array.from({ length: 5 }, () => new ByteCursor());
  const shared = (): Uint8Array | undefined => {
    const [first, ...rest] = cursors.map((cursor) => ring.read(cursor));
    for (const view of rest) assertStrictEquals(view, first);
    return first;
  };
  const entered = shared();
  ring.writer(0).raw(encoder.encode("d2 "));
  ring.flush();
  const next = shared();
  assertEquals(decoder.decode(next), "d2 ");
  assertStrictEquals(next?.buffer, entered?.buffer, "batches of one block lie in one buffer");
});

Deno.test("what a reader was given never changes, however the block grows", () => {
  const ring = new TextRing().gop("<1>", "K1 ").flush();
  const cursor = new ByteCursor();
  const given = ring.ring.read(cursor);
  ring.units(...Array.from({ length: 3000 }, (_, i) => `d${i} unit of some length to make the block grow `)).flush();
  ring.gop("<2>", "K ").gop("<3>", "K ").flush();
  assertEquals(decoder.decode(given), "<1>K1 ");
});

Deno.test("a GOP larger than a block is read on over all its blocks, by newcomers from its init", () => {
  const ring = new TextRing().gop("<1>", large("K1", 700 * KIB));
  const early = new ByteCursor();
  assertEquals(names(ring.flush().read(early)), "<1>K1");
  for (const name of ["d2", "d3", "d4", "d5", "d6"]) {
    assertEquals(names(ring.units(large(name, 700 * KIB)).flush().read(early)), name);
  }
  assertEquals(names(ring.read(new ByteCursor())), "<1>K1 d2 d3 d4 d5 d6");
  const views = [];
  const cursor = new ByteCursor();
  for (let bytes = ring.ring.read(cursor); bytes; bytes = ring.ring.read(cursor)) views.push(bytes);
  assertEquals(views.length, 3, "two units fill a block");
});

Deno.test("a unit larger than a block stays whole", () => {
  const ring = new TextRing().gop("<1>", large("K1", 3 * BLOCK), "d2 ").flush();
  const cursor = new ByteCursor();
  assertEquals(ring.ring.read(cursor)?.length, 3 + 3 * BLOCK);
  assertEquals(ring.read(cursor), "d2 ");
});

Deno.test("GOPs that nobody reads any more are dropped as soon as there is a newer entry", () => {
  const ring = new TextRing();
  const sizes = [];
  for (let i = 0; i < 10; i++) {
    ring.gop("<i>", large(`K${i}`, 500 * KIB)).flush();
    sizes.push(ring.ring.size);
  }
  assertLessOrEqual(Math.max(...sizes), 4 * MIB);
  assertEquals(names(ring.read(new ByteCursor())), "<i>K9");
});

Deno.test("a lagging reader holds what it has not read until it is too old, then goes on at the newest entry", () => {
  const ring = new TextRing({ ms: 10_000 }).gop("<0>", "K0 ").flush();
  const cursor = new ByteCursor();
  assertEquals(ring.read(cursor), "<0>K0 ");
  for (ring.now = 2000; ring.now <= 10_000; ring.now += 2000) ring.gop("<i>", `K${ring.now / 1000} `).flush();
  assertEquals(ring.read(cursor), "K2 K4 K6 K8 K10 ");
  assertEquals(cursor.skips, 0);

  const late = new ByteCursor();
  assertEquals(ring.read(late), "<i>K10 ");
  for (; ring.now <= 30_000; ring.now += 2000) ring.gop("<i>", `K${ring.now / 1000} `).flush();
  assertEquals(ring.read(late), "<i>K30 ");
  assertEquals(late.skips, 1);
});

Deno.test("a reader that left holds nothing back", () => {
  const ring = new TextRing({ ms: 1e9 });
  const cursor = new ByteCursor();
  ring.gop("<0>", large("K0", 900 * KIB)).flush().read(cursor);
  ring.ring.leave(cursor);
  ring.ring.leave(cursor);
  for (let i = 1; i < 5; i++) ring.gop("<i>", large(`K${i}`, 900 * KIB)).flush();
  assertLessOrEqual(ring.ring.size, 4 * MIB);
});

Deno.test("a reader beyond the limit of bytes falls off, is counted and goes on at the newest entry, once for all", () => {
  const ring = new TextRing({ bytes: 4 * MIB }).gop("<0>", large("K0", 10 * KIB)).flush();
  const slow = new ByteCursor();
  const fast = new ByteCursor();
  let heard = ring.read(fast);
  ring.read(slow);
  for (let i = 1; i <= 8; i++) heard += ring.gop("<i>", large(`K${i}`, 1000 * KIB)).flush().read(fast);
  assertEquals(names(heard), "<0>K0 K1 K2 K3 K4 K5 K6 K7 K8");
  assertEquals(names(ring.read(slow)), "<i>K8");
  assertEquals([fast.skips, slow.skips], [0, 1]);
  assertEquals(names(ring.gop("<i>", "K9").flush().read(slow)), "K9");
  assertEquals(slow.skips, 1);
});

Deno.test("what a fallen reader missed is given back although the reader never comes again", () => {
  const ring = new TextRing({ bytes: 2 * MIB }).gop("<0>", large("K0", 900 * KIB)).flush();
  const stuck = new ByteCursor();
  ring.read(stuck);
  for (let i = 1; i <= 8; i++) ring.gop("<i>", large(`K${i}`, 900 * KIB)).flush();
  assertEquals(stuck.block?.dropped, true);
  assertEquals(stuck.block?.next, undefined, "a dropped block does not lead to the ones after it");
  assertLessOrEqual(stuck.block?.writer.capacity ?? 0, KIB);
});

Deno.test("a GOP beyond the limit cannot be entered until the next key, but a reader that keeps up goes on", () => {
  const ring = new TextRing({ bytes: 3 * MIB }).gop("<0>", large("K0", 900 * KIB)).flush();
  const early = new ByteCursor();
  let heard = ring.read(early);
  for (let i = 1; i <= 12; i++) heard += ring.units(large(`d${i}`, 600 * KIB)).flush().read(early);
  assertEquals(names(heard), "<0>K0 d1 d2 d3 d4 d5 d6 d7 d8 d9 d10 d11 d12");
  const late = new ByteCursor();
  assertEquals(ring.read(late), "");
  assertEquals(ring.gop("<1>", "K13 ").flush().read(late), "<1>K13 ");
  assertEquals(ring.read(early), "K13 ");
  assertEquals([early.skips, late.skips], [0, 0]);
});

Deno.test("a reader that keeps up goes on even when a single block is beyond the limit", () => {
  const ring = new TextRing({ bytes: 1 * MIB }).gop("<0>", large("K0", 1500 * KIB)).flush();
  const cursor = new ByteCursor();
  let heard = ring.read(cursor);
  for (let i = 1; i <= 5; i++) heard += ring.units(large(`d${i}`, 1500 * KIB)).flush().read(cursor);
  assertEquals(names(heard), "<0>K0 d1 d2 d3 d4 d5");
  assertEquals(cursor.skips, 0);
});

Deno.test("a reader that falls off inside a GOP that cannot be entered waits for the next key", () => {
  const ring = new TextRing({ bytes: 3 * MIB }).gop("<0>", large("K0", 900 * KIB)).flush();
  const cursor = new ByteCursor();
  ring.read(cursor);
  for (let i = 1; i <= 12; i++) ring.units(large(`d${i}`, 600 * KIB)).flush();
  assertEquals(ring.read(cursor), "");
  assertEquals(ring.gop("<1>", "K13 ").flush().read(cursor), "<1>K13 ");
  assertEquals(cursor.skips, 1);
});

/** A step of a random life of a ring. */
type Step =
  | { readonly do: "key" | "delta"; readonly kib: number; readonly ms: number }
  | { readonly do: "read"; readonly reader: number; readonly views: number }
  | { readonly do: "leave"; readonly reader: number }
  | { readonly do: "flush" };

const READERS = 4;
const LARGEST = 900;

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: unit("key") },
    { weight: 6, arbitrary: unit("delta") },
    { weight: 6, arbitrary: fc.constant<Step>({ do: "flush" }) },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant("read" as const),
        reader: fc.nat(READERS - 1),
        views: fc.integer({ min: 1, max: 9 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), reader: fc.nat(READERS - 1) }) },
  ),
  { minLength: 20, maxLength: 150, size: "max" },
);

function unit(kind: "key" | "delta"): fc.Arbitrary<Step> {
  return fc.record({
    do: fc.constant(kind),
    kib: fc.integer({ min: 1, max: LARGEST }),
    ms: fc.integer({ min: 0, max: 1500 }),
  });
}

const HEADER = 9;
const INIT = 0;
const KEY = 1;
const DELTA = 2;

/** Writes `kind`, number and length of a piece, and fills it with the number's last byte. */
function piece(kind: number, number: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(number & 0xff);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, kind);
  view.setUint32(1, number);
  view.setUint32(5, length);
  return bytes;
}

/** Reads pieces and holds that they come in the order in which a decoder can use them. */
class Checker {
  readonly cursor = new ByteCursor();
  #last?: { readonly kind: number; readonly number: number };
  #runs = 0;

  check(view: Uint8Array, flushed: number): void {
    for (let at = 0; at < view.length;) {
      const header = new DataView(view.buffer, view.byteOffset + at);
      const [kind, number, length] = [header.getUint8(0), header.getUint32(1), header.getUint32(5)];
      assert(at + length <= view.length, `unit ${number} is torn`);
      for (const probe of [HEADER, length >> 1, length - 1]) {
        assertEquals(view[at + probe], number & 0xff, `unit ${number} was overwritten`);
      }
      assertLessOrEqual(number, flushed, "nothing is read before it is flushed");
      this.#follow(kind, number);
      at += length;
    }
    assertEquals(this.cursor.skips, this.#runs - 1, "every gap is counted, and nothing else");
  }

  #follow(kind: number, number: number): void {
    const last = this.#last;
    if (kind === INIT) {
      assert(!last || number > last.number, `went back from ${last?.number} to the entry ${number}`);
      this.#runs++;
    } else {
      assert(last, "a reader begins with an init");
      assertEquals(number, last.kind === INIT ? last.number : last.number + 1, "no unit is left out");
      if (last.kind === INIT) assertEquals(kind, KEY, "a key follows an init");
    }
    this.#last = { kind, number };
  }

  get last(): number {
    return this.#last?.number ?? 0;
  }
}

Deno.test("whatever is written and however it is read, readers get whole GOPs from an init on, gaps are counted and memory is bounded", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 6 }), (life, mib) => {
      const limits = { bytes: mib * MIB, ms: 5000 };
      const ring = new ByteRing(limits);
      const readers = Array.from({ length: READERS }, () => new Checker());
      let [now, number, flushed] = [0, 0, 0];
      for (const step of life) {
        if (step.do === "flush") {
          ring.flush();
          flushed = number;
        } else if (step.do === "read") {
          const reader = readers[step.reader];
          for (let i = 0; i < step.views; i++) {
            const view = ring.read(reader.cursor);
            if (view) reader.check(view, flushed);
          }
        } else if (step.do === "leave") {
          ring.leave(readers[step.reader].cursor);
          readers[step.reader] = new Checker();
        } else {
          now += step.ms;
          if (step.do === "key") {
            number++;
            ring.beginEntry(now).raw(piece(INIT, number, 40));
            ring.endInit();
            ring.writer(now).raw(piece(KEY, number, step.kib * KIB));
          } else if (ring.isOpen) ring.writer(now).raw(piece(DELTA, ++number, step.kib * KIB));
        }
        assertLessOrEqual(ring.size, limits.bytes + 2 * 2 * (BLOCK + LARGEST * KIB));
      }
      if (number === 0) return;
      ring.beginEntry(now).raw(piece(INIT, ++number, 40));
      ring.endInit();
      ring.writer(now).raw(piece(KEY, number, 100));
      ring.flush();
      for (const reader of readers) {
        for (let view = ring.read(reader.cursor); view; view = ring.read(reader.cursor)) reader.check(view, number);
        assertEquals(reader.last, number, "everybody arrives at the newest unit after a key");
      }
    }),
    { numRuns: 60 },
  );
});
