// What a worker of a server runs: the protocols and what writes streams down, or what serves files by itself. The server starts it; it is of no use by itself.
import { filePlugins } from "./clients/file_gateway.ts";
import { serveWorker } from "./kernel/workers/isolates/serve_worker.ts";
import { flvRecord } from "./plugins/flv_record/plugin.ts";
import { fmp4 } from "./plugins/fmp4/plugin.ts";
import { hls } from "./plugins/hls/plugin.ts";
import { httpFlv } from "./protocols/http_flv/plugin.ts";
import { rtmp } from "./protocols/rtmp/plugin.ts";
import { wsFlv } from "./protocols/ws_flv/plugin.ts";

const protocols = [rtmp(), httpFlv(), wsFlv()];
const sinks = [hls(), fmp4(), flvRecord()];

serveWorker([...protocols, ...sinks, ...filePlugins((line) => console.log(line))]);
