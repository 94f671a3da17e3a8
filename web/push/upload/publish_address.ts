/// <reference lib="dom" />
import type { UplinkSocket } from "./uplink.ts";

/** Where a page publishes a stream: a WebSocket on the server that it came from. */
export function publishAddress(page: Pick<URL, "protocol" | "host">, path: string, key: string): string {
  const scheme = page.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${page.host}/${path}${key === "" ? "" : `?key=${encodeURIComponent(key)}`}`;
}

/** A name that a stream can be published under: `app/name`. */
const PATH = /^[A-Za-z0-9_-]{1,128}\/[A-Za-z0-9_-]{1,128}$/;

/** What is wrong with a stream's name, in words; undefined when nothing is. */
export function pathFault(path: string): string | undefined {
  if (PATH.test(path)) return undefined;
  if (path === "") return "A stream needs a name, such as live/cam";
  if (path.split("/").length !== 2) return "A stream's name has two parts, such as live/cam";
  return "A stream's name is made of letters, digits, _ and -, such as live/cam";
}

/** Opens a WebSocket that sends bytes. */
export function openWebSocket(url: string): UplinkSocket {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  return socket as UplinkSocket;
}
