import { fromFileUrl } from "@std/path";
import { freePort } from "./ports.ts";
import { startProcess } from "./process_target.ts";
import type { Target } from "./target.ts";

/** The command line of Sluice. */
const SERVER = fromFileUrl(new URL("../../server.ts", import.meta.url));

/**
 * As in the task `start`: at thousands of viewers small semi-spaces save tens of megabytes, and a heap that may not grow to
 * more than two and a half times what is in use before it is cleaned saves ten.
 */
const V8_FLAGS = "--v8-flags=--max-semi-space-size=2,--heap-growing-percent=150";

/** As there too: one place to allocate from is enough for one busy thread. */
const ENV = { MALLOC_ARENA_MAX: "1" };

/** Starts Sluice with these plugins and so many workers on free ports, as `deno task start` does. */
export function startSluice(host: string, plugins: readonly string[], workers = 1): Promise<Target> {
  const http = freePort(host);
  const rtmp = freePort(host);
  return startProcess({
    name: workers > 1 ? `sluice, ${workers} workers` : "sluice",
    host,
    ports: { "rtmp": rtmp, "http-flv": http, "ws-flv": http },
    command: Deno.execPath(),
    env: ENV,
    args: (directory) => [
      "run",
      "--allow-all",
      V8_FLAGS,
      SERVER,
      "start",
      `--plugins=${plugins.join(",")}`,
      `--http-host=${host}`,
      `--http-port=${http}`,
      `--rtmp-host=${host}`,
      `--rtmp-port=${rtmp}`,
      `--data-dir=${directory}`,
      `--workers=${workers}`,
      "--log-level=warn",
    ],
  });
}
