import { assert, assertEquals, assertRejects } from "@std/assert";
import { inFolder } from "../testing/in_folder.ts";
import { DataFolderError, DataLock, LOCK_FILE } from "./data_lock.ts";
import type { Files } from "./files.ts";
import { systemFiles } from "./system_files.ts";
import { collectLog } from "../testing/collected_log.ts";

function test(name: string, run: (folder: string) => Promise<void>): void {
  Deno.test(name, () => inFolder(run));
}

function lockOf(folder: string, files: Files = systemFiles): DataLock {
  return new DataLock(files, folder, collectLog().log);
}

/** A process of its own that holds the lock until it is killed. */
async function holder(path: string): Promise<Deno.ChildProcess> {
  const code = `
    const file = await Deno.open("${path}", { create: true, write: true });
    await file.tryLock(true) && await file.write(new TextEncoder().encode(Deno.pid + "\\n"));
    console.log("held");
    await new Promise(() => setInterval(() => {}, 1e6));`;
  const child = new Deno.Command(Deno.execPath(), { args: ["eval", code], stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  return child;
}

test("a folder is one server's, and another's when that has let go", async (folder) => {
  {
    await using first = lockOf(folder);
    await first.take();
    await first.take();
    const { message } = await assertRejects(() => lockOf(folder).take(), DataFolderError);
    assertEquals(message, `Cannot use the data folder ${folder}: another server, process ${Deno.pid}, writes there`);
  }
  await using second = lockOf(folder);
  await second.take();
});

test("who was refused stays so, and takes nothing with it", async (folder) => {
  await using first = lockOf(folder);
  await first.take();
  {
    await using second = lockOf(folder);
    await assertRejects(() => second.take(), DataFolderError);
    await assertRejects(() => second.take(), DataFolderError);
  }
  await assertRejects(() => lockOf(folder).take(), DataFolderError);
});

test("a process that is killed lets go, whatever its file says", async (folder) => {
  const child = await holder(`${folder}/${LOCK_FILE}`);
  const { message } = await assertRejects(() => lockOf(folder).take(), DataFolderError);
  assert(message.includes(`process ${child.pid},`), message);
  child.kill("SIGKILL");
  await child.status;
  await using lock = lockOf(folder);
  await lock.take();
});

test("a folder that nobody asks for is not made", async (folder) => {
  const path = `${folder}/data`;
  await lockOf(path)[Symbol.asyncDispose]();
  assertEquals(await systemFiles.facts(path), undefined);
});

test("a disk that cannot be locked is used without, and the log says so", async (folder) => {
  const files: Files = { ...systemFiles, lock: () => Promise.reject(new Error("it is read-only")) };
  const { log, lines } = collectLog();
  await using lock = new DataLock(files, folder, log);
  await lock.take();
  await lock.take();
  assertEquals(lines(), [
    `warning Cannot lock ${folder}, and would not notice another server that writes there: it is read-only`,
  ]);
});
