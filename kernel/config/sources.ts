import { type ConfigDocument, WRAPPER_KEY } from "./document.ts";
import { environmentLayer, otherVariables } from "./env.ts";
import { flagLayer } from "./flags.ts";
import type { JsonSchema } from "./json_schema.ts";
import { filePlace, type Layer, LayerReader, type Place } from "./layer.ts";
import { PLUGINS_KEY, readPluginList } from "./plugins.ts";
import { type PluginDeclaration, settingsKey } from "./schema.ts";
import { isObject, type Setting } from "./settings.ts";
import { foundText, type Path, pathText } from "./words.ts";

/** Everything that has a say in the settings. */
export interface ConfigSources<P extends PluginDeclaration = PluginDeclaration> {
  /** Every plugin that is known, running or not; their order is that of the full set. */
  readonly plugins: readonly P[];
  /** Settings given in code. */
  readonly code?: unknown;
  /** deno.json, of which only `"sluice"` counts. */
  readonly denoJson?: ConfigDocument;
  /** The file named by `--config`: settings, bare or under `"sluice"`. */
  readonly file?: ConfigDocument;
  readonly env?: Readonly<Record<string, string>>;
  /** By name without dashes; texts, true, false and lists of texts. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** Reads every source, the weakest first. */
export function readLayers(sources: ConfigSources, schema: JsonSchema, settings: readonly Setting[]): Layer[] {
  const { plugins, code, denoJson, file, env = {}, flags = {} } = sources;
  const objects = new ObjectLayers(schema, settings, plugins);
  const layers = [
    ...plugins.map((plugin) => objects.factory(plugin)),
    ...(code === undefined ? [] : [objects.code(code)]),
    ...(isWrapped(denoJson) ? [objects.wrapped("deno.json", denoJson)] : []),
    ...(file ? [isWrapped(file) ? objects.wrapped("file", file) : objects.bare(file)] : []),
    environmentLayer(env, settings),
    flagLayer(flags, settings),
  ];
  return [otherVariables(env, settings, layers), ...layers];
}

interface WrappedDocument extends ConfigDocument {
  readonly value: Record<string, unknown>;
}

function isWrapped(document: ConfigDocument | undefined): document is WrappedDocument {
  return isObject(document?.value) && Object.hasOwn(document.value, WRAPPER_KEY);
}

/** Of two equal keys JSON keeps the last, and nobody would know which was meant. */
function repetitions({ name, repeated = [] }: ConfigDocument, base: Path): string[] {
  return repeated
    .filter(({ path }) => base.every((key, at) => key === path[at]))
    .map(({ path, line }) => `${name}:${line}: ${pathText(path)} stands there a second time.`);
}

const codePlace: Place = (written) => `code: ${pathText(written)}`;

/** Makes layers of the sources that are objects: code and files. */
class ObjectLayers {
  readonly #schema: JsonSchema;
  readonly #settings: readonly Setting[];
  readonly #plugins: readonly PluginDeclaration[];

  constructor(schema: JsonSchema, settings: readonly Setting[], plugins: readonly PluginDeclaration[]) {
    this.#schema = schema;
    this.#settings = settings;
    this.#plugins = plugins;
  }

  /** What was given to a plugin's factory. */
  factory({ name, settings }: PluginDeclaration): Layer {
    return this.code(settings === undefined ? {} : { [settingsKey(name)]: settings });
  }

  code(value: unknown): Layer {
    const reader = new LayerReader("code", this.#settings);
    this.#readRoot(reader, value, codePlace, "code");
    return reader;
  }

  bare(document: ConfigDocument): Layer {
    const reader = new LayerReader("file", this.#settings);
    this.#readRoot(reader, document.value, filePlace(document, []), document.name);
    reader.problems.push(...repetitions(document, []));
    return reader;
  }

  wrapped(source: "deno.json" | "file", document: WrappedDocument): Layer {
    const reader = new LayerReader(source, this.#settings);
    const place = filePlace(document, []);
    this.#readRoot(reader, document.value[WRAPPER_KEY], filePlace(document, [WRAPPER_KEY]), place([WRAPPER_KEY]));
    reader.problems.push(...repetitions(document, [WRAPPER_KEY]));
    for (const key of source === "file" ? Object.keys(document.value) : []) {
      if (this.#sectionOf(key)) {
        reader.problems.push(`${place([key])} stands beside "${WRAPPER_KEY}", but must stand in it.`);
      }
    }
    return reader;
  }

  #readRoot(reader: LayerReader, value: unknown, place: Place, name: string): void {
    if (!isObject(value)) {
      reader.problems.push(`${name} is ${foundText(value)}, but must be an object of settings.`);
      return;
    }
    for (const [key, child] of Object.entries(value)) {
      if (key === PLUGINS_KEY || key === "$schema") continue;
      const section = this.#sectionOf(key);
      const schema = section && this.#schema.properties?.[section];
      if (schema) reader.read(child, schema, [section], place, [key]);
      else reader.unknown(key, this.#schema, place, []);
    }
    // Last, because settings in the list are stronger than those beside it.
    const list = value[PLUGINS_KEY];
    if (list !== undefined) readPluginList(reader, list, this.#schema, this.#plugins, place);
  }

  /** Plugins' settings stand under their names in either spelling: `http-flv` or `httpFlv`. */
  #sectionOf(key: string): string | undefined {
    const section = this.#plugins.some(({ name }) => name === key) ? settingsKey(key) : key;
    return Object.hasOwn(this.#schema.properties ?? {}, section) ? section : undefined;
  }
}
