import { chunk, readAnswer, sendRequest } from "./http_exchange.ts";
import type { TestServer } from "./test_server.ts";
import { TestSocket } from "./test_socket.ts";
import type { TestEnd } from "./transports/transport.ts";

/** How an upload says where it ends. */
export type Framing = "chunked" | "content-length";

/** Uploads a body, each part in a packet of its own, and gives the answer. */
export async function upload(
  server: TestServer,
  path: string,
  parts: readonly Uint8Array[],
  framing: Framing,
  method = "POST",
): Promise<TestEnd> {
  await using socket = await TestSocket.open(server.port);
  beginUpload(socket, path, framing, parts.reduce((sum, part) => sum + part.length, 0), method);
  for (const part of parts) {
    if (part.length > 0) await socket.sendAlone(framing === "chunked" ? chunk(part) : part);
  }
  if (framing === "chunked") socket.send(chunk());
  return await readAnswer(socket);
}

/** Sends the head of an upload of so many bytes. */
export function beginUpload(
  socket: TestSocket,
  path: string,
  framing: Framing,
  length: number,
  method = "POST",
): void {
  const headers: Record<string, string> = framing === "chunked"
    ? { "Transfer-Encoding": "chunked" }
    : { "Content-Length": String(length) };
  sendRequest(socket, method, path, headers);
}

/** Cuts bytes at the given places. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return borders.slice(1).map((end, i) => bytes.subarray(borders[i], end));
}
