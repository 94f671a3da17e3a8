import { assertEquals } from "@std/assert";
import { definePlugin, type PluginContext } from "./plugin.ts";
import { createServer } from "../server.ts";

/** A server with one guarded route. */
async function stage(setup: (ctx: PluginContext) => void) {
  const plugin = definePlugin({
    name: "guarded",
    setup: (ctx) => {
      ctx.http.get("/look", ctx.guard("read"), (c) => c.text("seen"));
      ctx.http.post("/change", ctx.guard("write"), (c) => c.text("changed"));
      setup(ctx);
    },
  });
  const config = { http: { host: "127.0.0.1", port: 0 } };
  const server = await createServer({ plugins: [plugin()], config, log: () => {} });
  const ask = async (method: string, path: string) => {
    const answer = await server.request(
      new Request(`http://localhost${path}`, { method, headers: { "x-name": "me" } }),
    );
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  return { ask, [Symbol.asyncDispose]: () => server.close() };
}

Deno.test("without a plugin that decides, a guarded route is closed to all", async () => {
  await using server = await stage(() => {});
  const { status, text } = await server.ask("GET", "/look");
  assertEquals([status, JSON.parse(text).detail], [
    403,
    "This server can be overseen by nobody: no plugin decides who may",
  ]);
});

Deno.test("a guarded route asks with its role and the request's headers, and is kept by no cache", async () => {
  const asked: unknown[] = [];
  await using server = await stage((ctx) => {
    ctx.decide("manage", ({ role, header, address }) => {
      asked.push([role, header("x-name"), address]);
      return role === "read" ? undefined : { deny: "Only look", challenge: "Bearer" };
    });
  });
  const look = await server.ask("GET", "/look");
  assertEquals([look.status, look.text, look.headers.get("cache-control")], [200, "seen", "no-store"]);
  const change = await server.ask("POST", "/change");
  assertEquals([change.status, change.headers.get("www-authenticate")], [401, "Bearer"]);
  assertEquals(asked, [["read", "me", undefined], ["write", "me", undefined]]);
});
