import type { Files, OpenFile } from "../kernel/files/files.ts";
import { FlvSource } from "./flv_source.ts";
import type { MediaSource } from "./media_source.ts";

/**
 * Opens a file that is to be published: FLV, MP4, MOV, Matroska, WebM, MPEG-TS and a few more.
 *
 * @throws {Error} when there is no such file, when it is none of these, or when nothing in it can be published
 */
export async function openSource(files: Files, path: string): Promise<MediaSource> {
  const facts = await files.facts(path);
  if (!facts) throw new Error(`There is no file ${path}`);
  if (facts.kind === "folder") throw new Error(`${path} is a folder, not a file`);
  if (facts.size === 0) throw new Error(`${path} is empty`);
  const file = await files.open(path, "read");
  try {
    const source = await isFlv(file) ? await FlvSource.open(file, path) : await openOther(file, facts.size, path);
    return source;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Whether a file is FLV, by its first bytes. */
async function isFlv(file: OpenFile): Promise<boolean> {
  const start = new Uint8Array(3);
  await file.read(start, 0);
  return new TextDecoder().decode(start) === "FLV";
}

/** Others are read by a library, which is loaded when there is such a file. */
async function openOther(file: OpenFile, size: number, path: string): Promise<MediaSource> {
  const { openLibrarySource } = await import("./library_source.ts");
  return await openLibrarySource(file, size, path);
}
