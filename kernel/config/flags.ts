import { coerce } from "./coerce.ts";
import type { JsonSchema } from "./json_schema.ts";
import { type Layer, LayerReader, namedPlace } from "./layer.ts";
import type { Setting } from "./settings.ts";
import { allowedText, suggestionText } from "./words.ts";

const NEGATION = "no-";
const SWITCH = "-enabled";

/** What a flag's name means: a setting, and for a flag without a value the value it stands for. */
interface Meaning {
  readonly setting: Setting;
  readonly bare?: boolean;
}

/**
 * The settings in flags, by name without dashes: `{ "http-port": "80", "no-hls": true }`.
 *
 * Texts are read as the setting's type; a flag given more than once is a list, of which all count where the setting is a
 * list and the last elsewhere. `--hls` and `--no-hls` stand for `--hls-enabled`.
 */
export function flagLayer(flags: Readonly<Record<string, unknown>>, settings: readonly Setting[]): Layer {
  const meanings = flagMeanings(settings);
  const reader = new LayerReader("flag", settings);
  for (const [name, given] of Object.entries(flags)) {
    const meaning = meanings.get(name);
    if (given === undefined) continue;
    if (!meaning) reader.problems.push(`--${name} is not a known flag${suggestionText(name, dashed(meanings))}`);
    else readFlag(reader, name, given, meaning);
  }
  return reader;
}

/** Every flag that means a setting, with those that stand for true or false. */
export function flagMeanings(settings: readonly Setting[]): ReadonlyMap<string, Meaning> {
  const meanings = new Map<string, Meaning>();
  for (const setting of settings.filter(({ schema }) => schema.type === "boolean")) {
    const names = setting.flag.endsWith(SWITCH)
      ? [setting.flag, setting.flag.slice(0, -SWITCH.length)]
      : [setting.flag];
    for (const name of names) {
      meanings.set(name, { setting, bare: true });
      meanings.set(NEGATION + name, { setting, bare: false });
    }
  }
  for (const setting of settings) if (!meanings.has(setting.flag)) meanings.set(setting.flag, { setting });
  return meanings;
}

function dashed(meanings: ReadonlyMap<string, Meaning>): string[] {
  return [...meanings.keys()].map((name) => `--${name}`);
}

function readFlag(reader: LayerReader, name: string, given: unknown, { setting, bare }: Meaning): void {
  const { schema, path } = setting;
  const value = flagValue(given, schema);
  if (typeof value !== "boolean" || schema.type === "boolean") {
    return reader.read(bare === false ? negated(value) : value, schema, path, namedPlace(`--${name}`));
  }
  reader.problems.push(`--${name} needs a value: ${allowedText(schema) ?? "anything"}.`);
}

function flagValue(given: unknown, schema: JsonSchema): unknown {
  if (Array.isArray(given)) {
    return schema.type === "array" ? given.flatMap((item) => flagValue(item, schema)) : flagValue(given.at(-1), schema);
  }
  return typeof given === "string" ? coerce(given, schema) : given;
}

function negated(value: unknown): unknown {
  return typeof value === "boolean" ? !value : value;
}
