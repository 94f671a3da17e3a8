import { parseArgs } from "@std/cli/parse-args";
import { assertLoopback, type Protocol, PROTOCOLS } from "./load/address.ts";
import type { Load } from "./run.ts";
import { SCENARIOS } from "./scenarios.ts";

/** What the bench is asked to do. */
export interface Options {
  readonly host: string;
  /** What the server runs. */
  readonly plugins: readonly string[];
  /** How many workers the server has. */
  readonly workers: number;
  /** Run in order. */
  readonly loads: readonly Load[];
  /** Also load this server, in turn with Sluice. */
  readonly peer?: "nginx";
  /** How often everything is run. */
  readonly rounds: number;
  readonly json: boolean;
  readonly help: boolean;
}

/** What can be asked of every load, for the help. */
export const LOAD_HELP = `\
  --players 500         players of each protocol; 0 for none
  --publishers 1        publishers; more than one means many publishers and no players
  --kbps 1000           each stream's sound and picture together
  --seconds 10          how long is measured
  --warmup 3            seconds before that
  --ramp 1000           players that connect each second
  --samples 20          players that look for send times in what they get
  --stalled 0           players besides the others that stop reading
  --protocols rtmp,http-flv,ws-flv
  --scenario 1          a preset; other options change it:
${Object.entries(SCENARIOS).map(([number, { what }]) => `                          ${number}  ${what}`).join("\n")}
  --plugins rtmp,http-flv,ws-flv
                        what the server runs: with hls it also cuts every stream, and so on
  --workers 1           how many workers it has
  --rounds 1            run everything so often
  --host 127.0.0.1      this machine, under one of its loopback names`;

/** What `--help` prints. */
export const HELP = `deno task bench: loads a server on this machine and measures what that costs

${LOAD_HELP}
  --peer nginx          also load nginx-rtmp where it is installed, in turn with Sluice
  --json                print JSON instead of a table
`;

/** Numbers that can be set, with the least and the default. */
const NUMBERS: Readonly<Record<string, { readonly least: number; readonly otherwise: number }>> = {
  players: { least: 0, otherwise: 500 },
  publishers: { least: 1, otherwise: 1 },
  kbps: { least: 1, otherwise: 1000 },
  seconds: { least: 1, otherwise: 10 },
  warmup: { least: 0, otherwise: 3 },
  ramp: { least: 1, otherwise: 1000 },
  samples: { least: 0, otherwise: 20 },
  stalled: { least: 0, otherwise: 0 },
  rounds: { least: 1, otherwise: 1 },
  workers: { least: 1, otherwise: 1 },
};

const TEXTS = ["protocols", "plugins", "scenario", "peer", "host"];
const SWITCHES = ["json", "help"];

/**
 * Reads the command line.
 *
 * @throws {RangeError} in a sentence, when an option is unknown or wrong or the host is not this machine
 */
export function parseOptions(args: readonly string[]): Options {
  const given = parseArgs([...args], {
    string: [...Object.keys(NUMBERS), ...TEXTS],
    boolean: SWITCHES,
    unknown: refuse,
  }) as Record<string, string | boolean | undefined>;
  const host = text(given.host) ?? "127.0.0.1";
  assertLoopback(host);
  return {
    host,
    plugins: text(given.plugins)?.split(",") ?? PROTOCOLS,
    loads: loads(given),
    peer: peer(text(given.peer)),
    rounds: number("rounds", given),
    workers: number("workers", given),
    json: given.json === true,
    help: given.help === true,
  };
}

type Given = Readonly<Record<string, string | boolean | undefined>>;

function loads(given: Given): Load[] {
  const presets = scenario(text(given.scenario));
  const protocols = protocolList(text(given.protocols));
  return presets.flatMap((preset) => protocols.map((protocol) => load(protocol, preset, given)));
}

function load(protocol: Protocol, preset: Partial<Load>, given: Given): Load {
  const publishers = number("publishers", given, preset.publishers);
  return {
    protocol,
    publishers,
    players: publishers > 1 ? 0 : number("players", given, preset.players),
    stalled: number("stalled", given, preset.stalled),
    kbps: number("kbps", given, preset.kbps),
    seconds: number("seconds", given, preset.seconds),
    warmup: number("warmup", given, preset.warmup),
    ramp: number("ramp", given, preset.ramp),
    samples: number("samples", given, preset.samples),
  };
}

function number(name: string, given: Given, preset?: number): number {
  const { least, otherwise } = NUMBERS[name];
  const found = text(given[name]);
  if (found === undefined) return preset ?? otherwise;
  const value = Number(found);
  if (found.trim() !== "" && Number.isFinite(value) && value >= least) return value;
  throw new RangeError(`--${name} is "${found}": it must be a number, ${least} or more`);
}

function scenario(found: string | undefined): readonly Partial<Load>[] {
  if (found === undefined) return [{}];
  const preset = SCENARIOS[Number(found)];
  if (preset) return preset.loads;
  throw new RangeError(`--scenario is "${found}": it must be one of ${Object.keys(SCENARIOS).join(", ")}`);
}

function protocolList(found: string | undefined): readonly Protocol[] {
  if (found === undefined) return PROTOCOLS;
  return found.split(",").map((name) => {
    const protocol = PROTOCOLS.find((known) => known === name.trim());
    if (protocol) return protocol;
    throw new RangeError(`--protocols holds "${name}": known are ${PROTOCOLS.join(", ")}`);
  });
}

function peer(found: string | undefined): "nginx" | undefined {
  if (found === undefined || found === "nginx") return found;
  throw new RangeError(`--peer is "${found}": the only peer that the bench knows is nginx`);
}

function text(value: string | boolean | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function refuse(argument: string): never {
  throw new RangeError(`The bench does not know ${argument}: deno task bench --help lists what it knows`);
}
