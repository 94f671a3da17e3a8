import { assert } from "@std/assert";
import { readAnswer, readBody, readHead, sendRequest } from "./http_exchange.ts";
import { eventually } from "./eventually.ts";
import type { TestServer } from "./test_server.ts";
import { TestSocket } from "./test_socket.ts";
import { type HeldInWorker, STANDS_STILL } from "./whereabouts.ts";

/** The name that the system gives a worker. */
export type WorkerName = `worker ${number}`;

/** More connections than all workers but one are given by chance. */
const MOST_TRIES = 200;

/** A connection that the system has given to this worker; it speaks HTTP. */
export async function connectTo(server: Pick<TestServer, "port">, worker: WorkerName): Promise<TestSocket> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const socket = await TestSocket.open(server.port);
    if (await whereIs(socket) === worker) return socket;
    await socket.cut();
  }
  throw new Error(`${MOST_TRIES} connections came to workers other than ${worker}`);
}

/** Has the worker fail that a connection has come to. */
export async function failOver(socket: TestSocket): Promise<void> {
  await happen(socket, "fail");
  await socket.over();
}

/** Has a worker do nothing for a while, or ever again; settles when it has begun. */
export async function standStill(server: TestServer, worker: WorkerName, what: "pause" | "hang"): Promise<void> {
  const count = () => server.logged.filter(({ message }) => String(message) === STANDS_STILL).length;
  const before = count();
  await happen(await connectTo(server, worker), what);
  await eventually(() => count() > before, `${worker} goes on`);
}

/** Asks the worker that a connection has come to for what it holds. */
export async function heldOver(socket: TestSocket, { heap = false } = {}): Promise<HeldInWorker> {
  sendRequest(socket, "GET", `/whereabouts/held${heap ? "?heap" : ""}`);
  const head = await readHead(socket);
  assert(head, "the worker does not say what it holds");
  return JSON.parse(await readBody(socket, head));
}

async function happen(socket: TestSocket, what: string): Promise<void> {
  sendRequest(socket, "GET", `/whereabouts/${what}`);
  await readAnswer(socket);
}

async function whereIs(socket: TestSocket): Promise<string | undefined> {
  sendRequest(socket, "GET", "/whereabouts");
  const head = await readHead(socket);
  return head && (await readAnswer(socket, head)).message;
}
