import type { Action } from "../../plugins/auth/ways/way.ts";
import { beforePublishing } from "../support/transports/accepted.ts";
import { readAnswer, readHead, sendRequest } from "../support/http_exchange.ts";
import { patiently } from "../support/patience.ts";
import type { TestServer } from "../support/test_server.ts";
import { TestSocket } from "../support/test_socket.ts";
import { Refused, target, type TestEnd, type TransportUnderTest } from "../support/transports/transport.ts";
import { TRANSPORTS } from "../support/transports/transports.ts";
import { WsClient } from "../support/transports/ws_client.ts";

/** What happens to somebody: let in, told that the credential does not count, or that nobody like this may. */
export type Outcome = "in" | "unauthorized" | "denied";

/** Names and values, of a query or of headers. */
export type Texts = Readonly<Record<string, string>>;

/** One way to reach the server. */
export interface Door {
  readonly name: string;
  readonly actions: readonly Action[];
  /** Whether it tells a credential that does not count from all other reasons. */
  readonly tellsApart: boolean;
  /** Whether requests through it have headers. */
  readonly hasHeaders: boolean;
  /** Knocks, and goes away again. Gives what happened, in words, or the protocol's status where that has no word. */
  knock(server: TestServer, action: Action, path: string, params: Texts, headers: Texts): Promise<Outcome | string>;
}

const BOTH: readonly Action[] = ["publish", "play"];

/** Every door of the server, those with headers too. */
export const DOORS: readonly Door[] = [
  ...TRANSPORTS.map(transportDoor),
  { name: "http-flv with headers", actions: BOTH, tellsApart: true, hasHeaders: true, knock: knockHttp },
  { name: "ws-flv with headers", actions: BOTH, tellsApart: true, hasHeaders: true, knock: knockWebSocket },
  { name: "hls", actions: ["play"], tellsApart: true, hasHeaders: true, knock: knockHls },
];

function transportDoor(transport: TransportUnderTest): Door {
  return {
    name: transport.name,
    actions: BOTH,
    tellsApart: transport.refused.play.denied !== transport.refused.play.unauthorized,
    hasHeaders: false,
    async knock(server, action, path, params) {
      try {
        await using _ = await transport[action](server, path, params);
        return "in";
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        return error.status === transport.refused[action].denied ? "denied" : outcomeOf(error.status);
      }
    },
  };
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  "200": "in",
  "401": "unauthorized",
  "403": "denied",
  "4401": "unauthorized",
  "4403": "denied",
};

function outcomeOf(status: string): Outcome | string {
  return OUTCOMES[status] ?? status;
}

async function knockHttp(server: TestServer, action: Action, path: string, params: Texts, headers: Texts) {
  await using socket = await TestSocket.open(server.port);
  if (action === "play") sendRequest(socket, "GET", target(`/${path}.flv`, params), headers);
  else sendRequest(socket, "POST", target(`/${path}`, params), { "Transfer-Encoding": "chunked", ...headers });
  const head = action === "publish"
    ? await beforePublishing(server, socket.name, readAnswer(socket))
    : await readHead(socket);
  return head ? outcomeOf(String(head.status)) : "in";
}

async function knockWebSocket(server: TestServer, action: Action, path: string, params: Texts, headers: Texts) {
  const file = action === "play" ? `/${path}.flv` : `/${path}`;
  await using client = await WsClient.open(server.port, target(file, params), undefined, headers);
  const end = action === "publish"
    ? await beforePublishing(server, client.name, client.closed)
    : await beforePlaying(client);
  return end ? outcomeOf(end.status) : "in";
}

async function beforePlaying(client: WsClient): Promise<TestEnd | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  client.listen(() => resolve(undefined));
  return await patiently(Promise.race([promise, client.closed]), () => "the player was neither accepted nor refused");
}

async function knockHls(server: TestServer, _: Action, path: string, params: Texts, headers: Texts) {
  await using socket = await TestSocket.open(server.port);
  // Requests of one program with one query are one viewer, who is asked about once.
  const agent = { "User-Agent": crypto.randomUUID() };
  sendRequest(socket, "GET", target(`/hls/${path}/index.m3u8`, params), { ...agent, ...headers });
  return outcomeOf(String((await readHead(socket))?.status));
}
