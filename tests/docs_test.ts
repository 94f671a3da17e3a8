import { assert, assertEquals } from "@std/assert";
import { BUILT_IN } from "../built_in.ts";
import { CONFIGURATION_PAGE, withSettings } from "../docs/make_configuration.ts";
import * as library from "../mod.ts";
import { Clone } from "./docs/clone.ts";
import { COMMANDS } from "./docs/commands.ts";
import { type Block, blocks, commandLines, localLinks } from "./docs/markdown.ts";
import { Program, ROOT } from "./support/program.ts";

const PAGES = [
  "README.md",
  "docs/ARCHITECTURE.md",
  "docs/api.md",
  "docs/auth.md",
  "docs/commands.md",
  "docs/configuration.md",
  "docs/files.md",
  "docs/fmp4.md",
  "docs/hls.md",
  "docs/migrating.md",
  "docs/operations.md",
  "docs/pages.md",
  "docs/plugins.md",
  "docs/s3.md",
  "docs/scaling.md",
  "docs/webhooks.md",
];

const SERVER_START = "await createServer({";

const CONFIGURATION = "docs/configuration.md";

/** What on the page for those who come from elsewhere looks like a setting and is the word for something else. */
const NO_SETTINGS: ReadonlySet<string> = new Set(["viewers", "play", "ctx.on"]);

/** Where a program of a page waits for its end. */
const WAITING = "await stopped.promise;";

function read(page: string): string {
  return Deno.readTextFileSync(`${ROOT}${page}`);
}

Deno.test("the list of pages is complete", () => {
  const found = Array.from(Deno.readDirSync(`${ROOT}docs`), ({ name }) => `docs/${name}`);
  assertEquals(found.filter((path) => path.endsWith(".md")).sort(), PAGES.slice(1));
});

for (const page of PAGES) {
  Deno.test(`${page}: links lead to files that are there`, () => {
    for (const link of localLinks(read(page))) Deno.statSync(new URL(link.split("#")[0], `file://${ROOT}${page}`));
  });

  Deno.test(`${page}: every block is of a kind that is checked`, () => {
    const kinds = new Set(["sh", "ts", "jsonc", "text", ""]);
    for (const { language } of blocks(read(page))) assert(kinds.has(language), `Nobody checks blocks of ${language}`);
  });
}

Deno.test("docs/configuration.md has every setting, as `deno task docs` writes them", async () => {
  const page = await Deno.readTextFile(CONFIGURATION_PAGE);
  assert(page === withSettings(page), "The settings have changed: run `deno task docs` and commit the page");
});

Deno.test("every command line of the pages is checked, and none that is not there", () => {
  const found = PAGES.flatMap((page) => blocks(read(page)).filter(isShell).flatMap(commandLines));
  assertEquals([...new Set(found)].sort(), Object.keys(COMMANDS).sort());
});

Deno.test("the programs on the pages, and those beside the public API, have the right types; servers run", async (t) => {
  await using clone = await Clone.make();
  const programs: string[] = [];
  for (const [at, page] of PAGES.entries()) programs.push(...await writePrograms(clone, `page_${at}`, read(page)));
  const { code, err } = await Program.deno(["check", "--doc", ...publicModules(), ...programs], { cwd: clone.folder })
    .ended;
  assertEquals(code, 0, err);
  for (const name of programs) {
    const isServer = (await Deno.readTextFile(`${clone.folder}/${name}`)).includes(SERVER_START);
    if (isServer) await t.step(`${name} runs`, () => runServerProgram(name, clone.folder));
  }
});

