import { assertEquals, assertRejects } from "@std/assert";
import { Refusal } from "./reasons.ts";
import { keyOf, write } from "./testing/house.ts";
import { settled } from "./testing/settled.ts";
import { opened, PEER, plugin, start } from "./testing/started_server.ts";
import { TcpClient } from "./testing/tcp_client.ts";

Deno.test("closing tells plugins the end of everything before they go, and nobody gets in any more", async () => {
  const told: string[] = [];
  const { ctx, running } = await opened((ctx) => {
    for (const name of ["stream:end", "play:end", "session:end", "server:stop"] as const) {
      ctx.on(name, (event) => void told.push(`${name} ${"reason" in event ? event.reason : ""}`.trim()));
    }
    ctx.defer(() => void told.push("gone"));
  });
  const publisher = await ctx.open(PEER);
  const publication = await ctx.publish(publisher, keyOf("cam"));
  write(publication, "V0 K0");
  const player = await ctx.open(PEER);
  await ctx.play(player, keyOf("cam"));
  const late = ctx.play(player, keyOf("later")).catch((error: Refusal) => error.code);
  await settled();
  await running.server.close();
  assertEquals(told, [
    "server:stop",
    "stream:end shutdown",
    "session:end shutdown",
    "play:end shutdown",
    "session:end shutdown",
    "gone",
  ]);
  assertEquals(await late, "shutdown");
  for (const attempt of [() => ctx.open(PEER), () => ctx.play(player, keyOf("cam"))]) {
    assertEquals((await assertRejects(attempt, Refusal)).code, "shutdown");
  }
  assertEquals([running.server.sessions.size, running.server.streams.size, running.clock.pending], [0, 0, 0]);
});

Deno.test("closing waits for handlers that complete their work, and their plugin stays until they have", async () => {
  const order: string[] = [];
  const file = Promise.withResolvers<void>();
  const { ctx, running } = await opened((ctx) => {
    ctx.on("stream:end", async () => {
      await file.promise;
      order.push(`completed ${ctx.signal.aborted}`);
      ctx.tell("artifact:complete", { stream: "live/cam", by: "watcher", path: "live/cam.flv" });
    });
    ctx.on("artifact:complete", async () => {
      await settled();
      order.push("delivered");
    });
    ctx.defer(() => void order.push("gone"));
  });
  await ctx.publish(await ctx.open(PEER), keyOf("cam"));
  const closed = running.server.close();
  await settled();
  assertEquals(order, []);
  file.resolve();
  await closed;
  assertEquals(order, ["completed false", "delivered", "gone"]);
});

Deno.test("a handler that hangs is told to stop by its plugin's signal before the time is over", async () => {
  const order: string[] = [];
  const { ctx, running } = await opened((ctx) => {
    ctx.on("stream:end", async () => {
      await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
      order.push("gave up");
    });
  });
  await ctx.publish(await ctx.open(PEER), keyOf("cam"));
  const closed = running.server.close();
  await settled();
  await running.clock.advanceAsync(4000);
  await closed;
  assertEquals(order, ["gave up"]);
  assertEquals(running.logged.lines().filter((line) => line.startsWith("warn")), []);
});

Deno.test("closing takes no longer than it may, and says so", async () => {
  const { running } = await opened((ctx) => ctx.defer(() => new Promise(() => {})));
  let isClosed = false;
  const closed = running.server.close().then(() => isClosed = true);
  await settled();
  await running.clock.advanceAsync(4900);
  assertEquals(isClosed, false);
  await running.clock.advanceAsync(100);
  await settled();
  assertEquals(isClosed, true);
  await closed;
  assertEquals(running.logged.lines().at(-1), "warning Stopping took longer than 5 s: leaving the rest");
});

Deno.test("a plugin that fails to stop is logged and keeps no other from stopping", async () => {
  const done: string[] = [];
  const running = await start([
    plugin("one", (ctx) => ctx.defer(() => void done.push("one"))),
    plugin("two", (ctx) => ctx.defer(() => Promise.reject(new Error("disk full")))),
  ]);
  await running.server.close();
  assertEquals([done, running.logged.lines()], [["one"], ["error Plugin two failed to stop: disk full"]]);
});

Deno.test("closing twice, or from within, closes once", async () => {
  const told: string[] = [];
  const { running } = await opened((ctx) => {
    ctx.on("server:stop", () => {
      told.push("stop");
      void running.server.close();
    });
  });
  await Promise.all([running.server.close(), running.server.close()]);
  await running.server.close();
  assertEquals(told, ["stop"]);
});

Deno.test("closing ends connections that wait, ask or are silent, and frees the port", async () => {
  const { running } = await opened((ctx) => {
    ctx.http.get("/never", () => new Promise<Response>(() => {}));
  });
  const { port } = running.server.address("http");
  using silent = await TcpClient.connect(port);
  using asking = await TcpClient.connect(port);
  using kept = await TcpClient.connect(port);
  asking.send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
  kept.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await kept.take(/nothing at this address/);
  await running.server.close();
  for (const client of [silent, asking, kept]) await client.ended();
  const again = await start([], { config: { http: { host: "127.0.0.1", port } } });
  assertEquals(again.server.address("http").port, port);
  await again.server.close();
});
