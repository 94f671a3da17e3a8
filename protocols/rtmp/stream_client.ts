import type { StreamClient } from "../../kernel/sessions/client.ts";

/** RTMP and RTMPS, for those who take addresses of any protocol; its client is loaded with the first of them. */
export const rtmpClient: StreamClient = {
  schemes: ["rtmp", "rtmps"],
  pull: async (url, options) => (await import("./client.ts")).RtmpPlayClient.connect(url, options),
  push: async (url, options) => (await import("./client.ts")).RtmpPublishClient.connect(url, options),
};
