import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import type { Files } from "../../kernel/files/files.ts";
import { definePlugin, type Plugin } from "../../kernel/plugin/plugin.ts";
import type { SinkControl } from "../../kernel/streams/sinks.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { eventually, turn } from "../../tests/support/eventually.ts";
import { rtmpTransport } from "../../tests/support/transports/rtmp_transport.ts";
import { assertSamePackets, frames } from "../../tests/support/packets.ts";
import { packetsOf, StreamMaker, type Tag } from "../../tests/support/stream_maker.ts";
import { TestServer } from "../../tests/support/test_server.ts";
import { runSink, type SinkOptions, type StreamWriter } from "./sink_runner.ts";

/** A writer that keeps what it is given; what happens to it can be changed while it is at work. */
class Notebook implements StreamWriter {
  readonly packets: MediaPacket[] = [];
  end?: string;

  constructor(readonly stream: Stream, readonly desk: Desk) {}

  async write(packet: MediaPacket): Promise<void> {
    await this.desk.delay?.promise;
    if (this.desk.failure) throw this.desk.failure;
    this.packets.push(packet);
  }

  async finish({ reason, message }: { reason: string; message: string }): Promise<void> {
    await turn();
    this.end = `finished ${reason}: ${message}`;
  }

  async abandon(): Promise<void> {
    await turn();
    this.end = "abandoned";
  }
}

/** A sink under test. */
class Desk {
  readonly books: Notebook[] = [];
  failure?: Error;
  delay?: PromiseWithResolvers<void>;
  control!: SinkControl;

  plugin(options: Partial<SinkOptions> = {}): Plugin {
    return definePlugin({
      name: "notes",
      setup: (ctx) => {
        this.control = runSink(ctx, {
          name: "notes",
          streams: ["live/*"],
          open: (stream) => {
            if (this.failure) throw this.failure;
            const book = new Notebook(stream, this);
            this.books.push(book);
            return book;
          },
          ...options,
        });
      },
    })();
  }

  async hasFrames(book: number, count: number): Promise<void> {
    await eventually(() => frames(this.books[book]?.packets ?? []).length >= count, `no ${count} frames in ${book}`);
  }
}

function tagsOf(maker: StreamMaker): Tag[] {
  return [...maker.head(), ...maker.gops(2)];
}

Deno.test("a sink gets every packet of a stream that its patterns name, and of no other", async () => {
  const desk = new Desk();
  await using server = await TestServer.start({ plugins: [desk.plugin()] });
  await using cam = await rtmpTransport.publish(server, "live/cam");
  await using other = await rtmpTransport.publish(server, "other/cam");
  const tags = tagsOf(new StreamMaker());
  cam.write(tags);
  other.write(tags);
  await desk.hasFrames(0, frames(packetsOf(tags)).length);
  assertEquals(desk.control.runs.map(({ stream, state }) => [stream, state]), [["live/cam", "writing"]]);
  await cam.end();
  await eventually(() => desk.books[0].end !== undefined, "the writer was not finished");
  assertEquals(desk.books.length, 1);
  assertEquals(desk.books[0].end, "finished stream-ended: the stream ended");
  assertSamePackets(desk.books[0].packets, packetsOf(tags));
  await eventually(() => desk.control.runs.length === 0, "the run is still listed");
});

Deno.test("a slow sink gets everything, and delays nobody", async () => {
  const desk = new Desk();
  await using server = await TestServer.start({ plugins: [desk.plugin()] });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  const maker = new StreamMaker();
  desk.delay = Promise.withResolvers();
  const first = tagsOf(maker);
  publisher.write(first);
  await server.received("live/cam", first.at(-1)!);
  const second = maker.gop();
  publisher.write(second);
  await server.received("live/cam", second.at(-1)!);
  assertEquals(desk.books[0].packets.length, 0);
  desk.delay.resolve();
  await desk.hasFrames(0, frames(packetsOf([...first, ...second])).length);
  assertSamePackets(desk.books[0].packets, packetsOf([...first, ...second]));
});

