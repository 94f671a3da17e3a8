import { HELP, type Options, parseOptions } from "./options.ts";
import { followed } from "./program_options.ts";
import { type Figures, type Load, run } from "./run.ts";
import { remarks, table } from "./table.ts";
import { hasNginx, startNginx } from "./targets/nginx.ts";
import { startSluice } from "./targets/sluice.ts";
import type { Target } from "./targets/target.ts";

/** Starts a server to be loaded, on this host. */
type Start = (host: string) => Promise<Target>;

/** Runs the bench and prints what it measured, also when a later part of it fails; the result is the process's exit code. */
async function bench(options: Options): Promise<number> {
  const figures: Figures[] = [];
  try {
    await runAll(options, figures);
    print(figures, options);
    return 0;
  } catch (error) {
    if (figures.length > 0) print(figures, { json: false });
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

/** Each load goes to one server after the other before the next load does, so that all see the same weather. */
async function runAll(options: Options, into: Figures[]): Promise<void> {
  if (Deno.build.standalone) throw new Error("The bench starts processes of its own: run it with `deno task bench`");
  const starts = await startsOf(options);
  for (let round = 0; round < options.rounds; round++) {
    for (const load of options.loads) {
      for (const start of starts) into.push(...await runOne(start, options.host, load));
    }
  }
}

async function startsOf({ peer, plugins, workers }: Options): Promise<Start[]> {
  const sluice: Start = (host) => startSluice(host, plugins, workers);
  if (peer === undefined) return [sluice];
  if (await hasNginx()) return [sluice, startNginx];
  console.error("nginx with its RTMP module is not installed (libnginx-mod-rtmp): nothing to compare with");
  return [sluice];
}

async function runOne(start: Start, host: string, load: Load): Promise<Figures[]> {
  await using target = await start(host);
  if (target.ports[load.protocol] === undefined) return [];
  console.error(`${target.name}, ${load.protocol}: ${load.publishers} publishing, ${load.players} playing …`);
  return [await run(target, load)];
}

function print(figures: readonly Figures[], { json }: Pick<Options, "json">): void {
  console.log(json ? JSON.stringify(figures, null, 2) : table(figures));
  for (const remark of figures.flatMap(remarks)) console.error(remark);
}

if (import.meta.main) Deno.exit(await bench(followed(Deno.args, HELP, parseOptions)));
