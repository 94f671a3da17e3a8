import { assert, assertEquals } from "@std/assert";
import { startForward } from "../../clients/forward_stream.ts";
import { startGateway } from "../../clients/gateway.ts";
import { knownClients } from "../../clients/known_clients.ts";
import { pullFile } from "../../clients/pull_file.ts";
import { pushFile, startPush } from "../../clients/push_file.ts";
import { type Clock, systemClock } from "../../kernel/clock.ts";
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { upstream } from "../../plugins/upstream/plugin.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free_port.ts";
import { assertDecodable, assertMonotonic, frames } from "../support/packets.ts";
import { patiently } from "../support/patience.ts";
import { TestServer } from "../support/test_server.ts";
import { AAC, H264, makeClip, packetsOf } from "./ffmpeg.ts";
import { assertShows, picturesOf } from "./film.ts";
import { freePorts, nginxRtmp, nodeMediaServer } from "./peers.ts";

const CLIP_SECONDS = 3;

/** How many times as fast as it is the film is played. */
const SPEED = 5;

/** So many pictures are compared: more than the film has, so that its end and beginning are among them. */
const PICTURES = 100;

/** Pauses between attempts are a twentieth as long; farewells and media keep their time. */
const hurried: Clock = {
  ...systemClock,
  setTimeout: (callback, ms) => systemClock.setTimeout(callback, ms >= 200 && ms < 2900 ? ms / 20 : ms),
};

/** A film, and a folder for what a test writes. */
interface Scene {
  readonly folder: string;
  readonly file: string;
  readonly film: readonly MediaPacket[];
}

