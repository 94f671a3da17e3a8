import { assertEquals, assertLessOrEqual } from "@std/assert";
import type { Socket } from "node:net";
import type { Playback } from "../streams/playback.ts";
import { Closed } from "../reasons.ts";
import { OpenSession } from "../sessions/session.ts";
import type { Subscription } from "./subscription.ts";
import { collectLog } from "../testing/collected_log.ts";
import { FakeClock } from "../testing/fake_clock.ts";
import { SocketViewer, Viewers } from "./viewer.ts";

const KIB = 1024;

/** Most bytes of one write. */
const PIECE = 256 * KIB;

/** A socket whose peer takes what the test lets it take. */
class FakeSocket {
  readonly written: Uint8Array[] = [];
  /** The peer takes everything at once. */
  isFast = true;
  /** How many writes asked to be told when they are done. */
  callbacks = 0;
  #queue: { readonly size: number; readonly done?: () => void }[] = [];

  get writableLength(): number {
    return this.#queue.reduce((sum, { size }) => sum + size, 0);
  }

  write(bytes: Uint8Array, done?: () => void): boolean {
    if (bytes.length > 0) this.written.push(bytes);
    if (done) this.callbacks++;
    this.#queue.push({ size: bytes.length, done });
    if (this.isFast) this.take();
    return this.isFast;
  }

  /** The peer takes what waits, or the first so many writes of it. */
  take(writes = this.#queue.length): void {
    for (; writes > 0 && this.#queue.length > 0; writes--) this.#queue.shift()?.done?.();
  }

  /** What was written, as text. */
  get text(): string {
    return this.written.map((bytes) => new TextDecoder().decode(bytes)).join("|");
  }

  get sizes(): number[] {
    return this.written.map((bytes) => bytes.length);
  }
}

/** A subscription that the test feeds; like a ring, it gives all that has come since in one piece. */
class Feed implements Subscription<Uint8Array> {
  onReady?: () => void;
  ended: Closed | undefined;
  skips = 0;
  isDisposed = false;
  #isParked = false;
  #pieces: Uint8Array[] = [];

  next(): Uint8Array | undefined {
    const bytes = this.#pieces.shift();
    if (!bytes) this.park();
    return bytes;
  }

  park(): void {
    this.#isParked = true;
  }

  feed(...pieces: (string | Uint8Array)[]): void {
    for (const piece of pieces) {
      this.#pieces.push(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
    }
    this.#wake();
  }

  end(closed: Closed): void {
    this.ended = closed;
    this.#wake();
  }

  #wake(): void {
    const isParked = this.#isParked;
    this.#isParked = false;
    if (isParked) this.onReady?.();
  }

  get left(): number {
    return this.#pieces.length;
  }

  [Symbol.dispose](): void {
    this.isDisposed = true;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    throw new TypeError("A viewer does not iterate");
  }
}

function stage() {
  const clock = new FakeClock();
  const { log, lines, records } = collectLog("debug", clock);
  const session = new OpenSession({ protocol: "http-flv", remote: "127.0.0.1:5000" }, log, clock);
  const socket = new FakeSocket();
  const feed = new Feed();
  const playback = { bytes: 0, stream: { id: "live/cam" } } as unknown as Playback;
  const ends: string[] = [];
  const options = {
    socket: socket as unknown as Socket,
    session,
    playback,
    subscription: feed,
    onEnd: (closed: Closed) => void ends.push(closed.reason),
  };
  return { clock, lines, records, session, socket, feed, playback, ends, options };
}

Deno.test("a viewer is written what is there and then what comes, piece by piece as it is shared", () => {
  const { socket, feed, playback, session, options } = stage();
  const shared = new TextEncoder().encode("<V>K0 ");
  feed.feed(shared);
  new SocketViewer(options).start();
  feed.feed("d1 ");
  feed.feed("d2 ", "d3 ");
  assertEquals(socket.text, "<V>K0 |d1 |d2 |d3 ");
  assertEquals(socket.written[0] === shared, true, "without a copy");
  assertEquals([playback.bytes, session.bytesOut], [15, 15]);
});

