import { assertEquals } from "@std/assert";
import { RecordedFeed } from "../../kernel/plugin/event_feed.ts";
import type { Files } from "../../kernel/files/files.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { Ledger } from "./ledger.ts";
import { LocalCopies } from "./local_copies.ts";

Deno.test("what cannot be removed is said once an hour, and keeps nothing else from being removed", async () => {
  using ledger = new Ledger(":memory:");
  for (let i = 0; i < 250; i++) {
    const path = `flv/live/cam/${i}.flv`;
    const { id } = ledger.add({ kind: "file", stream: "live/cam", by: "flv-record", path, key: path }, "due", 0);
    ledger.done(id, { bytes: 1, modified: 0, now: 0 });
  }
  const removed: string[] = [];
  const files = {
    facts: (path: string) =>
      Promise.resolve(
        path.endsWith("index.flv") || path.endsWith(".m3u8")
          ? undefined
          : { kind: "file", size: 1, modified: new Date(0), id: path },
      ),
    remove: (path: string) => {
      if (/\/(\d|[1-9]\d|1\d\d)\.flv$/.test(path)) return Promise.reject(new Error("it is locked"));
      return Promise.resolve(void removed.push(path));
    },
    removeEmpty: () => Promise.resolve(false),
  } as Partial<Files> as Files;
  const clock = new FakeClock();
  const { log, records } = collectLog("error", clock);
  const { signal } = new AbortController();
  const more = { defer: () => {}, tell: () => {}, dataDir: "/data" };
  const ctx = { files, clock, log, feed: new RecordedFeed(clock), signal, ...more } as unknown as PluginContext;
  const copies = new LocalCopies(ctx, {
    ledger,
    keepHours: () => 0,
    sendAgain: () => Promise.resolve(),
    isUnsure: () => false,
  });
  for (let looks = 0; looks < 5; looks++) {
    await copies.remove();
    clock.advance(5000);
  }
  assertEquals([removed.length, records.length], [50, 200]);
  clock.advance(3_600_000);
  for (let looks = 0; looks < 5; looks++) await copies.remove();
  assertEquals(records.length, 400);
});
