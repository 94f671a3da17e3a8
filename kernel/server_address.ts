import type { Listener } from "./front/front.ts";
import type { ServerAddress } from "./server.ts";

/** A port that is listened on, as people are told of it. */
export function addressOfListener({ name, host, port }: Listener): ServerAddress {
  const shown = host === "::" || host === "0.0.0.0" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return { name, host, port, url: `${name}://${shown}:${port}` };
}