Deno.test("there is at most one write in flight, and what comes meanwhile waits in the ring", () => {
  const { socket, feed, options } = stage();
  new SocketViewer(options).start();
  socket.isFast = false;
  feed.feed("K0 ");
  feed.feed("d1 ");
  feed.feed("d2 ");
  assertEquals([socket.text, feed.left], ["K0 ", 2]);
  feed.feed("d3 ");
  assertEquals([socket.text, feed.left], ["K0 ", 3]);
});

Deno.test("a viewer whose socket was full goes on when it is empty, though nothing more comes", () => {
  const { socket, feed, options } = stage();
  new SocketViewer(options).start();
  socket.isFast = false;
  feed.feed("K0 ");
  feed.feed("d1 ");
  feed.feed("d2 ");
  assertEquals(socket.callbacks, 1, "one is enough, however often there is news");
  for (let takes = 0; takes < 3; takes++) socket.take();
  assertEquals([socket.text, feed.left, socket.writableLength], ["K0 |d1 |d2 ", 0, 0]);
});

Deno.test("large pieces are cut, and the next cut is written as soon as the one before is taken", () => {
  const { socket, feed, options } = stage();
  socket.isFast = false;
  feed.feed(new Uint8Array(600 * KIB));
  new SocketViewer(options).start();
  assertEquals(socket.sizes, [PIECE]);
  socket.take();
  assertEquals(socket.sizes, [PIECE, PIECE]);
  socket.take();
  assertEquals(socket.sizes, [PIECE, PIECE, 88 * KIB]);
  socket.take();
  assertEquals(socket.writableLength, 0);
});

Deno.test("while cuts are left over nothing else is written between them", () => {
  const { socket, feed, options } = stage();
  socket.isFast = false;
  const large = new Uint8Array(300 * KIB).fill(1);
  feed.feed(large);
  new SocketViewer(options).start();
  feed.feed("d1 ");
  feed.feed("d2 ");
  assertEquals(socket.callbacks, 1, "one is enough, however often there is news");
  socket.take(1);
  feed.feed("d3 ");
  socket.take();
  feed.feed("d4 ");
  assertEquals(socket.sizes.slice(0, 2), [PIECE, 44 * KIB]);
  assertEquals(socket.text.endsWith("|d1 "), true);
});

Deno.test("a fast viewer is given a large piece in cuts without waiting", () => {
  const { socket, feed, options } = stage();
  feed.feed(new Uint8Array(1000 * KIB));
  new SocketViewer(options).start();
  assertEquals(socket.sizes, [PIECE, PIECE, PIECE, 232 * KIB]);
});

Deno.test("a viewer that keeps up costs no callback", () => {
  const { socket, feed, options } = stage();
  new SocketViewer(options).start();
  for (let i = 0; i < 100; i++) feed.feed(`d${i} `);
  assertEquals([socket.written.length, socket.callbacks], [100, 0]);
});

Deno.test("at the end all that is left is written, and it is told once", () => {
  const { socket, feed, ends, options } = stage();
  socket.isFast = false;
  feed.feed(new Uint8Array(600 * KIB));
  new SocketViewer(options).start();
  feed.feed("d1 ");
  feed.feed("d2 ");
  feed.end(new Closed("stream-ended"));
  assertEquals(socket.sizes, [PIECE, PIECE, 88 * KIB, 3, 3]);
  assertEquals(ends, ["stream-ended"]);
  socket.take();
  feed.end(new Closed("stream-ended"));
  assertEquals([socket.written.length, ends.length], [5, 1]);
});

Deno.test("the end of a stream is told to a viewer that has everything, and to one that starts after it", () => {
  const idle = stage();
  new SocketViewer(idle.options).start();
  idle.feed.end(new Closed("shutdown"));
  assertEquals(idle.ends, ["shutdown"]);

  const late = stage();
  late.feed.feed("K0 ");
  late.feed.ended = new Closed("stream-ended");
  new SocketViewer(late.options).start();
  assertEquals([late.socket.text, late.ends], ["K0 ", ["stream-ended"]]);
});

Deno.test("a disposed viewer writes nothing more, not even what it had cut, and does not tell an end", () => {
  const { socket, feed, ends, options } = stage();
  socket.isFast = false;
  feed.feed(new Uint8Array(600 * KIB));
  const viewer = new SocketViewer(options);
  viewer.start();
  viewer[Symbol.dispose]();
  socket.take();
  feed.feed("d1 ");
  feed.end(new Closed("stream-ended"));
  assertEquals([socket.sizes, ends, feed.isDisposed], [[PIECE], [], true]);
});

