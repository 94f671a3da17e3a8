// Makes the server one program without anything beside it: `deno task compile`, or with the names of targets. `bundle` stops
// at the one module of which programs are made.
import manifest from "../deno.json" with { type: "json" };

/** The machines that programs are made for, by the names they go by, with those of the compiler. */
export const TARGETS: Readonly<Record<string, string>> = {
  "linux-x64": "x86_64-unknown-linux-gnu",
  "linux-arm64": "aarch64-unknown-linux-gnu",
  "macos-x64": "x86_64-apple-darwin",
  "macos-arm64": "aarch64-apple-darwin",
  "windows-x64": "x86_64-pc-windows-msvc",
};

/** Where programs are put, below the folder of the repository. */
const FOLDER = "dist";

/** The whole server as one module: pages and libraries are in it. */
const BUNDLE: string = `${FOLDER}/sluice.js`;

/** The arguments with which Deno makes the bundle. */
export function bundleArguments(output: string = BUNDLE): string[] {
  return ["bundle", "--quiet", "--platform", "deno", "--output", output, "server.ts"];
}

/** The arguments with which Deno makes a program of the bundle; it has the permissions of `deno task start`, and no others. */
export function compileArguments(target: string): string[] {
  const options = manifest.tasks.start.split(" ").filter((word) => word.startsWith("--"));
  const output = `${FOLDER}/sluice-${target}${target.startsWith("windows") ? ".exe" : ""}`;
  return ["compile", "--no-config", "--no-check", ...options, "--target", TARGETS[target], "--output", output, BUNDLE];
}

async function run(args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), { args: [...args] }).spawn().status;
  if (!success) Deno.exit(1);
}

if (import.meta.main) {
  const wanted = Deno.args.length > 0 ? Deno.args.filter((name) => name !== "bundle") : Object.keys(TARGETS);
  const unknown = wanted.filter((target) => !(target in TARGETS));
  if (unknown.length > 0) {
    console.error(`Nothing can be made for ${unknown.join(", ")}: there are ${Object.keys(TARGETS).join(", ")}`);
    Deno.exit(2);
  }
  await run(bundleArguments());
  for (const target of wanted) await run(compileArguments(target));
}
