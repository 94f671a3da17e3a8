import { assertEquals, assertRejects } from "@std/assert";
import { receive, SourceError } from "./byte_source.ts";

/** A server for one test, with its address under `ws` and `http`. */
async function withServer(answer: Deno.ServeHandler, test: (http: string, ws: string) => Promise<void>): Promise<void> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  try {
    await test(`http://127.0.0.1:${server.addr.port}/x`, `ws://127.0.0.1:${server.addr.port}/x`);
  } finally {
    await server.shutdown();
  }
}

function speak(request: Request, talk: (socket: WebSocket) => void): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.addEventListener("open", () => talk(socket));
  return response;
}

async function receiveAll(url: string): Promise<string> {
  let text = "";
  await receive(url, new AbortController().signal, (chunk) => text += new TextDecoder().decode(chunk));
  return text;
}

Deno.test("the body of a response is received until it ends", async () => {
  const body = () => ReadableStream.from(["FL", "V", " and more"].map((part) => new TextEncoder().encode(part)));
  await withServer(() => new Response(body()), async (http) => assertEquals(await receiveAll(http), "FLV and more"));
});

Deno.test("WebSocket messages are received until an orderly close", async () => {
  const answer = (request: Request) =>
    speak(request, (socket) => {
      for (const part of ["FL", "V"]) socket.send(new TextEncoder().encode(part));
      socket.close(1000);
    });
  await withServer(answer, async (_, ws) => assertEquals(await receiveAll(ws), "FLV"));
});

Deno.test("a refused request fails with its status and the server's words", async () => {
  const answer = () => Response.json({ detail: "This stream needs a key" }, { status: 403 });
  await withServer(answer, async (http) => {
    const error = await assertRejects(() => receiveAll(http), SourceError, "This stream needs a key");
    assertEquals(error.code, 403);
  });
});

Deno.test("a refusal without words fails with what its status means", async () => {
  for (const body of ["<h1>", "{}"]) {
    await withServer(() => new Response(body, { status: 404, statusText: "Not Found" }), async (http) => {
      await assertRejects(() => receiveAll(http), SourceError, "Not Found");
    });
  }
});

Deno.test("a refused WebSocket fails with its close code and the server's words", async () => {
  const answer = (request: Request) => speak(request, (socket) => socket.close(4403, "This stream needs a key"));
  await withServer(answer, async (_, ws) => {
    const error = await assertRejects(() => receiveAll(ws), SourceError, "This stream needs a key");
    assertEquals(error.code, 4403);
  });
});

Deno.test("a response that never sends a byte can be left at once", async () => {
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const answer = () => {
    asked.resolve();
    return new Response(new ReadableStream({ cancel: () => left.resolve() }));
  };
  await withServer(answer, async (http) => {
    const controller = new AbortController();
    const receiving = receive(http, controller.signal, () => {});
    await asked.promise;
    controller.abort();
    await assertRejects(() => receiving);
    await left.promise;
  });
});

Deno.test("a WebSocket that never sends a byte can be left at once", async () => {
  const opened = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const answer = (request: Request) =>
    speak(request, (socket) => {
      socket.addEventListener("close", () => left.resolve());
      opened.resolve();
    });
  await withServer(answer, async (_, ws) => {
    const controller = new AbortController();
    const receiving = receive(ws, controller.signal, () => {});
    await opened.promise;
    controller.abort();
    await assertRejects(() => receiving);
    await left.promise;
  });
});
