import { assertEquals } from "@std/assert";
import { indexListing, onlyKnown, segmentIndexOf } from "./live_index.ts";

const INDEX = {
  version: 1,
  session: "20260101_000000",
  state: "live",
  full: "stream_full.mp4",
  sources: [{
    name: "merged",
    inits: [{ uri: "init.mp4", type: "video/mp4" }, { uri: "init_2.mp4", type: "video/mp4" }],
    segments: [
      { uri: "1.m4s", init: 0, start: 0, duration: 2 },
      { uri: "2.m4s", init: 0, start: 2, duration: 2 },
      { uri: "3.m4s", init: 1, start: 4, duration: 2 },
    ],
  }],
};

const index = segmentIndexOf(JSON.stringify(INDEX))!;

const has = (...files: string[]) => (file: string) => files.includes(file);

/** The segments that a list names. */
function named(text: string | undefined): string[] | undefined {
  return text === undefined
    ? undefined
    : segmentIndexOf(text)?.sources.flatMap(({ segments }) => segments.map(({ uri }) => uri));
}

Deno.test("an index lists its files, each once", () => {
  assertEquals(indexListing(index).files, ["init.mp4", "init_2.mp4", "1.m4s", "2.m4s", "3.m4s"]);
});

Deno.test("an index goes as far as its files are there, and what describes them", () => {
  const { upTo } = indexListing(index);
  assertEquals(named(upTo(has())), undefined);
  assertEquals(named(upTo(has("1.m4s"))), undefined);
  assertEquals(named(upTo(has("init.mp4", "1.m4s", "3.m4s"))), ["1.m4s"]);
  assertEquals(named(upTo(has("init.mp4", "1.m4s", "2.m4s", "3.m4s"))), ["1.m4s", "2.m4s"]);
  const { full: _full, ...rest } = INDEX;
  assertEquals(JSON.parse(upTo(() => true)!), rest);
});

Deno.test("segments that could not be kept are not named", () => {
  const kept = onlyKnown(index, has("init.mp4", "init_2.mp4", "1.m4s", "3.m4s"));
  assertEquals(named(JSON.stringify(kept)), ["1.m4s", "3.m4s"]);
  assertEquals(named(JSON.stringify(onlyKnown(index, has("init.mp4", "1.m4s", "3.m4s")))), ["1.m4s"]);
});

for (
  const [name, text] of [
    ["nothing", ""],
    ["a torn one", JSON.stringify(INDEX).slice(0, 80)],
    ["one of a session whose name leads elsewhere", JSON.stringify({ ...INDEX, session: "../x" })],
    ["one of a file whose name leads elsewhere", JSON.stringify(INDEX).replace("2.m4s", "../2.m4s")],
  ]
) {
  Deno.test(`${name} is no index`, () => assertEquals(segmentIndexOf(text), undefined));
}

Deno.test("an index leaves out what is lost, and what cannot be played without it", () => {
  const { upTo } = indexListing(index);
  const without = (gone: string) => named(upTo((file) => file !== gone, (file) => file === gone));
  assertEquals(without("1.m4s"), ["2.m4s", "3.m4s"]);
  assertEquals(without("init.mp4"), ["3.m4s"]);
});