Deno.test("a viewer that takes nothing for the stall time is closed as too slow", () => {
  const { clock, socket, feed, session, options } = stage();
  using viewers = new Viewers(clock, 20_000);
  viewers.add(options);
  socket.isFast = false;
  clock.advance(60_000);
  assertEquals(session.signal.aborted, false, "one to which nothing is sent is not stalled");
  feed.feed("K0 ");
  clock.advance(20_000);
  assertEquals(session.signal.aborted, false);
  clock.advance(1000);
  assertEquals(Closed.of(session.signal).message, "the viewer took nothing for 20 s");
  assertEquals(Closed.of(session.signal).reason, "too-slow");
});

Deno.test("every byte that is taken begins the stall time anew", () => {
  const { clock, socket, feed, session, options } = stage();
  using viewers = new Viewers(clock, 5000);
  viewers.add(options);
  socket.isFast = false;
  for (let i = 0; i < 10; i++) {
    feed.feed(`d${i} `);
    clock.advance(4000);
    socket.take();
  }
  assertEquals(session.signal.aborted, false);
});

Deno.test("a slow viewer that takes one cut after another is not stalled, although each is as long as the last", () => {
  const { clock, socket, feed, session, options } = stage();
  using viewers = new Viewers(clock, 5000);
  feed.feed(new Uint8Array(20 * PIECE));
  socket.isFast = false;
  viewers.add(options);
  for (let i = 0; i < 19; i++) {
    clock.advance(3000);
    socket.take(1);
    socket.take(1);
    assertEquals([socket.writableLength, session.signal.aborted], [PIECE, false]);
  }
});

Deno.test("what others write into the socket of a stalled viewer does not count as progress", () => {
  const { clock, socket, feed, session, options } = stage();
  using viewers = new Viewers(clock, 5000);
  viewers.add(options);
  socket.isFast = false;
  feed.feed("K0 ");
  for (let i = 0; i < 7; i++) {
    clock.advance(1000);
    socket.write(new Uint8Array(2));
  }
  assertEquals(session.signal.aborted, true);
});

Deno.test("a viewer that jumps is reported in words, at most once a second", () => {
  const { clock, feed, playback, lines, records, options } = stage();
  using viewers = new Viewers(clock, 20_000);
  viewers.add(options);
  clock.advance(1000);
  assertEquals(lines(), []);
  for (let i = 0; i < 40; i++) {
    feed.skips++;
    playback.bytes += 1250;
    clock.advance(100);
  }
  clock.advance(5000);
  assertLessOrEqual(lines().length, 5);
  assertEquals(
    lines()[1],
    "warning viewer is slower than live/cam: it took 100 kbit in the last second and jumped to the newest key frame",
  );
  assertEquals(records.at(-1)?.properties.skips, 40);
});

Deno.test("when a crowd jumps within a second, one line says so for all", () => {
  const first = stage();
  using viewers = new Viewers(first.clock, 20_000);
  const feeds = Array.from({ length: 6 }, () => {
    const feed = new Feed();
    viewers.add({ ...first.options, subscription: feed });
    return feed;
  });
  for (const feed of feeds.slice(0, 5)) feed.skips++;
  first.clock.advance(1000);
  assertEquals(first.lines().length, 5, "a few are reported each");
  for (const feed of feeds) feed.skips++;
  first.clock.advance(1000);
  assertEquals(first.lines().slice(5), [
    "warning viewer is slower than live/cam: it took 0 kbit in the last second and jumped to the newest key frame; " +
    "so did 5 more",
  ]);
});

Deno.test("viewers that are removed are no longer looked after, and disposing all of them leaves no timer", () => {
  const { clock, socket, feed, session, options } = stage();
  const viewers = new Viewers(clock, 1000);
  socket.isFast = false;
  feed.feed("K0 ");
  viewers.remove(viewers.add(options));
  clock.advance(10_000);
  assertEquals([session.signal.aborted, feed.isDisposed], [false, true]);
  const other = stage();
  viewers.add(other.options);
  viewers[Symbol.dispose]();
  assertEquals([other.feed.isDisposed, clock.pending], [true, 0]);
});
