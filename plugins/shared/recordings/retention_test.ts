import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import type { Files } from "../../../kernel/files/files.ts";
import { definePlugin, type Plugin } from "../../../kernel/plugin/plugin.ts";
import { systemFiles } from "../../../kernel/files/system_files.ts";
import { eventually } from "../../../tests/support/eventually.ts";
import { TestServer } from "../../../tests/support/test_server.ts";
import { heldRecordings } from "./held_recordings.ts";
import { keepTidy, type Kept, type RetentionLimits, surplus } from "./retention.ts";

const NOW = new Date("2026-01-11T00:00:00Z");
const NO_LIMITS: RetentionLimits = { keepDays: 0, keepBytes: 0, minFreeBytes: 0 };

/** Recordings of so many bytes, the last made a day ago, each other a day before. */
function recordings(...sizes: number[]): Kept[] {
  return sizes.map((bytes, i) => ({
    stream: "live/cam",
    paths: [`flv/live/cam/${i}.flv`],
    bytes,
    date: new Date(NOW.getTime() - (sizes.length - i) * 86_400_000),
  }));
}

const CASES: readonly { name: string; limits: Partial<RetentionLimits>; free?: number; gone: number[] }[] = [
  { name: "without limits all are kept", limits: {}, free: 0, gone: [] },
  { name: "those that are older than so many days go", limits: { keepDays: 2.5 }, gone: [0, 1] },
  { name: "the oldest go until the rest is small enough", limits: { keepBytes: 70 }, gone: [0, 1] },
  { name: "a total that is just small enough is kept", limits: { keepBytes: 100 }, gone: [] },
  { name: "the oldest go until there is room", limits: { minFreeBytes: 60 }, free: 30, gone: [0, 1] },
  { name: "where nobody can tell what is free, nothing goes for it", limits: { minFreeBytes: 60 }, gone: [] },
  { name: "what went for its age counts for size and room", limits: { keepDays: 2.5, keepBytes: 70 }, gone: [0, 1] },
  { name: "everything goes when nothing else helps", limits: { minFreeBytes: 1000 }, free: 0, gone: [0, 1, 2, 3] },
];

for (const { name, limits, free, gone } of CASES) {
  Deno.test(`of recordings, ${name}`, () => {
    const all = recordings(10, 20, 30, 40);
    const found = surplus(all.toReversed(), { ...NO_LIMITS, ...limits }, NOW, free);
    assertEquals(found.map((kept) => all.indexOf(kept)), gone);
  });
}

Deno.test("what is held stays, and newer ones go in its place", () => {
  const all = recordings(10, 20, 30, 40);
  const isHeld = (path: string) => path === all[0].paths[0];
  const found = surplus(all, { ...NO_LIMITS, keepBytes: 60, keepDays: 3.5 }, NOW, undefined, isHeld);
  assertEquals(found, [all[1], all[2]]);
});

Deno.test("what is kept is within the limits, and no newer one went before an older one", () => {
  fc.assert(fc.property(fc.array(fc.nat(100)), fc.nat(500), (sizes, keepBytes) => {
    const all = recordings(...sizes);
    const gone = new Set(surplus(all, { ...NO_LIMITS, keepBytes }, NOW, undefined));
    const kept = all.filter((each) => !gone.has(each));
    const total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    assertEquals(keepBytes === 0 || total <= keepBytes, true);
    assertEquals(all.slice(0, gone.size).every((each) => gone.has(each)), true);
  }));
});

/** A sink of recordings that are only listed, with what was removed from its disk. */
async function stage(
  limits: Partial<RetentionLimits>,
  list: () => Promise<readonly Kept[]>,
  disk: Partial<Files> = {},
  ...others: readonly Plugin[]
) {
  const removed: string[] = [];
  const files: Files = {
    ...systemFiles,
    freeBytes: () => Promise.resolve(undefined),
    remove: (path) => Promise.resolve(void removed.push(path)),
    ...disk,
  };
  const plugin = definePlugin({
    name: "tapes",
    setup: (ctx) => {
      keepTidy(ctx, { limits: () => ({ ...NO_LIMITS, ...limits }), name: "tapes", list });
      ctx.on(
        "stream:start",
        ({ stream }) =>
          ctx.tell("artifact:complete", {
            stream: stream.id,
            by: stream.path === "live/cam" ? "tapes" : "others",
            path: "x",
          }),
      );
    },
  })();
  const server = await TestServer.start({ plugins: [...others, plugin], files, config: { dataDir: "/data" } });
  return { server, removed };
}

