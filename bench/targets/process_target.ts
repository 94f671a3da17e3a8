import type { Target } from "./target.ts";
import { untilListening } from "./ports.ts";

/** What ends the bench, and with it the server that it has started. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];

/** The exit code of a process that was interrupted, as shells know it. */
const INTERRUPTED = 130;

/** A server in a process of its own. */
export interface ProcessOptions extends Pick<Target, "name" | "host" | "ports" | "source"> {
  readonly command: string;
  /** Besides what the bench itself was started with. */
  readonly env?: Readonly<Record<string, string>>;
  /** The arguments, given a folder for the server's files. */
  args(directory: string): readonly string[] | Promise<readonly string[]>;
}

/**
 * Starts a server in a folder of its own and waits until it listens; disposing stops it and removes the folder.
 *
 * @throws {Error} when it does not start
 */
export async function startProcess({ name, host, ports, source, command, env, args }: ProcessOptions): Promise<Target> {
  const directory = await Deno.makeTempDir({ prefix: "sluice_bench_" });
  const process = new Deno.Command(command, {
    args: [...await args(directory)],
    cwd: directory,
    env: { ...withoutSettings(Deno.env.toObject()), ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
  }).spawn();
  const abandon = () => {
    stop(process);
    Deno.removeSync(directory, { recursive: true });
    Deno.exit(INTERRUPTED);
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, abandon);
  const target: Target = {
    name,
    host,
    ports,
    source,
    pids: [process.pid],
    async [Symbol.asyncDispose]() {
      for (const signal of SIGNALS) Deno.removeSignalListener(signal, abandon);
      stop(process);
      await process.status;
      await Deno.remove(directory, { recursive: true });
    },
  };
  try {
    for (const port of new Set(Object.values(ports))) await untilListening(process, host, port);
    return target;
  } catch (error) {
    await target[Symbol.asyncDispose]();
    throw error;
  }
}

/** What is set for a server that runs on this machine is not meant for the one that is measured. */
function withoutSettings(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== "PORT" && !name.startsWith("SLUICE_")));
}

function stop(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}
