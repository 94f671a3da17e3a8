import { Child } from "../child.ts";
import type { ServerNews } from "./sluice_process.ts";
import type { Target } from "./target.ts";

/** Small semi-spaces: at thousands of viewers they save tens of megabytes and cost nothing that can be measured. */
const V8_FLAGS = ["--max-semi-space-size=2"];

/** Starts Sluice in a process of its own, on free ports. */
export async function startSluice(host: string): Promise<Target> {
  const child = new Child<ServerNews>({
    name: "server",
    script: new URL("./sluice_process.ts", import.meta.url),
    args: [host],
    v8Flags: V8_FLAGS,
  });
  const { ports } = await child.hear();
  return {
    name: "sluice",
    host,
    pids: [child.pid],
    ports,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
