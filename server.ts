// The command line of Sluice.
import { BUILT_IN, FULL_SET } from "./built_in.ts";
import { denoHost } from "./cli/host.ts";
import { keysCommand } from "./cli/keys.ts";
import { filesCommand } from "./cli/files.ts";
import { forwardCommand } from "./cli/forward.ts";
import { gatewayCommand } from "./cli/gateway.ts";
import { main } from "./cli/main.ts";
import { pullCommand } from "./cli/pull.ts";
import { pushCommand } from "./cli/push.ts";
import { signCommand } from "./cli/sign.ts";
import { demoCommand, startCommand } from "./cli/start.ts";
import { statusCommand } from "./cli/status.ts";
import { startForward } from "./clients/forward_stream.ts";
import { startGateway } from "./clients/gateway.ts";
import { startPull } from "./clients/pull_file.ts";
import { startPush } from "./clients/push_file.ts";
import manifest from "./deno.json" with { type: "json" };
import { createServer as createKernelServer, type ServerOptions } from "./kernel/server.ts";
import { isWorker } from "./kernel/workers/isolates/is_worker.ts";
import { systemFiles } from "./kernel/files/system_files.ts";

/** What workers run: when all is one module, this one. */
const WORKER_MODULE = new URL(
  import.meta.url.endsWith("/server.ts") ? "./worker.ts" : import.meta.url,
  import.meta.url,
);

/** A server that may have workers. */
function createServer(options: ServerOptions): ReturnType<typeof createKernelServer> {
  return createKernelServer({ ...options, workerModule: WORKER_MODULE });
}

const program = {
  // What people call it by: the module of the repository, or whatever was made of that.
  name: import.meta.url.endsWith("/server.ts") && !Deno.build.standalone ? "server.ts" : "sluice",
  version: manifest.version,
  commands: [
    startCommand(createServer),
    demoCommand(createServer),
    filesCommand({ createServer, disk: systemFiles }),
    pushCommand({ startPush, disk: systemFiles }),
    pullCommand({ startPull, disk: systemFiles }),
    forwardCommand({ startForward }),
    gatewayCommand({ startGateway: (options) => startGateway({ ...options, workerModule: WORKER_MODULE }) }),
    keysCommand,
    signCommand,
    statusCommand(fetch),
  ],
  plugins: BUILT_IN.map((factory) => ({ ...factory(), enabledByDefault: FULL_SET.includes(factory) })),
};

if (isWorker()) await import("./worker.ts");
else Deno.exit(await main(program, denoHost()));
