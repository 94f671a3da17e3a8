import { OfferedClients, type StreamClients } from "../kernel/client.ts";
import { httpFlvClient } from "../protocols/http_flv/client.ts";
import { rtmpClient } from "../protocols/rtmp/client.ts";
import { wsFlvClient } from "../protocols/ws_flv/client.ts";

/** Clients for addresses of RTMP, HTTP-FLV and WebSocket-FLV, each with its encrypted twin. */
export function knownClients(): StreamClients {
  const clients = new OfferedClients();
  for (const client of [rtmpClient, httpFlvClient, wsFlvClient]) clients.add(client);
  return clients;
}
