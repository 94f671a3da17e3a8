// Serves made segments from memory: bench/files/memory_server.ts PORT COUNT BYTES
import { definePlugin } from "../../kernel/plugin/plugin.ts";
import { createServer } from "../../kernel/server.ts";
import { MemoryResource } from "../../plugins/shared/serving/resource.ts";
import { ResourceServer } from "../../plugins/shared/serving/resource_server.ts";

const [port, count, bytes] = Deno.args.map(Number);

const segments = definePlugin({
  name: "segments",
  setup(ctx) {
    const server = new ResourceServer(ctx.clock, ctx.stallMs);
    ctx.defer(() => server[Symbol.dispose]());
    for (let i = 0; i < count; i++) {
      const content = crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65_536)));
      const segment = new Uint8Array(bytes).map((_, at) => content[at % content.length]);
      const resource = new MemoryResource(segment, { type: "video/mp2t", caching: "immutable" });
      ctx.http.get(`/hls/live/cam/${i}.ts`, (c) => server.answer(c, resource));
    }
  },
});

await createServer({ plugins: [segments()], config: { http: { host: "127.0.0.1", port } } });
