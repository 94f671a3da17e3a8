// Players, publishers and names that come and go by the thousands, round after round, and what of them is left after each:
// `deno run -A bench/storms.ts`, with another number of names behind it where 10,000 are too many.
import { knownClients } from "../clients/known_clients.ts";
import type { PushClient } from "../kernel/sessions/client.ts";
import { packetsOf, StreamMaker, type Tag } from "../tests/support/stream_maker.ts";
import { memoryParts } from "./memory_parts.ts";
import { processFigures } from "./process_figures.ts";
import { programOptions } from "./program_options.ts";
import { startGateway } from "./targets/gateway.ts";
import { startSluice } from "./targets/sluice.ts";
import type { Target } from "./targets/target.ts";

const HOST = "127.0.0.1";

/** How often a crowd, and a publisher, drops and returns at once, in all rounds together. */
const STORMS = 100;
const CROWD = 200;

const { names: NAMES, rounds: ROUNDS, workers: WORKERS, sinks: SINKS, by: BY } = programOptions({
  about: "Has players, publishers and names come and go by the thousands, and prints what is left of them",
  options: {
    names: { what: "how many names come and go, in all rounds together", least: 200, otherwise: 10_000 },
    rounds: {
      what: "rounds of the same; what is left after each is to be what was left after the one before",
      least: 1,
      otherwise: 5,
    },
    workers: { what: "how many workers the server has", least: 1, otherwise: 1 },
    sinks: { what: "every stream is recorded, and cut for HLS and fMP4", otherwise: false },
    by: {
      what: "how players come: by one of rtmp, http, ws, hls",
      otherwise: "rtmp, http and ws",
      known: ["rtmp", "http", "ws", "hls"],
    },
  },
  places: ["names"],
});

/** How many names come at once; every other one is played at a gateway, unless it is by HLS. */
const AT_ONCE = 50;

/** Longer than a stream waits for its publisher, than a gateway keeps what nobody watches, and than V8 puts off cleaning up. */
const CALM_MS = 40_000;

/** How often a group of pictures is published. */
const PICTURES_MS = 400;

const MB = 2 ** 20;

const PUSHES = ["rtmp", "http", "ws"] as const;
const PLAYS: readonly string[] = PUSHES.includes(BY as typeof PUSHES[number]) || BY === "hls" ? [BY] : PUSHES;

const PROTOCOLS = ["rtmp", "http-flv", "ws-flv"];
const clients = knownClients();

/** Answers are not kept waiting for the next question: what is left open is the server's. */
const http = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });

function urlOf({ ports }: Target, way: string, path: string): string {
  return `${way}://${HOST}:${way === "rtmp" ? ports.rtmp : ports["http-flv"]}/live/${path}`;
}

/** A publisher whose stream goes on. */
class Publisher {
  readonly #push: PushClient;
  readonly #maker = new StreamMaker();
  #timer?: ReturnType<typeof setInterval>;
  /** Why it could not go on; told when it leaves, since a bench that fails ends the server, and with it every connection. */
  #failure?: unknown;

  private constructor(push: PushClient) {
    this.#push = push;
  }

  static async open(target: Target, path: string, number: number): Promise<Publisher> {
    const url = urlOf(target, PUSHES[number % PUSHES.length], path);
    const publisher = new Publisher(await clients.for(url).push(url));
    publisher.#write(publisher.#maker.head());
    publisher.#goOn();
    publisher.#timer = setInterval(() => publisher.#goOn(), PICTURES_MS);
    return publisher;
  }

