import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { inFolder } from "../../kernel/testing/in_folder.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { findTokens, TOKEN_FILE } from "./tokens.ts";

function test(name: string, run: (folder: string) => Promise<void>): void {
  Deno.test(name, () => inFolder(run));
}

test("tokens are made once, differ, and only their owner may read them", async (folder) => {
  const first = await findTokens(systemFiles, folder, {});
  assert(first.isNew);
  assertNotEquals(first.write, first.read);
  assert(first.write.length >= 32);
  if (Deno.build.os !== "windows") assertEquals((await Deno.stat(join(folder, TOKEN_FILE))).mode! & 0o777, 0o600);
  assertEquals(await findTokens(systemFiles, folder, {}), { ...first, isNew: false });
});

test("those of the settings come before those of the file", async (folder) => {
  const both = { write: "a".repeat(16), read: "b".repeat(16) };
  assertEquals(await findTokens(systemFiles, folder, both), { ...both, isNew: false });
  assertEquals(await systemFiles.facts(join(folder, TOKEN_FILE)), undefined);
  const made = await findTokens(systemFiles, folder, { write: both.write });
  assertEquals([made.write, made.isNew], [both.write, true]);
});

for (const content of ["", "{}", "[1]", "null", '{"write":"short","read":"short"}', '{"write":1,"read":2}', "{"]) {
  test(`a file that holds ${content || "nothing"} is no key to the server`, async (folder) => {
    await Deno.writeTextFile(join(folder, TOKEN_FILE), content);
    await assertRejects(() => findTokens(systemFiles, folder, {}), TypeError, "remove it, and new ones are made");
  });
}

test("who cannot write in the data folder is told what to do", async (folder) => {
  const files = { ...systemFiles, replace: () => Promise.reject(new Error("EACCES: permission denied")) };
  const message = `Cannot keep the API's tokens in ${
    join(folder, TOKEN_FILE)
  }: EACCES: permission denied. Whoever runs the server`;
  await assertRejects(() => findTokens(files, folder, {}), Error, message);
});
