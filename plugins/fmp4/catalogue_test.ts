import { assertEquals } from "@std/assert";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { Catalogue } from "./catalogue.ts";
import { filesWith, TestFolder } from "./testing.ts";

Deno.test("what is written down of a recording is read once, and forgotten with it", async () => {
  await using folder = await TestFolder.make();
  const clock = new FakeClock();
  let opened = 0;
  const files = filesWith({
    open: (path, mode) => {
      opened++;
      return systemFiles.open(path, mode);
    },
  });
  const catalogue = new Catalogue(files, folder.path, clock);
  const entryOf = (stream: string, part: number) => ({
    stream: `live/${stream}`,
    key: { vhost: "_", app: "live", name: stream },
    session: "20260101_000000",
    part,
    path: `mp4/live/${stream}/${part}.mp4`,
    startedAt: "2026-01-01T00:00:00.000Z",
    completedAt: "2026-01-01T00:00:00.000Z",
    bytes: 10,
    seconds: 1,
  });
  const entries = [entryOf("cam", 1), entryOf("cam", 2), entryOf("stage", 1)];
  for (const entry of entries) {
    await systemFiles.replace(folder.at(entry.path), "0123456789");
    await catalogue.add(entry);
  }
  const listed = async () => (await catalogue.list()).map(({ paths, alias }) => [paths[0], alias]).sort();
  const expected = [
    ["mp4/live/cam/1.mp4", undefined],
    ["mp4/live/cam/2.mp4", "mp4/live/cam/output_merge/stream_full.mp4"],
    ["mp4/live/stage/1.mp4", "mp4/live/stage/output_merge/stream_full.mp4"],
  ];
  assertEquals(await listed(), expected);
  assertEquals([await catalogue.isNewest(entries[0]), await catalogue.isNewest(entries[1])], [false, true]);
  assertEquals(await listed(), expected);
  assertEquals(opened, 3);
  const { key } = entries[0];
  assertEquals(await catalogue.streamOf("mp4/live/cam/2.mp4"), "live/cam");
  assertEquals((await catalogue.forget(key, "mp4/live/cam/2.mp4"))?.wasNewest, true);
  assertEquals(await catalogue.isNewest(entries[0]), true);
  assertEquals(await catalogue.forget(key, "mp4/live/cam/2.mp4"), undefined);
  assertEquals(opened, 3);
  await systemFiles.remove(folder.at("mp4/live/cam/1.mp4"));
  const forgotten = async () => [(await listed()).length, (await folder.files(".fmp4")).length];
  assertEquals([await forgotten(), await forgotten()], [[1, 2], [1, 2]]);
  clock.advance(60_000);
  assertEquals(await forgotten(), [1, 1]);
});
