import { knownClients } from "../clients/known_clients.ts";
import { type Percentiles, percentiles } from "./figures.ts";
import { authority, type Protocol } from "./load/address.ts";
import { Studio } from "./load/studio.ts";
import type { Target } from "./targets/target.ts";

/** Of each stream; little, so that nothing but the way is measured. */
const KBPS = 300;

const SCHEMES: Readonly<Record<Protocol, string>> = { "rtmp": "rtmp", "http-flv": "http", "ws-flv": "ws" };

/**
 * How long it takes from dialling to the first picture at each of several servers of the same source, in milliseconds.
 *
 * Each server is asked for streams that nobody has asked it for before, so a gateway has to fetch them; the servers take turns.
 */
export async function firstPictures(
  targets: readonly Target[],
  protocol: Protocol,
  streams: number,
): Promise<Percentiles[]> {
  const { host, ports } = targets[0].source ?? targets[0];
  const address = { protocol: "rtmp", host, port: ports.rtmp!, app: "live", stream: `first-${protocol}-` } as const;
  await new Studio({ address, publishers: streams, kbps: KBPS }).open();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const times = targets.map((): number[] => []);
  for (let i = 0; i < streams; i++) {
    for (const [at, target] of targets.entries()) {
      times[at].push(await firstPicture(target, protocol, `live/${address.stream}${i}`));
    }
  }
  return times.map(percentiles);
}

async function firstPicture({ host, ports }: Target, protocol: Protocol, path: string): Promise<number> {
  const server = authority({ host, port: ports[protocol]! });
  const url = `${SCHEMES[protocol]}://${server}/${path}${protocol === "rtmp" ? "" : ".flv"}`;
  const started = performance.now();
  for await (const { role } of await knownClients().for(url).pull(url)) {
    if (role === "key") return performance.now() - started;
  }
  throw new Error(`${url} ended without a picture`);
}
