// Runs Node-Media-Server: `node_media_server.ts RTMP_PORT HTTP_PORT`. What it writes goes into the present folder.
import NodeMediaServer from "node-media-server";

const [rtmp, http] = Deno.args.map(Number);
const server = new NodeMediaServer({
  bind: "127.0.0.1",
  rtmp: { port: rtmp },
  http: { port: http },
  auth: { play: false, publish: false },
  webadmin: { enable: false },
});
server.run();
