import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { eventually } from "../../tests/support/eventually.ts";
import { assertSamePackets } from "../../tests/support/packets.ts";
import { homeOf, MAIN } from "../../tests/support/placed.ts";
import { StreamMaker, type Tag } from "../../tests/support/stream_maker.ts";
import { recorded, stage, type Studio } from "./testing.ts";

const MARKS = "flv/.unfinished";

function tagsOf(seed: number, keyBytes?: number): Tag[] {
  const maker = new StreamMaker({ seed, keyBytes });
  return [...maker.head(), ...maker.gops(2)];
}

/** A data folder in which a crash has left a recording of each stream without its last byte, and its mark. */
async function leftovers(streams: readonly string[]): Promise<string> {
  await using studio = await stage();
  const folder = await Deno.makeTempDir();
  for (const stream of streams) {
    await studio.record(stream, tagsOf(1));
    const path = `flv/${stream}/20251231_235959.flv`;
    await systemFiles.replace(
      join(folder, path),
      (await Deno.readFile(studio.at(studio.completed.at(-1)!))).slice(0, -1),
    );
    await systemFiles.replace(
      join(folder, MARKS, `${stream.replace("/", "-")}.json`),
      JSON.stringify({ stream, path }),
    );
  }
  return folder;
}

Deno.test("what a crash has left is completed in the home of its stream, once, and what others write is left alone", async () => {
  const folder = await leftovers(["live/a", "live/b"]);
  await systemFiles.replace(join(folder, MARKS, "torn.json"), '{"stream": "li');
  await systemFiles.replace(join(folder, MARKS, "scratch.flv"), "");
  const streamsOf = ({ server }: Studio) =>
    server.told.flatMap((told) => told.name === "artifact:complete" ? [told.event.stream] : []);

  await using main = await stage({ folder, place: MAIN });
  assertEquals((await main.marks()).sort(), ["live-a.json", "live-b.json"]);
  await using first = await stage({ folder: main.keep(), place: homeOf("live/a", "live/c") });
  first.keep();
  await first.event("artifact:complete", ({ stream }) => stream === "live/a");
  const tags = tagsOf(2);
  await using publisher = await first.publish("live/c");
  publisher.write(tags);
  await first.saved("live/c", recorded(tags).length);
  // As another worker is about to write it.
  await systemFiles.replace(join(folder, MARKS, "half.json"), '{"stream": "li');

  await using second = await stage({ folder, place: homeOf("live/b") });
  second.keep();
  await second.event("artifact:complete", ({ stream }) => stream === "live/b");
  await using _other = await second.publish("live/a");
  await second.event("stream:start");
  assertEquals(second.control.runs, []);
  assertEquals((await first.marks()).filter((name) => name !== "half.json").length, 1);
  assertEquals((await first.marks()).includes("half.json"), true);
  await publisher.end();
  const { path } = await first.event("artifact:complete", ({ stream }) => stream === "live/c");
  assertSamePackets((await first.recording(path)).packets, recorded(tags));
  assertEquals([main, first, second].map(streamsOf), [[], ["live/a", "live/c"], ["live/b"]]);
});

Deno.test("a worker in place of another completes what that has left, and what it has begun itself is no leftover", async () => {
  const folder = await leftovers(["live/a"]);
  let isHeld = true;
  const held = Promise.withResolvers<void>();
  const list = async (path: string) => {
    if (isHeld && path.endsWith(".unfinished")) await held.promise;
    return await systemFiles.list(path);
  };
  await using next = await stage({ folder, place: homeOf("live/a"), files: { ...systemFiles, list } });
  const tags = tagsOf(2);
  await using publisher = await next.publish("live/a");
  publisher.write(tags);
  await next.saved("live/a", recorded(tags).length);
  isHeld = false;
  held.resolve();
  await next.event("artifact:complete", ({ path }) => path.includes("20251231"));
  await publisher.end();
  await eventually(() => next.control.runs.length === 0, "the new one was not completed");
  const [old, own] = ["20251231_235959", "20260101_000000"].map((name) => `flv/live/a/${name}.flv`);
  assertEquals(next.completed, [old, own]);
  assertSamePackets((await next.recording(own)).packets, recorded(tags));
  assertEquals(await next.marks(), []);
});

Deno.test("the main isolate removes what need not be kept, but nothing that a worker is writing", async () => {
  await using worker = await stage({ place: homeOf("live/a", "live/b") });
  await using main = await stage({ folder: worker.folder, place: MAIN, settings: { keepMegabytes: 0.001 } });
  main.keep();
  const tags = tagsOf(1, 20_000);
  await using publisher = await worker.publish("live/a");
  publisher.write(tags);
  await worker.saved("live/a", recorded(tags).length);
  await worker.record("live/b", tagsOf(2, 20_000));
  const removed = () => main.server.told.flatMap(({ name, event }) => name === "artifact:remove" ? [event.path] : []);
  const passed = (count: number) => () => {
    main.server.clock.advance(60_000);
    return removed().length === count;
  };
  await eventually(passed(1), "the one that is complete is still there");
  assertEquals(removed(), worker.completed);
  await publisher.end();
  const { path } = await worker.event("artifact:complete", ({ stream }) => stream === "live/a");
  await eventually(passed(2), "the other one is still there");
  assertEquals([removed()[1], await worker.files()], [path, []]);
});
