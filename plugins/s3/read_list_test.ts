import { assertEquals } from "@std/assert";
import { systemFiles } from "../../kernel/system_files.ts";
import { readList } from "./read_list.ts";

Deno.test("a list is read whole, however large it is, and one that is not there is none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const text = "segment ü\n".repeat(20_000);
    await Deno.writeTextFile(`${folder}/list`, text);
    assertEquals(await readList(systemFiles, `${folder}/list`), text);
    await Deno.writeTextFile(`${folder}/empty`, "");
    assertEquals(await readList(systemFiles, `${folder}/empty`), "");
    assertEquals(await readList(systemFiles, `${folder}/none`), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a list that is replaced while it is read is one of the two", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/list`;
    const texts = [1, 2, 3, 4].map((count) => JSON.stringify("x".repeat(count * 30_000)));
    await systemFiles.replace(path, texts[0]);
    const replacing = (async () => {
      for (let i = 0; i < 40; i++) await systemFiles.replace(path, texts[i % texts.length]);
    })();
    for (let i = 0; i < 40; i++) assertEquals(texts.includes(await readList(systemFiles, path) ?? ""), true);
    await replacing;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
