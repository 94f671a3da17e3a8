import { assertEquals } from "@std/assert";
import { RtmpPublishClient } from "../../protocols/rtmp/client.ts";
import { Backend } from "../support/backend.ts";
import { eventually } from "../support/eventually.ts";
import { bannerPorts, Program } from "../support/program.ts";

const ROUNDS = 3;
const STREAMS_PER_ROUND = 20;

Deno.test("no event is lost or out of order though the server is killed again and again, and the receiver dies and hangs", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    await using backend = await Backend.start();
    const config = `${dataDir}/config.json`;
    const webhooks = { receivers: [{ url: backend.url(), events: ["stream:start", "stream:end"] }], timeoutSeconds: 1 };
    await Deno.writeTextFile(config, JSON.stringify({ graceSeconds: 0, webhooks }));
    const args = ["start", "--http-port", "0", "--rtmp-port", "0", "--config", config];
    const quiet = ["--no-hls", "--no-flv-record", "--no-fmp4"];
    const env = { SLUICE_DATA_DIR: `${dataDir}/data` };
    /** What happened before each kill, by the stream's id. */
    const expected = new Map<string, string[]>();
    for (let round = 0; round < ROUNDS; round++) {
      await using server = Program.server([...args, ...quiet], { env });
      const { rtmp } = await bannerPorts(server);
      if (round % 2 === 0) await backend.die();
      else backend.answer = () => undefined;
      for (let i = 0; i < STREAMS_PER_ROUND; i++) {
        const name = `cam-${i % 5}`;
        const client = await RtmpPublishClient.connect(`rtmp://127.0.0.1:${rtmp}/live/${name}`);
        await client.close();
        const story = expected.get(`live/${name}`) ?? [];
        expected.set(`live/${name}`, [...story, "stream:start", "stream:end"]);
      }
      // The next connection is served behind the ends of those before it.
      await (await RtmpPublishClient.connect(`rtmp://127.0.0.1:${rtmp}/live/last-${round}`)).close();
      server.kill("SIGKILL");
      await server.over();
      if (round % 2 === 0) await backend.rise();
      backend.answer = () => ({ status: 200 });
    }
    await using _server = Program.server([...args, ...quiet], { env });
    const stories = () => {
      const found = new Map<string, string[]>();
      const seen = new Set<string>();
      for (const { body: { id, stream, name } } of backend.posts) {
        if (!expected.has(stream) || seen.has(id)) continue;
        seen.add(id);
        found.set(stream, [...found.get(stream) ?? [], name]);
      }
      return found;
    };
    const all = ROUNDS * STREAMS_PER_ROUND * 2;
    await eventually(() => [...stories().values()].flat().length >= all, "not all events came");
    assertEquals(Object.fromEntries([...stories()].sort()), Object.fromEntries([...expected].sort()));
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
