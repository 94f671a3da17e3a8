import { assert, assertAlmostEquals, assertEquals, assertGreaterOrEqual, assertMatch } from "@std/assert";
import { inFolder } from "../../kernel/testing/in_folder.ts";
import { eventually } from "../support/eventually.ts";
import { bannerPorts, Program } from "../support/program.ts";
import { AAC, ffmpeg, H264 } from "./ffmpeg.ts";
import { complaints, ffprobe } from "./ffprobe.ts";

const HEVC = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:bframes=2", "-g", "25"];

/** What is pushed, and what ffmpeg can read of it where it is pulled to: ffmpeg of old knows no HEVC in FLV. */
const FILMS: readonly { name: string; file: string; codecs: readonly string[]; into: readonly string[] }[] = [
  { name: "FLV, H.264 with B-frames and AAC", file: "film.flv", codecs: [...H264, ...AAC], into: ["flv", "mp4"] },
  { name: "MP4, H.264 with B-frames and AAC", file: "film.mp4", codecs: [...H264, ...AAC], into: ["flv", "mp4"] },
  { name: "Matroska, H.264 with B-frames and AAC", file: "film.mkv", codecs: [...H264, ...AAC], into: ["flv", "mp4"] },
  { name: "MPEG-TS, H.264 with B-frames and AAC", file: "film.ts", codecs: [...H264, ...AAC], into: ["flv", "mp4"] },
  { name: "MP4, HEVC with B-frames and AAC", file: "film.mp4", codecs: [...HEVC, ...AAC], into: ["mp4"] },
  { name: "MP4, sound alone", file: "film.mp4", codecs: ["-vn", ...AAC], into: ["flv", "mp4"] },
];

const SECONDS = 3;

async function makeFilm(path: string, codecs: readonly string[]): Promise<void> {
  const inputs = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=frequency=440"];
  const result = await ffmpeg([...inputs, "-t", String(SECONDS), "-pix_fmt", "yuv420p", ...codecs, path]);
  assert(result.success, result.log);
}

/** A server with the three protocols, as a process of its own. */
async function serve(plugins = "rtmp,http-flv,ws-flv") {
  const args = ["start", "--plugins", `${plugins},./tests/real/play_witness.ts`];
  const server = Program.server(args, { env: { SLUICE_HTTP_PORT: "0", SLUICE_RTMP_PORT: "0" } });
  const { http, rtmp } = await bannerPorts(server);
  return {
    server,
    http: `http://localhost:${http}/live/cam`,
    ws: `ws://localhost:${http}/live/cam`,
    rtmp: `rtmp://localhost:${rtmp}/live/cam`,
  };
}

/** Hashes of all decoded pictures or sounds, in order; also of the sound that an MP4 file says is to be left out at its start. */
async function decoded(path: string, kind: "v" | "a"): Promise<string[]> {
  const out = await Deno.makeTempFile({ suffix: ".framemd5" });
  try {
    const args = [
      "-flags2",
      "+skip_manual",
      "-i",
      path,
      "-map",
      `0:${kind}?`,
      "-vsync",
      "passthrough",
      "-f",
      "framemd5",
      "-y",
      out,
    ];
    const result = await ffmpeg(args);
    if (!result.success && /does not contain any stream/.test(result.log)) return [];
    assert(result.success, result.log);
    const lines = (await Deno.readTextFile(out)).split("\n").filter((line) => /^\d/.test(line));
    return lines.map((line) => line.split(",").at(-1)!.trim());
  } finally {
    await Deno.remove(out);
  }
}

/** When pictures and sounds are shown, in seconds since the first of all; in the order of time. */
async function shown(path: string): Promise<{ video: number[]; audio: number[] }> {
  const { packets } = await ffprobe(["-show_entries", "packet=codec_type,pts_time", path]) as {
    packets: { codec_type: string; pts_time: string }[];
  };
  const times = (kind: string) =>
    packets.filter(({ codec_type }) => codec_type === kind).map(({ pts_time }) => Number(pts_time)).sort((a, b) =>
      a - b
    );
  const [video, audio] = [times("video"), times("audio")];
  const start = Math.min(...video.slice(0, 1), ...audio.slice(0, 1));
  return { video: video.map((time) => time - start), audio: audio.map((time) => time - start) };
}

function assertSameTimes(actual: readonly number[], expected: readonly number[], what: string): void {
  assertEquals(actual.length, expected.length, what);
  for (const [i, time] of actual.entries()) assertAlmostEquals(time, expected[i], 0.003, `${what} ${i}`);
}

