/** Below those that systems give to connections, which come and go by themselves. */
const FIRST = 12_000;
const LAST = 30_000;

const given = new Set<number>();

/**
 * A port that nobody listens on, for programs that cannot choose one and servers that come back to theirs. No connection
 * gets it while it is not listened on, as happens to ports that the system chooses: not even one that tries to reach it.
 */
export function freePort(): number {
  while (true) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (given.has(port) || !isFree(port)) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
