// Builds the image and tries it: `deno task image`. With `--bases` it first makes stand-ins for the images of Docker Hub that
// it is built upon, of Debian's packages: for machines that cannot reach it.
import { makeBases } from "./image/bases.ts";
import { Engine } from "./image/engine.ts";
import { Trial } from "./image/trial.ts";

const IMAGE = "sluice";

async function buildAndTry(withBases: boolean): Promise<void> {
  const engine = await Engine.find();
  if (withBases) await makeBases(engine);
  await engine.build(IMAGE, ".");
  const bytes = Number(await engine.tell("image", "inspect", "--format", "{{.Size}}", IMAGE));
  console.log(`The image has ${Math.round(bytes / 1e6)} MB`);
  for (const command of [["demo"], ["demo", "--workers", "2"]]) {
    console.log(command.join(" "));
    await using trial = new Trial(engine, IMAGE, command, (line) => console.log(`  ${line}`));
    await trial.run();
  }
}

if (import.meta.main) {
  const unknown = Deno.args.filter((arg) => arg !== "--bases");
  if (unknown.length > 0) {
    console.error(`Nothing is known of ${unknown.join(" ")}: there is --bases`);
    Deno.exit(2);
  }
  try {
    await buildAndTry(Deno.args.includes("--bases"));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
