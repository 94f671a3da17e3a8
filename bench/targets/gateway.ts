import { fromFileUrl } from "@std/path";
import { authority, type Protocol } from "../load/address.ts";
import { freePort } from "./ports.ts";
import { startProcess } from "./process_target.ts";
import type { Target } from "./target.ts";

/** The command line of Sluice. */
const SERVER = fromFileUrl(new URL("../../server.ts", import.meta.url));

/** What addresses of a protocol begin with. */
const SCHEMES: Readonly<Record<Protocol, string>> = { "rtmp": "rtmp", "http-flv": "http", "ws-flv": "ws" };

/** Starts a gateway of a server with so many workers, as `deno task gateway` does; it asks the server by this protocol. */
export function startGateway(name: string, upstream: Target, protocol: Protocol, workers = 1): Promise<Target> {
  const { host } = upstream;
  const port = freePort(host);
  const address = `${SCHEMES[protocol]}://${authority({ host, port: upstream.ports[protocol]! })}`;
  return startProcess({
    name: workers > 1 ? `${name}, ${workers} workers` : name,
    host,
    ports: { "rtmp": port, "http-flv": port, "ws-flv": port },
    source: upstream.source ?? upstream,
    command: Deno.execPath(),
    env: { MALLOC_ARENA_MAX: "1" },
    args: () => {
      const flags = ["--allow-all", "--v8-flags=--max-semi-space-size=2,--heap-growing-percent=150"];
      return ["run", ...flags, SERVER, "gateway", String(port), address, "--host", host, `--workers=${workers}`];
    },
  });
}
