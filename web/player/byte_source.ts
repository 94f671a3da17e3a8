/// <reference lib="dom" />

/** What became of a connection that brings no more bytes: `code` is an HTTP status or a WebSocket close code. */
export class SourceError extends Error {
  override readonly name = "SourceError";

  constructor(readonly code: number, message: string) {
    super(message);
  }
}

/** Takes the bytes as they come. */
export type ByteSink = (chunk: ArrayBuffer) => void;

/** The codes with which a WebSocket ends as it should: the stream is over, the server stops, or all begins anew. */
const ORDERLY_CLOSE = [1000, 1001, 1012];

/** As much of a server's explanation as is shown. */
const MAX_REASON_LENGTH = 300;

/**
 * Reads an address until its bytes end: WebSocket messages from `ws:` and `wss:`, else a response's body.
 *
 * Throws a {@linkcode SourceError} when the server refuses or the connection breaks; the signal ends it at once, also
 * while no byte comes, which mpegts.js's own loader does not.
 */
export function receive(url: string, signal: AbortSignal, sink: ByteSink): Promise<void> {
  return /^wss?:/.test(url) ? receiveMessages(url, signal, sink) : receiveBody(url, signal, sink);
}

async function receiveBody(url: string, signal: AbortSignal, sink: ByteSink): Promise<void> {
  const response = await fetch(url, { signal, cache: "no-store" });
  if (!response.ok || !response.body) throw new SourceError(response.status, await reasonOf(response));
  const reader = response.body.getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) sink(bufferOf(value!));
}

/** What the server says about a refusal: the `detail` of its answer (RFC 9457), else its status in words. */
async function reasonOf(response: Response): Promise<string> {
  try {
    const { detail } = await response.json();
    return String(detail ?? response.statusText).slice(0, MAX_REASON_LENGTH);
  } catch {
    return response.statusText;
  }
}

function bufferOf(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.length === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}

function receiveMessages(url: string, signal: AbortSignal, sink: ByteSink): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => {
    if (data instanceof ArrayBuffer && !signal.aborted) sink(data);
  });
  socket.addEventListener("close", ({ code, reason }) => {
    if (ORDERLY_CLOSE.includes(code)) resolve();
    else reject(new SourceError(code, reason));
  });
  signal.addEventListener("abort", () => {
    socket.close();
    reject(signal.reason);
  });
  return promise;
}
