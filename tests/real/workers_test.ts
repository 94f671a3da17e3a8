import { assert, assertEquals } from "@std/assert";
import { bannerPorts, Program } from "../support/program.ts";
import { AAC, ffmpeg, H264 } from "./ffmpeg.ts";
import { complaints, ffprobe } from "./ffprobe.ts";

const INPUTS = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=frequency=440"];

const HLS = "hls/live/cam/index.m3u8";

/** Players of each protocol: by chance they come to both workers. */
const PLAYERS = 3;

Deno.test("a server with two workers takes what ffmpeg publishes, plays it everywhere, records it whole and stops", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const env = { SLUICE_HTTP_PORT: "0", SLUICE_RTMP_PORT: "0", SLUICE_DATA_DIR: folder };
    await using server = Program.server(["start", "--workers", "2"], { env });
    const { http, rtmp } = await bannerPorts(server);
    const address = `rtmp://localhost:${rtmp}/live/cam`;
    const codecs = [...H264, ...AAC];
    const enough = new AbortController();
    const publishing = ffmpeg(["-re", ...INPUTS, ...codecs, "-f", "flv", address], enough.signal);
    await server.until(/publish started/, "err");
    const flv = `http://localhost:${http}/live/cam.flv`;
    const addresses = [...Array(PLAYERS).fill(address), ...Array(PLAYERS).fill(flv), flv.replace(/live.*/, HLS)];
    const found = await Promise.all(addresses.map((each) => ffprobe(["-show_entries", "stream=codec_name", each])));
    for (const { streams } of found as { streams: { codec_name: string }[] }[]) {
      const names = new Set(streams.map(({ codec_name }) => codec_name));
      assert(names.has("h264") && names.has("aac"), `a player found ${[...names]}`);
    }
    enough.abort();
    await publishing;
    const { code, out, err } = await server.stop("SIGTERM");
    assertEquals(code, 0, out + err);
    assertEquals(await complaints(`${folder}/flv/live/cam/index.flv`), "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
