/** Whether an error of the disk has this code of the system, such as `ENOENT` or `ENOSPC`. */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === code;
}

/** A file that is open; positions are in bytes from its beginning. */
export interface OpenFile extends AsyncDisposable {
  /** Reads what there is at a position, at most as much as fits; resolves to how much, 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Writes all of the bytes, at a position or behind the last byte that was written through this file. */
  write(bytes: Uint8Array, position?: number): Promise<void>;
  /** Resolves once what was written would survive a loss of power. */
  sync(): Promise<void>;
  /** Cuts off what stands behind so many bytes. */
  truncate(size: number): Promise<void>;
  /** Closes the file; a second time it does nothing. */
  close(): Promise<void>;
}

/** What is known of a file or folder without opening it. */
export interface FileFacts {
  readonly kind: "file" | "folder";
  /** In bytes. */
  readonly size: number;
  readonly modified: Date;
  /** Tells this file from one that takes its name; it keeps it while it is written to and moved. */
  readonly id: string;
}

/** A file or folder in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "folder";
}

/**
 * The disk, injected so that tests can fill it, break it and count what is open. Paths are those of the system.
 *
 * What fails throws the system's error, which has its `code`: `ENOENT` for what is not there, `EEXIST` for what is there
 * already, `EACCES` for what is not allowed, `ENOSPC` when the disk is full.
 */
export interface Files {
  /** Makes a file that must not exist yet, for reading and writing, and the folders above it. */
  create(path: string): Promise<OpenFile>;
  /** Opens a file that exists. */
  open(path: string, mode: "read" | "update"): Promise<OpenFile>;
  /**
   * Replaces a file's content so that readers see all of the old one or all of the new one; makes the folders above it. `mode`
   * says who may read it, as Unix has it; by default what the process gives all its files.
   */
  replace(path: string, content: Uint8Array | string, mode?: number): Promise<void>;
  /** Moves a file or folder; a file that is in the way is replaced. */
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name, which must be free: both are the same bytes until one is removed. */
  link(path: string, second: string): Promise<void>;
  /** Removes a file, or a folder with all that is in it; nothing happens when there is none. */
  remove(path: string): Promise<void>;
  /** Removes a folder that has nothing in it; says whether it did. */
  removeEmpty(folder: string): Promise<boolean>;
  /** Where a path leads when all symbolic links in it are followed; undefined when there is nothing. */
  realPath(path: string): Promise<string | undefined>;
  /** Of what a path leads to, through symbolic links; undefined when there is nothing. */
  facts(path: string): Promise<FileFacts | undefined>;
  /** What is in a folder, in no order; nothing when there is no folder. */
  list(folder: string): Promise<readonly FolderEntry[]>;
  /**
   * Keeps a file locked until disposed of, or until the process ends; undefined while somebody else does. The file and the
   * folders above it are made where there are none, and hold `content` then.
   */
  lock(path: string, content: string): Promise<Disposable | undefined>;
  /** Bytes that may still be written to the disk that holds this path or will; undefined where the system does not tell. */
  freeBytes(path: string): Promise<number | undefined>;
}
