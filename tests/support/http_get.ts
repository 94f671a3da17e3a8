import { patiently } from "./patience.ts";
import { readHead, type ResponseHead, sendRequest } from "./http_exchange.ts";
import { TestSocket } from "./test_socket.ts";

/** An answer, as it came over a connection of its own. */
export interface HttpAnswer extends ResponseHead {
  readonly body: Uint8Array;
  /** The body as text. */
  readonly text: string;
}

/** What is asked for. */
export interface HttpGet {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request with exactly this target, and reads the answer to the end of the connection. */
export async function httpGet(
  port: number,
  target: string,
  { method = "GET", headers }: HttpGet = {},
): Promise<HttpAnswer> {
  await using socket = await TestSocket.open(port);
  sendRequest(socket, method, target, { Connection: "close", ...headers });
  const head = await readHead(socket);
  if (!head) throw new Error(`${method} ${target} was not answered`);
  const body = await readRest(socket);
  return { ...head, body, text: new TextDecoder().decode(body) };
}

/** Reads everything that comes until the connection ends. */
export async function readRest(socket: TestSocket): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  socket.flow((bytes) => void pieces.push(bytes));
  await patiently(socket.ended, () => "the answer did not end");
  return new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
