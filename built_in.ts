import type { PluginFactory } from "./kernel/plugin/plugin.ts";
import { api } from "./plugins/api/plugin.ts";
import { auth } from "./plugins/auth/plugin.ts";
import { cluster } from "./plugins/cluster/plugin.ts";
import { demo } from "./plugins/demo/plugin.ts";
import { doctor } from "./plugins/doctor/plugin.ts";
import { exec } from "./plugins/exec/plugin.ts";
import { files } from "./plugins/files/plugin.ts";
import { flvRecord } from "./plugins/flv_record/plugin.ts";
import { fmp4 } from "./plugins/fmp4/plugin.ts";
import { forward } from "./plugins/forward/plugin.ts";
import { hls } from "./plugins/hls/plugin.ts";
import { metrics } from "./plugins/metrics/plugin.ts";
import { pages } from "./plugins/pages/plugin.ts";
import { s3 } from "./plugins/s3/plugin.ts";
import { traces } from "./plugins/traces/plugin.ts";
import { upstream } from "./plugins/upstream/plugin.ts";
import { webhooks } from "./plugins/webhooks/plugin.ts";
import { httpFlv } from "./protocols/http_flv/plugin.ts";
import { rtmp } from "./protocols/rtmp/plugin.ts";
import { wsFlv } from "./protocols/ws_flv/plugin.ts";

/** What runs when nobody says otherwise, in order. */
export const FULL_SET: readonly PluginFactory[] = [
  cluster,
  auth,
  webhooks,
  rtmp,
  httpFlv,
  wsFlv,
  s3,
  flvRecord,
  fmp4,
  hls,
  forward,
  upstream,
  api,
  metrics,
  traces,
  exec,
  doctor,
  files,
  pages,
];

/** All plugins that come with Sluice. */
export const BUILT_IN: readonly PluginFactory[] = [...FULL_SET, demo];
