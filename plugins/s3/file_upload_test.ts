import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { eventually } from "../../tests/support/eventually.ts";
import type { Fault } from "./testing/fake_store.ts";
import { faultFrom, film, FLV, PART, Stage } from "./testing/stage.ts";

/** Two parts and a half, and then the end that changes the head. */
async function record(stage: Stage): Promise<void> {
  const bytes = film(2 * PART + 1000);
  await stage.write(FLV, bytes.subarray(0, PART));
  stage.tell("open", FLV);
  await stage.write(FLV, bytes.subarray(PART), { append: true });
  stage.look();
}

async function finish(stage: Stage): Promise<void> {
  using file = await Deno.open(join(stage.folder, FLV), { write: true });
  await file.write(film(500, 7));
  stage.tell("complete", FLV);
}

Deno.test("a recording goes while it is made, and what its end changes goes at the end", async () => {
  await using stage = await Stage.open({ s3: { prefix: "films/{app}" } });
  await record(stage);
  const key = `films/live/${FLV}`;
  await stage.asked(`PUT ${key}?partNumber=2`);
  assertEquals(stage.store.objects.size, 0);
  await finish(stage);
  await stage.sent(FLV);
  await stage.assertSame(FLV, key);
  assertEquals(stage.store.asked, [
    `POST ${key}?uploads`,
    `PUT ${key}?partNumber=2`,
    `PUT ${key}?partNumber=3`,
    `PUT ${key}?partNumber=1`,
    `POST ${key}?uploadId`,
    `HEAD ${key}`,
  ]);
  assertEquals(stage.store.objects.get(key)?.headers["content-type"], "video/x-flv");
  assertEquals(await stage.server.event("artifact:store"), {
    stream: "live/cam",
    by: "s3",
    path: FLV,
    bytes: 2 * PART + 1000,
    key,
    url: `${stage.store.endpoint}/films/${key}`,
  });
});

Deno.test("a small recording, and a complete MP4, go in one request", async () => {
  await using stage = await Stage.open();
  const mp4 = "mp4/live/cam/20260101_000000.mp4";
  stage.tell("open", mp4);
  for (const path of [FLV, mp4]) {
    await stage.write(path, film(1000));
    stage.tell("complete", path);
    await stage.sent(path);
    await stage.assertSame(path);
  }
  assertEquals(stage.store.asked, [`PUT ${FLV}`, `PUT ${mp4}`]);
});

Deno.test("streams and kinds that are not wanted stay here", async () => {
  await using stage = await Stage.open({ s3: { streams: ["live/*", "!live/cam"], what: ["flv"] } });
  await stage.write(FLV, film(1000));
  stage.tell("complete", FLV);
  const other = { stream: "live/other", by: "recorder" };
  await stage.write("other.flv", film(1000));
  await stage.write("other.mp4", film(1000));
  stage.ctx.tell("artifact:complete", { ...other, path: "other.mp4" });
  stage.ctx.tell("artifact:complete", { ...other, path: "other.flv" });
  await stage.sent("other.flv");
  assertEquals([...stage.store.objects.keys()], ["other.flv"]);
});

const FAULTS: readonly Fault[] = [{ status: 503, code: "SlowDown" }, "lost", "garbled", "late error"];

/** Of the six requests that a recording takes. */
const REQUESTS = 6;

for (const fault of FAULTS) {
  const name = typeof fault === "object" ? fault.code : fault;
  Deno.test(`whichever request a store fails at, the recording gets there: ${name}`, async (t) => {
    for (let number = 0; number < REQUESTS; number++) {
      await t.step(`request ${number + 1}`, async () => {
        await using stage = await Stage.open();
        stage.store.fault = faultFrom(number, fault, stage);
        await record(stage);
        await finish(stage);
        await stage.sent(FLV);
        await stage.assertSame(FLV);
        assertEquals([stage.isWaiting, stage.store.uploads.size], [false, 0]);
      });
    }
  });
}

