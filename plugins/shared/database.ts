import { DatabaseSync } from "node:sqlite";

/**
 * Opens a database and gives it its schema. `path` is that of its file, or `:memory:`. Throws the database's error when that
 * fails, and nothing is held open then.
 */
export function openDatabase(path: string, schema: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(schema);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Makes changes all or not at all, and gives what `changes` gives. Throws what it throws, when nothing is changed. */
export function together<T>(database: DatabaseSync, changes: () => T): T {
  database.exec("BEGIN");
  try {
    const result = changes();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