  /** Ends the stream, or lets it wait for a return. */
  async leave(isOrderly: boolean): Promise<void> {
    clearInterval(this.#timer);
    if (this.#failure) throw this.#failure;
    if (isOrderly) await this.#push.close();
    else this.#push.destroy();
  }

  #goOn(): void {
    try {
      this.#write(this.#maker.gop());
    } catch (error) {
      this.#failure ??= error;
      clearInterval(this.#timer);
    }
  }

  /** What is still on its way when the publisher leaves is lost. */
  #write(tags: readonly Tag[]): void {
    for (const packet of packetsOf(tags)) this.#push.write(packet)?.catch(() => {});
  }
}

/** Plays until something comes; gives what leaves. */
async function play(target: Target, path: string, number: number): Promise<() => void> {
  const way = PLAYS[number % PLAYS.length];
  if (way === "hls") return await playHls(target, path);
  const url = `${urlOf(target, way, path)}${way === "rtmp" ? "" : ".flv"}`;
  const pull = await clients.for(url).pull(url);
  await pull[Symbol.asyncIterator]().next();
  return () => pull.destroy();
}

/** Reads playlists, and a segment where there is one yet. */
async function playHls({ ports }: Target, path: string): Promise<() => void> {
  let address = `http://${HOST}:${ports["http-flv"]}/hls/live/${path}/index.m3u8`;
  for (let depth = 0; depth < 3; depth++) {
    const answer = await fetch(address, { client: http });
    const body = await answer.bytes();
    const next = new TextDecoder().decode(body).split("\n").find((line) => line !== "" && !line.startsWith("#"));
    if (!answer.ok || !next || depth === 2) break;
    address = new URL(next, address).href;
  }
  return () => {};
}

async function viewersStorm(target: Target): Promise<void> {
  const leave = await Promise.all(Array.from({ length: CROWD }, (_, i) => play(target, "cam", i)));
  for (const each of leave) each();
}

async function nameLives(number: number, origin: Target, gateway: Target): Promise<void> {
  const publisher = await Publisher.open(origin, `name-${number}`, number);
  const leave = await play(number % 2 && BY !== "hls" ? gateway : origin, `name-${number}`, number >> 1);
  await publisher.leave(number % 5 > 0);
  leave();
}

/** Says what processes hold; gives their memory in megabytes. */
function report(what: string, targets: readonly Target[]): number[] {
  return targets.map(({ name, pids }) => {
    const { rssBytes = NaN, cpuSeconds = NaN } = processFigures(pids) ?? {};
    const parts = memoryParts(pids[0]);
    const files = Array.from(Deno.readDirSync(`/proc/${pids[0]}/fd`)).length;
    const [code, malloc, rest] = [parts?.files, parts?.malloc, parts?.rest].map((part = NaN) => (part / MB).toFixed(0));
    console.log(
      `${what.padEnd(34)} ${name.padEnd(18)} ${
        (rssBytes / MB).toFixed(0).padStart(4)
      } MB (code ${code}, malloc ${malloc}, ` +
        `rest ${rest})  ${String(files).padStart(4)} files  ${cpuSeconds.toFixed(1).padStart(6)} s of processor`,
    );
    return rssBytes / MB;
  });
}

/** One round: players, the publisher, and names, each so many times. */
async function round(number: number, origin: Target, gateway: Target): Promise<number[]> {
  const storms = Math.ceil(STORMS / ROUNDS);
  let publisher = await Publisher.open(origin, "cam", 0);
  for (let i = 0; i < storms; i++) await viewersStorm(origin);
  report(`${storms} times ${CROWD} players`, [origin]);
  const leave = await Promise.all(PLAYS.map((_, i) => play(origin, "cam", i)));
  for (let i = 0; i < storms; i++) {
    await publisher.leave(false);
    publisher = await Publisher.open(origin, "cam", i);
  }
  for (const each of leave) each();
  await publisher.leave(true);
  report(`${storms} times the publisher`, [origin]);
  const groups = Math.ceil(NAMES / ROUNDS / AT_ONCE);
  for (let i = 0; i < groups; i++) {
    const first = (number * groups + i) * AT_ONCE;
    await Promise.all(Array.from({ length: AT_ONCE }, (_, j) => nameLives(first + j, origin, gateway)));
  }
  report(`${groups} times ${AT_ONCE} names`, [origin, gateway]);
  await new Promise((resolve) => setTimeout(resolve, CALM_MS));
  return report(`round ${number + 1}, when it is calm`, [origin, gateway]);
}

const plugins = SINKS || BY === "hls" ? [...PROTOCOLS, "flv-record", "fmp4", "hls"] : PROTOCOLS;
await using origin = await startSluice(HOST, plugins, WORKERS);
await using gateway = await startGateway("gateway", origin, "rtmp");
report("at first", [origin, gateway]);
const calm: number[][] = [];
for (let number = 0; number < ROUNDS; number++) calm.push(await round(number, origin, gateway));
for (const [i, { name }] of [origin, gateway].entries()) {
  console.log(`${name}, MB after each round: ${calm.map((each) => each[i].toFixed(0)).join(", ")}`);
}
http.close();