Deno.test("a store that is down is told of in words, and harms nothing that is here", async () => {
  await using stage = await Stage.open();
  stage.store.fault = () => ({ status: 403, code: "AccessDenied" });
  await stage.write(FLV, film(1000));
  stage.tell("complete", FLV);
  const { stream, by, problem } = await stage.server.event("artifact:fail");
  const refused = "the store refuses: 403 AccessDenied (AccessDenied it is)";
  assertEquals([stream, by, problem], ["live/cam", "s3", `cannot send ${FLV}: ${refused}`]);
  const [{ code, text }] = stage.ctx.findings({ id: "live/cam" } as never);
  assertEquals([code, text], [
    "upload-failing",
    `Recordings do not get to the store: ${refused}. ${FLV} wait here until they do.`,
  ]);
  assertEquals(stage.ctx.findings({ id: "live/other" } as never), []);
  assertEquals((await Deno.stat(join(stage.folder, FLV))).size, 1000);
  stage.store.fault = () => undefined;
  await stage.sent(FLV);
  assertEquals(stage.server.told.filter(({ name }) => name === "artifact:fail").length, 1);
});

Deno.test("what waits for its next attempt is not hurried by more of the recording", async () => {
  await using stage = await Stage.open();
  stage.store.fault = () => ({ status: 503, code: "SlowDown" });
  await stage.write(FLV, film(1000));
  stage.tell("complete", FLV);
  await stage.failed();
  for (let i = 0; i < 3; i++) stage.tell("complete", FLV);
  await stage.server.settled();
  assertEquals(stage.store.asked, [`PUT ${FLV}`]);
});

Deno.test("a store that does not answer is not waited for for ever, and holds nothing up when the server stops", async () => {
  await using stage = await Stage.open({ s3: { timeoutSeconds: 10 } });
  stage.store.fault = () => "hang";
  await stage.write(FLV, film(1000));
  stage.tell("complete", FLV);
  await stage.asked(`PUT ${FLV}`);
  stage.server.clock.advance(10_000);
  await stage.failed();
  const [{ text }] = stage.ctx.findings({ id: "live/cam" } as never);
  assertStringIncludes(text, "the store has not answered within 10 s");
  stage.server.clock.advance(1000);
  await stage.asked(`PUT ${FLV}`, 2);
});

Deno.test("no more requests are sent at once than wished", async () => {
  await using stage = await Stage.open({ s3: { concurrency: 3 } });
  stage.store.fault = () => "hang";
  const paths = Array.from({ length: 20 }, (_, i) => FLV.replace(".flv", `-${i}.flv`));
  for (const path of paths) {
    await stage.write(path, film(1000));
    stage.tell("complete", path);
  }
  await eventually(() => stage.store.seen.length === 3, "three requests were to come");
  await stage.server.settled();
  assertEquals(stage.store.seen.length, 3);
  stage.store.fault = () => undefined;
  stage.server.clock.advance(120_000);
  for (const path of paths) await stage.sent(path);
});

Deno.test("a store that takes everything, and too slowly, is told of as long as that is so", async () => {
  await using stage = await Stage.open();
  const slow = Promise.withResolvers<void>();
  stage.store.before = () => slow.promise;
  await stage.write(FLV, film(8 * PART));
  stage.tell("open", FLV);
  await stage.asked(`POST ${FLV}?uploads`);
  assertEquals(stage.findings, [], "so much is always on its way");
  await stage.write(FLV, film(1_500_000), { append: true });
  slow.resolve();
  stage.store.before = ({ query }) => query.get("partNumber") === "3" ? new Promise(() => {}) : Promise.resolve();
  await stage.asked(`PUT ${FLV}?partNumber=3`);
  assertEquals(stage.findings.map(({ code, text }) => [code, text]), [[
    "upload-behind",
    `The store takes recordings more slowly than they grow: 2.2 MB of ${FLV} wait here.`,
  ]]);
});
