/** How long a server may take to listen, in milliseconds. */
const START_MS = 20_000;

/** How often it is tried whether it listens, in milliseconds. */
const TRY_MS = 20;

/** A port that nobody listens on now. */
export function freePort(hostname: string): number {
  using listener = Deno.listen({ hostname, port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/**
 * Waits until a process listens on a port.
 *
 * @throws {Error} when it ends before it does, or takes too long
 */
export async function untilListening(process: Deno.ChildProcess, hostname: string, port: number): Promise<void> {
  let ended: Deno.CommandStatus | undefined;
  void process.status.then((status) => ended = status);
  for (let waited = 0; waited < START_MS && !ended; waited += TRY_MS) {
    try {
      (await Deno.connect({ hostname, port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, TRY_MS));
    }
  }
  throw new Error(ended ? `The server ended with code ${ended.code}` : `The server does not listen on port ${port}`);
}
