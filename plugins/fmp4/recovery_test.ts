import { assert, assertEquals, assertLessOrEqual, assertMatch } from "@std/assert";
import fc from "fast-check";
import { eventually } from "../../tests/support/eventually.ts";
import { packetsOf, StreamMaker, type Tag } from "../../tests/support/stream_maker.ts";
import { completePayloads, hasSegments, payloadsOf, publish, TestFolder } from "./testing.ts";

const WHERE = ".fmp4/unfinished/_/live/cam/20260101_000000_1";

/** A folder as it is in the middle of a session of which these tags were sent. */
async function killed(tags: readonly Tag[], segments = 3): Promise<TestFolder> {
  await using folder = await TestFolder.make();
  await using server = await folder.serve();
  await using _publisher = await publish(server, tags);
  await hasSegments(server, segments);
  await eventually(() => server.told.length > 0, "nothing was told");
  return await folder.snapshot();
}

function someTags(): Tag[] {
  const maker = new StreamMaker({ gopPictures: 15 });
  return [...maker.head(), ...maker.gops(4)];
}

/** Fails unless each track is the beginning of what was sent; gives how much of the video is missing, in frames. */
function assertBegins(file: Uint8Array, tags: readonly Tag[]): number {
  const packets = packetsOf(tags);
  const [video, audio] = completePayloads(file);
  assertEquals(video, payloadsOf(packets, "video").slice(0, video.length));
  assertEquals(audio, payloadsOf(packets, "audio").slice(0, audio.length));
  return payloadsOf(packets, "video").length - video.length;
}

Deno.test("a recording that a killed server left is completed at the next start, and said so", async () => {
  const tags = someTags();
  await using folder = await killed(tags);
  assertEquals((await folder.index()).state, "live");
  await using server = await folder.serve();
  const { path, stream } = await server.event("artifact:complete");
  assertEquals([path, stream], ["mp4/live/cam/20260101_000000.mp4", "live/cam"]);
  assertLessOrEqual(assertBegins(await folder.read(path), tags), 15);
  assert(server.logged.some(({ level, message }) => level === "warning" && /was not completed/.test(message.join(""))));
  const index = await folder.index();
  assertEquals([index.state, index.full], ["ended", "stream_full.mp4"]);
  assertEquals(await folder.read("mp4/live/cam/output_merge/stream_full.mp4"), await folder.read(path));
  assertEquals(await folder.unfinished(), []);
});

Deno.test("wherever the last segment is torn, all fragments before are in the complete file", async () => {
  const tags = someTags();
  await using whole = await killed(tags);
  const names = (await whole.files(WHERE)).filter((name) => name.endsWith(".m4s")).sort();
  const last = names.at(-1)!;
  const { length } = await whole.read(last);
  const counts: number[] = [];
  await fc.assert(
    fc.asyncProperty(fc.nat(length), async (size) => {
      await using folder = await whole.snapshot();
      await Deno.truncate(folder.at(last), size);
      await using server = await folder.serve();
      const { path } = await server.event("artifact:complete");
      counts.push(assertBegins(await folder.read(path), tags));
    }),
    { numRuns: 12 },
  );
  assert(counts.every((missing) => missing <= 30));
});

Deno.test("zeros behind the last fragment, as after a loss of power, are left out", async () => {
  const tags = someTags();
  await using folder = await killed(tags);
  const last = (await folder.files(WHERE)).filter((name) => name.endsWith(".m4s")).sort().at(-1)!;
  await Deno.writeFile(folder.at(last), new Uint8Array(5000), { append: true });
  await using server = await folder.serve();
  const { path } = await server.event("artifact:complete");
  assertLessOrEqual(assertBegins(await folder.read(path), tags), 15);
});

Deno.test("a server that is killed while it completes a file does so again, and once", async () => {
  const tags = someTags();
  for (const left of ["complete.part", "complete.mp4"]) {
    await using folder = await killed(tags);
    if (left === "complete.part") await Deno.writeFile(folder.at(`${WHERE}/${left}`), new Uint8Array(100));
    else await completeUpToItsName(folder);
    await using server = await folder.serve();
    await server.event("artifact:complete");
    const movies = (await folder.files()).filter((name) => name.endsWith(".mp4") && !name.includes("output_"));
    assertEquals(movies, ["mp4/live/cam/20260101_000000.mp4"]);
    assertBegins(await folder.read(movies[0]), tags);
    assertEquals(await folder.unfinished(), []);
  }
});

/** Brings a folder to where its complete file has its name already, and the recording is still there. */
async function completeUpToItsName(folder: TestFolder): Promise<void> {
  await using finished = await folder.snapshot();
  {
    await using server = await finished.serve();
    await server.event("artifact:complete");
  }
  const path = "mp4/live/cam/20260101_000000.mp4";
  const movie = await finished.read(path);
  await Deno.writeFile(folder.at(`${WHERE}/complete.mp4`), movie);
  await Deno.writeTextFile(folder.at(`${WHERE}/complete.json`), JSON.stringify({ bytes: movie.length, seconds: 2 }));
  await Deno.link(folder.at(`${WHERE}/complete.mp4`), folder.at(path));
}

Deno.test("a recording without a whole fragment leaves nothing behind", async () => {
  await using folder = await killed(someTags());
  for (const name of await folder.files(WHERE)) if (name.endsWith(".m4s")) await Deno.truncate(folder.at(name), 20);
  await using server = await folder.serve();
  await eventually(async () => (await folder.unfinished()).length === 0, "something of it is left");
  assertEquals(server.told.filter(({ name }) => name === "artifact:complete"), []);
});

Deno.test("a folder that nothing is known of is left as it is", async () => {
  await using folder = await killed(someTags());
  await Deno.writeTextFile(folder.at(`${WHERE}/recording.json`), "{");
  const before = await folder.unfinished();
  await using server = await folder.serve();
  await eventually(() => server.logged.some(({ level }) => level === "error"), "nothing was logged");
  assertMatch(server.logged.find(({ level }) => level === "error")!.message.join(""), /nothing says what it is/);
  assertEquals(await folder.unfinished(), before);
});

Deno.test("a session that begins while an older one is completed stays the newest", async () => {
  const tags = someTags();
  await using folder = await killed(tags);
  await using server = await folder.serve();
  const maker = new StreamMaker({ seed: 5 });
  const show = [...maker.head(), ...maker.gops(2)];
  const publisher = await publish(server, show);
  await publisher.end();
  await server.event("artifact:complete", ({ path }) => path.includes("-2"));
  await server.event("artifact:complete", ({ path }) => !path.includes("-2"));
  const full = await folder.read("mp4/live/cam/output_merge/stream_full.mp4");
  assertEquals(full, await folder.read("mp4/live/cam/20260101_000000-2.mp4"));
});
