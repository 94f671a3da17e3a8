// What a worker of a server runs: the protocols, or what serves files by itself. The server starts it; it is of no use by itself.
import { filePlugins } from "./clients/file_gateway.ts";
import { serveWorker } from "./kernel/workers/serve_worker.ts";
import { httpFlv } from "./protocols/http_flv/plugin.ts";
import { rtmp } from "./protocols/rtmp/plugin.ts";
import { wsFlv } from "./protocols/ws_flv/plugin.ts";

serveWorker([rtmp(), httpFlv(), wsFlv(), ...filePlugins((line) => console.log(line))]);
