import { assertEquals } from "@std/assert";
import { type FeedEvent, RecordedFeed } from "../../kernel/plugin/event_feed.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { settled } from "../../kernel/testing/settled.ts";
import { eventStream, type EventWish } from "./event_stream.ts";

/** A feed and one who reads it. */
class Stage {
  readonly clock = new FakeClock();
  readonly feed = new RecordedFeed(this.clock);
  readonly ending = new AbortController();

  tell(...paths: string[]): void {
    for (const path of paths) this.feed.record("artifact:open", { stream: `live/${path[0]}`, by: "tapes", path });
  }

  read(wish: Partial<EventWish> = {}) {
    const stream = eventStream(this.feed, this.clock, this.ending.signal, { isWanted: () => true, ...wish });
    const reader = stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
    let pending: Promise<ReadableStreamReadResult<string>> | undefined;
    /** The next piece in short, undefined when none is there. */
    const next = async () => {
      pending ??= reader.read();
      await settled();
      const result = await Promise.race([pending, settled().then(() => undefined)]);
      if (!result) return undefined;
      pending = undefined;
      return result.done ? "end" : short(result.value);
    };
    return { next, cancel: () => reader.cancel() };
  }
}

/** `1 a` for the event with number 1 and path a, and other pieces as they are. */
function short(piece: string): string {
  return piece.trim().split("\n\n").map((block) => {
    const data = /^data: (.*)$/m.exec(block)?.[1];
    if (block.startsWith("event: gap")) return `gap: ${JSON.parse(data!).why}`;
    if (data === undefined) return block;
    const event = JSON.parse(data) as FeedEvent;
    return `${event.seq} ${event.data.path}`;
  }).join(", ");
}

Deno.test("a client hears what happens from now on, as it happens", async () => {
  const stage = new Stage();
  stage.tell("a");
  const { next, cancel } = stage.read();
  assertEquals(await next(), "retry: 2000");
  assertEquals(await next(), undefined);
  stage.tell("b");
  assertEquals(await next(), "2 b");
  stage.tell("c", "d");
  assertEquals(await next(), "3 c, 4 d");
  await cancel();
  await settled();
  assertEquals(stage.clock.pending, 0);
});

Deno.test("a client that comes back goes on behind its last event", async () => {
  const stage = new Stage();
  stage.tell("a", "b", "c");
  const { next, cancel } = stage.read({ lastId: `${stage.feed.run}-1` });
  await next();
  assertEquals(await next(), "2 b, 3 c");
  await cancel();
});

for (const lastId of ["other-2", "nonsense", ""]) {
  Deno.test(`a client whose last event is "${lastId}" hears that there is a gap, and all that there is`, async () => {
    const stage = new Stage();
    stage.tell("a", "b");
    const { next, cancel } = stage.read({ lastId });
    await next();
    assertEquals(await next(), "gap: the server was started anew, 1 a, 2 b");
    await cancel();
  });
}

Deno.test("a client that was away too long hears how much it has missed, and gets the rest piece by piece", async () => {
  const stage = new Stage();
  for (let i = 1; i <= 5000; i++) stage.tell(`x${i}`);
  const { next, cancel } = stage.read({ lastId: `${stage.feed.run}-4` });
  await next();
  const first = await next();
  assertEquals(first?.split(", ").slice(0, 2), ["gap: 900 events are not kept any more", "905 x905"]);
  assertEquals(first?.split(", ").length, 257);
  assertEquals((await next())?.split(", ")[0], "1161 x1161");
  await cancel();
});

Deno.test("events that are not wanted are left out, and a quiet stream gives signs of life", async () => {
  const stage = new Stage();
  const { next, cancel } = stage.read({ isWanted: ({ stream }) => stream === "live/b" });
  await next();
  stage.tell("a1", "b1", "a2");
  assertEquals(await next(), "2 b1");
  stage.tell("a3");
  assertEquals(await next(), undefined);
  stage.clock.advance(15_000);
  assertEquals(await next(), ": still here");
  await cancel();
});

Deno.test("the stream ends with the plugin", async () => {
  const stage = new Stage();
  const { next } = stage.read();
  await next();
  assertEquals(await next(), undefined);
  stage.ending.abort();
  assertEquals(await next(), "end");
  assertEquals(stage.clock.pending, 0);
});

Deno.test("events that are not wanted are no sign of life: one comes in time, however many there are", async () => {
  const stage = new Stage();
  const { next, cancel } = stage.read({ isWanted: () => false });
  await next();
  const heard: (string | undefined)[] = [];
  for (let second = 1; second <= 31; second++) {
    stage.tell("a");
    heard.push(await next());
    stage.clock.advance(1000);
  }
  assertEquals(heard.filter(Boolean), [": still here", ": still here"]);
  await cancel();
  await settled();
  assertEquals(stage.clock.pending, 0);
});
