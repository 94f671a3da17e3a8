import { createServer } from "node:net";

/**
 * Checks that nobody listens on a port: workers share theirs with everybody who shares it too, and would notice nothing of
 * another server there.
 *
 * @throws {Error} with the system's `code`, such as `EADDRINUSE`
 */
export async function checkFree(host: string, port: number): Promise<void> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.on("error", reject);
  server.listen({ host, port }, resolve);
  try {
    await promise;
  } catch (error) {
    // An address that does not exist here is for the listeners to say.
    if (isTaken(error)) throw error;
    return;
  }
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
}

function isTaken(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === "EADDRINUSE" || code === "EACCES";
}
