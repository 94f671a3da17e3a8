import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { inFolder } from "../testing/in_folder.ts";
import { type Files, hasCode } from "./files.ts";
import { systemFiles } from "./system_files.ts";

function test(name: string, run: (folder: string) => Promise<void>): void {
  Deno.test(name, () => inFolder(run));
}

async function codeOf(failing: Promise<unknown>, ...codes: string[]): Promise<void> {
  const error = await assertRejects(() => failing);
  assert(codes.some((code) => hasCode(error, code)), `${error} is none of ${codes}`);
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

async function contentOf(path: string): Promise<string> {
  return await Deno.readTextFile(path);
}

test("a file is made with the folders above it, and never over another", async (folder) => {
  const path = join(folder, "a", "b", "c.txt");
  {
    await using file = await systemFiles.create(path);
    await file.write(bytes("first"));
  }
  await codeOf(systemFiles.create(path), "EEXIST");
  assertEquals(await contentOf(path), "first");
});

test("what was written can be read at any position, and nothing behind the end", async (folder) => {
  await using file = await systemFiles.create(join(folder, "x"));
  await file.write(bytes("0123456789"));
  const into = new Uint8Array(4);
  for (const [position, expected] of [[0, "0123"], [5, "5678"], [8, "89"], [10, ""], [99, ""]] as const) {
    assertEquals(text(into.subarray(0, await file.read(into, position))), expected, `at ${position}`);
  }
});

test("what is written without a position goes behind all that was written before", async (folder) => {
  const path = join(folder, "x");
  await using file = await systemFiles.create(path);
  await file.write(bytes("head...."));
  await file.write(bytes("body"));
  await file.write(bytes("HEAD"), 0);
  await file.write(bytes("tail"));
  assertEquals(await contentOf(path), "HEAD....bodytail");
});

test("writes that do not wait for each other keep their order", async (folder) => {
  const path = join(folder, "x");
  await using file = await systemFiles.create(path);
  await Promise.all(["one ", "two ", "three"].map((part) => file.write(bytes(part))));
  assertEquals(await contentOf(path), "one two three");
});

test("a file that is cut off is written on from there", async (folder) => {
  const path = join(folder, "x");
  await using file = await systemFiles.create(path);
  await file.write(bytes("0123456789"));
  await file.truncate(4);
  await file.write(bytes("x"));
  await file.sync();
  assertEquals(await contentOf(path), "0123x");
});

test("a file that exists is opened to read or to update, one that does not is not made", async (folder) => {
  const path = join(folder, "x");
  await codeOf(systemFiles.open(path, "read"), "ENOENT");
  await codeOf(systemFiles.open(path, "update"), "ENOENT");
  await systemFiles.replace(path, "0123456789");
  {
    await using file = await systemFiles.open(path, "update");
    await file.write(bytes("abc"), 2);
  }
  assertEquals(await contentOf(path), "01abc56789");
  await using reading = await systemFiles.open(path, "read");
  await codeOf(reading.write(bytes("x")), "EBADF");
});

test("a closed file cannot be used and may be closed again", async (folder) => {
  const file = await systemFiles.create(join(folder, "x"));
  await file.close();
  await file.close();
  await assertRejects(() => file.read(new Uint8Array(1), 0), TypeError, "has been closed");
});

test("replacing a file leaves nothing else, makes its folders and takes text and bytes", async (folder) => {
  const path = join(folder, "deep", "list.txt");
  await systemFiles.replace(path, "old and longer");
  await systemFiles.replace(path, bytes("new"));
  assertEquals(await contentOf(path), "new");
  assertEquals((await systemFiles.list(join(folder, "deep"))).map(({ name }) => name), ["list.txt"]);
});

test("replacements of one file at the same time leave one of them whole", async (folder) => {
  const path = join(folder, "list.txt");
  const contents = ["a", "b", "c", "d"].map((letter) => letter.repeat(100_000));
  await Promise.all(contents.map((content) => systemFiles.replace(path, content)));
  assert(contents.includes(await contentOf(path)));
  assertEquals((await systemFiles.list(folder)).map(({ name }) => name), ["list.txt"]);
});

test("replacements of one file by several isolates do not disturb each other", async (folder) => {
  // What an isolate remembers is a module's.
  const others = await Promise.all([1, 2, 3].map((isolate) => import(`./system_files.ts?isolate=${isolate}`)));
  const path = join(folder, "x");
  const disks: readonly Files[] = [systemFiles, ...others.map((other) => other.systemFiles as Files)];
  await Promise.all(disks.flatMap((files) => [1, 2, 3].map(() => files.replace(path, "whole"))));
  assertEquals(await contentOf(path), "whole");
  assertEquals((await systemFiles.list(folder)).map(({ name }) => name), ["x"]);
});

test("a replacement can be for nobody else to read", async (folder) => {
  const path = join(folder, "secret");
  await systemFiles.replace(path, "x", 0o600);
  if (Deno.build.os !== "windows") assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
});

test("a replacement that fails leaves the old file and nothing else", async (folder) => {
  await Deno.mkdir(join(folder, "list.txt", "in the way"), { recursive: true });
  await codeOf(systemFiles.replace(join(folder, "list.txt"), "new"), "EISDIR", "EEXIST", "ENOTEMPTY", "EPERM");
  assertEquals(await systemFiles.list(folder), [{ name: "list.txt", kind: "folder" }]);
});

test("a file is moved into a folder that is made for it, over one that is in the way", async (folder) => {
  await systemFiles.replace(join(folder, "x"), "x");
  await systemFiles.replace(join(folder, "far", "y"), "y");
  await systemFiles.rename(join(folder, "x"), join(folder, "far", "y"));
  await systemFiles.rename(join(folder, "far", "y"), join(folder, "farther", "z"));
  assertEquals(await contentOf(join(folder, "farther", "z")), "x");
  await codeOf(systemFiles.rename(join(folder, "x"), join(folder, "w")), "ENOENT");
});

test("a second name leads to the same bytes until it is removed, and must be free", async (folder) => {
  const [one, two] = [join(folder, "one"), join(folder, "two")];
  await systemFiles.replace(one, "x");
  await systemFiles.link(one, two);
  assertEquals((await systemFiles.facts(one))?.id, (await systemFiles.facts(two))?.id);
  await codeOf(systemFiles.link(one, two), "EEXIST");
  await systemFiles.remove(one);
  assertEquals(await contentOf(two), "x");
});

test("files, full folders and what is not there are removed", async (folder) => {
  await systemFiles.replace(join(folder, "a", "b"), "x");
  await systemFiles.remove(join(folder, "a"));
  await systemFiles.remove(join(folder, "a"));
  assertEquals(await systemFiles.list(folder), []);
});

test("the facts are what stands on the disk, and none of what does not", async (folder) => {
  const path = join(folder, "x");
  await systemFiles.replace(path, "12345");
  await Deno.utime(path, 1_700_000_000, 1_700_000_000);
  const facts = await systemFiles.facts(path);
  assertEquals([facts?.kind, facts?.size, facts?.modified.getTime()], ["file", 5, 1_700_000_000_000]);
  assertEquals((await systemFiles.facts(folder))?.kind, "folder");
  assertEquals(await systemFiles.facts(join(folder, "y")), undefined);
  assertEquals(await systemFiles.facts(join(path, "below a file")), undefined);
});

test("a file keeps its identity while it grows, and what replaces it has another", async (folder) => {
  const path = join(folder, "x");
  await systemFiles.replace(path, "old");
  const before = await systemFiles.facts(path);
  await Deno.writeTextFile(path, " and more", { append: true });
  assertEquals((await systemFiles.facts(path))?.id, before?.id);
  await systemFiles.replace(path, "new");
  assertNotEquals((await systemFiles.facts(path))?.id, before?.id);
});

test("a folder is listed with what is a file or a folder, one that is not there as empty", async (folder) => {
  await systemFiles.replace(join(folder, "file"), "x");
  await Deno.mkdir(join(folder, "folder"));
  await Deno.symlink(join(folder, "file"), join(folder, "link"));
  const entries = (await systemFiles.list(folder)).toSorted((a, b) => a.name.localeCompare(b.name));
  assertEquals(entries, [{ name: "file", kind: "file" }, { name: "folder", kind: "folder" }]);
  assertEquals(await systemFiles.list(join(folder, "nowhere")), []);
  assertEquals(await systemFiles.list(join(folder, "file")), []);
});

test("a path leads to what it stands for through all its links, or to nothing", async (folder) => {
  const path = join(folder, "real", "file");
  await systemFiles.replace(path, "x");
  await Deno.symlink(join(folder, "real"), join(folder, "link"));
  await Deno.symlink(join(folder, "nowhere"), join(folder, "broken"));
  assertEquals(await systemFiles.realPath(join(folder, "link", "file")), path);
  assertEquals(await systemFiles.realPath(join(folder, "link", "..", "real", ".", "file")), path);
  assertEquals(await systemFiles.realPath(join(folder, "broken")), undefined);
  assertEquals(await systemFiles.realPath(join(path, "below a file")), undefined);
});

test("links that lead round in a circle lead to nothing", async (folder) => {
  await Deno.symlink(join(folder, "b"), join(folder, "a"));
  await Deno.symlink(join(folder, "a"), join(folder, "b"));
  assertEquals(await systemFiles.realPath(join(folder, "a")), undefined);
  assertEquals(await systemFiles.facts(join(folder, "a")), undefined);
});

test("the free room is that of the disk on which a path will be", async (folder) => {
  const free = await systemFiles.freeBytes(join(folder, "not", "yet", "there"));
  assert(free !== undefined && free > 0);
});

test("a folder is removed when it has nothing in it, and only then", async (folder) => {
  const path = join(folder, "a", "b", "x");
  await systemFiles.replace(path, "x");
  for (const full of [join(folder, "a"), join(folder, "a", "b"), path, join(folder, "none")]) {
    assertEquals(await systemFiles.removeEmpty(full), false, full);
  }
  assertEquals(await contentOf(path), "x");
  await systemFiles.remove(path);
  assertEquals(await systemFiles.removeEmpty(join(folder, "a", "b")), true);
  assertEquals(await systemFiles.list(join(folder, "a")), []);
});

test("a file is made also when its folder, empty as yet, is taken away meanwhile", async (folder) => {
  for (let i = 0; i < 200; i++) {
    const path = join(folder, "a", "x");
    const [file] = await Promise.all([systemFiles.create(path), systemFiles.removeEmpty(join(folder, "a"))]);
    await file.close();
    await systemFiles.remove(path);
  }
});
