// What it costs to oversee a server with a thousand streams: a scrape of its metrics, a page of its API.
import { DEFAULT_VHOST } from "../../kernel/names.ts";
import { definePlugin, type PluginContext } from "../../kernel/plugin/plugin.ts";
import { createServer } from "../../kernel/server.ts";
import { packets } from "../../kernel/testing/packets.ts";
import { api } from "../../plugins/api/plugin.ts";
import { metrics } from "../../plugins/metrics/plugin.ts";

const STREAMS = 1000;

let ctx!: PluginContext;
const inside = definePlugin({ name: "inside", setup: (own) => void (ctx = own) });
const server = await createServer({
  plugins: [inside(), metrics(), api({ token: "bench-bench-bench", readToken: "bench-bench-read1" })],
  config: { http: { host: "127.0.0.1", port: 0 }, publishTimeoutSeconds: 3600 },
  log: () => {},
});
for (let i = 0; i < STREAMS; i++) {
  const session = await ctx.open({ protocol: "bench", remote: "bench" });
  const publication = await ctx.publish(session, { vhost: DEFAULT_VHOST, app: "live", name: `cam-${i}` });
  for (const packet of packets("V0 A0 K0 a0 d40 a40")) publication.write(packet);
  publication.flush();
}

const read = async (path: string) => {
  const answer = await server.request(`http://localhost${path}`);
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  return (await answer.text()).length;
};

Deno.bench("a scrape of the metrics of 1,000 streams", async () => void await read("/metrics"));
Deno.bench("a page of 100 of 1,000 streams", async () => void await read("/api/v1/streams?limit=100"));
Deno.bench("the server by itself", async () => void await read("/api/v1/server"));
