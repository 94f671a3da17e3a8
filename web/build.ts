/**
 * Bundles the pages' scripts into `web/dist/`: one file per page, which the server carries as text.
 *
 * ```sh
 * deno task pages
 * deno task pages index play
 * ```
 *
 * The bundles are committed, so that the server starts, compiles and publishes without a bundler; the first line of each
 * says what it was made from, and a test compares that with the sources. Libraries are no part of a bundle: pages load
 * them as scripts of their own.
 *
 * @module
 */
import { fromFileUrl, relative } from "@std/path";

/** The scripts of the pages, `web/NAME.ts`. */
export const SCRIPTS = [
  "index",
  "play",
  "play_merge",
  "recordings",
  "dashboard",
  "push",
  "push_audio_tap",
  "push_aac_library",
  "push_file_library",
  "flv_push",
  "push_transcode",
  "push_merge",
];

/** The scripts that are made as small as can be: large libraries that nobody reads. */
const MINIFIED = ["push_aac_library", "push_file_library"];

const ROOT = new URL("../", import.meta.url);

/** The first line of a script's bundle as it is now, or undefined when there is none. */
export async function builtMark(script: string): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(bundleUrl(script))).split("\n", 1)[0];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The first line that a script's bundle has when it is made from the sources as they are now. */
export async function currentMark(script: string): Promise<string> {
  const bytes = new TextEncoder().encode(await readSources(script));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  return `// Made by web/build.ts from web/${script}.ts; sources ${hash}`;
}

/** All modules of ours that go into a script, names and texts. */
async function readSources(script: string): Promise<string> {
  const { modules } = JSON.parse(await deno("info", "--json", sourcePath(script))) as { modules: { local?: string }[] };
  const root = fromFileUrl(ROOT);
  const isOurs = (path: string) => path.startsWith(root) && !path.endsWith(".d.ts");
  const paths = modules.flatMap(({ local }) => local && isOurs(local) ? [relative(root, local)] : []).sort();
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(new URL(path, ROOT))));
  return paths.map((path, i) => `${path}\n${texts[i]}`).join("\n");
}

async function build(script: string): Promise<void> {
  const minify = MINIFIED.includes(script) ? ["--minify"] : [];
  const code = await deno("bundle", "--quiet", "--platform", "browser", ...minify, sourcePath(script));
  await Deno.mkdir(new URL("web/dist/", ROOT), { recursive: true });
  await Deno.writeTextFile(bundleUrl(script), `${await currentMark(script)}\n${code}`);
}

async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
  if (!success) throw new Error(`Could not run deno ${args[0]}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}

function sourcePath(script: string): string {
  return fromFileUrl(new URL(`web/${script}.ts`, ROOT));
}

function bundleUrl(script: string): URL {
  return new URL(`web/dist/${script}.js`, ROOT);
}

if (import.meta.main) await Promise.all((Deno.args.length > 0 ? Deno.args : SCRIPTS).map(build));
