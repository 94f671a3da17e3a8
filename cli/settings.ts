import { dirname, join, resolve } from "@std/path";
import {
  CONFIG_FILE_ENV,
  type ConfigDocument,
  ConfigError,
  type ConfigSources,
  parseConfigText,
} from "../kernel/config/config.ts";
import { errorText } from "../kernel/error_text.ts";
import { quoted } from "../kernel/names.ts";
import { type FlagValue, UsageError } from "./command.ts";
import type { Host } from "./host.ts";

/** The files that settings are in. */
export interface SettingsFiles extends Pick<ConfigSources, "file" | "denoJson"> {
  /** The folders that the files stand in, against which the paths in them are meant. */
  readonly folders: Readonly<Record<"file" | "deno.json", string>>;
}

/**
 * Reads the file named by `--config`, or else by the environment, and deno.json in the working folder, if there is one.
 *
 * @throws {ConfigError} when a file cannot be read or is no JSON
 * @throws {UsageError} when the flag has no value
 */
export async function readSettingsFiles(host: Host, flag: FlagValue | undefined): Promise<SettingsFiles> {
  if (flag === true) throw new UsageError(["--config needs a value: the path of a JSON file."]);
  const path = typeof flag === "string" ? flag : host.env[CONFIG_FILE_ENV];
  return {
    file: path ? await readDocument(host, path) : undefined,
    denoJson: await readDenoJson(host),
    folders: { file: dirname(resolve(host.cwd, path ?? ".")), "deno.json": host.cwd },
  };
}

/** The texts of the files that {@linkcode readSettingsFiles} reads; one that is missing has none. */
export async function readSettingsTexts(host: Host, flag: FlagValue | undefined): Promise<string> {
  const path = typeof flag === "string" ? flag : host.env[CONFIG_FILE_ENV];
  const paths = [...path ? [path] : [], "deno.json", "deno.jsonc"].map((each) => resolve(host.cwd, each));
  const texts = await Promise.all(paths.map((each) => host.readTextFile(each).catch(() => undefined)));
  return JSON.stringify(texts);
}

async function readDenoJson(host: Host): Promise<ConfigDocument | undefined> {
  for (const name of ["deno.json", "deno.jsonc"]) {
    const text = await unlessMissing(host.readTextFile(join(host.cwd, name)));
    if (text !== undefined) return parseConfigText(name, text);
  }
}

async function readDocument(host: Host, path: string): Promise<ConfigDocument> {
  try {
    return parseConfigText(path, await host.readTextFile(resolve(host.cwd, path)));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`Cannot read the configuration file ${quoted(path)}: ${fileFault(error)}.`]);
  }
}

async function unlessMissing(text: Promise<string>): Promise<string | undefined> {
  try {
    return await text;
  } catch (error) {
    // A folder that may not be read is, like one without the file, no place that settings were put in.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

function fileFault(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.NotCapable) return "Deno was started without permission to read it";
  if (error instanceof Deno.errors.PermissionDenied) return "this user may not read it";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  return errorText(error);
}
