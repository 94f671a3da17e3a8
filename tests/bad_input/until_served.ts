import { readHead, sendRequest } from "../support/http_exchange.ts";
import { turn } from "../support/eventually.ts";
import { patiently } from "../support/patience.ts";
import type { TestServer } from "../support/test_server.ts";
import { TestSocket } from "../support/test_socket.ts";

/** Waits until the server has a connection to spare. */
export async function untilServed(server: TestServer): Promise<void> {
  let isOver = false;
  const trying = async () => {
    while (!isOver && !await isServed(server)) await turn();
  };
  try {
    await patiently(trying(), () => "no connection became free");
  } finally {
    isOver = true;
  }
}

/** Says whether the server answers on a new connection, or refuses it. */
export async function isServed(server: TestServer): Promise<boolean> {
  try {
    await using socket = await TestSocket.open(server.port);
    sendRequest(socket, "GET", "/nothing");
    return (await readHead(socket))?.status === 404;
  } catch (error) {
    if ((error as { code?: string }).code === "ECONNRESET") return false;
    throw error;
  }
}
