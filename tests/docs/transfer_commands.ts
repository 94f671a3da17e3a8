import { assert, assertEquals, assertMatch } from "@std/assert";
import { AAC, ffmpeg, H264 } from "../real/ffmpeg.ts";
import { bannerPorts, type Program } from "../support/program.ts";
import { StrictFlv } from "../support/transports/strict_flv.ts";
import type { Clone } from "./clone.ts";
import { type CommandCheck, run } from "./running.ts";

/** The commands that bring streams from here to there, and how they are checked. */
export const TRANSFER_COMMANDS: Readonly<Record<string, CommandCheck>> = {
  "deno task push film.mp4 rtmp://localhost:1935/live/cam": withDemo(async (line, clone, { rtmp }) => {
    await makeFilm(clone);
    const { code, out, err } = await run(line.replace("1935", String(rtmp)), clone.folder).over();
    assertEquals(code, 0, err);
    assertMatch(out, /^Pushed 0:01\.\d, \d+ kB\.$/m);
  }),
  "deno task push film.mp4 http://localhost:8501/live/cam --loop --speed 2": withDemo(async (line, clone, { http }) => {
    await makeFilm(clone);
    await using push = run(line.replace("8501", String(http)), clone.folder);
    await push.until(/Connected/, "err");
    await playing(http, "live/cam");
    await endsWell(push);
  }),
  "deno task pull http://localhost:8501/live/cam.flv cam.mp4 --seconds 10": withDemo(async (line, clone, { http }) => {
    const usable = line.replace("8501", String(http)).replace("live/cam", "live/demo").replace("10", "1");
    const { code, out, err } = await run(usable, clone.folder).over();
    assertEquals(code, 0, err);
    assertMatch(out, /cam\.mp4 is complete: 0:\d\d\.\d/);
    assert((await Deno.stat(`${clone.folder}/cam.mp4`)).size > 1000);
  }),
  "deno task forward http://localhost:8501/live/cam.flv rtmp://one.example/live/cam,ws://two.example/live/cam":
    withDemo(
      async (line, clone, { http, rtmp }) => {
        const usable = line.replace("8501/live/cam", `${http}/live/demo`)
          .replace("one.example/live/cam", `localhost:${rtmp}/live/one`)
          .replace("two.example/live/cam", `localhost:${http}/live/two`);
        await using forward = run(usable, clone.folder);
        // The name at the end of an RTMP address is a key on most platforms, and is not shown.
        for (const target of [/^rtmp:.*\/live\/\*\*\*: live$/m, /^ws:.*\/live\/two: live$/m]) {
          await forward.until(target, "err");
        }
        for (const name of ["one", "two"]) await playing(http, `live/${name}`);
        await endsWell(forward);
      },
    ),
  "deno task gateway 8080 http://origin.example:8501": withDemo(async (line, clone, { http }) => {
    const usable = line.replace("8080", "0").replace("origin.example:8501", `localhost:${http}`);
    await using gateway = run(usable, clone.folder);
    const [, port] = await gateway.until(/HTTP-FLV +http:\/\/localhost:(\d+)\//);
    await playing(Number(port), "live/demo");
    await endsWell(gateway);
  }),
};

/** Checks a command beside a server with a stream, `live/demo`. */
function withDemo(
  check: (line: string, clone: Clone, ports: { http: number; rtmp: number }) => Promise<void>,
): CommandCheck {
  return async (line, clone) => {
    await using server = run("deno task demo", clone.folder);
    await check(line, clone, await bannerPorts(server));
    await endsWell(server);
  };
}

async function makeFilm({ folder }: Clone): Promise<void> {
  const inputs = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=frequency=440"];
  const film = await ffmpeg([...inputs, "-t", "1", ...H264, ...AAC, "-y", `${folder}/film.mp4`]);
  assert(film.success, film.log);
}

async function endsWell(program: Program): Promise<void> {
  const { code, out, err } = await program.stop();
  assertEquals(code, 0, out + err);
}

/** Plays over HTTP-FLV until a picture has come. */
async function playing(port: number, path: string): Promise<void> {
  const response = await fetch(`http://localhost:${port}/${path}.flv`);
  assertEquals(response.status, 200);
  const flv = new StrictFlv();
  for await (const bytes of response.body ?? []) {
    if (flv.read(bytes).some(({ role }) => role === "key")) return;
  }
  throw new Error(`${path} ended without a picture`);
}
