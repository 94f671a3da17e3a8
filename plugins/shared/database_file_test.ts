import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { openDatabase } from "./database.ts";
import { type DatabaseFile, openDatabaseFile } from "./database_file.ts";

const NAME = "numbers.sqlite";

/** A data folder that does not exist yet, with a log of its own. */
class DataFolder implements AsyncDisposable {
  readonly dataDir: string;
  readonly collected = collectLog();
  claims = 0;
  readonly #parent: string;

  constructor(parent: string) {
    this.#parent = parent;
    this.dataDir = join(parent, "data");
  }

  get path(): string {
    return join(this.dataDir, NAME);
  }

  async open(file: Partial<DatabaseFile<Disposable>> = {}): Promise<void> {
    const ctx = {
      dataDir: this.dataDir,
      log: this.collected.log,
      claimDataDir: () => Promise.resolve(void this.claims++),
    };
    const open = (path: string) => openDatabase(path, "CREATE TABLE IF NOT EXISTS numbers (value INTEGER) STRICT");
    (await openDatabaseFile<Disposable>(ctx, { name: NAME, open, ...file }))[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#parent, { recursive: true });
  }
}

async function dataFolder(): Promise<DataFolder> {
  return new DataFolder(await Deno.makeTempDir());
}

Deno.test("a database is made in the data folder, which is made and claimed for it", async () => {
  await using folder = await dataFolder();
  await folder.open();
  await folder.open();
  assertEquals([(await Deno.stat(folder.path)).isFile, folder.claims, folder.collected.lines()], [true, 2, []]);
});

for (const loss of [undefined, "what waited is lost"]) {
  const title = `a file that is no database is put aside for a new one${loss ? `, and the log says that ${loss}` : ""}`;
  Deno.test(title, async () => {
    await using folder = await dataFolder();
    await Deno.mkdir(folder.dataDir);
    await Deno.writeTextFile(folder.path, "this is none".repeat(1000));
    await folder.open({ loss });
    await folder.open({ loss });
    const aside = `${folder.path}.broken`;
    assertEquals(await Deno.readTextFile(aside), "this is none".repeat(1000));
    assertEquals(folder.collected.lines(), [
      `error ${folder.path} cannot be read: file is not a database; it is put aside as ${aside}${
        loss ? `, and ${loss}` : ""
      }`,
    ]);
  });
}

Deno.test("a database has the mode that is asked for, the one that takes a broken one's place too", async () => {
  await using folder = await dataFolder();
  const mode = async () => (await Deno.stat(folder.path)).mode! & 0o777;
  await folder.open({ mode: 0o600 });
  assertEquals(await mode(), 0o600);
  await Deno.writeTextFile(folder.path, "this is none".repeat(1000));
  await Deno.chmod(folder.path, 0o644);
  await folder.open({ mode: 0o600 });
  assertEquals(await mode(), 0o600);
});

Deno.test("any other failure is passed on, and nothing is put aside", async () => {
  await using folder = await dataFolder();
  const open = () => {
    throw new Error("the disk is full");
  };
  await assertRejects(() => folder.open({ mode: 0o600, open }), Error, "the disk is full");
  assertEquals([...Deno.readDirSync(folder.dataDir)].map(({ name }) => name), [NAME]);
});
