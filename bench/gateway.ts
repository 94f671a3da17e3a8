// Measures what a gateway costs, and adds: `deno run -A bench/gateway.ts [--players 8000 --kbps 200 …]`, options as the bench's.
import type { Percentiles } from "./figures.ts";
import { firstPictures } from "./first_picture.ts";
import { PROTOCOLS } from "./load/address.ts";
import { LOAD_HELP, type Options, parseOptions } from "./options.ts";
import { followed } from "./program_options.ts";
import { type Figures, run } from "./run.ts";
import { remarks, table } from "./table.ts";
import { startGateway } from "./targets/gateway.ts";
import { startSluice } from "./targets/sluice.ts";
import type { Target } from "./targets/target.ts";

/** A crowd that a gateway is for. */
const CROWD = ["--players", "8000", "--kbps", "200", "--ramp", "800", "--warmup", "5"];

/** How often the first picture is waited for at each server. */
const STREAMS = 20;

/** An origin alone, and then one whose players are all at a gateway of it, for each load in turn. */
async function crowds({ host, plugins, workers, loads, rounds }: Options): Promise<Figures[]> {
  const figures: Figures[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const load of loads) {
      console.error(`${load.protocol}: ${load.players} players at the origin, then at a gateway of it …`);
      {
        await using origin = await startSluice(host, plugins, workers);
        figures.push(await run({ ...origin, name: "origin" }, load));
      }
      await using origin = await startSluice(host, plugins);
      await using gateway = await startGateway("gateway", origin, load.protocol, workers);
      figures.push(await run(gateway, load));
    }
  }
  return figures;
}

/** From dialling to the first picture: at the origin, at a gateway, and at a gateway of that. */
async function levels({ host, plugins, workers }: Options): Promise<string> {
  const lines = ["| protocol | origin p50 / p99 ms | gateway | gateway of a gateway |", "|---|---|---|---|"];
  for (const protocol of PROTOCOLS) {
    await using origin = await startSluice(host, plugins);
    await using one = await startGateway("gateway", origin, protocol, workers);
    await using two = await startGateway("gateway of a gateway", one, protocol, workers);
    const targets: Target[] = [origin, one, two];
    const times = await firstPictures(targets, protocol, STREAMS);
    lines.push(`| ${[protocol, ...times.map(cell)].join(" | ")} |`);
  }
  return lines.join("\n");
}

function cell({ p50 = NaN, p99 = NaN }: Percentiles): string {
  return `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
}

const HELP = `Measures what a gateway costs, and how much later pictures come through it

  Without options: ${CROWD.join(" ")}; --players 0 for pictures alone

${LOAD_HELP}`;

/** @throws {RangeError} in a sentence, when an option is unknown or wrong */
function readOptions(args: readonly string[]): Options {
  const options = parseOptions([...CROWD, ...args]);
  if (options.json) throw new RangeError("This bench prints tables alone: it knows no --json");
  if (options.peer) throw new RangeError("This bench compares gateways with their origin: it knows no --peer");
  return options;
}

if (import.meta.main) {
  const options = followed(Deno.args, HELP, readOptions);
  console.log(await levels(options));
  const figures = options.loads[0].players > 0 ? await crowds(options) : [];
  console.log(`\n${table(figures)}`);
  for (const remark of figures.flatMap(remarks)) console.error(remark);
  Deno.exit();
}
