import { join } from "@std/path";
import { authority } from "../load/address.ts";
import { freePort } from "./ports.ts";
import { startProcess } from "./process_target.ts";
import type { Target } from "./target.ts";

/** Where Debian's libnginx-mod-rtmp puts it. */
const MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so";

/** Says whether nginx with its RTMP module is installed. */
export async function hasNginx(): Promise<boolean> {
  try {
    return (await Deno.stat(MODULE)).isFile;
  } catch {
    return false;
  }
}

/** Starts nginx with its RTMP module, one process, on a free port. */
export function startNginx(host: string): Promise<Target> {
  const port = freePort(host);
  return startProcess({
    name: "nginx-rtmp",
    host,
    ports: { rtmp: port },
    command: "nginx",
    async args(directory) {
      const path = join(directory, "nginx.conf");
      await Deno.writeTextFile(path, configuration(directory, authority({ host, port })));
      return ["-p", directory, "-c", path];
    },
  });
}

function configuration(directory: string, address: string): string {
  return `
    load_module ${MODULE};
    daemon off; master_process off;
    pid ${join(directory, "nginx.pid")}; error_log ${join(directory, "error.log")};
    events { worker_connections 19000; }
    rtmp {
      access_log off;
      server { listen ${address}; chunk_size 4096; application live { live on; } }
    }`;
}
