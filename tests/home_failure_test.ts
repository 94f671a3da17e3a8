import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { join } from "@std/path";
import type { Artifact } from "../kernel/plugin/hooks.ts";
import { parseMediaPlaylist } from "../media/hls/media_playlist_parser.ts";
import { readCompleteTracks } from "../media/mp4/testing.ts";
import { fmp4 } from "../plugins/fmp4/plugin.ts";
import { hls } from "../plugins/hls/plugin.ts";
import { eventually } from "./support/eventually.ts";
import { readBody, readHead, sendRequest } from "./support/http_exchange.ts";
import { publishOver } from "./support/transports/http_flv_transport.ts";
import { frames } from "./support/packets.ts";
import { packetsOf, StreamMaker, type Tag } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import type { TestSocket } from "./support/test_socket.ts";
import { whereabouts } from "./support/whereabouts.ts";
import { connectTo, failOver, type WorkerName } from "./support/workers.ts";

const WORKERS: readonly WorkerName[] = ["worker 1", "worker 2"];

const STREAM = "live/cam";

/** Asks over a connection that goes on. */
async function ask(socket: TestSocket, target: string): Promise<string> {
  sendRequest(socket, "GET", target);
  return await readBody(socket, (await readHead(socket))!);
}

/** A connection to the worker where the stream is written, and two to the other. */
async function connections(server: TestServer): Promise<Record<"home" | "other" | "publishing", TestSocket>> {
  const sockets = await Promise.all(WORKERS.map((worker) => connectTo(server, worker)));
  const homes = await Promise.all(sockets.map((socket) => ask(socket, `/whereabouts/home/${STREAM}`)));
  const [at, elsewhere] = [homes.indexOf("true"), homes.indexOf("false")];
  return { home: sockets[at], other: sockets[elsewhere], publishing: await connectTo(server, WORKERS[elsewhere]) };
}

/** What a sink has told of the stream. */
function told(server: TestServer, by: string, name: string): Artifact[] {
  const all = server.told.filter((each) => each.name === name).map(({ event }) => event as Artifact);
  return all.filter((event) => event.by === by && event.stream === STREAM);
}

Deno.test("when its home fails, a stream's MP4 and HLS are completed up to there and go on, and no picture is lost", async () => {
  const dataDir = await Deno.makeTempDir();
  const keep = { keepDays: 0, minFreeMegabytes: 0, streams: [STREAM] };
  {
    await using server = await TestServer.start({
      workers: WORKERS.length,
      plugins: [whereabouts()],
      late: [
        fmp4({ ...keep, sync: false, segmentSeconds: 0.5, fragmentSeconds: 0.2 }),
        hls({ ...keep, segmentSeconds: 1, record: true }),
      ],
      config: { dataDir, graceSeconds: 600 },
    });
    const { home, other, publishing } = await connections(server);
    await using asking = other;
    const maker = new StreamMaker({ gopPictures: 25 });
    const sent: Tag[] = [...maker.head(), ...maker.gops(8)];
    const publisher = await publishOver(publishing, server, STREAM);
    publisher.write(sent);
    const segments = (by: string) => told(server, by, "artifact:segment").length;
    // All but the newest group of pictures, which the server has still.
    await eventually(() => segments("hls") >= 7 && segments("fmp4") >= 7, "it is not recorded");
    await failOver(home);
    const isNoticed = () => server.logged.some(({ message }) => /^Worker \d failed/.test(message.join("")));
    await eventually(isNoticed, "the failure is not noticed");
    // It has failed soon after its start, as the server's clock has it.
    server.clock.advance(500);
    const more = maker.gops(4);
    sent.push(...more);
    publisher.write(more);
    const goesOn = () => ["fmp4", "hls"].every((by) => told(server, by, "artifact:open").length === 2);
    await eventually(goesOn, "it is not written again");
    const index = JSON.parse(await Deno.readTextFile(join(dataDir, `mp4/${STREAM}/output_merge/index.json`)));
    assertEquals(index.state, "live");
    const isCut = async () => (await ask(asking, `/hls/${STREAM}/media.m3u8`)).includes("#EXTINF");
    await eventually(isCut, "there is no HLS any more");
    await publisher.end();
    const completed = (by: string) => told(server, by, "artifact:complete").map(({ path }) => join(dataDir, path));
    await eventually(() => ["fmp4", "hls"].every((by) => completed(by).length === 2), "not all are complete");
    const lists = await Promise.all(completed("hls").map((path) => Deno.readTextFile(path)));
    assertEquals(lists.map((text) => parseMediaPlaylist(text).isEnded), [true, true]);
    const movies = await Promise.all(completed("fmp4").map((path) => Deno.readFile(path)));
    const [first, second] = movies.map((movie) => readCompleteTracks(movie)[0].samples.map(({ data }) => data.toHex()));
    const pictures = frames(packetsOf(sent)).filter(({ kind }) => kind === "video").map(({ data }) => data.toHex());
    assertEquals(first, pictures.slice(0, first.length));
    assertEquals(second, pictures.slice(-second.length));
    assertGreaterOrEqual(first.length + second.length, pictures.length, "pictures are missing between the two");
    const errors = server.logged.filter(({ level }) => level === "error").map(({ message }) => message.join(""));
    assertEquals(errors.filter((line) => !/^Worker \d failed/.test(line)), []);
  }
  await Deno.remove(dataDir, { recursive: true });
});