for (const { name, file, codecs, into } of FILMS) {
  Deno.test(`what is pushed and pulled by processes of their own is the same film, frame by frame: ${name}`, async () => {
    await inFolder(async (folder) => {
      const film = `${folder}/${file}`;
      await makeFilm(film, codecs);
      const { server, rtmp, ws } = await serve();
      await using _server = server;
      const copies = into.map((kind) => `${folder}/copy.${kind}`);
      const pulls = copies.map((copy, i) => {
        // Over WebSocket the first of sounds alone are gone before the server knows that there are no pictures.
        const url = i === 0 || codecs.includes("-vn") ? rtmp : `${ws}.flv`;
        return Program.server(["pull", url, copy, "--no-reconnect", "--json"]);
      });
      await server.until(new RegExp(`(?:asked for live/cam[^]*){${pulls.length}}`));
      const push = Program.server(["push", film, `${rtmp}?key=sesame`, "--speed", "3"]);
      const { code, out, err } = await push.over();
      assertEquals(code, 0, err);
      assertMatch(out, /^Pushed 0:0[23]\.\d, \d+ kB\.\n$/);
      assert(!(out + err).includes("sesame"));
      for (const pull of pulls) assertEquals((await pull.over()).code, 0, pull.out + pull.err);
      const expected = await shown(film);
      for (const copy of copies) {
        assertEquals(await complaints(copy), "");
        assertEquals(await decoded(copy, "v"), await decoded(film, "v"), copy);
        assertEquals(await decoded(copy, "a"), await decoded(film, "a"), copy);
        const times = await shown(copy);
        assertSameTimes(times.video, expected.video, `${copy}: picture`);
        assertSameTimes(times.audio, expected.audio, `${copy}: sound`);
      }
    });
  });
}

Deno.test("HLS is pulled frame by frame, and ends with its playlist", async () => {
  await inFolder(async (folder) => {
    const film = `${folder}/film.flv`;
    await makeFilm(film, [...H264, ...AAC]);
    const { server, rtmp, http } = await serve("rtmp,http-flv,ws-flv,hls");
    await using _server = server;
    const push = Program.server(["push", film, rtmp, "--loop", "--speed", "2"]);
    await push.until(/Connected/, "err");
    const url = new URL(http);
    const playlist = `${url.origin}/hls${url.pathname}/index.m3u8?key=sesame`;
    const copies = ["copy.mp4", "copy.flv"].map((name) => `${folder}/${name}`);
    const pull = (copy: string, ...flags: string[]) =>
      Program.server(["pull", playlist, copy, "--json", ...flags]).over();
    const toTheEnd = pull(copies[1]);
    const some = await pull(copies[0], "--seconds", "5");
    await push.stop("SIGINT");
    for (const { code, out, err } of [some, await toTheEnd]) {
      assertEquals(code, 0, err);
      assert(!(out + err).includes("sesame"));
    }
    const pictures = await decoded(film, "v");
    for (const copy of copies) {
      assertEquals(await complaints(copy), "");
      // It ends in the midst of pictures that are not stored in the order in which they are shown.
      const pulled = (await decoded(copy, "v")).slice(0, -3);
      assertGreaterOrEqual(pulled.length, 100);
      const start = pictures.indexOf(pulled[0]);
      assertEquals(pulled, pulled.map((_, i) => pictures[(start + i) % pictures.length]));
    }
  });
});

Deno.test("Ctrl-C completes what is pulled and ends what is pushed, with exit code 0", async () => {
  await inFolder(async (folder) => {
    const film = `${folder}/film.mp4`;
    await makeFilm(film, [...H264, ...AAC]);
    const { server, http } = await serve();
    await using _server = server;
    await using push = Program.server(["push", film, http, "--loop"]);
    await push.until(/Connected/, "err");
    const copies = ["copy.flv", "copy.mp4"].map((name) => `${folder}/${name}`);
    const pulls = copies.map((copy) => Program.server(["pull", `${http}.flv`, copy, "--json"]));
    for (const pull of pulls) await pull.until(/"seconds":[2-9]/);
    for (const [i, pull] of pulls.entries()) {
      const { code, err, out } = await pull.stop("SIGINT");
      assertEquals([code, err], [0, ""]);
      const { file } = JSON.parse(out.trim().split("\n").at(-1)!);
      const { format } = await ffprobe(["-show_format", copies[i]]) as { format: { duration: string } };
      assertAlmostEquals(Number(format.duration), file.seconds, 0.1);
      assertEquals(await complaints(copies[i]), "");
    }
    const { code, out } = await push.stop("SIGINT");
    assertEquals(code, 0);
    assertMatch(out, /^Pushed /);
  });
});

for (const kind of ["flv", "mp4"]) {
  Deno.test(`a pull that is killed leaves a file that plays, and has lost a second at most: ${kind}`, async () => {
    await inFolder(async (folder) => {
      const film = `${folder}/film.flv`;
      await makeFilm(film, [...H264, ...AAC]);
      const { server, rtmp } = await serve();
      await using _server = server;
      await using push = Program.server(["push", film, rtmp, "--loop"]);
      await push.until(/Connected/, "err");
      const copy = `${folder}/copy.${kind}`;
      const pull = Program.server(["pull", rtmp, copy, "--json"]);
      await pull.until(/"progress","seconds":[3-9]/);
      const told = pull.out.trim().split("\n").map((line) => JSON.parse(line)).filter(({ event }) =>
        event === "progress"
      );
      const least = told.at(-1)!.seconds - 1.4;
      const written = async () => {
        const { video } = await shown(copy);
        return video.at(-1)! - video[0];
      };
      // How quick disks are is not what is looked at.
      await eventually(() => written().then((seconds) => seconds >= least, () => false), "the file is behind");
      pull.kill("SIGKILL");
      await pull.over();
      const { video } = await shown(copy);
      assertGreaterOrEqual(video.at(-1)! - video[0], least);
      assertEquals((await decoded(copy, "v")).length, video.length);
      const again = await Program.server(["pull", rtmp, copy]).over();
      assertEquals(again.code, 2);
      assertMatch(again.err, /is there already, and nothing is ever overwritten: choose another name\.\n$/);
      await push.stop("SIGINT");
    });
  });
}
