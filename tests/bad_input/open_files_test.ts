import { assert, assertEquals, assertNotMatch } from "@std/assert";
import { connect } from "node:net";
import { type MediaPacket } from "../../media/packet.ts";
import { RtmpClientError, RtmpPlayClient, RtmpPublishClient } from "../../protocols/rtmp/client.ts";
import { turn } from "../support/eventually.ts";
import { assertSamePackets, frames, hasBodyOf } from "../support/packets.ts";
import { patiently } from "../support/patience.ts";
import { bannerPorts, Program, ROOT } from "../support/program.ts";
import { packetsOf, StreamMaker, type Tag } from "../support/stream_maker.ts";

/** Fewer than connections are tried. */
const OPEN_FILES = 128;
const CROWD = 300;

/** Starts a server that may open few files. */
function confinedServer(flags: readonly string[]): Program {
  const server = [Deno.execPath(), "run", "-A", "--no-check", `${ROOT}server.ts`, "start"];
  const args = [...server, "--http-port", "0", "--rtmp-port", "0", ...flags];
  return Program.start("bash", ["-c", `ulimit -n ${OPEN_FILES} && exec "$0" "$@"`, ...args], {
    env: { NO_COLOR: "1" },
  });
}

/** Connects so many times at once; gives what lets go of all that was accepted. */
async function storm(port: number): Promise<() => Promise<void>> {
  const sockets = Array.from({ length: CROWD }, () => connect({ host: "127.0.0.1", port }));
  const settled = sockets.map((socket) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on("error", () => {});
    socket.once("connect", resolve);
    socket.once("close", () => resolve());
    return promise;
  });
  await patiently(Promise.all(settled), () => "some connections were neither accepted nor refused");
  return async () => {
    for (const socket of sockets) socket.destroy();
    while (!sockets.every(({ closed }) => closed)) await turn();
  };
}

/** A player that keeps what it got. */
class Player implements AsyncDisposable {
  readonly packets: MediaPacket[] = [];
  readonly #client: RtmpPlayClient;
  readonly #iterator: AsyncIterator<MediaPacket>;

  constructor(client: RtmpPlayClient) {
    this.#client = client;
    this.#iterator = client[Symbol.asyncIterator]();
  }

  /** Plays as soon as the server has a connection to spare. */
  static async start(address: string): Promise<Player> {
    let client: RtmpPlayClient | undefined;
    let isOver = false;
    const trying = async () => {
      while (!client && !isOver) client = await RtmpPlayClient.connect(address).catch(refused);
    };
    await patiently(trying(), () => "nobody can play any more").finally(() => isOver = true);
    assert(client);
    return new Player(client);
  }

  /** Reads until the last of these tags has come. */
  async until(tags: readonly Tag[]): Promise<void> {
    const isLast = hasBodyOf(packetsOf(tags.slice(-1))[0]);
    for (let isThere = false; !isThere;) {
      const { value, done } = await patiently(this.#iterator.next(), () => "nothing more came");
      assert(!done, "the player was cut off");
      this.packets.push(value);
      isThere = isLast(value);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
    await this.#client.closed;
  }
}

function refused(error: unknown): undefined {
  if (!(error instanceof RtmpClientError)) throw error;
}

for (const flags of [[], ["--limits-connections", "1000"]]) {
  Deno.test({
    name: `300 connections at once to a server that may open 128 files disturb nobody (${
      flags.join(" ") || "by default"
    })`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using server = confinedServer(flags);
      const { http, rtmp } = await bannerPorts(server);
      const address = `rtmp://127.0.0.1:${rtmp}/live/cam`;
      await using publisher = await RtmpPublishClient.connect(address);
      const maker = new StreamMaker();
      const sent: Tag[] = [];
      const publish = async (players: readonly Player[]) => {
        const gop = maker.gop();
        sent.push(...gop);
        for (const tag of gop) await publisher.write(tag);
        for (const player of players) await player.until(gop);
      };
      for (const tag of maker.head()) await publisher.write(tag);
      await publish([]);
      await using early = await Player.start(address);
      await publish([early]);
      for (const port of [http, rtmp, http]) {
        const letGo = await storm(port);
        await publish([early]);
        await letGo();
        await using late = await Player.start(address);
        await publish([early, late]);
      }
      assertSamePackets(frames(early.packets), packetsOf(sent));
      const { code, err } = await server.stop();
      assertEquals(code, 0);
      assertNotMatch(err, /"level":"ERROR"|EMFILE|Uncaught/i);
    },
  });
}
