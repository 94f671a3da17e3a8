import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { openDatabase, together } from "../shared/database.ts";
import type { SentPart } from "./part_plan.ts";

/** What is sent: one file, a recorded HLS session with all its files, or the live segments of a session. */
export type UploadKind = "file" | "hls" | "segments";

/** `open` while it may grow, `due` when it is complete and not all of it in the store, `done` when the store has confirmed all. */
export type UploadState = "open" | "due" | "done";

/** What is wanted to be sent. */
export interface UploadWish {
  readonly kind: UploadKind;
  /** The stream's id. */
  readonly stream: string;
  /** The plugin that wrote it. */
  readonly by: string;
  /** Below the data folder, with `/` between its parts; it names the recording. */
  readonly path: string;
  /** The object that it becomes. */
  readonly key: string;
}

/** A recording on its way to the store, or there. */
export interface Upload extends UploadWish {
  readonly id: number;
  readonly state: UploadState;
  /** When it was noted, in milliseconds since 1970. */
  readonly since: number;
  /** When the store had confirmed all of it, in milliseconds since 1970; undefined before. */
  readonly doneAt?: number;
  /** In bytes; of what grows, as it was when it was last looked at. */
  readonly bytes: number;
  /** When the file was changed last that was sent, in milliseconds since 1970. */
  readonly modified: number;
  /** Whether it is on the disk still. */
  readonly isLocal: boolean;
  readonly partBytes: number;
  /** The store's name of a multipart upload that is not over. */
  readonly upload?: string;
}

/** An upload with how much of it the store has, in bytes. */
export interface ShownUpload extends Upload {
  readonly sentBytes: number;
}

/** A part that the store has, as it was sent. */
export interface KeptPart extends Omit<SentPart, "isChecked"> {
  readonly sha256: string;
  readonly md5: string;
  readonly etag: string;
}

/** Which uploads are asked for. */
export interface UploadQuery {
  readonly state?: UploadState;
  readonly stream?: string;
  readonly offset: number;
  readonly limit: number;
}

