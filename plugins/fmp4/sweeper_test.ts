import { assertEquals, assertNotEquals } from "@std/assert";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { eventually } from "../../tests/support/eventually.ts";
import { packetsOf, StreamMaker } from "../../tests/support/stream_maker.ts";
import { rtmpTransport } from "../../tests/support/transports/rtmp_transport.ts";
import type { TestServer } from "../../tests/support/test_server.ts";
import { assertHolds, filesWith, publish, TestFolder } from "./testing.ts";

const MERGE = "mp4/live/cam/output_merge";

async function completes(server: TestServer, count: number): Promise<void> {
  const done = () => server.told.filter(({ name }) => name === "artifact:complete").length;
  await eventually(() => done() >= count, `not ${count} recordings are complete`);
}

Deno.test("a stream that is called as the folders of segments are keeps its recordings, and its segments are swept too", async () => {
  await using folder = await TestFolder.make();
  const shows = [0, 1].map((seed) => new StreamMaker({ seed })).map((maker) => [...maker.head(), ...maker.gops(3)]);
  {
    await using server = await folder.serve({ streams: ["*", "*:*"] });
    const other = await rtmpTransport.publish(server, "cam/output_merge", { vhost: "live" });
    other.write(shows[0]);
    await other.end();
    await completes(server, 1);
    await (await publish(server, shows[1], "live/cam")).end();
    await completes(server, 2);
  }
  assertHolds(await folder.read(`${MERGE}/20260101_000000.mp4`), packetsOf(shows[0]));
  await using server = await folder.serve({ keepSegmentsSeconds: 1 });
  const segments = async () => (await folder.files()).filter((name) => name.endsWith(".m4s")).length;
  assertEquals(await segments() > 0, true);
  server.clock.advance(120_000);
  await eventually(async () => await segments() === 0, "segments are left");
  assertHolds(await folder.read(`${MERGE}/20260101_000000.mp4`), packetsOf(shows[0]));
});

Deno.test("live segments that cannot be removed are tried again, and hold up no others", async () => {
  await using folder = await TestFolder.make();
  let isStuck = true;
  const remove = (path: string) => {
    const isHeld = isStuck && path.includes("live/cam/") && path.endsWith(".m4s");
    return isHeld ? Promise.reject(new Error("permission denied")) : systemFiles.remove(path);
  };
  await using server = await folder.serve({ keepSegmentsSeconds: 1 }, { files: filesWith({ remove }) });
  for (const path of ["live/cam", "live/other"]) {
    const maker = new StreamMaker();
    await (await publish(server, [...maker.head(), ...maker.gops(3)], path)).end();
  }
  await completes(server, 2);
  const segments = async (name: string) =>
    (await folder.files(`mp4/live/${name}`)).filter((path) => path.endsWith(".m4s")).length;
  server.clock.advance(120_000);
  await eventually(async () => await segments("other") === 0, "those that can be removed are left");
  assertNotEquals(await segments("cam"), 0);
  await eventually(() => server.logged.some(({ level }) => level === "error"), "nothing was logged");
  isStuck = false;
  const isTriedAgain = async () => {
    server.clock.advance(60_000);
    return await segments("cam") === 0;
  };
  await eventually(isTriedAgain, "they were not tried again");
});

for (const keepSegmentsSeconds of [1, 100_000]) {
  Deno.test(`when a stream's last recording has gone, nothing is left of it (segments kept for ${keepSegmentsSeconds} s)`, async () => {
    await using folder = await TestFolder.make();
    await using server = await folder.serve({ keepDays: 1, keepSegmentsSeconds });
    const maker = new StreamMaker();
    await (await publish(server, [...maker.head(), ...maker.gops(3)])).end();
    await completes(server, 1);
    const left = async () => (await Array.fromAsync(Deno.readDir(folder.at("mp4")))).map(({ name }) => name);
    assertEquals(await left(), ["live"]);
    const hasGone = async () => {
      server.clock.advance(3_600_000);
      return (await left()).length === 0;
    };
    await eventually(hasGone, "something of the stream is left");
    assertEquals(await folder.files(".fmp4"), []);
    const again = new StreamMaker({ seed: 1 });
    await (await publish(server, [...again.head(), ...again.gops(3)])).end();
    await completes(server, 2);
    assertEquals(await left(), ["live"]);
  });
}
