import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { openDatabase, together } from "../shared/database.ts";
import { RESERVE, SCHEMA, SENT_BYTES } from "./ledger_tables.ts";
import type { KeptPart, ShownUpload, Upload, UploadQuery, UploadState, UploadWish } from "./upload.ts";

/** How SQLite says that the disk is full (SQLITE_FULL). */
const FULL = 13;

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
