import { readAnswer, readHead, sendRequest } from "./http_exchange.ts";
import type { TestServer } from "./test_server.ts";
import { TestSocket } from "./test_socket.ts";

/** The name that the system gives a worker. */
export type WorkerName = `worker ${number}`;

/** More connections than all workers but one are given by chance. */
const MOST_TRIES = 200;

/** A connection that the system has given to this worker; it speaks HTTP. */
export async function connectTo(server: TestServer, worker: WorkerName): Promise<TestSocket> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const socket = await TestSocket.open(server.port);
    if (await whereIs(socket) === worker) return socket;
    await socket.cut();
  }
  throw new Error(`${MOST_TRIES} connections came to workers other than ${worker}`);
}

/** Has the worker fail that a connection has come to. */
export async function failOver(socket: TestSocket): Promise<void> {
  sendRequest(socket, "GET", "/whereabouts/fail");
  await readAnswer(socket);
  await socket.over();
}

async function whereIs(socket: TestSocket): Promise<string | undefined> {
  sendRequest(socket, "GET", "/whereabouts");
  const head = await readHead(socket);
  return head && (await readAnswer(socket, head)).message;
}
