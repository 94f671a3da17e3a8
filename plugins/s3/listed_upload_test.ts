import { assertEquals, assertRejects } from "@std/assert";
import type { Files } from "../../kernel/files/files.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { Turns } from "../shared/turns.ts";
import { FileGoneError } from "./digests.ts";
import { Ledger } from "./ledger.ts";
import { type ListedSource, ListedUpload } from "./listed_upload.ts";
import { PartBuffers } from "./part_buffers.ts";
import type { Store } from "./store.ts";
import type { Progress } from "./work.ts";

const PATH = "hls/live/cam/20260101_000000/index.m3u8";

/** An upload that is due, of what a source lists; what it puts is noted. */
function stage(ledger: Ledger, source: ListedSource, files: Files = systemFiles) {
  const { id } = ledger.add({ kind: "hls", stream: "live/cam", by: "hls", path: PATH, key: PATH }, "due", 0);
  const put: [key: string, bytes: number][] = [];
  const store: Partial<Store> = { put: (key, { bytes }) => Promise.resolve(void put.push([key, bytes.length])) };
  const work = new ListedUpload(
    {
      files,
      dataDir: "",
      clock: new FakeClock(),
      store: store as Store,
      ledger,
      partBytes: 1000,
      buffers: new PartBuffers(1000),
      slots: new Turns(1, 10),
    },
    id,
    source,
  );
  return { id, put, work };
}

Deno.test("a list that changes while it is confirmed is known as the one that was sent, so that the change is noticed", async () => {
  using ledger = new Ledger(":memory:");
  let modified = 1;
  const { id, work } = stage(ledger, {
    listing: () => Promise.resolve({ files: [], upTo: () => "the list" }),
    fileOf: (_, name) => name,
    modified: () => Promise.resolve(modified),
    // Nobody has told of it yet.
    shown: () => Promise.resolve(void (modified = 2)),
  });
  const { signal } = new AbortController();
  const steps: Progress[] = [await work.step(signal), await work.step(signal)];
  assertEquals([...steps, ledger.get(id)?.modified], ["more", "done", 1]);
});

Deno.test("a file that is there a moment after it was looked for is sent as it is, not as an empty one", async () => {
  using ledger = new Ledger(":memory:");
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "film");
  let looks = 0;
  const facts = (at: string) => ++looks === 1 ? Promise.resolve(undefined) : systemFiles.facts(at);
  const { put, work } = stage(ledger, {
    listing: () => Promise.resolve({ files: ["0.m4s"], upTo: () => "the list" }),
    fileOf: () => path,
    modified: () => Promise.resolve(1),
  }, { ...systemFiles, facts });
  const { signal } = new AbortController();
  await assertRejects(() => work.step(signal), FileGoneError);
  assertEquals(await work.step(signal), "more");
  assertEquals(put, [["hls/live/cam/20260101_000000/0.m4s", 4]]);
  await Deno.remove(path);
});
