import type { DatabaseSync, StatementSync } from "node:sqlite";
import { openDatabase, together } from "../shared/database.ts";

/** A message that waits to be delivered. */
export interface Waiting {
  readonly id: number;
  readonly receiver: string;
  /** Messages of one lane are delivered one after the other, in order. */
  readonly lane: string;
  readonly body: string;
  /** How often its delivery has failed. */
  readonly attempts: number;
  /** When it was put in, in milliseconds since 1970. */
  readonly since: number;
}

/** A message that was given up. */
export interface Dead extends Waiting {
  readonly problem: string;
  /** When it was given up, in milliseconds since 1970. */
  readonly diedAt: number;
}

/** Messages that were given up are kept for people to look at, the newest so many. */
const MAX_DEAD = 10_000;

/** The oldest of them are removed after so many have been added. */
const TRIM_EVERY = 500;

/**
 * What a killed process leaves behind must be whole, what the machine loses with its power need not be: a write costs some
 * microseconds instead of milliseconds.
 */
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS waiting (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    receiver TEXT NOT NULL,
    lane TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    since INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS dead (
    id INTEGER PRIMARY KEY,
    receiver TEXT NOT NULL,
    lane TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    since INTEGER NOT NULL,
    problem TEXT NOT NULL,
    diedAt INTEGER NOT NULL
  ) STRICT;
`;

/** Messages on the disk until they are delivered: what was put in is there after any end of the process. */
export class Outbox implements Disposable {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #remove: StatementSync;
  readonly #fail: StatementSync;
  readonly #bury: StatementSync;
  readonly #trim: StatementSync;
  #buried = 0;

  /** `path` is that of the database, or `:memory:`. Throws the database's error when it cannot be opened. */
  constructor(path: string) {
    this.#database = openDatabase(path, SCHEMA);
    const prepare = (sql: string) => this.#database.prepare(sql);
    this.#put = prepare("INSERT INTO waiting (receiver, lane, body, since) VALUES (?, ?, ?, ?)");
    this.#get = prepare("SELECT * FROM waiting WHERE id = ?");
    this.#remove = prepare("DELETE FROM waiting WHERE id = ?");
    this.#fail = prepare("UPDATE waiting SET attempts = attempts + 1 WHERE id = ?");
    this.#bury = prepare(
      "INSERT INTO dead SELECT id, receiver, lane, body, attempts, since, ?, ? FROM waiting WHERE id = ?",
    );
    this.#trim = prepare(
      `DELETE FROM dead WHERE id <= (SELECT id FROM dead ORDER BY id DESC LIMIT 1 OFFSET ${MAX_DEAD})`,
    );
  }

  /** Takes a message in; gives its number. */
  put(receiver: string, lane: string, body: string, now: number): number {
    return Number(this.#put.run(receiver, lane, body, now).lastInsertRowid);
  }

  /** What waits for a receiver, in order, without the bodies. */
  waiting(receiver: string): { readonly id: number; readonly lane: string }[] {
    const rows = this.#database.prepare("SELECT id, lane FROM waiting WHERE receiver = ? ORDER BY id").all(receiver);
    return rows as { id: number; lane: string }[];
  }

  /** Who has messages that wait. */
  receivers(): string[] {
    const rows = this.#database.prepare("SELECT DISTINCT receiver FROM waiting").all();
    return rows.map(({ receiver }) => String(receiver));
  }

  /** A message that waits; undefined when it does not. */
  get(id: number): Waiting | undefined {
    return this.#get.get(id) as Waiting | undefined;
  }

  /** A message was delivered. */
  done(id: number): void {
    this.#remove.run(id);
  }

  /** A delivery failed; the message stays. */
  failed(id: number): void {
    this.#fail.run(id);
  }

  /** A message is given up. */
  bury(id: number, problem: string, now: number): void {
    this.#bury.run(problem, now, id);
    this.#remove.run(id);
    if (++this.#buried % TRIM_EVERY === 0) this.#trim.run();
  }

  /** All messages for a receiver that were put in before a time are given up; gives how many. */
  buryOlder(receiver: string, before: number, problem: string, now: number): number {
    const old = "FROM waiting WHERE receiver = ? AND since <= ?";
    const bury = this.#database.prepare(
      `INSERT INTO dead SELECT id, receiver, lane, body, attempts, since, ?, ? ${old} ORDER BY id DESC LIMIT ${MAX_DEAD}`,
    );
    return together(this.#database, () => {
      bury.run(problem, now, receiver, before);
      const { changes } = this.#database.prepare(`DELETE ${old}`).run(receiver, before);
      this.#trim.run();
      return Number(changes);
    });
  }

  /** Messages that were given up, the newest first. */
  dead(offset: number, limit: number): Dead[] {
    const statement = this.#database.prepare("SELECT * FROM dead ORDER BY id DESC LIMIT ? OFFSET ?");
    return statement.all(limit, offset) as unknown as Dead[];
  }

  /** How many were given up. */
  get deadCount(): number {
    return Number(this.#database.prepare("SELECT COUNT(*) AS count FROM dead").get()?.count);
  }

  /** Forgets the messages that were given up. */
  forgetDead(): void {
    this.#database.exec("DELETE FROM dead");
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
