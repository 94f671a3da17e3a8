import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import fc from "fast-check";
import type { Files } from "../../kernel/files/files.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { concat } from "../../media/bytes.ts";
import { initSegment } from "../../media/mp4/init_segment.ts";
import { readCompleteTracks, VIDEO } from "../../media/mp4/testing.ts";
import type { Mp4Track } from "../../media/mp4/track.ts";
import { bytes } from "../../media/testing.ts";
import { completeMovie } from "./complete_movie.ts";
import { fragmentBytes } from "./fragment_bytes.ts";
import { placesOf } from "./places.ts";
import { filesWith, TestFolder } from "./testing.ts";

const LARGER: Mp4Track = { ...VIDEO, sampleEntry: bytes('00000009 "xxxx" 01') };

/** A fragment of one picture for each number, which is all that is in it. */
function fragment(...numbers: number[]): Uint8Array {
  const samples = numbers.map((number) => ({ data: Uint8Array.of(number), duration: 3600, offset: 0, isSync: true }));
  return fragmentBytes({ sequence: 1, tracks: [{ trackId: 1, time: numbers[0] * 3600, samples }] });
}

/** Writes files, completes them, and gives the pictures in the complete file; undefined when there is none. */
async function pictures(folder: TestFolder, contents: readonly Uint8Array[], files = systemFiles) {
  const paths = contents.map((_, i) => folder.at(`${i}.source`));
  for (const [i, content] of contents.entries()) await Deno.writeFile(paths[i], content);
  const target = folder.at("complete.mp4");
  await systemFiles.remove(target);
  const movie = await completeMovie(files, paths, target);
  if (!movie) return undefined;
  const file = await Deno.readFile(target);
  assertEquals(file.length, movie.bytes);
  return readCompleteTracks(file).map(({ samples }) => samples.map(({ data }) => data[0]));
}

Deno.test("a recording's files become one complete file", async () => {
  await using folder = await TestFolder.make();
  const files = [initSegment([VIDEO]), concat([fragment(0, 1), fragment(2)]), fragment(3, 4)];
  assertEquals(await pictures(folder, files), [[0, 1, 2, 3, 4]]);
});

Deno.test("a whole fragmented file becomes a complete file, wherever it is torn", async () => {
  await using folder = await TestFolder.make();
  const parts = [initSegment([VIDEO]), fragment(0, 1), fragment(2), fragment(3, 4)];
  const whole = concat(parts);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), async (size) => {
      let end = parts[0].length;
      const expected: number[] = [];
      for (const [part, numbers] of [[parts[1], [0, 1]], [parts[2], [2]], [parts[3], [3, 4]]] as const) {
        end += part.length;
        if (end <= size) expected.push(...numbers);
      }
      const found = await pictures(folder, [whole.subarray(0, size)]);
      assertEquals(found, expected.length > 0 ? [expected] : undefined);
    }),
    { numRuns: 40 },
  );
});

Deno.test("files that are torn lose their own end alone, and empty ones nothing", async () => {
  await using folder = await TestFolder.make();
  const torn = concat([fragment(1), fragment(2)]).slice(0, -1);
  const files = [initSegment([VIDEO]), fragment(0), torn, new Uint8Array(0), new Uint8Array(40), fragment(5)];
  assertEquals(await pictures(folder, files), [[0, 1, 5]]);
});

Deno.test("tracks that change go on, when they can, as one track", async () => {
  await using folder = await TestFolder.make();
  const files = [
    initSegment([VIDEO]),
    fragment(0),
    initSegment([LARGER]),
    fragment(1),
    initSegment([VIDEO]),
    fragment(2),
  ];
  assertEquals(await pictures(folder, files), [[0, 1, 2]]);
});

Deno.test("much media data is copied in pieces, across the ends of files", async () => {
  await using folder = await TestFolder.make();
  const large = (number: number) => {
    const data = new Uint8Array(900_000).fill(number);
    const samples = [{ data, duration: 3600, offset: 0, isSync: true }];
    return fragmentBytes({ sequence: 1, tracks: [{ trackId: 1, time: number * 3600, samples }] });
  };
  const paths = [initSegment([VIDEO]), large(1), concat([large(2), large(3)]), large(4)];
  assertEquals(await pictures(folder, paths), [[1, 2, 3, 4]]);
  const [{ samples }] = readCompleteTracks(await Deno.readFile(folder.at("complete.mp4")));
  assert(samples.every(({ data }) => data.length === 900_000 && data.every((byte) => byte === data[0])));
});

Deno.test("media data is not read to find out where it is", async () => {
  await using folder = await TestFolder.make();
  const data = new Uint8Array(5_000_000);
  const samples = [{ data, duration: 3600, offset: 0, isSync: true }];
  let read = 0;
  const files: Files = filesWith({
    open: async (path, mode) => {
      const file = await systemFiles.open(path, mode);
      const counted = async (into: Uint8Array, position: number) => {
        const count = await file.read(into, position);
        read += count;
        return count;
      };
      return { ...wrapped(file), read: counted };
    },
  });
  const source = fragmentBytes({ sequence: 1, tracks: [{ trackId: 1, time: 0, samples }] });
  await pictures(folder, [initSegment([VIDEO]), source], files);
  assertLess(read, 5_050_000);
});

Deno.test("what fails leaves no file behind, and nothing open", async () => {
  await using folder = await TestFolder.make();
  const files = filesWith({
    create: async (path) => {
      const file = await systemFiles.create(path);
      return { ...wrapped(file), write: () => Promise.reject(new Error("EIO")) };
    },
  });
  await assertRejects(() => pictures(folder, [initSegment([VIDEO]), fragment(0)], files), Error, "EIO");
  assertEquals(await systemFiles.facts(folder.at("complete.mp4")), undefined);
});

Deno.test("a file that is being made can be given up", async () => {
  await using folder = await TestFolder.make();
  await Deno.writeFile(folder.at("a"), concat([initSegment([VIDEO]), fragment(0)]));
  const target = folder.at("complete.mp4");
  const stop = AbortSignal.abort(new Error("enough"));
  await assertRejects(() => completeMovie(systemFiles, [folder.at("a")], target, stop), Error, "enough");
  assertEquals(await systemFiles.facts(target), undefined);
});

Deno.test("a file that is in the way is not touched", async () => {
  await using folder = await TestFolder.make();
  await Deno.writeFile(folder.at("a"), concat([initSegment([VIDEO]), fragment(0)]));
  await Deno.writeTextFile(folder.at("film.mp4"), "a film");
  await assertRejects(() => completeMovie(systemFiles, [folder.at("a")], folder.at("film.mp4")), Error, "EEXIST");
  assertEquals(await Deno.readTextFile(folder.at("film.mp4")), "a film");
});

Deno.test("no name of a virtual host leads out of the folders", () => {
  for (const vhost of ["..", ".", ".hidden", "a".repeat(253)]) {
    const { merge, unfinished } = placesOf({ vhost, app: "live", name: "cam" });
    assert(/^mp4\/[^./][^/]*\/live\/cam\/output_merge$/.test(merge), merge);
    assert(/^\.fmp4\/unfinished\/[^./][^/]*\/live\/cam$/.test(unfinished), unfinished);
  }
});

/** A file whose methods are its own. */
function wrapped(file: Awaited<ReturnType<Files["open"]>>): Awaited<ReturnType<Files["open"]>> {
  return {
    read: (into, position) => file.read(into, position),
    write: (bytes, position) => file.write(bytes, position),
    sync: () => file.sync(),
    truncate: (size) => file.truncate(size),
    close: () => file.close(),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}
