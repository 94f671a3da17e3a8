import { assertEquals, assertStringIncludes } from "@std/assert";
import { definePlugin, type PluginContext } from "../../kernel/plugin/plugin.ts";
import { createServer, type Server } from "../../kernel/server.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { parseTagBody } from "../../media/flv/body.ts";
import { TAG_AUDIO, TAG_VIDEO } from "../../media/flv/tag.ts";
import { pages } from "./plugin.ts";

/** FLV tag bodies: H.264 of 640x360 in main profile, AAC. */
const AVC_CONFIG = Uint8Array.fromHex(
  "1700000000014d401fffe1001c674d401fa6110280bfe59a808080a0000003002000000641e306423001000568e84332c8",
);
const AAC_CONFIG = Uint8Array.fromHex("af00118856e500");

interface Scene extends AsyncDisposable {
  readonly server: Server;
  readonly clock: FakeClock;
  readonly ctx: PluginContext;
}

async function scene(settings: Parameters<typeof pages>[0] = {}): Promise<Scene> {
  const clock = new FakeClock();
  let ctx!: PluginContext;
  const spy = definePlugin({ name: "spy", setup: (given) => void (ctx = given) });
  const config = { http: { host: "127.0.0.1", port: 0 } };
  const server = await createServer({ plugins: [pages(settings), spy()], config, clock, log: () => {} });
  return { server, clock, ctx, [Symbol.asyncDispose]: () => server.close() };
}

async function publish({ ctx }: Scene, name: string, vhost = "_") {
  const session = await ctx.open({ protocol: "test", remote: "192.0.2.1:1" });
  const publication = await ctx.publish(session, { vhost, app: "live", name });
  const packets = [...parseTagBody(TAG_VIDEO, 0, AVC_CONFIG), ...parseTagBody(TAG_AUDIO, 0, AAC_CONFIG)];
  for (const packet of packets) publication.write(packet);
  publication.flush();
  return publication;
}

async function live({ server, clock }: Scene) {
  clock.advance(1000);
  const response = await server.request("/api/v1/live");
  assertEquals(response.headers.get("content-type"), "application/json");
  assertEquals(response.headers.get("cache-control"), "no-store");
  return await response.json();
}

Deno.test("the pages are served", async () => {
  await using stage = await scene();
  const response = await stage.server.request("/index.html");
  assertStringIncludes(await response.text(), "<!DOCTYPE html>");
});

Deno.test("with nothing live the list is empty", async () => {
  await using stage = await scene();
  assertEquals(await live(stage), { streams: [], rtmpPort: null });
});

Deno.test("a live stream is listed with what it is made of, and nothing about its publisher", async () => {
  await using stage = await scene();
  await publish(stage, "demo");
  assertEquals((await live(stage)).streams, [{
    path: "live/demo",
    app: "live",
    name: "demo",
    state: "live",
    since: "2026-01-01T00:00:00.000Z",
    viewers: 0,
    video: { codec: "avc", codecString: "avc1.4d401f", width: 640, height: 360 },
    audio: { codec: "aac", codecString: "mp4a.40.2" },
    publisher: true,
  }]);
});

Deno.test("streams are listed by name, an interrupted one too, an ended one and another host's not", async () => {
  await using stage = await scene();
  const [b, a, c] = [await publish(stage, "b"), await publish(stage, "a"), await publish(stage, "c")];
  await publish(stage, "d", "elsewhere");
  b[Symbol.dispose]();
  c.end();
  const { streams } = await live(stage);
  assertEquals(streams.map(({ path, state, publisher }: Record<string, unknown>) => [path, state, publisher]), [
    ["live/a", "live", true],
    ["live/b", "interrupted", false],
  ]);
  a.end();
});

Deno.test("many who ask at once share one answer, for half a second", async () => {
  await using stage = await scene();
  const before = await live(stage);
  await publish(stage, "demo");
  assertEquals(await (await stage.server.request("/api/v1/live")).json(), before);
  assertEquals((await live(stage)).streams.length, 1);
});

Deno.test("an operator may tell people another RTMP port than the server knows", async () => {
  await using stage = await scene({ rtmpPort: 19350 });
  assertEquals((await live(stage)).rtmpPort, 19350);
});
