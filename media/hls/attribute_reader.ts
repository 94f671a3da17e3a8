import type { PlaylistLine } from "./playlist_line.ts";
import type { ByteRange } from "./segment.ts";

/** A name and a value, quoted or not, at the beginning of what is left of an attribute list (RFC 8216, 4.2). */
const ATTRIBUTE = /^([A-Z0-9-]+)=("[^"]*"|[^",\s]+)(?:,(?=.)|$)/;

/** Reads a tag's attribute list. All that it throws are format errors that name the line. */
export class AttributeReader {
  readonly #line: PlaylistLine;
  readonly #values = new Map<string, string>();

  /** Attributes that are not `known` are refused, those of an author's own (`X-…`) left out. */
  constructor(line: PlaylistLine, known: readonly string[]) {
    this.#line = line;
    let rest = line.value ?? line.fail(`${line.tag} has no attributes`);
    while (rest !== "") {
      const [whole, name, value] = ATTRIBUTE.exec(rest) ?? line.fail(`${rest} is not an attribute list`);
      if (this.#values.has(name)) line.fail(`${line.tag} has ${name} twice`);
      if (!known.includes(name) && !name.startsWith("X-")) line.fail(`${line.tag} has no attribute ${name}`);
      this.#values.set(name, value);
      rest = rest.slice(whole.length);
    }
  }

  /** Whether the attribute is there. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Throws unless the attribute is there. */
  require(name: string): void {
    if (!this.has(name)) this.#line.fail(`${this.#line.tag} lacks ${name}`);
  }

  /** A quoted-string, without its quotes. */
  quoted(name: string): string | undefined {
    return this.#read(name, (value) => {
      return value.startsWith('"') ? value.slice(1, -1) : this.#line.fail(`${name} is not in quotes`);
    });
  }

  /** A quoted-string that is required and not empty. */
  requiredQuoted(name: string): string {
    this.require(name);
    return this.quoted(name) || this.#line.fail(`${name} is empty`);
  }

  /** An enumerated-string; undefined when it is not there. */
  word<T extends string>(name: string, ...allowed: readonly T[]): T | undefined {
    return this.#read(name, (value) => {
      return allowed.find((word) => word === value) ??
        this.#line.fail(`${name} is ${value}, not ${allowed.join(" or ")}`);
    });
  }

  /** `YES` or `NO`; undefined when it is not there. */
  flag(name: string): boolean | undefined {
    const word = this.word(name, "YES", "NO");
    return word && word === "YES";
  }

  /** A decimal-integer; undefined when it is not there. */
  integer(name: string): number | undefined {
    return this.#read(name, (value) => this.#line.integer(value));
  }

  /** A decimal-floating-point; undefined when it is not there. */
  decimal(name: string): number | undefined {
    return this.#read(name, (value) => this.#line.decimal(value));
  }

  /** A signed-decimal-floating-point. */
  signed(name: string): number | undefined {
    return this.#read(name, (value) => {
      return value.startsWith("-") ? -this.#line.decimal(value.slice(1)) : this.#line.decimal(value);
    });
  }

  /** A hexadecimal-sequence of so many bytes. */
  hexadecimal(name: string, length: number): Uint8Array | undefined {
    return this.#read(name, (value) => {
      const digits = /^0[xX]([0-9A-F]+)$/.exec(value)?.[1] ?? this.#line.fail(`${name} is not hexadecimal`);
      if (digits.length !== 2 * length) this.#line.fail(`${name} has not ${8 * length} bits`);
      return Uint8Array.from(digits.match(/../g)!, (byte) => parseInt(byte, 16));
    });
  }

  /** A decimal-resolution, in pixels. */
  resolution(name: string): { readonly width: number; readonly height: number } | undefined {
    return this.#read(name, (value) => {
      const [, width, height] = /^(\d+)x(\d+)$/.exec(value) ?? this.#line.fail(`${name} is not a resolution`);
      return { width: this.#line.integer(width), height: this.#line.integer(height) };
    });
  }

  /** A byte range in quotes. */
  byteRange(name: string): ByteRange | undefined {
    const text = this.quoted(name);
    return text === undefined ? undefined : parseByteRange(this.#line, text);
  }

  #read<T>(name: string, parse: (value: string) => T): T | undefined {
    const value = this.#values.get(name);
    return value === undefined ? undefined : parse(value);
  }
}

/** `<length>[@<offset>]` (RFC 8216, 4.3.2.2). */
export function parseByteRange(line: PlaylistLine, text: string | undefined): ByteRange {
  const [, length, offset] = /^(\d+)(?:@(\d+))?$/.exec(text ?? "") ?? line.fail(`${text} is not a byte range`);
  return { length: line.integer(length), ...(offset !== undefined && { offset: line.integer(offset) }) };
}
