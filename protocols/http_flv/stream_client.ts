import type { StreamClient } from "../../kernel/sessions/client.ts";

/** The schemes of its addresses. */
export const SCHEMES = ["http", "https"];

/** HTTP-FLV, for those who take addresses of any protocol; its client is loaded with the first of them. */
export const httpFlvClient: StreamClient = {
  schemes: SCHEMES,
  pull: async (url, options) => (await import("./client.ts")).HttpFlvPlayClient.connect(url, options),
  push: async (url, options) => (await import("./client.ts")).HttpFlvPublishClient.connect(url, options),
};