Deno.test("docs/plugins.md: a project beside a clone runs a server with a plugin of its own", async () => {
  const all = blocks(read("docs/plugins.md"));
  const folder = await Deno.makeTempDir();
  try {
    const settings = all.find(({ language }) => language === "text")?.text ?? "";
    await Deno.writeTextFile(`${folder}/deno.json`, settings.replace('"../sluice"', JSON.stringify(ROOT)));
    for (const { file, text } of all) if (file?.endsWith(".ts")) await Deno.writeTextFile(`${folder}/${file}`, text);
    await runServerProgram("main.ts", folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("mod.ts exports every plugin that comes with it", () => {
  assertEquals(BUILT_IN.filter((plugin) => !Object.values(library).includes(plugin)), []);
});

for (const page of PAGES) {
  const all = blocks(read(page));
  if (!all.some((block) => isShell(block) || isSettings(block))) continue;

  Deno.test(`${page}: settings and command lines do what it says`, async (t) => {
    await using clone = await Clone.make();
    // Of deno.json a page shows a part.
    for (const { file, text } of all) if (file && file !== "deno.json") await clone.write(file, text);
    for (const { file, text } of all.filter(isSettings)) {
      await t.step(`${file} holds valid settings`, () => settingsAreValid(clone, text));
    }
    for (const line of all.filter(isShell).flatMap(commandLines)) {
      const check = COMMANDS[line];
      if (typeof check === "function") await t.step(line, () => check(line, clone));
    }
  });
}

/** The modules whose parts `mod.ts` exports; the examples in their comments are checked too. */
function publicModules(): string[] {
  return ["mod.ts", ...Array.from(read("mod.ts").matchAll(/ from "\.\/(.*)";$/gm), ([, path]) => path)];
}

function isShell({ language }: Block): boolean {
  return language === "sh";
}

function isSettings({ language }: Block): boolean {
  return language === "jsonc";
}

/** Writes a page's programs into the clone; one that begins within a plugin's setup is given the rest around it. */
async function writePrograms(clone: Clone, prefix: string, page: string): Promise<string[]> {
  const names: string[] = [];
  for (const { text, file } of blocks(page).filter(({ language }) => language === "ts")) {
    const name = file ?? `${prefix}_program_${names.length + 1}.ts`;
    const whole = text.includes("import ")
      ? text
      : `import { definePlugin } from "./mod.ts";\ndefinePlugin({ name: "part", setup(ctx) {\n${text}} });\n`;
    await clone.write(name, whole);
    names.push(name);
  }
  return names;
}

/** Runs a program of a page, which goes on until it is interrupted; it listens on the usual ports, and here on free ones. */
async function runServerProgram(name: string, cwd: string): Promise<void> {
  const text = await Deno.readTextFile(`${cwd}/${name}`);
  const started = `${SERVER_START} config: { http: { port: 0 }, rtmp: { port: 0 } },`;
  await Deno.writeTextFile(
    `${cwd}/${name}`,
    text.replace(SERVER_START, started).replace(WAITING, `console.log("runs");\n${WAITING}`),
  );
  await using program = Program.deno(["run", "-A", name], { cwd });
  await program.until(/^runs$/m);
  const { code, err } = await program.stop("SIGINT");
  assertEquals(code, 0, err);
}

async function settingsAreValid(clone: Clone, text: string): Promise<void> {
  await clone.write("settings.jsonc", text);
  const args = ["run", "-A", "server.ts", "start", "--check", "--config", "settings.jsonc"];
  const { code, err } = await Program.deno(args, { cwd: clone.folder }).over();
  assertEquals(code, 0, err);
}

Deno.test("docs/configuration.md shows what the server says of mistakes", async () => {
  const all = blocks(read("docs/configuration.md"));
  const right = all.find(({ file }) => file === "sluice.jsonc")?.text ?? "";
  const wrong = right.replace('"port": 8080', '"prot": 8080').replace('"reject"', '"never"');
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/sluice.jsonc`, wrong);
    const { code, err } = await Program.server(["start", "--config", "sluice.jsonc"], { cwd: folder }).over();
    assertEquals([code, err], [2, all.find(({ language }) => language === "text")?.text]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("README.md lists the plugins that there are", () => {
  const [, section] = read("README.md").split("## Plugins");
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  const named = rows.flatMap((row) => Array.from(row.split("|")[1].matchAll(/`([^`]+)`/g), ([, name]) => name));
  assertEquals(named.sort(), BUILT_IN.map(({ pluginName }) => pluginName).sort());
});

/** The names of an interface's members, by its text; those included of the interface in the same file that it extends. */
function membersOf(file: string, name: string): string[] {
  const [, base, text] = new RegExp(`export interface ${name} (?:extends (\\w+) )?{\n([^]*?)\n}\n`).exec(read(file))!;
  const own = Array.from(
    text.matchAll(/^ {2}(?:readonly )?(?:"([\w:]+)"|(\w+))[:(<]/gm),
    ([, quoted, plain]) => quoted ?? plain,
  );
  return base ? [...membersOf(file, base), ...own] : own;
}

Deno.test("docs/plugins.md names every decision, every event and all that a plugin is given", () => {
  const page = read("docs/plugins.md");
  const missing = [
    ...membersOf("kernel/plugin/decisions.ts", "Decisions").filter((name) => !page.includes(`| \`${name}\` |`)),
    ...membersOf("kernel/plugin/events.ts", "Events").filter((name) => !page.includes(`\`${name}\``)),
    ...membersOf("kernel/plugin/plugin.ts", "PluginContext").filter((name) =>
      !new RegExp(`\`(ctx\\.)?${name}[\`(]`).test(page)
    ),
  ];
  assertEquals(missing, []);
});

Deno.test("docs/migrating.md leads to settings, events and addresses that there are", async () => {
  const rows = read("docs/migrating.md").split("\n").filter((line) => line.startsWith("| `"));
  const spans = rows.flatMap((row) => Array.from(row.split(" | ").at(-1)!.matchAll(/`([^`]+)`/g), ([, span]) => span));
  const settings = new Set(Array.from(read(CONFIGURATION).matchAll(/^\| `([^`]+)` \|/gm), ([, name]) => name));
  const isSetting = (span: string) => /^[a-z]+[A-Za-z]*(\.[A-Za-z]+)*$/.test(span) && !NO_SETTINGS.has(span);
  const events = new Set(membersOf("kernel/plugin/events.ts", "Events"));
  assertEquals(spans.filter((span) => isSetting(span) && !settings.has(span)), []);
  assertEquals(spans.filter((span) => /^[a-z]+:[a-z]+$/.test(span) && !events.has(span)), []);
  assert(spans.filter(isSetting).length > 80, "hardly a setting is named");
  await allAnswer(spans.filter((span) => /^\/[^{]+$/.test(span)));
});

/** Fails unless a server answers each of these paths. */
async function allAnswer(paths: readonly string[]): Promise<void> {
  const dataDir = await Deno.makeTempDir();
  try {
    const config = { http: { port: 0 }, rtmp: { port: 0 }, dataDir };
    await using server = await library.createServer({ config, log: () => {} });
    for (const path of paths) {
      const { status, body } = await server.request(path);
      await body?.cancel();
      assertEquals(status, 200, path);
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

Deno.test("docs/ARCHITECTURE.md speaks of files and types that are there", async () => {
  const page = read("docs/ARCHITECTURE.md").replace(/^```[\s\S]*?^```$/gm, "");
  const spans = Array.from(page.matchAll(/`([^`\n]+)`/g), ([, span]) => span);
  const missing = spans.filter((span) => /^[\w/]+(\/|\.ts)$/.test(span)).filter((path) => !isThere(path));
  const types = new Set(spans.flatMap((span) => /^([A-Z]\w+)(\.\w+)?$/.exec(span)?.[1] ?? []));
  const folders = ["streams", "fanout", "sessions", "plugin", "front", "workers"].map((name) => `kernel/${name}`);
  for (const folder of ["kernel", ...folders, "media", "media/flv"]) {
    for await (const { name, isFile } of Deno.readDir(`${ROOT}${folder}`)) {
      if (!isFile) continue;
      for (const [, type] of read(`${folder}/${name}`).matchAll(/^export (?:class|interface|type) (\w+)/gm)) {
        types.delete(type);
      }
    }
  }
  assertEquals([...missing, ...types], []);
});

/** Folders of protocols, plugins and the kernel go without the one they are in. */
function isThere(path: string): boolean {
  return ["", "kernel/", "protocols/", "plugins/"].some((folder) => {
    try {
      return Deno.statSync(`${ROOT}${folder}${path}`).isFile || path.endsWith("/");
    } catch {
      return false;
    }
  });
}
