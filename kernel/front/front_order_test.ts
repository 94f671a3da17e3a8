import { assertEquals } from "@std/assert";
import { connect, type Socket } from "node:net";
import { definePlugin } from "../plugin/plugin.ts";
import { createServer } from "../server.ts";

/** A server that echoes, and calls `duringDispatch` while it decides which protocol a connection speaks. */
function echoServer(duringDispatch: () => void) {
  const echo = definePlugin({
    name: "echo",
    setup(ctx) {
      ctx.http.post("/echo", async (c) => c.text(await c.req.text()));
      ctx.front.protocol({
        name: "none",
        matches() {
          duringDispatch();
          return false;
        },
        accept() {},
      });
    },
  });
  return createServer({ plugins: [echo()], config: { http: { host: "127.0.0.1", port: 0 }, log: { level: "error" } } });
}

async function answerOf(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (bytes: Uint8Array) => text += new TextDecoder().decode(bytes));
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

Deno.test("a body that arrives while its request's head is being looked at comes after the head", async () => {
  let body = () => {};
  await using server = await echoServer(() => body());
  const socket = connect({ host: "127.0.0.1", port: server.address("http").port, noDelay: true });
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  body = () => socket.write("hello");
  socket.write("POST /echo HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: 5\r\n\r\n");
  const answer = await answerOf(socket);
  assertEquals([answer.split("\r\n")[0], answer.split("\r\n\r\n")[1]], ["HTTP/1.1 200 OK", "hello"]);
});
