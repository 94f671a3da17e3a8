import { join } from "@std/path";
import { errorText } from "../../kernel/error_text.ts";
import { type Files, hasCode } from "../../kernel/files/files.ts";
import type { Tokens } from "./access.ts";

/** The file in the data folder that holds the tokens which were made on the first run; nobody is served it. */
export const TOKEN_FILE = "api_tokens.json";

/** Whoever runs the server may read them, and nobody else. */
const MODE = 0o600;

const TOKEN_BYTES = 24;

/** Tokens, and whether they have just been made. */
export interface FoundTokens extends Tokens {
  readonly isNew: boolean;
}

/**
 * The tokens of a server: those of its settings and, for what is not set, those of the file, which is made where there is none.
 *
 * @throws {TypeError} when the file holds something else
 * @throws {Error} when it cannot be made
 */
export async function findTokens(files: Files, dataDir: string, set: Partial<Tokens>): Promise<FoundTokens> {
  if (set.write && set.read) return { write: set.write, read: set.read, isNew: false };
  const path = join(dataDir, TOKEN_FILE);
  const known = await readTokens(files, path);
  if (known) return { ...known, ...withoutHoles(set), isNew: false };
  const made = { write: newToken(), read: newToken() };
  await keep(files, path, `${JSON.stringify(made, null, 2)}\n`);
  return { ...made, ...withoutHoles(set), isNew: true };
}

async function keep(files: Files, path: string, text: string): Promise<void> {
  try {
    await files.replace(path, text, MODE);
  } catch (error) {
    const why = errorText(error);
    throw new Error(
      `Cannot keep the API's tokens in ${path}: ${why}. Whoever runs the server needs a data folder to write in, or both ` +
        "tokens in the settings (api.token, api.readToken)",
      { cause: error },
    );
  }
}

async function readTokens(files: Files, path: string): Promise<Tokens | undefined> {
  try {
    await using file = await files.open(path, "read");
    const bytes = new Uint8Array(4096);
    const length = await file.read(bytes, 0);
    return parseTokens(new TextDecoder().decode(bytes.subarray(0, length)), path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function parseTokens(text: string, path: string): Tokens {
  const found: Partial<Tokens> | undefined = parsed(text);
  if (isToken(found?.write) && isToken(found?.read)) return { write: found.write, read: found.read };
  throw new TypeError(`${path} does not hold the API's tokens: remove it, and new ones are made`);
}

function parsed(text: string): Partial<Tokens> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isToken(value: unknown): value is string {
  return typeof value === "string" && value.length >= 16;
}

function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toBase64({ alphabet: "base64url" });
}

function withoutHoles(set: Partial<Tokens>): Partial<Tokens> {
  return { ...(set.write && { write: set.write }), ...(set.read && { read: set.read }) };
}
