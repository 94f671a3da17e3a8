import { createServer } from "../../kernel/server.ts";
import { lines } from "../lines.ts";
import { httpFlv } from "../../protocols/http_flv/plugin.ts";
import { rtmp } from "../../protocols/rtmp/plugin.ts";
import { wsFlv } from "../../protocols/ws_flv/plugin.ts";
import type { Protocol } from "../load/address.ts";

/** What the server's process says when it runs. */
export interface ServerNews {
  readonly ports: Partial<Record<Protocol, number>>;
}

/** Runs the protocols, and nothing that records, until its input ends. */
async function serve(host: string): Promise<void> {
  const server = await createServer({
    plugins: [rtmp(), httpFlv(), wsFlv()],
    config: { http: { host, port: 0 }, rtmp: { host, port: 0 }, log: { level: "warn" } },
  });
  const http = server.address("http").port;
  const news: ServerNews = { ports: { "rtmp": server.address("rtmp").port, "http-flv": http, "ws-flv": http } };
  console.log(JSON.stringify(news));
  for await (const _ of lines(Deno.stdin.readable));
  Deno.exit();
}

if (import.meta.main) await serve(Deno.args[0]);
