import { assertEquals } from "@std/assert";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { Ledger } from "./ledger.ts";
import type { SegmentIndex } from "./live_index.ts";
import { SegmentIntake } from "./segment_intake.ts";
import type { SegmentSpool } from "./segment_spool.ts";
import type { Uploads } from "./uploads.ts";

const FOLDER = { folder: "mp4/live/cam/output_merge", stream: "live/cam", by: "fmp4", prefix: "" };

function stage(ledger: Ledger) {
  const seen: string[] = [];
  const index = { session: "1", state: "live" } as { session: string; state: SegmentIndex["state"] };
  const uploads = {
    ledger,
    open: ({ path }: { path: string }) => void seen.push(`open ${path}`),
    complete: ({ path }: { path: string }) => Promise.resolve(void seen.push(`complete ${path}`)),
  };
  const spool = {
    indexOf: () => (seen.push("look"), Promise.resolve({ ...index, sources: [] })),
    keep: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const ctx = { signal: new AbortController().signal, clock: new FakeClock(), log: collectLog().log };
  const intake = new SegmentIntake(
    ctx as unknown as PluginContext,
    uploads as unknown as Uploads,
    spool as unknown as SegmentSpool,
  );
  return { intake, index, take: () => seen.splice(0) };
}

Deno.test("a folder whose session has ended is not looked at any more, until there is a segment in it again", async () => {
  using ledger = new Ledger(":memory:");
  const { intake, index, take } = stage(ledger);
  intake.note(FOLDER);
  await intake.stopped();
  assertEquals(take(), ["look", `open ${FOLDER.folder}/1/index.json`]);
  index.state = "ended";
  intake.ended("live/cam");
  await intake.stopped();
  assertEquals(take(), ["look", `complete ${FOLDER.folder}/1/index.json`]);
  intake.ended("live/cam");
  await intake.stopped();
  assertEquals(take(), []);
  Object.assign(index, { session: "2", state: "live" });
  intake.note(FOLDER);
  await intake.stopped();
  assertEquals(take(), ["look", `open ${FOLDER.folder}/2/index.json`]);
});

Deno.test("a segment of the next session that comes while the last one ends is not lost", async () => {
  using ledger = new Ledger(":memory:");
  const { intake, index, take } = stage(ledger);
  index.state = "ended";
  intake.note(FOLDER);
  intake.note(FOLDER);
  await intake.stopped();
  assertEquals(take().filter((what) => what === "look").length, 2);
});

Deno.test("of several sessions that a killed server has left in one folder all but the one that is there are complete", async () => {
  using ledger = new Ledger(":memory:");
  const { intake, index, take } = stage(ledger);
  const { folder, stream, by } = FOLDER;
  const paths = ["1", "2", "3"].map((session) => `${folder}/${session}/index.json`);
  for (const path of paths) ledger.add({ kind: "segments", stream, by, path, key: path }, "open", 0);
  index.session = "3";
  intake.resume();
  await intake.stopped();
  assertEquals(take().filter((each) => each !== "look"), [
    `complete ${paths[0]}`,
    `complete ${paths[1]}`,
    `open ${paths[2]}`,
  ]);
});