async function withScene(run: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/film.flv`;
    await makeClip(file, { seconds: CLIP_SECONDS, video: H264, audio: AAC });
    await run({ folder, file, film: frames(new FlvDemuxer().read(await Deno.readFile(file))) });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Publishes the film round after round; settles when the server has accepted. */
async function onAir(file: string, url: string): Promise<AsyncDisposable> {
  const stop = new AbortController();
  const { promise: accepted, resolve } = Promise.withResolvers<void>();
  const push = startPush(file, url, {
    speed: SPEED,
    loop: true,
    keepTrying: true,
    clock: hurried,
    signal: stop.signal,
    onEvent: ({ type }) => type === "live" && resolve(),
  });
  await patiently(Promise.race([accepted, push.done]), () => `${url} did not accept`);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await push.done;
    },
  };
}

/** A player of one connection. */
class Viewer implements AsyncDisposable {
  readonly got: MediaPacket[] = [];
  readonly #url: string;
  readonly #leaving = new AbortController();
  readonly #watching: Promise<void>;
  #isOver = false;

  constructor(url: string) {
    this.#url = url;
    this.#watching = this.#watch();
  }

  /** Waits until so many more pictures have come. */
  async pictures(count: number): Promise<void> {
    const goal = picturesOf(this.got).length + count;
    const hasEnough = () => this.#isOver || picturesOf(this.got).length >= goal;
    await eventually(hasEnough, `only ${picturesOf(this.got).length} of ${goal} pictures came from ${this.#url}`);
    assert(!this.#isOver, `${this.#url} has ended`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaving.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    try {
      const { signal } = this.#leaving;
      for await (const packet of await knownClients().for(this.#url).pull(this.#url, { signal })) this.got.push(packet);
    } catch (error) {
      if (!this.#leaving.signal.aborted) throw error;
    } finally {
      this.#isOver = true;
    }
  }
}

/** Fails unless enough of an address shows the film. */
async function assertPlays(film: readonly MediaPacket[], url: string, what: string): Promise<void> {
  await using viewer = new Viewer(url);
  await viewer.pictures(PICTURES);
  assertShows(film, viewer.got, what);
}

const LOCAL = { host: "127.0.0.1", port: 0, log: () => {} };

/** A gateway, and where it has its stream. */
async function gatewayOf(upstream: string) {
  const server = await startGateway({ ...LOCAL, upstreams: [upstream] });
  const host = `127.0.0.1:${server.address("http").port}`;
  return { server, host, stream: `ws://${host}/live/cam.flv` };
}

for (const scheme of ["rtmp", "http"]) {
  Deno.test(`ffmpeg listens by ${scheme}: it gets all that push has`, () =>
    withScene(async ({ file }) => {
      const url = `${scheme}://127.0.0.1:${freePort()}/live/cam`;
      const listening = packetsOf(["-listen", "1", "-f", "flv", "-i", url]);
      await patiently(pushFile(file, url, { speed: 0, clock: hurried }), () => `${url} did not take the film`);
      const film = await packetsOf(["-i", file]);
      const md5s = (packets: typeof film) => packets.map(({ md5 }) => md5).sort();
      assertEquals(md5s(await listening), md5s(film));
    }));
}

for (const kind of [nginxRtmp, nodeMediaServer]) {
  Deno.test(`${kind.name} gives to pull what push gave it, to the byte`, () =>
    withScene(async ({ file, film, folder }) => {
      await using peer = await kind.start(folder, freePorts());
      for (const [i, target] of peer.push("live/cam").entries()) {
        await using _push = await onAir(file, target.replace("cam", `cam${i}`));
        const pulls = peer.pull(`live/cam${i}`).map(async (url, j) => {
          const copy = `${folder}/copy${i}${j}.flv`;
          await patiently(pullFile(url, copy, { seconds: CLIP_SECONDS + 1 }), () => `${url} did not give enough`);
          assertShows(film, new FlvDemuxer().read(await Deno.readFile(copy)), `${url} of ${target}`);
        });
        await Promise.all(pulls);
      }
    }));

  Deno.test(`${kind.name} is the upstream of a gateway that has a gateway: the same packets, to the byte`, () =>
    withScene(async ({ file, film, folder }) => {
      await using peer = await kind.start(folder, freePorts());
      await using _push = await onAir(file, peer.push("live/cam")[0]);
      for (const url of peer.pull("{app}/{stream}")) {
        const top = await gatewayOf(url);
        await using _top = top.server;
        const bottom = await gatewayOf(`http://${top.host}`);
        await using _bottom = bottom.server;
        await assertPlays(film, bottom.stream, `a gateway of ${url}`);
      }
    }));

  Deno.test(`${kind.name} is killed and starts anew: players of its gateway stay, and see the stream go on`, () =>
    withScene(async ({ file, folder }) => {
      const ports = freePorts();
      const first = await kind.start(folder, ports);
      await using _push = await onAir(file, first.push("live/cam")[0]);
      const gateway = await gatewayOf(first.pull("{app}/{stream}").at(-1)!);
      await using _gateway = gateway.server;
      await using viewer = new Viewer(gateway.stream);
      await viewer.pictures(20);
      await first.kill();
      await using _second = await kind.start(folder, ports);
      await viewer.pictures(40);
      assertMonotonic(frames(viewer.got));
      assertDecodable(viewer.got);
    }));

  Deno.test(`${kind.name} is the target of forward, and of an edge's publishers: it has their packets, to the byte`, () =>
    withScene(async ({ file, film, folder }) => {
      await using peer = await kind.start(folder, freePorts());
      const names = peer.push("").map((_, i) => `forwarded${i}`);
      const targets = names.map((name, i) => peer.push(`live/${name}`)[i]);
      const servers = [peer.push("{app}/{stream}")[0]];
      await using edge = await TestServer.start({
        late: [upstream()],
        config: { upstream: { routes: [{ servers, publish: true }] }, publishTimeoutSeconds: 3600 },
      });
      await using _push = await onAir(file, `http://127.0.0.1:${edge.port}/live/through`);
      const stop = new AbortController();
      const source = `rtmp://127.0.0.1:${edge.port}/live/through`;
      const forward = startForward(source, targets, { signal: stop.signal, clock: hurried });
      const urls = ["through", ...names].map((name) => peer.pull(`live/${name}`)[0]);
      for (const url of urls) await assertPlays(film, url, url);
      stop.abort();
      await forward.done;
    }));
}
