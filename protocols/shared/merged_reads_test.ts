import { assertEquals } from "@std/assert";
import type { Socket } from "node:net";
import type { Publication } from "../../kernel/streams/publication.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { FEW_PUBLISHERS, GATHER_MS, MergedReads } from "./merged_reads.ts";

const KILOBYTE = 1024;

/** A socket of which only this is seen: whether the runtime reads it. */
class ReadSocket {
  isRead = true;
  encrypted = false;
  _handle: { readonly readStop: () => void; readonly readStart: () => void } | null = {
    readStop: () => this.isRead = false,
    readStart: () => this.isRead = true,
  };

  /** As the code under test knows it. */
  get socket(): Socket {
    return this as unknown as Socket;
  }
}

class Stage implements Disposable {
  readonly clock = new FakeClock();
  readonly reads = new MergedReads(this.clock);
  readonly publications: AbortController[] = [];

  constructor(publishers = FEW_PUBLISHERS + 1) {
    for (let i = 0; i < publishers; i++) {
      const controller = new AbortController();
      this.publications.push(controller);
      this.reads.count({ signal: controller.signal } as Publication);
    }
  }

  /** A socket from which so much has just been read. */
  async read(bytes: number, socket = new ReadSocket()): Promise<ReadSocket> {
    this.reads.rest(socket.socket, bytes);
    await Promise.resolve();
    return socket;
  }

  [Symbol.dispose](): void {
    this.reads[Symbol.dispose]();
    assertEquals(this.clock.pending, 0);
  }
}

Deno.test("of many publishers each is read again when its time has come", async () => {
  using stage = new Stage();
  const first = await stage.read(KILOBYTE);
  stage.clock.advance(GATHER_MS / 2);
  const second = await stage.read(KILOBYTE);
  stage.clock.advance(GATHER_MS / 2 - 1);
  assertEquals([first.isRead, second.isRead], [false, false]);
  stage.clock.advance(1);
  assertEquals([first.isRead, second.isRead], [true, false]);
  stage.clock.advance(GATHER_MS / 2);
  assertEquals([first.isRead, second.isRead], [true, true]);
});

Deno.test("publishers are read all the time while they are few, and again when others have left", async () => {
  using few = new Stage(FEW_PUBLISHERS);
  assertEquals((await few.read(KILOBYTE)).isRead, true);
  using stage = new Stage();
  stage.publications[0].abort();
  assertEquals((await stage.read(KILOBYTE)).isRead, true);
});

Deno.test("a socket that has more to give than one read takes does not rest", async () => {
  using stage = new Stage();
  assertEquals((await stage.read(64 * KILOBYTE)).isRead, true);
  const socket = new ReadSocket();
  for (let i = 0; i < 63; i++) stage.reads.rest(socket.socket, KILOBYTE);
  assertEquals((await stage.read(KILOBYTE, socket)).isRead, true);
});

Deno.test("an encrypted connection does not rest", async () => {
  using stage = new Stage();
  const socket = new ReadSocket();
  socket.encrypted = true;
  assertEquals((await stage.read(KILOBYTE, socket)).isRead, true);
});

Deno.test("a socket that is closed while it rests is let go", async () => {
  using stage = new Stage();
  const gone = await stage.read(KILOBYTE);
  gone._handle = null;
  const other = await stage.read(KILOBYTE);
  stage.clock.advance(GATHER_MS);
  assertEquals(other.isRead, true);
});

Deno.test("when the server stops, whoever rests is read again", async () => {
  const stage = new Stage();
  const socket = await stage.read(KILOBYTE);
  const late = new ReadSocket();
  stage.reads.rest(late.socket, KILOBYTE);
  stage[Symbol.dispose]();
  await stage.read(KILOBYTE, late);
  assertEquals([socket.isRead, late.isRead, stage.clock.pending], [true, true, 0]);
});
