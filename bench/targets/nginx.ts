import { join } from "@std/path";
import { authority } from "../load/address.ts";
import type { Target } from "./target.ts";

/** Where Debian's libnginx-mod-rtmp puts it. */
const MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so";

/** How long nginx may take to listen, in milliseconds. */
const START_MS = 5000;

/** How often it is tried whether it listens, in milliseconds. */
const TRY_MS = 20;

/** Says whether nginx with its RTMP module is installed. */
export async function hasNginx(): Promise<boolean> {
  try {
    return (await Deno.stat(MODULE)).isFile;
  } catch {
    return false;
  }
}

/**
 * Starts nginx with its RTMP module, one process, on a free port.
 *
 * @throws {Error} when it does not start
 */
export async function startNginx(host: string): Promise<Target> {
  const directory = await Deno.makeTempDir({ prefix: "sluice_bench_" });
  const port = freePort(host);
  const path = join(directory, "nginx.conf");
  await Deno.writeTextFile(path, configuration(directory, host, port));
  const nginx = new Deno.Command("nginx", { args: ["-p", directory, "-c", path], stdin: "null" }).spawn();
  const stop = async () => {
    nginx.kill();
    await nginx.status;
    await Deno.remove(directory, { recursive: true });
  };
  if (await listens(host, port)) {
    return { name: "nginx-rtmp", host, pids: [nginx.pid], ports: { rtmp: port }, [Symbol.asyncDispose]: stop };
  }
  await stop();
  throw new Error(`nginx does not listen on port ${port}`);
}

function configuration(directory: string, host: string, port: number): string {
  return `
    load_module ${MODULE};
    daemon off; master_process off;
    pid ${join(directory, "nginx.pid")}; error_log ${join(directory, "error.log")};
    events { worker_connections 19000; }
    rtmp {
      access_log off;
      server { listen ${authority({ host, port })}; chunk_size 4096; application live { live on; } }
    }`;
}

function freePort(host: string): number {
  using listener = Deno.listen({ hostname: host, port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function listens(hostname: string, port: number): Promise<boolean> {
  for (let waited = 0; waited < START_MS; waited += TRY_MS) {
    try {
      (await Deno.connect({ hostname, port })).close();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, TRY_MS));
    }
  }
  return false;
}
