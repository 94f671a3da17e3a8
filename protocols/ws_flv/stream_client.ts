import type { StreamClient } from "../../kernel/sessions/client.ts";

/** The schemes of its addresses. */
export const SCHEMES = ["ws", "wss"];

/** WebSocket-FLV, for those who take addresses of any protocol; its client is loaded with the first of them. */
export const wsFlvClient: StreamClient = {
  schemes: SCHEMES,
  pull: async (url, options) => (await import("./client.ts")).WsFlvPlayClient.connect(url, options),
  push: async (url, options) => (await import("./client.ts")).WsFlvPublishClient.connect(url, options),
};
