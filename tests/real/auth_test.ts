import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { auth, createServer, definePlugin, httpFlv, rtmp, type Server } from "../../mod.ts";
import { makeLoginDigest } from "../../plugins/auth/ways/login_digest.ts";
import { hashSecret } from "../../plugins/auth/secrets/stored_secret.ts";
import { eventually } from "../support/eventually.ts";
import { AAC, ffmpeg, H264, makeClip } from "./ffmpeg.ts";

const CLIP_SECONDS = 3;

/** Where ffmpeg says who it is; a password in the address is sent at once only if told so, and else when it is asked for. */
const PUBLISHERS = [
  { name: "a key behind the stream, over RTMP", target: rtmpTarget("live/cam?key=sesame") },
  { name: "a key behind the app, over RTMP", target: rtmpTarget("live?key=sesame/cam") },
  { name: "a user behind the stream, over RTMP", target: rtmpTarget("live/cam?user=ann&pass=opensaysme") },
  { name: "a key in the query, over HTTP", target: httpTarget("", "live/cam?key=sesame") },
  {
    name: "a user in the address, over HTTP",
    target: httpTarget("ann:opensaysme@", "live/cam"),
    first: ["-auth_type", "basic"],
  },
];

const PLAYERS = [
  { name: "a user in the address", target: httpTarget("ann:opensaysme@", "live/cam.flv") },
  { name: "a user in the query, over RTMP", target: rtmpTarget("live/cam?user=ann&pass=opensaysme") },
];

const INTRUDERS = [
  { name: "nothing, over RTMP", target: rtmpTarget("live/cam"), says: "Cannot publish live/cam: it needs a key" },
  { name: "a wrong key, over RTMP", target: rtmpTarget("live/cam?key=simsala"), says: "the key is wrong" },
  { name: "nothing, over HTTP", target: httpTarget("", "live/cam"), says: "" },
];

function rtmpTarget(path: string) {
  return (server: Server) => `rtmp://127.0.0.1:${server.address("rtmp").port}/${path}`;
}

function httpTarget(user: string, path: string) {
  return (server: Server) => `http://${user}127.0.0.1:${server.address("http").port}/${path}`;
}

/** The users whose names and passwords ffmpeg presents; those of OBS's fields come to the server in the same way. */
const LOGIN = {
  rtmpLogin: ["live"],
  users: {
    ann: {
      password: await hashSecret("opensaysme"),
      rtmpPassword: makeLoginDigest("ann", "opensaysme"),
      publish: ["live/*"],
      play: ["live/*"],
    },
    bob: { password: "opensaysme", play: ["live/*"] },
  },
};
const KEYS = {
  publish: { keys: { "live/*": "sesame" } },
  users: { ann: { password: "opensaysme", publish: ["live/*"], play: ["live/*"] } },
};

/** What a test has: the server, a clip, what was logged, and what settles when so many may play. */
interface Scene {
  readonly server: Server;
  readonly clip: string;
  readonly logged: string[];
  asked(players: number): Promise<void>;
}

type Test = (scene: Scene) => Promise<void>;

async function withServer(test: Test, settings: Record<string, unknown> = KEYS): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await makeClip(`${folder}/clip.flv`, { seconds: CLIP_SECONDS, video: H264, audio: AAC });
    const logged: string[] = [];
    let players = 0;
    const counter = definePlugin({ name: "counter", setup: (ctx) => ctx.decide("play", () => void players++) });
    await using server = await createServer({
      log: (record) => void logged.push(JSON.stringify(record)),
      plugins: [auth(settings), rtmp(), httpFlv(), counter()],
      config: {
        http: { host: "127.0.0.1", port: 0 },
        rtmp: { host: "127.0.0.1", port: 0 },
        waitSeconds: 30,
        log: { level: "debug" },
      },
    });
    const asked = (wanted: number) => eventually(() => players >= wanted, () => `only ${players} players may play`);
    await test({ server, clip: `${folder}/clip.flv`, logged, asked });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const { name, target, first = [] } of PUBLISHERS) {
  Deno.test(`ffmpeg publishes with ${name}, and plays with a user`, () =>
    withServer(async ({ server, clip, logged, asked }) => {
      const playing = PLAYERS.map(({ target }) => ffmpeg(["-i", target(server), "-t", "1", "-f", "null", "-"]));
      await asked(PLAYERS.length);
      const published = await ffmpeg(["-re", "-i", clip, "-c", "copy", ...first, "-f", "flv", target(server)]);
      assert(published.success, published.log);
      for (const [at, played] of (await Promise.all(playing)).entries()) {
        assert(played.success, `${PLAYERS[at].name}: ${played.log}`);
      }
      assertEquals(logged.filter((line) => /sesame|opensaysme/.test(line)), []);
    }));
}

function loginTarget(server: Server, user: string): string {
  return `rtmp://${user}@127.0.0.1:${server.address("rtmp").port}/live/cam`;
}

Deno.test("ffmpeg logs in over RTMP with a user in the address, to publish and to play", () =>
  withServer(async ({ server, clip, logged, asked }) => {
    const playing = ["ann:opensaysme", "bob:opensaysme"].map((user) =>
      ffmpeg(["-i", loginTarget(server, user), "-t", "1", "-f", "null", "-"])
    );
    await asked(2);
    const target = loginTarget(server, "ann:opensaysme");
    const published = await ffmpeg(["-re", "-i", clip, "-c", "copy", "-f", "flv", target]);
    assert(published.success, published.log);
    for (const played of await Promise.all(playing)) assert(played.success, played.log);
    assertEquals(logged.filter((line) => /opensaysme/.test(line)), []);
  }, LOGIN));

Deno.test("ffmpeg with a wrong password, with nobody's name or with none is not let log in over RTMP", () =>
  withServer(async ({ server, clip }) => {
    for (
      const [user, says] of [["ann:simsala", "authfailed"], ["eve:opensaysme", "authfailed"], ["", "403 need auth"]]
    ) {
      const target = loginTarget(server, user);
      const { success, log } = await ffmpeg(["-re", "-i", clip, "-c", "copy", "-f", "flv", target]);
      assertEquals([success, server.streams.size], [false, 0]);
      assertStringIncludes(log, says);
    }
  }, LOGIN));

for (const { name, target, says } of INTRUDERS) {
  Deno.test(`ffmpeg with ${name} is not let publish`, () =>
    withServer(async ({ server, clip }) => {
      const { success, log } = await ffmpeg(["-re", "-i", clip, "-c", "copy", "-f", "flv", target(server)]);
      assertEquals([success, server.streams.size], [false, 0]);
      assertStringIncludes(log, says);
    }));
}
