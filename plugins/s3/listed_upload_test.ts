import { assertEquals } from "@std/assert";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { Turns } from "../shared/turns.ts";
import { Ledger } from "./ledger.ts";
import { ListedUpload } from "./listed_upload.ts";
import { PartBuffers } from "./part_buffers.ts";
import type { Store } from "./store.ts";
import type { Progress } from "./work.ts";

const PATH = "hls/live/cam/20260101_000000/index.m3u8";

Deno.test("a list that changes while it is confirmed is known as the one that was sent, so that the change is noticed", async () => {
  using ledger = new Ledger(":memory:");
  const { id } = ledger.add({ kind: "hls", stream: "live/cam", by: "hls", path: PATH, key: PATH }, "due", 0);
  let modified = 1;
  const work = new ListedUpload(
    {
      files: systemFiles,
      dataDir: "",
      clock: new FakeClock(),
      store: { put: () => Promise.resolve() } as Partial<Store> as Store,
      ledger,
      partBytes: 1000,
      buffers: new PartBuffers(1000),
      slots: new Turns(1, 10),
    },
    id,
    {
      listing: () => Promise.resolve({ files: [], upTo: () => "the list" }),
      fileOf: (_, name) => name,
      modified: () => Promise.resolve(modified),
      // Nobody has told of it yet.
      shown: () => Promise.resolve(void (modified = 2)),
    },
  );
  const { signal } = new AbortController();
  const steps: Progress[] = [await work.step(signal), await work.step(signal)];
  assertEquals([...steps, ledger.get(id)?.modified], ["more", "done", 1]);
});
