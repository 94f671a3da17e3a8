import { httpFlvTransport } from "./http_flv_transport.ts";
import { rtmpTransport } from "./rtmp_transport.ts";
import type { TransportUnderTest } from "./transport.ts";
import { wsFlvTransport } from "./ws_flv_transport.ts";

/** Every protocol that publishes and plays. */
export const TRANSPORTS: readonly TransportUnderTest[] = [rtmpTransport, httpFlvTransport, wsFlvTransport];