Deno.test("a sink that is too slow for the buffer completes what it has, says so, and begins anew", async () => {
  const desk = new Desk();
  const config = { buffer: { bytes: 2 ** 20, seconds: 10 } };
  await using server = await TestServer.start({ plugins: [desk.plugin()], config });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  const maker = new StreamMaker({ keyBytes: 300_000 });
  desk.delay = Promise.withResolvers();
  publisher.write(maker.head());
  for (let i = 0; i < 5; i++) {
    const gop = maker.gop();
    publisher.write(gop);
    await server.received("live/cam", gop.at(-1)!);
  }
  desk.delay.resolve();
  const failed = await server.event("artifact:fail");
  assertEquals(failed, {
    stream: "live/cam",
    by: "notes",
    problem: "it is written more slowly than it comes",
    retrySeconds: 1,
  });
  assertMatch(desk.books[0].end ?? "", /^finished too-slow/);
  assertEquals(desk.control.runs[0].problem, failed.problem);
  server.clock.advance(1000);
  await desk.hasFrames(1, 1);
  assertEquals(desk.control.runs.map(({ state, problem }) => [state, problem]), [["writing", undefined]]);
});

Deno.test("a sink that fails is tried again with growing pauses, and begins at a key frame", async () => {
  const desk = new Desk();
  desk.failure = new Error("no paper\nat all");
  const config = { publishTimeoutSeconds: 3600, rtmp: { host: "127.0.0.1", port: 0, idleSeconds: 3600 } };
  await using server = await TestServer.start({ plugins: [desk.plugin()], config });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  const maker = new StreamMaker();
  const pauses: number[] = [];
  publisher.write(tagsOf(maker));
  for (let i = 0; i < 7; i++) {
    const fails = () => server.told.filter(({ name }) => name === "artifact:fail");
    await eventually(() => fails().length > i, `failure ${i} was not told`);
    const event = fails()[i].event as { retrySeconds: number; problem: string };
    assertEquals(event.problem, "no paper");
    pauses.push(event.retrySeconds);
    assertEquals(desk.control.runs[0].state, "waiting");
    if (i < 6) server.clock.advance(event.retrySeconds * 1000);
  }
  assertEquals(pauses, [1, 2, 5, 10, 30, 30, 30]);
  desk.failure = undefined;
  server.clock.advance(30_000);
  await desk.hasFrames(0, 1);
  assertEquals(desk.books[0].packets.find(({ kind, role }) => kind === "video" && role !== "config")?.role, "key");
  const errors = server.logged.filter(({ level }) => level === "error");
  assertEquals(errors.length, 7);
  assertMatch(String(errors[0].message.join("")), /Cannot write live\/cam: no paper; trying again in 1 s/);
});

Deno.test("a writer that fails is abandoned, and a failure at the end of the stream is told once", async () => {
  const desk = new Desk();
  await using server = await TestServer.start({ plugins: [desk.plugin()] });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  const tags = tagsOf(new StreamMaker());
  publisher.write(tags);
  await desk.hasFrames(0, frames(packetsOf(tags)).length);
  desk.books[0].finish = () => Promise.reject(new Error("no glue"));
  await publisher.end();
  const { retrySeconds, problem } = await server.event("artifact:fail");
  assertEquals([retrySeconds, problem], [0, "no glue"]);
  assertEquals(desk.books[0].end, "abandoned");
  await eventually(() => desk.control.runs.length === 0, "the run is still listed");
});

Deno.test("a stream is written when somebody says so, and stopped when somebody says so, until it ends", async () => {
  const desk = new Desk();
  await using server = await TestServer.start({ plugins: [desk.plugin({ streams: [] })] });
  assertThrows(() => desk.control.start("live/cam"), RangeError, "no such live stream");
  await assertRejects(() => desk.control.stop("live/cam"), RangeError, "does not write it");
  const maker = new StreamMaker();
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  const head = maker.head();
  const [first, second, third] = [maker.gop(), maker.gop(), maker.gop()];
  publisher.write([...head, ...first]);
  await server.received("live/cam", first.at(-1)!);
  assertEquals(desk.books.length, 0);
  desk.control.start("live/cam");
  desk.control.start("live/cam");
  await desk.hasFrames(0, frames(packetsOf(first)).length);
  publisher.write(second);
  await desk.hasFrames(0, frames(packetsOf([...first, ...second])).length);
  await desk.control.stop("live/cam");
  assertMatch(desk.books[0].end ?? "", /^finished left/);
  assertEquals(desk.control.runs, []);
  publisher.write(third);
  await server.received("live/cam", third.at(-1)!);
  assertEquals(desk.books.length, 1);
  assertSamePackets(frames(desk.books[0].packets), frames(packetsOf([...first, ...second])));
});