Deno.test("what need not be kept goes at the start and every minute, and is told", async () => {
  let all: Kept[] = recordings(10, 20).map((kept) => ({ ...kept, paths: ["a.mp4", "a"] as const }));
  const { server, removed } = await stage({ keepBytes: 20 }, () => Promise.resolve(all));
  await using _ = server;
  const event = await server.event("artifact:remove");
  assertEquals(event, { stream: "live/cam", by: "tapes", path: "a.mp4", bytes: 10 });
  assertEquals(removed, ["/data/a.mp4", "/data/a"]);
  all = [];
  server.clock.advance(60_000);
  all = recordings(30).map((kept) => ({ ...kept, paths: ["b.mp4", "b"] as const }));
  await eventually(() => {
    server.clock.advance(60_000);
    return removed.length >= 4;
  }, "nothing was removed after a minute");
  assertEquals(removed.slice(2, 4), ["/data/b.mp4", "/data/b"]);
});

Deno.test("a recording that somebody holds goes when it is let go", async () => {
  const all = recordings(10, 20).map((kept) => ({ ...kept, date: new Date(0) }));
  const held = Promise.withResolvers<Disposable>();
  const holder = definePlugin({
    name: "holder",
    setup: (ctx) => held.resolve(heldRecordings(ctx).add((path) => path === "flv/live/cam/0.flv")),
  })();
  const { server, removed } = await stage({ keepDays: 1 }, () => Promise.resolve(all), {}, holder);
  await using _ = server;
  await server.event("artifact:remove");
  assertEquals(removed, ["/data/flv/live/cam/1.flv"]);
  (await held.promise)[Symbol.dispose]();
  await eventually(() => {
    server.clock.advance(60_000);
    return removed.includes("/data/flv/live/cam/0.flv");
  }, "it was not removed");
});

Deno.test("a list that fails is logged, and looked at again later", async () => {
  let isBroken = true;
  const { server, removed } = await stage({ keepDays: 1 }, () => {
    if (isBroken) return Promise.reject(new Error("the folder is gone"));
    return Promise.resolve(recordings(10).map((kept) => ({ ...kept, date: new Date(0) })));
  });
  await using _ = server;
  await eventually(() => server.logged.some(({ level }) => level === "error"), "nothing was logged");
  assertEquals(removed, []);
  isBroken = false;
  await eventually(() => {
    server.clock.advance(60_000);
    return removed.length > 0;
  }, "it was not tried again");
});

Deno.test("one that cannot be removed keeps no other from going, and is named in the log", async () => {
  const gone: string[] = [];
  const remove = (path: string) => {
    if (path.endsWith("/0.flv")) return Promise.reject(new Error("permission denied"));
    return Promise.resolve(void gone.push(path));
  };
  const { server } = await stage({ keepBytes: 10 }, () => Promise.resolve(recordings(10, 10, 10)), { remove });
  await using _ = server;
  await eventually(() => server.logged.some(({ level }) => level === "error"), "nothing was logged");
  assertEquals(gone, ["/data/flv/live/cam/1.flv"]);
  const [{ message }] = server.logged.filter(({ level }) => level === "error");
  assertStringIncludes(message.join(""), "Cannot remove flv/live/cam/0.flv: permission denied");
});

Deno.test("the name of the newest stays when it has come to be that of another", async () => {
  const ids = new Map([["/data/old.flv", "1"], ["/data/index.flv", "1"]]);
  const facts: Files["facts"] = (path) => {
    const id = ids.get(path);
    return Promise.resolve(id ? { kind: "file", size: Number(id), modified: NOW, id } : undefined);
  };
  const old: Kept = { stream: "live/cam", paths: ["old.flv"], alias: "index.flv", bytes: 10, date: new Date(0) };
  let list: () => Promise<readonly Kept[]> = () => Promise.resolve([old]);
  const { server, removed } = await stage({ keepDays: 1 }, () => list(), { facts });
  await using _ = server;
  await eventually(() => removed.length === 2, "it was not removed");
  assertEquals(removed.splice(0), ["/data/index.flv", "/data/old.flv"]);
  list = () => {
    ids.set("/data/index.flv", "2");
    return Promise.resolve([old]);
  };
  await eventually(() => {
    server.clock.advance(60_000);
    return removed.length > 0;
  }, "it was not removed again");
  assertEquals(removed.includes("/data/index.flv"), false);
});

Deno.test("without limits nothing is listed", async () => {
  const { server } = await stage({}, () => Promise.reject(new Error("it was listed")));
  await using _ = server;
  server.clock.advance(120_000);
  await server.settled();
  assertEquals(server.logged.filter(({ level }) => level === "error"), []);
});
