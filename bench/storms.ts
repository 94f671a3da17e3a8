// Players, publishers and names that come and go by the thousands, and what of them is left: `deno run -A bench/storms.ts`,
// with another number of names behind it where 10,000 are too many.
import { knownClients } from "../clients/known_clients.ts";
import type { PushClient } from "../kernel/client.ts";
import { packetsOf, StreamMaker } from "../tests/support/stream_maker.ts";
import { processFigures } from "./process_figures.ts";
import { programOptions } from "./program_options.ts";
import { startGateway } from "./targets/gateway.ts";
import { startSluice } from "./targets/sluice.ts";
import type { Target } from "./targets/target.ts";

const HOST = "127.0.0.1";

/** How often a crowd, and a publisher, drops and returns at once. */
const STORMS = 100;
const CROWD = 200;

/** How many names come and go, and how many of them at once; every other one is played at a gateway. */
const { names: NAMES } = programOptions({
  about: "Has players, publishers and names come and go by the thousands, and prints what is left of them",
  options: { names: { what: "how many names come and go", least: 200, otherwise: 10_000 } },
  places: ["names"],
});
const AT_ONCE = 50;

/** What is left is looked at so often in each kind of storm. */
const LOOKS = 4;

/** Longer than a stream waits for its publisher, and than a gateway keeps what nobody watches, in milliseconds. */
const CALM_MS = 40_000;

/** How often a group of pictures is published. */
const PICTURES_MS = 400;

const WAYS = ["rtmp", "http", "ws"] as const;
const clients = knownClients();

function urlOf({ ports }: Target, path: string, number: number, isPull: boolean): string {
  const way = WAYS[number % WAYS.length];
  const port = way === "rtmp" ? ports.rtmp : ports["http-flv"];
  return `${way}://${HOST}:${port}/live/${path}${isPull && way !== "rtmp" ? ".flv" : ""}`;
}

/** A publisher whose stream goes on. */
class Publisher {
  readonly #push: PushClient;
  readonly #maker = new StreamMaker();
  #timer?: ReturnType<typeof setInterval>;

  private constructor(push: PushClient) {
    this.#push = push;
  }

  static async open(target: Target, path: string, number: number): Promise<Publisher> {
    const url = urlOf(target, path, number, false);
    const publisher = new Publisher(await clients.for(url).push(url));
    for (const packet of packetsOf(publisher.#maker.head())) publisher.#push.write(packet);
    publisher.#goOn();
    publisher.#timer = setInterval(() => publisher.#goOn(), PICTURES_MS);
    return publisher;
  }

  /** Ends the stream, or lets it wait for a return. */
  async leave(isOrderly: boolean): Promise<void> {
    clearInterval(this.#timer);
    if (isOrderly) await this.#push.close();
    else this.#push.destroy();
  }

  #goOn(): void {
    for (const packet of packetsOf(this.#maker.gop())) void this.#push.write(packet);
  }
}

/** Plays until something comes; gives what leaves. */
async function play(target: Target, path: string, number: number): Promise<() => void> {
  const url = urlOf(target, path, number, true);
  const pull = await clients.for(url).pull(url);
  await pull[Symbol.asyncIterator]().next();
  return () => pull.destroy();
}

async function viewersStorm(target: Target): Promise<void> {
  const leave = await Promise.all(Array.from({ length: CROWD }, (_, i) => play(target, "cam", i)));
  for (const each of leave) each();
}

async function nameLives(number: number, origin: Target, gateway: Target): Promise<void> {
  const publisher = await Publisher.open(origin, `name-${number}`, number);
  const leave = await play(number % 2 ? gateway : origin, `name-${number}`, number >> 1);
  await publisher.leave(number % 5 > 0);
  leave();
}

/** Says what processes hold, at the same moments of each storm. */
async function report(what: string, targets: readonly Target[]): Promise<void> {
  for (const { name, pids } of targets) {
    const { rssBytes = NaN, cpuSeconds = NaN } = processFigures(pids) ?? {};
    const files = (await Array.fromAsync(Deno.readDir(`/proc/${pids[0]}/fd`))).length;
    console.log(
      `${what.padEnd(34)} ${name.padEnd(8)} ${(rssBytes / 2 ** 20).toFixed(0).padStart(4)} MB  ` +
        `${String(files).padStart(5)} files  ${cpuSeconds.toFixed(1).padStart(6)} s of processor`,
    );
  }
}

async function storms(what: string, count: number, targets: readonly Target[], storm: (i: number) => Promise<unknown>) {
  for (let i = 0; i < count; i++) {
    await storm(i);
    if ((i + 1) % (count / LOOKS) === 0) await report(`${i + 1} ${what}`, targets);
  }
}

const calm = () => new Promise((resolve) => setTimeout(resolve, CALM_MS));

await using origin = await startSluice(HOST, ["rtmp", "http-flv", "ws-flv"]);
await using gateway = await startGateway("gateway", origin, "rtmp");
const targets = [origin, gateway];
await report("at first", targets);
let publisher = await Publisher.open(origin, "cam", 0);
await storms(`times ${CROWD} players`, STORMS, [origin], () => viewersStorm(origin));
const leave = await Promise.all(WAYS.map((_, i) => play(origin, "cam", i)));
await storms("times the publisher", STORMS, [origin], async (i) => {
  await publisher.leave(false);
  publisher = await Publisher.open(origin, "cam", i);
});
for (const each of leave) each();
await publisher.leave(true);
await storms(`times ${AT_ONCE} names`, NAMES / AT_ONCE, targets, (i) => {
  return Promise.all(Array.from({ length: AT_ONCE }, (_, j) => nameLives(i * AT_ONCE + j, origin, gateway)));
});
await calm();
await report("after all, when it is calm", targets);
