import { assertEquals, assertStringIncludes } from "@std/assert";
import { definePlugin, type PluginContext } from "../../kernel/plugin/plugin.ts";
import { createServer, type Server } from "../../kernel/server.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { demo } from "./plugin.ts";

interface Scene extends AsyncDisposable {
  readonly server: Server;
  readonly clock: FakeClock;
  readonly ctx: PluginContext;
  readonly warnings: string[];
}

async function scene(
  settings: Parameters<typeof demo>[0] = {},
  prepare: (ctx: PluginContext) => void = () => {},
): Promise<Scene> {
  const clock = new FakeClock();
  const warnings: string[] = [];
  let ctx!: PluginContext;
  const spy = definePlugin({ name: "spy", setup: (given) => prepare(ctx = given) });
  const server = await createServer({
    plugins: [demo(settings), spy()],
    config: { http: { host: "127.0.0.1", port: 0 } },
    clock,
    log: (record) => void (record.level === "warning" && warnings.push(record.message.join(""))),
  });
  await settle();
  return { server, clock, ctx, warnings, [Symbol.asyncDispose]: () => server.close() };
}

/** Lets everything that has been asked for happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

Deno.test("with the demo something is live as soon as the server runs", async () => {
  await using stage = await scene();
  stage.clock.advance(500);
  const { state, tracks } = stage.server.streams.get("live/demo")!.toJSON();
  assertEquals(state, "live");
  assertEquals(tracks.map(({ codec }) => codec).sort(), ["aac", "avc"]);
});

Deno.test("the demo publishes where it is told to, and with the key it is given", async () => {
  const keys: (string | null)[] = [];
  await using stage = await scene({ stream: "show/loop", key: "secret" }, (ctx) => {
    ctx.decide("publish", ({ session }) => void keys.push(session.params.get("key")));
  });
  assertEquals([...stage.server.streams.keys()], ["show/loop"]);
  assertEquals(keys, ["secret"]);
});

Deno.test("a demo that may not publish says so, and the server runs on", async () => {
  await using stage = await scene({}, (ctx) => ctx.decide("publish", () => ({ deny: "No key, no stream" })));
  assertEquals(stage.server.streams.size, 0);
  assertStringIncludes(stage.warnings.join(), "No key, no stream");
});

Deno.test("a demo that was closed from outside comes back once its stream has ended", async () => {
  await using stage = await scene();
  const first = stage.server.streams.get("live/demo");
  for (const session of stage.server.sessions) session.close("kicked");
  await stage.clock.advanceAsync(10_000);
  const second = stage.server.streams.get("live/demo");
  assertEquals([first?.state, second?.state], ["ended", "live"]);
});

Deno.test("a server that stops ends the demo and leaves no timer of it", async () => {
  const stage = await scene();
  const ended: string[] = [];
  stage.ctx.on("stream:end", ({ stream }) => void ended.push(stream.path));
  await stage.server.close();
  assertEquals(ended, ["live/demo"]);
  assertEquals(stage.server.sessions.size, 0);
  assertEquals(stage.clock.pending, 0);
});
