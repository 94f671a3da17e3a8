import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { Files } from "../../../kernel/files/files.ts";
import { systemFiles } from "../../../kernel/files/system_files.ts";
import { Unfinished } from "./unfinished.ts";

Deno.test("marks are looked through while others come and go", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    const folder = join(dataDir, "hls/.unfinished");
    let onList = () => Promise.resolve();
    const files: Files = {
      ...systemFiles,
      list: async (path) => {
        const found = await systemFiles.list(path);
        await onList();
        return found;
      },
    };
    const unfinished = new Unfinished({ files, dataDir, isMain: true });
    const going = await unfinished.mark({ stream: "live/going", path: "hls/live/going/20260101_000000/index.m3u8" });
    await unfinished.mark({ stream: "live/cam", path: "hls/live/cam/20260101_000000/index.m3u8" });
    const coming = join(folder, "x.json.7.part");
    await systemFiles.replace(join(folder, "torn.json"), "{");
    await systemFiles.replace(coming, "{");
    onList = () => going.clear();
    const found = await unfinished.all();
    assertEquals(found.map(({ stream }) => stream), ["live/cam"]);
    assertEquals([await found[0].isThere(), await going.isThere()], [true, false]);
    assertEquals((await systemFiles.list(folder)).length, 2);
    await systemFiles.rename(coming, join(folder, "x.json"));
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
