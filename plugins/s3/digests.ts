import { createHash } from "node:crypto";
import { join } from "@std/path";
import { type Files, hasCode } from "../../kernel/files.ts";

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

/** Reads a piece of a file below a folder into memory. Throws {@linkcode FileGoneError} when it is not all there. */
export async function readDigested(
  { files, dataDir }: { readonly files: Files; readonly dataDir: string },
  path: string,
  { position, length }: { readonly position: number; readonly length: number },
): Promise<Digested> {
  const bytes = new Uint8Array(length);
  const md5 = createHash("md5");
  try {
    await using file = await files.open(join(dataDir, path), "read");
    for (let done = 0; done < length;) {
      const piece = bytes.subarray(done, Math.min(done + PIECE_BYTES, length));
      const count = await file.read(piece, position + done);
      if (count === 0) throw new FileGoneError(`${path} has become shorter while it was read`);
      md5.update(piece.subarray(0, count));
      done += count;
    }
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new FileGoneError(`${path} is not there any more`);
    throw error;
  }
  return { bytes, sha256: await sha256Of(bytes), md5: md5.digest("hex") };
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