/**
 * What a killed process leaves behind must be whole; what the machine loses with its power is sent again.
 *
 * The log goes to where it belongs when it has a hundred pages, and so needs no more room than what is reserved.
 */
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 100;
  CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS uploads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    stream TEXT NOT NULL,
    maker TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    doneAt INTEGER,
    bytes INTEGER NOT NULL DEFAULT 0,
    modified INTEGER NOT NULL DEFAULT 0,
    isLocal INTEGER NOT NULL DEFAULT 1,
    partBytes INTEGER NOT NULL DEFAULT 0,
    upload TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS uploads_by_state ON uploads (state, id);
  CREATE INDEX IF NOT EXISTS uploads_here ON uploads (doneAt) WHERE state = 'done' AND isLocal = 1;
  CREATE TABLE IF NOT EXISTS parts (
    owner INTEGER NOT NULL,
    number INTEGER NOT NULL,
    length INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    md5 TEXT NOT NULL,
    etag TEXT NOT NULL,
    PRIMARY KEY (owner, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS objects (
    owner INTEGER NOT NULL,
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    isSent INTEGER NOT NULL,
    PRIMARY KEY (owner, name)
  ) STRICT, WITHOUT ROWID;
`;

/** Half a megabyte in each of the database's two files, which is written over from then on. */
const RESERVE = `
  DROP TABLE IF EXISTS reserve;
  CREATE TABLE reserve (bytes BLOB) STRICT;
  INSERT INTO reserve VALUES (zeroblob(524288));
  PRAGMA wal_checkpoint;
  DROP TABLE reserve;
`;

/** How SQLite says that the disk is full (SQLITE_FULL). */
const FULL = 13;

const SENT_BYTES = `CASE
    WHEN state = 'done' THEN bytes
    WHEN kind = 'file' THEN (SELECT COALESCE(SUM(length), 0) FROM parts WHERE owner = id)
    ELSE (SELECT COALESCE(SUM(bytes), 0) FROM objects WHERE owner = id AND isSent = 1)
  END AS sentBytes`;

/** Which recordings are to be sent, how far that is, and where they are: on the disk, so that the next start knows it. */
export class Ledger implements Disposable {
  readonly #database: DatabaseSync;

  /** `path` is that of the database, or `:memory:`. Throws the database's error when it cannot be opened. */
  constructor(path: string) {
    this.#database = openDatabase(path, SCHEMA);
  }

  /**
   * Takes room on the disk for itself, as far as there is some: on a disk that is full of recordings it has to be noted what the
   * store has got, since by that room is made.
   */
  reserve(): void {
    try {
      this.#database.exec(RESERVE);
    } catch (error) {
      if (!(error instanceof Error && "errcode" in error && error.errcode === FULL)) throw error;
    }
  }

  /** When it was begun, in milliseconds since 1970: `now` when that is just now. */
  begunAt(now: number): number {
    this.#run("INSERT OR IGNORE INTO about VALUES ('begunAt', ?)", now);
    return Number(this.#one("SELECT value FROM about WHERE name = 'begunAt'")?.value);
  }

  /** Notes a recording; one that is known keeps what is known of it. */
  add(wish: UploadWish, state: "open" | "due", now: number): Upload {
    const { kind, stream, by, path, key } = wish;
    const columns = "(kind, stream, maker, path, key, state, since)";
    this.#run(
      `INSERT OR IGNORE INTO uploads ${columns} VALUES (?, ?, ?, ?, ?, ?, ?)`,
      kind,
      stream,
      by,
      path,
      key,
      state,
      now,
    );
    return this.of(path)!;
  }

  /** A recording by its path. */
  of(path: string): Upload | undefined {
    return uploadOf(this.#one(`SELECT * FROM uploads WHERE path = ?`, path));
  }

  get(id: number): Upload | undefined {
    return uploadOf(this.#one(`SELECT * FROM uploads WHERE id = ?`, id));
  }

  /** All that the store does not have yet, the oldest first. */
  left(): Upload[] {
    return this.#all(`SELECT * FROM uploads WHERE state IN ('open', 'due') ORDER BY id`);
  }

  /** A page of them, the newest first, and how many there are. */
  page({ state, stream, offset, limit }: UploadQuery): { readonly items: ShownUpload[]; readonly total: number } {
    const where = "WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR stream = ?2)";
    const asked = [state ?? null, stream ?? null];
    const items = this.#all(
      `SELECT *, ${SENT_BYTES} FROM uploads ${where} ORDER BY id DESC LIMIT ?3 OFFSET ?4`,
      ...asked,
      limit,
      offset,
    ) as ShownUpload[];
    return { items, total: Number(this.#one(`SELECT COUNT(*) AS count FROM uploads ${where}`, ...asked)?.count) };
  }

  /** How many recordings are in each state. */
  counts(): Record<UploadState, number> {
    const rows = this.#database.prepare("SELECT state, COUNT(*) AS count FROM uploads GROUP BY state").all();
    const counts = Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
    return { open: 0, due: 0, done: 0, ...counts };
  }

  /** Those whose files are still here though the store had confirmed them before a time. */
  doneBefore(time: number, limit: number): Upload[] {
    const where = "WHERE state = 'done' AND isLocal = 1 AND doneAt <= ?";
    return this.#all(`SELECT * FROM uploads ${where} ORDER BY doneAt LIMIT ?`, time, limit);
  }

  /** The paths that the store has of what begins with a digit in a folder, as recordings do: the last so many, the last first. */
  lastDone(folder: string, limit: number): string[] {
    const where = "state = 'done' AND path >= ? AND path < ?";
    const rows = this.#database.prepare(`SELECT path FROM uploads WHERE ${where} ORDER BY path DESC LIMIT ?`);
    // ":" is what comes after the digits.
    return rows.all(`${folder}/0`, `${folder}/:`, limit).map(({ path }) => String(path));
  }

  /** It is complete, and to be sent as it is now. */
  due(id: number): void {
    this.#run("UPDATE uploads SET state = 'due', doneAt = NULL, isLocal = 1 WHERE id = ?", id);
  }

  /** How large it is now, in bytes. */
  grown(id: number, bytes: number): void {
    this.#run("UPDATE uploads SET bytes = ? WHERE id = ?", bytes, id);
  }

  /** The store has confirmed all of it. */
  done(id: number, facts: { readonly bytes: number; readonly modified: number; readonly now: number }): void {
    const { bytes, modified, now } = facts;
    const change = "state = 'done', bytes = ?, modified = ?, doneAt = ?, upload = NULL";
    together(this.#database, () => {
      this.#run(`UPDATE uploads SET ${change} WHERE id = ?`, bytes, modified, now, id);
      this.#run("DELETE FROM parts WHERE owner = ?", id);
      this.#run("DELETE FROM objects WHERE owner = ?", id);
    });
  }

  /** Its files are not here any more. */
  gone(id: number): void {
    this.#run("UPDATE uploads SET isLocal = 0 WHERE id = ?", id);
  }

  /** Nothing is to be known of it any more. */
  forget(id: number): void {
    together(this.#database, () => {
      this.#run("DELETE FROM uploads WHERE id = ?", id);
      this.#run("DELETE FROM parts WHERE owner = ?", id);
      this.#run("DELETE FROM objects WHERE owner = ?", id);
    });
  }

  /** A multipart upload has begun, or, with undefined, nothing of one can be used; what was sent before is forgotten. */
  begin(id: number, upload: string | undefined, partBytes: number): void {
    together(this.#database, () => {
      this.#run("UPDATE uploads SET upload = ?, partBytes = ? WHERE id = ?", upload ?? null, partBytes, id);
      this.#run("DELETE FROM parts WHERE owner = ?", id);
    });
  }

  /** How much of it the store has, in bytes. */
  sentBytes(id: number): number {
    return Number(this.#one(`SELECT ${SENT_BYTES} FROM uploads WHERE id = ?`, id)?.sentBytes ?? 0);
  }

  /** The parts that the store has. */
  parts(id: number): KeptPart[] {
    const rows = this.#database.prepare("SELECT * FROM parts WHERE owner = ? ORDER BY number").all(id);
    return rows as unknown as KeptPart[];
  }

  /** The store has a part. */
  putPart(id: number, { number, length, sha256, md5, etag }: KeptPart): void {
    this.#run("INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?)", id, number, length, sha256, md5, etag);
  }

  /** A part is not what it should be. */
  dropPart(id: number, number: number): void {
    this.#run("DELETE FROM parts WHERE owner = ? AND number = ?", id, number);
  }

  /** The files of a recording of many that were noted, with whether the store has them. */
  objects(id: number): Map<string, boolean> {
    const rows = this.#database.prepare("SELECT name, isSent FROM objects WHERE owner = ?").all(id);
    return new Map(rows.map(({ name, isSent }) => [String(name), isSent === 1]));
  }

  /** Notes a file of a recording of many. */
  putObject(id: number, name: string, bytes: number, isSent: boolean): void {
    this.#run("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)", id, name, bytes, isSent ? 1 : 0);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#database.prepare(sql).run(...values);
  }

  #one(sql: string, ...values: SQLInputValue[]): Record<string, unknown> | undefined {
    return this.#database.prepare(sql).get(...values);
  }

  #all(sql: string, ...values: SQLInputValue[]): Upload[] {
    return this.#database.prepare(sql).all(...values).map((row) => uploadOf(row)!);
  }
}

function uploadOf(row: Record<string, unknown> | undefined): Upload | undefined {
  if (!row) return undefined;
  const { maker, isLocal, doneAt, upload, ...rest } = row as Record<string, never>;
  return {
    ...rest as object,
    by: maker,
    isLocal: isLocal === 1,
    doneAt: doneAt ?? undefined,
    upload: upload ?? undefined,
  } as unknown as Upload;
}
