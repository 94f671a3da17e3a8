import { patiently } from "../patience.ts";
import type { TestServer } from "../test_server.ts";
import type { TestEnd } from "./transport.ts";

/**
 * Waits until the server has let the peer of this name (`ip:port`) publish: not every protocol tells its client.
 *
 * Gives undefined then, and the refusal if that came before.
 */
export async function beforePublishing(
  server: TestServer,
  peer: string,
  refused: Promise<TestEnd>,
): Promise<TestEnd | undefined> {
  const accepted = server.heard((told) => {
    return (told.name === "stream:start" || told.name === "stream:resume") && told.event.session.remote === peer;
  });
  const first = Promise.race([accepted.then(() => undefined), refused]);
  return await patiently(first, () => `${peer} was neither let publish nor refused`);
}
