import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { systemFiles } from "../../../kernel/files/system_files.ts";
import { KeptRecordings } from "./kept_recordings.ts";

Deno.test("a stream of a virtual host that is called as a session is not taken for one, its sessions are", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    for (const folder of ["live/cam/20260101_000000", "live/cam/20200101_000000/20260102_000000"]) {
      for (const name of ["index.m3u8", "0.ts"]) {
        await systemFiles.replace(join(dataDir, "hls", folder, name), "0123456789");
      }
    }
    const recordings = new KeptRecordings({ files: systemFiles, dataDir }, () => Promise.resolve(new Set<string>()));
    const shown = async () =>
      (await recordings.list()).map(({ stream, paths, bytes }) => [stream, ...paths, bytes]).sort();
    const expected = [
      ["live/cam", "hls/live/cam/20260101_000000", 20],
      ["live:cam/20200101_000000", "hls/live/cam/20200101_000000/20260102_000000", 20],
    ];
    assertEquals(await shown(), expected);
    assertEquals(await shown(), expected);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("the last session of a stream takes with it what leads to the newest", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    const recordings = new KeptRecordings({ files: systemFiles, dataDir }, () => Promise.resolve(new Set<string>()));
    for (const path of ["20260101_000000/index.m3u8", "20260102_000000/index.m3u8", "record.m3u8"]) {
      await systemFiles.replace(join(dataDir, "hls/live/cam", path), "0123456789");
    }
    const left = async () => (await systemFiles.list(join(dataDir, "hls/live/cam"))).map(({ name }) => name).sort();
    for (const expected of [["20260102_000000", "record.m3u8"], []]) {
      const [oldest] = (await recordings.list()).toSorted((a, b) => a.paths[0] < b.paths[0] ? -1 : 1);
      await systemFiles.remove(join(dataDir, oldest.paths[0]));
      await recordings.removed(oldest);
      assertEquals(await left(), expected);
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
