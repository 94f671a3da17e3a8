import { assert, assertEquals, assertMatch } from "@std/assert";
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free_port.ts";
import { frames } from "../support/packets.ts";
import { bannerPorts, Program } from "../support/program.ts";
import { AAC, H264, makeClip } from "./ffmpeg.ts";
import { assertShows } from "./film.ts";

const CLIP_SECONDS = 3;

/** How much is pulled: more than the film has, so that its end and beginning are among it. */
const PULLED_SECONDS = 4;

const KEY = "sesame-sesame";

async function withFilm(run: (file: string, film: readonly MediaPacket[], folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/film.flv`;
    await makeClip(file, { seconds: CLIP_SECONDS, video: H264, audio: AAC });
    await run(file, frames(await readFlv(file)), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function readFlv(path: string): Promise<MediaPacket[]> {
  return new FlvDemuxer().read(await Deno.readFile(path));
}

/** An origin in a process of its own, on a port that is free or was one's own before. */
async function origin(port = 0) {
  const args = ["start", "--plugins", "rtmp,http-flv,ws-flv"];
  const program = Program.server(args, { env: { SLUICE_HTTP_PORT: String(port), SLUICE_RTMP_PORT: "0" } });
  return { program, port: (await bannerPorts(program)).http };
}

async function gateway(upstream: string) {
  const program = Program.server(["gateway", "0", upstream, "--host", "127.0.0.1", "--json"]);
  return { program, port: Number((await program.until(/"start","port":(\d+)/))[1]) };
}

/** Publishes the film round after round. */
async function onAir(file: string, port: number): Promise<Program> {
  const flags = ["--loop", "--speed", "3", "--keep-trying"];
  const push = Program.server(["push", file, `ws://127.0.0.1:${port}/live/cam?key=${KEY}`, ...flags]);
  await push.until(/Connected/, "err");
  return push;
}

/** How many packets a pull has told of. */
function packetsTold({ out }: Program): number {
  return Number(out.match(/"packets":\d+/g)?.at(-1)?.slice('"packets":'.length));
}

async function pulled(url: string, path: string): Promise<MediaPacket[]> {
  const pull = Program.server(["pull", `${url}?key=${KEY}`, path, "--seconds", String(PULLED_SECONDS)]);
  const { code, out, err } = await pull.over();
  assertEquals(code, 0, err);
  assert(!(out + err).includes(KEY));
  return await readFlv(path);
}

Deno.test("push → origin → gateway → gateway → pull, each a process: the same packets, also when the origin is killed", () =>
  withFilm(async (file, film, folder) => {
    const first = await origin(freePort());
    await using _first = first.program;
    const top = await gateway(`http://127.0.0.1:${first.port}?key=${KEY}`);
    await using _top = top.program;
    const bottom = await gateway(`ws://127.0.0.1:${top.port}`);
    await using _bottom = bottom.program;
    await using push = await onAir(file, first.port);
    const url = `rtmp://127.0.0.1:${bottom.port}/live/cam`;
    assertShows(film, await pulled(url, `${folder}/one.flv`), "two levels");

    const copy = `${folder}/two.flv`;
    const pull = Program.server(["pull", url, copy, "--no-reconnect", "--json"]);
    await pull.until(/"progress","seconds":[1-9]/);
    first.program.kill("SIGKILL");
    await first.program.over();
    const second = await origin(first.port);
    await using _second = second.program;
    await push.until(/Connected[\s\S]*Connected/, "err");
    const before = packetsTold(pull);
    await eventually(() => packetsTold(pull) >= before + 40, "nothing more came through the gateways");
    const { code, out } = await pull.stop("SIGINT");
    assertEquals(code, 0);
    assertMatch(out, /"event":"end".*"connects":1,/);
    for (const { out, err } of [top.program, bottom.program, push]) assert(!(out + err).includes(KEY));
  }));

Deno.test("forward sends on to three kinds of targets at once, each a process: the same packets; one that is killed comes back", () =>
  withFilm(async (file, film, folder) => {
    const source = await origin();
    await using _source = source.program;
    const far = await origin(freePort());
    await using _far = far.program;
    const { port } = far;
    await using push = await onAir(file, source.port);
    const targets = ["rtmp", "http", "ws"].map((way) => `${way}://127.0.0.1:${port}/live/${way}?key=${KEY}`);
    const from = `rtmp://127.0.0.1:${source.port}/live/cam?key=${KEY}`;
    await using forward = Program.server(["forward", from, targets.join(","), "--json"]);
    const isLive = (times: number) => new RegExp(`("state":"live"[\\s\\S]*){${times}}`);
    await forward.until(isLive(3));
    const pull = (name: string) => pulled(`http://127.0.0.1:${port}/live/${name}.flv`, `${folder}/${name}.flv`);
    for (const got of await Promise.all(["rtmp", "http", "ws"].map(pull))) assertShows(film, got, "a target");
    far.program.kill("SIGKILL");
    await far.program.over();
    await forward.until(/("state":"waiting"[\s\S]*){3}/);
    await using _again = (await origin(port)).program;
    await forward.until(isLive(6));
    for (const { out, err } of [forward, push]) assert(!(out + err).includes(KEY));
  }));
