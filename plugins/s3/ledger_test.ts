import { assertEquals } from "@std/assert";
import { Ledger } from "./ledger.ts";
import type { UploadWish } from "./upload.ts";

const WISH: UploadWish = {
  kind: "file",
  stream: "live/cam",
  by: "flv-record",
  path: "flv/live/cam/20260101_100000.flv",
  key: "films/flv/live/cam/20260101_100000.flv",
};

const PART = { number: 2, length: 100, sha256: "a", md5: "b", etag: "c" };

Deno.test("a recording is known once, with what is known of it", () => {
  using ledger = new Ledger(":memory:");
  const added = ledger.add(WISH, "open", 1000);
  assertEquals(added, {
    id: 1,
    ...WISH,
    state: "open",
    since: 1000,
    doneAt: undefined,
    bytes: 0,
    modified: 0,
    isLocal: true,
    partBytes: 0,
    upload: undefined,
  });
  ledger.grown(1, 500);
  ledger.due(1);
  assertEquals(ledger.add({ ...WISH, key: "other" }, "open", 2000), { ...added, bytes: 500, state: "due" });
  assertEquals(ledger.get(1), ledger.of(WISH.path));
  assertEquals(ledger.get(2), undefined);
  assertEquals(ledger.counts(), { open: 0, due: 1, done: 0 });
});

Deno.test("what was sent of a file is known until it is done, or begun anew", () => {
  using ledger = new Ledger(":memory:");
  const { id } = ledger.add(WISH, "due", 1000);
  ledger.begin(id, "upload", 100);
  ledger.putPart(id, PART);
  ledger.putPart(id, { ...PART, number: 1 });
  ledger.putPart(id, { ...PART, number: 1, length: 90, etag: "d" });
  assertEquals(ledger.parts(id).map(({ number, length, etag }) => [number, length, etag]), [[1, 90, "d"], [
    2,
    100,
    "c",
  ]]);
  assertEquals([ledger.sentBytes(id), ledger.get(id)?.upload, ledger.get(id)?.partBytes], [190, "upload", 100]);
  ledger.dropPart(id, 1);
  assertEquals(ledger.sentBytes(id), 100);
  ledger.begin(id, undefined, 200);
  assertEquals([ledger.parts(id), ledger.get(id)?.upload], [[], undefined]);
  ledger.begin(id, "other", 200);
  ledger.putPart(id, PART);
  ledger.done(id, { bytes: 77, modified: 5, now: 3000 });
  const { state, bytes, doneAt, upload } = ledger.get(id)!;
  assertEquals([state, ledger.sentBytes(id), bytes, doneAt, upload, ledger.parts(id)], [
    "done",
    77,
    77,
    3000,
    undefined,
    [],
  ]);
});

Deno.test("what was sent of a session's files is known", () => {
  using ledger = new Ledger(":memory:");
  const { id } = ledger.add({ ...WISH, kind: "hls", path: "hls/live/cam/20260101_100000/index.m3u8" }, "open", 1000);
  ledger.putObject(id, "0.ts", 10, true);
  ledger.putObject(id, "1.ts", 20, false);
  assertEquals(ledger.objects(id), new Map([["0.ts", true], ["1.ts", false]]));
  assertEquals(ledger.sentBytes(id), 10);
  ledger.putObject(id, "1.ts", 20, true);
  assertEquals(ledger.sentBytes(id), 30);
});

Deno.test("recordings are listed by state and stream, the newest first", () => {
  using ledger = new Ledger(":memory:");
  const paths = ["1", "2", "3", "4"].map((name) => `flv/live/cam/${name}.flv`);
  for (const path of paths) ledger.add({ ...WISH, path }, "due", 1000);
  ledger.add({ ...WISH, path: "flv/live/other/e.flv", stream: "live/other" }, "open", 1000);
  ledger.done(2, { bytes: 1, modified: 1, now: 2000 });
  ledger.done(3, { bytes: 1, modified: 1, now: 4000 });
  const ids = (query: Partial<Parameters<Ledger["page"]>[0]>) => {
    const { items, total } = ledger.page({ offset: 0, limit: 10, ...query });
    return [items.map(({ id }) => id), total];
  };
  assertEquals(ids({}), [[5, 4, 3, 2, 1], 5]);
  assertEquals(ids({ state: "done" }), [[3, 2], 2]);
  assertEquals(ids({ stream: "live/cam", offset: 1, limit: 2 }), [[3, 2], 4]);
  assertEquals(ids({ stream: "live/other", state: "done" }), [[], 0]);
  assertEquals(ledger.left().map(({ id }) => id), [1, 4, 5]);
  assertEquals(ledger.doneBefore(3000, 10).map(({ id }) => id), [2]);
  ledger.gone(2);
  assertEquals(ledger.doneBefore(9000, 10).map(({ id }) => id), [3]);
  assertEquals(ledger.lastDone("flv/live/cam", 10), paths.slice(1, 3).reverse());
  assertEquals(ledger.lastDone("flv/live/cam", 1), [paths[2]]);
  assertEquals([ledger.lastDone("flv/live", 10), ledger.lastDone("flv/live/c", 10)], [[], []]);
  ledger.forget(3);
  assertEquals(ledger.of(paths[2]), undefined);
});

Deno.test("everything is there after a restart", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/s3.sqlite`;
    {
      using ledger = new Ledger(path);
      assertEquals(ledger.begunAt(500), 500);
      ledger.add(WISH, "open", 1000);
      ledger.begin(1, "upload", 100);
      ledger.putPart(1, PART);
    }
    using ledger = new Ledger(path);
    assertEquals(ledger.begunAt(900), 500);
    assertEquals(
      ledger.page({ offset: 0, limit: 10 }).items.map(({ path, upload, sentBytes }) => [path, upload, sentBytes]),
      [[
        WISH.path,
        "upload",
        100,
      ]],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
