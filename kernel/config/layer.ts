import type { ConfigDocument } from "./document.ts";
import { childSchema, isRecord, isSection, type JsonSchema, knownKeys } from "./json_schema.ts";
import { isObject, type Setting, shownText } from "./settings.ts";
import { allowedText, type Path, pathText, suggestionText } from "./words.ts";

/** Where settings come from, from weakest to strongest. */
export type SourceName = "default" | "code" | "deno.json" | "file" | "environment" | "flag";

/** Where one setting's value comes from. */
export interface Origin {
  readonly path: readonly string[];
  readonly source: SourceName;
  /** As a message names the place: `sluice.jsonc:4: http.port`, `SLUICE_HTTP_PORT`, `--http-port`. */
  readonly where: string;
}

/** One value that a source gives to one setting. */
export interface Assignment {
  /** The setting's own path, whatever way it was written in the source. */
  readonly path: readonly string[];
  readonly value: unknown;
  readonly source: SourceName;
  /** How a message names the place of the value, or of a part of it. */
  where(rest?: Path): string;
}

/** All that one source says. */
export interface Layer {
  readonly assignments: readonly Assignment[];
  /** Sentences about what cannot be understood. */
  readonly problems: readonly string[];
}

/** How a source names a place, by the path as it is written there. */
export type Place = (written: Path) => string;

/** Takes what is written in a source apart into assignments, one for each setting. */
export class LayerReader implements Layer {
  readonly assignments: Assignment[] = [];
  readonly problems: string[] = [];
  readonly #source: SourceName;
  readonly #settings: readonly Setting[];

  constructor(source: SourceName, settings: readonly Setting[]) {
    this.#source = source;
    this.#settings = settings;
  }

  /** Reads `value`, which stands at `written` in the source and belongs to the setting or section at `path`. */
  read(value: unknown, schema: JsonSchema, path: readonly string[], place: Place, written: Path = []): void {
    if (!isSection(schema) && !isRecord(schema)) return this.assign(value, schema, path, place, written);
    if (!isObject(value)) {
      const allowed = allowedText(schema) ?? "an object";
      this.problems.push(`${place(written)} is ${shownText(value, path, this.#settings)}, but must be ${allowed}.`);
      return;
    }
    for (const [key, child] of Object.entries(value)) {
      const below = childSchema(schema, key);
      if (below) this.read(child, below, [...path, key], place, [...written, key]);
      else this.unknown(key, schema, place, written);
    }
  }

  /** Notes one setting's value; keys in it that nothing knows are problems. */
  assign(value: unknown, schema: JsonSchema, path: readonly string[], place: Place, written: Path): void {
    this.#checkKeys(value, schema, place, written);
    const where = (rest: Path = []) => place([...written, ...rest]);
    this.assignments.push({ path, value, source: this.#source, where });
  }

  /** Reports a key that is no setting. */
  unknown(key: string, schema: JsonSchema, place: Place, written: Path): void {
    const known = knownKeys(schema);
    const elsewhere = this.#settings.map(({ path }) => path.join(".")).filter((path) => path.endsWith(`.${key}`));
    this.problems.push(
      `${place([...written, key])} is not a setting${suggestionText(key, [...known, ...elsewhere], known)}`,
    );
  }

  #checkKeys(value: unknown, schema: JsonSchema, place: Place, written: Path): void {
    for (const [key, child] of entries(value)) {
      const below = childSchema(schema, key);
      if (below) this.#checkKeys(child, below, place, [...written, key]);
      else if (typeof key === "string" && knownKeys(schema).length > 0) this.unknown(key, schema, place, written);
    }
  }
}

function entries(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return [...value.entries()];
  return isObject(value) ? Object.entries(value) : [];
}

/** The place in a file, by its line where that is known; `base` is where in the file the settings begin. */
export function filePlace(document: ConfigDocument, base: Path): Place {
  return (written) => {
    const path = [...base, ...written];
    const line = nearestLine(document, path);
    const name = line === undefined ? document.name : `${document.name}:${line}`;
    return path.length > 0 ? `${name}: ${pathText(path)}` : name;
  };
}

/** Of what is missing in a file, the line of what it is missing in. */
function nearestLine(document: ConfigDocument, path: Path): number | undefined {
  if (path.length === 0) return undefined;
  return document.lineOf?.(path) ?? nearestLine(document, path.slice(0, -1));
}

/** The place in one variable or flag. */
export function namedPlace(name: string): Place {
  return ([first, ...rest]) => {
    if (first === undefined) return name;
    return typeof first === "number" ? name + pathText([first, ...rest]) : `${name}: ${pathText([first, ...rest])}`;
  };
}
