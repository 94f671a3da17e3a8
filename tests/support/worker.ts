// What a worker of a server under test runs: the protocols, and a plugin by which tests tell workers from each other.
import { serveWorker } from "../../kernel/workers/serve_worker.ts";
import { httpFlv } from "../../protocols/http_flv/plugin.ts";
import { rtmp } from "../../protocols/rtmp/plugin.ts";
import { wsFlv } from "../../protocols/ws_flv/plugin.ts";
import { whereabouts } from "./whereabouts.ts";

serveWorker([whereabouts(), rtmp(), httpFlv(), wsFlv()]);
