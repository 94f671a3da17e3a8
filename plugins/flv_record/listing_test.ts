import { assertEquals } from "@std/assert";
import { eventually } from "../../tests/support/eventually.ts";
import { StreamMaker } from "../../tests/support/stream_maker.ts";
import { expandPath } from "../shared/path_template.ts";
import { commonFolder, DEFAULT_TEMPLATE, possibleNames, recordingMatcher } from "./recording_names.ts";
import { stage } from "./testing.ts";

const TEMPLATES = [
  { template: DEFAULT_TEMPLATE, folder: "flv" },
  { template: "flv/{app}/{stream}/{date}/{time}_{seq}", folder: "flv" },
  { template: "archive/films/{app}_{stream}-{session}.flv", folder: "archive/films" },
  { template: "{app}/{stream}/v{vhost}.{date}{time}.{app}.flv", folder: "" },
];

const FACTS = [
  { vhost: "_", app: "live", stream: "cam", date: new Date("2026-03-04T05:06:07Z"), session: "s1x", seq: 1 },
  { vhost: "a.example", app: "live", stream: "my-cam_2", date: new Date(0), session: "none", seq: 12 },
];

for (const { template, folder } of TEMPLATES) {
  Deno.test(`recordings of ${template} are told from other files, and whose they are`, () => {
    const keyOf = recordingMatcher(template);
    for (const facts of FACTS) {
      const names = possibleNames(expandPath(template, facts));
      const [first, second] = [names.next().value, names.next().value];
      const { vhost, app, stream: name } = facts;
      const expected = template.includes("{vhost}") ? { vhost, app, name } : { vhost: "_", app, name };
      assertEquals([keyOf(first), keyOf(second)], [expected, expected]);
      assertEquals(first.startsWith(folder), true);
    }
    assertEquals(commonFolder(template), folder);
    for (
      const path of ["flv/live/cam/index.flv", "flv/live/cam/film.flv", "flv/live/cam/20260304_050607.mp4", "x.flv"]
    ) {
      assertEquals(keyOf(path), undefined);
    }
  });
}

/** Records a stream so many times, a minute between two; gives the folder and the paths of the recordings. */
async function archive(stream: string, count: number): Promise<{ folder: string; paths: readonly string[] }> {
  await using studio = await stage();
  for (let seed = 0; seed < count; seed++) {
    const maker = new StreamMaker({ seed, keyBytes: 20_000 });
    await studio.record(stream, [...maker.head(), ...maker.gops(2)]);
    await Deno.utime(studio.at(studio.completed[seed]), seed, seed);
    studio.server.clock.advance(60_000);
  }
  return { folder: studio.keep(), paths: studio.completed };
}

Deno.test("the oldest recordings go, but never what is running or was never recorded", async () => {
  const { folder, paths: [first, second, third] } = await archive("live/cam", 3);
  await Deno.writeFile(`${folder}/flv/live/cam/film.flv`, new Uint8Array(400_000));
  await using studio = await stage({ folder, settings: { keepMegabytes: 0.2 } });
  await using running = await studio.publish("live/running");
  const maker = new StreamMaker({ keyBytes: 200_000 });
  running.write([...maker.head(), ...maker.gops(2)]);
  await studio.saved("live/running", 10);
  const removed = () => studio.server.told.flatMap(({ name, event }) => name === "artifact:remove" ? [event] : []);
  await eventually(() => removed().length === 2, "nothing was removed");
  assertEquals(removed().map(({ stream, by, path }) => [stream, by, path]), [
    ["live/cam", "flv-record", first],
    ["live/cam", "flv-record", second],
  ]);
  const kept = ["cam/film.flv", "cam/index.flv", "running/20260101_000000.flv", "running/index.flv"];
  assertEquals(await studio.files(), [third, ...kept.map((name) => `flv/live/${name}`)].sort());
});

Deno.test("the newest recording takes its other name with it when it goes", async () => {
  const { folder, paths } = await archive("live/cam", 1);
  await using studio = await stage({ folder, settings: { keepDays: 1 } });
  await studio.event("artifact:remove", ({ path }) => path === paths[0]);
  assertEquals(await studio.files(), []);
  await eventually(() => !exists(studio.at("flv/live")), "empty folders are left");
  assertEquals(exists(studio.at("flv")), true);
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
