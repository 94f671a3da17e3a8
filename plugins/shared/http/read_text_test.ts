import { assertEquals } from "@std/assert";
import type { Files } from "../../../kernel/files/files.ts";
import { systemFiles } from "../../../kernel/files/system_files.ts";
import { readText } from "./read_text.ts";

Deno.test("a text is read whole, however large it is, and one that is not there is none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const text = "segment ü\n".repeat(20_000);
    await Deno.writeTextFile(`${folder}/list`, text);
    assertEquals(await readText(systemFiles, `${folder}/list`), text);
    await Deno.writeTextFile(`${folder}/empty`, "");
    assertEquals(await readText(systemFiles, `${folder}/empty`), "");
    assertEquals(await readText(systemFiles, `${folder}/none`), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a text that is replaced while it is read is one of the two", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/list`;
  const [short, long] = ["short", "a longer one"];
  /** A disk on which somebody replaces the text as soon as it has been looked at, or opened. */
  const busy: Files = {
    ...systemFiles,
    async facts(path) {
      const facts = await systemFiles.facts(path);
      await systemFiles.replace(path, long);
      return facts;
    },
    async open(path, mode) {
      const file = await systemFiles.open(path, mode);
      await systemFiles.replace(path, long);
      return file;
    },
  };
  try {
    await systemFiles.replace(path, short);
    assertEquals([short, long].includes(await readText(busy, path) ?? ""), true);
    assertEquals(await readText(systemFiles, path), long);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