Deno.test("what is to be written again while its end is still being completed is written again after that", async () => {
  const desk = new Desk();
  await using server = await TestServer.start({ plugins: [desk.plugin({ streams: [] })] });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  const maker = new StreamMaker();
  publisher.write(tagsOf(maker));
  await server.event("stream:start");
  desk.control.start("live/cam");
  await desk.hasFrames(0, 1);
  const finishing = Promise.withResolvers<void>();
  desk.books[0].finish = () => finishing.promise;
  const stopped = desk.control.stop("live/cam");
  desk.control.start("live/cam");
  finishing.resolve();
  await stopped;
  await desk.hasFrames(1, 1);
  assertEquals(desk.control.runs.length, 1);
});

Deno.test("a publisher that returns within its grace goes on in the same writer", async () => {
  const desk = new Desk();
  await using server = await TestServer.start({ plugins: [desk.plugin()] });
  const maker = new StreamMaker();
  const first = tagsOf(maker);
  const publisher = await rtmpTransport.publish(server, "live/cam");
  publisher.write(first);
  await desk.hasFrames(0, frames(packetsOf(first)).length);
  await publisher[Symbol.asyncDispose]();
  await server.event("stream:interrupt");
  await using again = await rtmpTransport.publish(server, "live/cam");
  const second = [...maker.head(), ...maker.gop()];
  again.write(second);
  await desk.hasFrames(0, frames(packetsOf([...first, ...second])).length);
  assertEquals([desk.books.length, desk.books[0].end], [1, undefined]);
});

Deno.test("a stream that begins while the one before is being completed waits for it, and loses nothing", async () => {
  const desk = new Desk();
  await using server = await TestServer.start({ plugins: [desk.plugin()] });
  const maker = new StreamMaker();
  const publisher = await rtmpTransport.publish(server, "live/cam");
  publisher.write(tagsOf(maker));
  await desk.hasFrames(0, 1);
  const finishing = Promise.withResolvers<void>();
  desk.books[0].finish = () => finishing.promise;
  await publisher.end();
  await using next = await rtmpTransport.publish(server, "live/cam");
  const tags = tagsOf(new StreamMaker({ seed: 1 }));
  next.write(tags);
  await server.received("live/cam", tags.at(-1)!);
  assertEquals(desk.books.length, 1);
  finishing.resolve();
  await desk.hasFrames(1, frames(packetsOf(tags)).length);
  assertSamePackets(desk.books[1].packets, packetsOf(tags));
});

Deno.test("a server that stops completes what is written", async () => {
  const desk = new Desk();
  await using server = await TestServer.start({ plugins: [desk.plugin()] });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  publisher.write(tagsOf(new StreamMaker()));
  await desk.hasFrames(0, 1);
  await server.server.close();
  assertEquals(desk.books[0].end, "finished shutdown: the server is stopping");
});

Deno.test("writing ends while the disk is nearly full, and goes on when there is room", async () => {
  const desk = new Desk();
  let free: number | undefined = 5e8;
  const files: Files = { ...systemFiles, freeBytes: () => Promise.resolve(free) };
  await using server = await TestServer.start({ plugins: [desk.plugin({ minFreeBytes: 1e8 })], files });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  const maker = new StreamMaker();
  publisher.write(tagsOf(maker));
  await desk.hasFrames(0, 1);
  free = 9.9e7;
  server.clock.advance(5000);
  const { problem } = await server.event("artifact:fail");
  assertEquals(problem, "only 99 MB are free on the disk, and 100 MB are to stay free");
  assertEquals(desk.books[0].end, `finished error: ${problem}`);
  server.clock.advance(1000);
  await eventually(
    () => server.told.filter(({ name }) => name === "artifact:fail").length === 2,
    "it did not try again",
  );
  assertEquals(desk.books.length, 1);
  free = undefined;
  server.clock.advance(2000);
  await desk.hasFrames(1, 1);
});
