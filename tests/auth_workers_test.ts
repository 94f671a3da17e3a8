import { assert, assertEquals } from "@std/assert";
import { auth } from "../plugins/auth/plugin.ts";
import { files } from "../plugins/files/plugin.ts";
import { hls } from "../plugins/hls/plugin.ts";
import { VIEWER_PASS_NAME } from "../plugins/shared/viewer_pass.ts";
import { eventually } from "./support/eventually.ts";
import { readBody, readHead, sendRequest } from "./support/http_exchange.ts";
import { rtmpTransport } from "./support/transports/rtmp_transport.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { whereabouts } from "./support/whereabouts.ts";
import { connectTo, type WorkerName } from "./support/workers.ts";

const WORKERS: readonly WorkerName[] = ["worker 1", "worker 2"];

/** Asks a worker for something of a stream's HLS, as a viewer that is called so. */
async function ask(server: TestServer, worker: WorkerName, target: string, agent: string) {
  await using socket = await connectTo(server, worker);
  sendRequest(socket, "GET", `/hls/live/cam/${target}`, { "User-Agent": agent });
  const head = await readHead(socket);
  assert(head, `${target} was not answered`);
  return { status: head.status, text: await readBody(socket, head) };
}

Deno.test("the pass that a viewer has from the home of a stream counts whichever isolate is asked", async () => {
  await using server = await TestServer.start({
    workers: WORKERS.length,
    plugins: [whereabouts(), auth()],
    late: [hls({ segmentSeconds: 1 }), files()],
    config: { auth: { play: { keys: { "*": "sesame" } } } },
  });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  const maker = new StreamMaker();
  publisher.write([...maker.head(), ...maker.gops(12)]);
  const admitted = () => ask(server, WORKERS[0], "index.m3u8?key=sesame", "first");
  await eventually(async () => (await admitted()).status === 200, "who has the key is not let in");
  const [, pass] = new RegExp(`(${VIEWER_PASS_NAME}=[\\w.-]+)`).exec((await admitted()).text) ?? [];
  assert(pass, "there is no pass in the playlist");
  for (const worker of WORKERS) {
    const statuses = async (file: string) => {
      const queries = ["", `?${pass}x`, `?${pass}`];
      const answers = await Promise.all(queries.map((query, i) => ask(server, worker, file + query, `${worker} ${i}`)));
      return answers.map(({ status }) => status);
    };
    assertEquals(await statuses("media.m3u8"), [401, 401, 200]);
    // Recordings are answered by the main isolate, where there are none.
    assertEquals(await statuses("record.m3u8"), [401, 401, 404]);
  }
});
