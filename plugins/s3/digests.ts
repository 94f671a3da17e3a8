import { createHash } from "node:crypto";
import { join } from "@std/path";
import { type Files, hasCode } from "../../kernel/files/files.ts";
import type { PartBuffers } from "./part_buffers.ts";

/** Bytes, and what tells them from others. */
export interface Digested {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** In hex: what a request is signed with, and what is remembered of what was sent. */
  readonly sha256: string;
  /** In hex: most stores give it as the ETag. */
  readonly md5: string;
}

/** A file that is not there any more, or has become shorter than what is wanted of it. */
export class FileGoneError extends Error {
  override readonly name = "FileGoneError";
}

/** So much is read and digested at a time: less than a millisecond of work in which nothing else happens. */
const PIECE_BYTES = 256 * 1024;

/** What is needed to read files. */
export interface ReadHost {
  readonly files: Files;
  readonly dataDir: string;
  readonly buffers: PartBuffers;
}

/** Reads a piece of a file below a folder into memory that is lent. Throws {@linkcode FileGoneError} when it is not all there. */
export async function readDigested(
  host: ReadHost,
  path: string,
  { position, length }: { readonly position: number; readonly length: number },
): Promise<Digested & Disposable> {
  const lent = host.buffers.take(length);
  try {
    const md5 = await readInto(host, path, lent.bytes, position);
    return {
      bytes: lent.bytes,
      sha256: await sha256Of(lent.bytes),
      md5,
      [Symbol.dispose]: () => lent[Symbol.dispose](),
    };
  } catch (error) {
    lent[Symbol.dispose]();
    if (hasCode(error, "ENOENT")) throw new FileGoneError(`${path} is not there any more`);
    throw error;
  }
}

async function readInto(
  { files, dataDir }: ReadHost,
  path: string,
  bytes: Uint8Array,
  position: number,
): Promise<string> {
  const md5 = createHash("md5");
  await using file = await files.open(join(dataDir, path), "read");
  for (let done = 0; done < bytes.length;) {
    const piece = bytes.subarray(done, Math.min(done + PIECE_BYTES, bytes.length));
    const count = await file.read(piece, position + done);
    if (count === 0) throw new FileGoneError(`${path} has become shorter while it was read`);
    md5.update(piece.subarray(0, count));
    done += count;
  }
  return md5.digest("hex");
}

/** Digests bytes that are in memory. */
export async function digested(bytes: Uint8Array<ArrayBuffer>): Promise<Digested> {
  return { bytes, sha256: await sha256Of(bytes), md5: createHash("md5").update(bytes).digest("hex") };
}

/** The ETag of an object that was put together from parts with these MD5 sums, as Amazon S3 makes it. */
export function multipartEtag(md5s: readonly string[]): string {
  const hash = createHash("md5");
  for (const md5 of md5s) hash.update(md5, "hex");
  return `${hash.digest("hex")}-${md5s.length}`;
}

/** An MD5 sum as HTTP has it (RFC 1864). */
export function contentMd5(md5: string): string {
  return btoa(md5.replace(/../g, (byte) => String.fromCharCode(parseInt(byte, 16))));
}

/** Works beside the event loop, however much it is. */
async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
