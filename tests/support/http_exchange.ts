import { concat } from "../../media/bytes.ts";
import { latin1, type TestSocket } from "./test_socket.ts";
import type { TestEnd } from "./transports/transport.ts";

/** The head of an HTTP answer. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Headers;
}

/** Sends the head of a request, and in the same packet what is to come behind it. */
export function sendRequest(
  socket: TestSocket,
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  behind: Uint8Array = new Uint8Array(0),
): void {
  const lines = Object.entries({ Host: "localhost", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.send(concat([latin1(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`), behind]));
}

/** Reads the head of an answer; undefined when the connection ends before it. Throws an `Error` when it is not HTTP. */
export async function readHead(socket: TestSocket): Promise<ResponseHead | undefined> {
  const text = await socket.readThrough("\r\n\r\n");
  if (text === undefined) return undefined;
  const [first, ...lines] = text.trimEnd().split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1];
  if (!status) throw new Error(`Not an HTTP answer: ${first}`);
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  return { status: Number(status), headers };
}

/** Reads a body whose length the head tells, as text. */
export async function readBody(socket: TestSocket, { headers }: ResponseHead): Promise<string> {
  if (headers.get("transfer-encoding") !== "chunked") {
    return new TextDecoder().decode(await socket.read(Number(headers.get("content-length") ?? 0)));
  }
  let body = "";
  while (true) {
    const size = parseInt(await socket.readThrough("\r\n") ?? "0", 16);
    body += new TextDecoder().decode(await socket.read(size));
    await socket.read(2);
    if (size === 0) return body;
  }
}

/** What an answer that is no stream says: its status, and the words of its `detail` or where it redirects to. */
export async function readAnswer(socket: TestSocket, head?: ResponseHead): Promise<TestEnd> {
  head ??= await readHead(socket);
  if (!head) return { status: "reset", message: "the connection ended without an answer" };
  const body = await readBody(socket, head);
  const message = head.headers.get("location") ?? (body.startsWith("{") ? JSON.parse(body).detail ?? "" : body);
  return { status: String(head.status), message };
}

/** One piece of a chunked body; without bytes, its end. */
export function chunk(bytes?: Uint8Array): Uint8Array {
  const size = new TextEncoder().encode(`${(bytes?.length ?? 0).toString(16)}\r\n`);
  const out = new Uint8Array(size.length + (bytes?.length ?? 0) + 2);
  out.set(size);
  if (bytes) out.set(bytes, size.length);
  out.set([13, 10], out.length - 2);
  return out;
}
