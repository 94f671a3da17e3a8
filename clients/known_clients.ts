import { OfferedClients, type StreamClient, type StreamClients } from "../kernel/sessions/client.ts";
import { isPlaylist } from "../plugins/shared/relay/address.ts";
import { httpFlvClient } from "../protocols/http_flv/stream_client.ts";
import { rtmpClient } from "../protocols/rtmp/stream_client.ts";
import { wsFlvClient } from "../protocols/ws_flv/stream_client.ts";

/** Clients for addresses of RTMP, HTTP-FLV and WebSocket-FLV, each with its encrypted twin, and for HLS to pull from. */
export function knownClients(): StreamClients {
  const clients = new KnownClients();
  for (const client of [rtmpClient, httpFlvClient, wsFlvClient]) clients.add(client);
  return clients;
}

/** HLS is told from HTTP-FLV by the name of its playlist. */
class KnownClients extends OfferedClients {
  override for(url: string): StreamClient {
    return isPlaylist(url) ? hlsClient : super.for(url);
  }
}

/** Plays HLS; the library that reads it is loaded when it is needed. */
const hlsClient: StreamClient = {
  schemes: ["http", "https"],
  pull: async (url, options) => {
    const { HlsPullClient } = await import("./hls_client.ts");
    return await HlsPullClient.connect(url, options);
  },
  push: () => Promise.reject(new TypeError("Nothing can be pushed to a playlist of HLS")),
};
