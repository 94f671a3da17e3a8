import { parse } from "@std/jsonc";
import { ConfigError } from "./error.ts";
import type { Path } from "./words.ts";

/** The key under which Sluice's settings stand in files that hold other things too. */
export const WRAPPER_KEY = "sluice";

/** A configuration file that has been read. */
export interface ConfigDocument {
  /** How messages call it, such as `sluice.jsonc`. */
  readonly name: string;
  readonly value: unknown;
  /** The line, from 1, on which a key or an element of a list stands. */
  lineOf?(path: Path): number | undefined;
  /** Keys that stand twice in one object, of which JSON keeps the last. */
  readonly repeated?: readonly RepeatedKey[];
}

/** A key that stands in an object for a second time. */
export interface RepeatedKey {
  readonly path: Path;
  readonly line: number;
}

/**
 * Reads JSON with comments and trailing commas.
 *
 * @throws {ConfigError} when it is not that; with the line
 */
export function parseConfigText(name: string, text: string): ConfigDocument {
  const clean = text.replace(/^\uFEFF/, "");
  const value = parseJsonc(name, clean);
  const { lines, repeated } = new Locator(clean);
  return { name, value, lineOf: (path) => lines.get(JSON.stringify(path)), repeated };
}

function parseJsonc(name: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const [, what, position] = /(unexpected .*?)(?: in JSONC at position (\d+))?$/.exec(String(error)) ?? [];
    const line = lineAt(text, position === undefined ? text.trimEnd().length : Number(position));
    throw new ConfigError([`${name}:${line}: cannot be read as JSON: ${what ?? "it is malformed"}.`]);
  }
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/|[{}[\],:]|[^\s{}[\],:"/]+|\n/g;

interface Container {
  readonly path: Path;
  /** The key or index of what is read; undefined where an object's next key is awaited. */
  at: string | number | undefined;
}

/** Walks the tokens of well-formed JSONC and notes where each key and element stands. */
class Locator {
  readonly lines = new Map<string, number>();
  readonly repeated: RepeatedKey[] = [];
  readonly #open: Container[] = [];
  #line = 1;

  constructor(text: string) {
    for (const [token] of text.matchAll(TOKEN)) this.#read(token);
  }

  #read(token: string): void {
    const container = this.#open.at(-1);
    if (token === "\n" || token.startsWith("/*")) this.#line += token.split("\n").length - 1;
    else if (token === "}" || token === "]") this.#open.pop();
    else if (token === "," && container) container.at = typeof container.at === "number" ? container.at + 1 : undefined;
    else if (token !== ":" && !token.startsWith("//")) this.#readKeyOrValue(token, container);
  }

  #readKeyOrValue(token: string, container: Container | undefined): void {
    if (container && container.at === undefined) return this.#readKey(JSON.parse(token), container);
    if (typeof container?.at === "number") {
      this.lines.set(JSON.stringify([...container.path, container.at]), this.#line);
    }
    if (token !== "{" && token !== "[") return;
    const path = container?.at === undefined ? [] : [...container.path, container.at];
    this.#open.push({ path, at: token === "[" ? 0 : undefined });
  }

  #readKey(key: string, container: Container): void {
    container.at = key;
    const path = [...container.path, key];
    if (this.lines.has(JSON.stringify(path))) this.repeated.push({ path, line: this.#line });
    else this.lines.set(JSON.stringify(path), this.#line);
  }
}
