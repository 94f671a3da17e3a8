import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { connectionLimits, MOST_AT_ONCE } from "./file_limit.ts";

/** What a server has open that nobody is connected to. */
const OWN_FILES = 30;

/** The line that counts, among its neighbours. */
function limits(soft: string): () => Promise<string> {
  return () =>
    Promise.resolve(
      `Limit                     Soft Limit           Hard Limit           Units     \n` +
        `Max processes             31337                31337                processes \n` +
        `Max open files            ${soft.padEnd(20)} 1048576              files     \n`,
    );
}

for (const files of [64, 128, 256, 1024, 4096, 65_536, 1_048_576]) {
  Deno.test(`with ${files} open files, connections and those accepted at once leave some for the server itself`, async () => {
    const { connections, backlog } = await connectionLimits(limits(String(files)));
    assertGreater(connections, 0);
    assertGreater(backlog, 0);
    assertLess(connections + 2 * Math.min(backlog, MOST_AT_ONCE) + OWN_FILES, files);
  });
}

Deno.test("most of many open files are for connections", async () => {
  assertGreater((await connectionLimits(limits("65536"))).connections, 60_000);
});

Deno.test("20,000 open files are enough for 19,000 players, who may come all at once", async () => {
  const { connections, backlog } = await connectionLimits(limits("20000"));
  assertGreater(connections, 19_000);
  assertEquals(backlog, 4096);
});

Deno.test("no limit counts as a large one", async () => {
  assertGreater((await connectionLimits(limits("unlimited"))).connections, 900_000);
});

Deno.test("where the limit cannot be read the smallest common one is assumed", async () => {
  const small = { ...await connectionLimits(limits("1024")), isKnown: false };
  assertEquals(await connectionLimits(() => Promise.reject(new Deno.errors.NotFound("/proc"))), small);
  assertEquals(await connectionLimits(() => Promise.resolve("")), small);
  assertEquals(await connectionLimits(limits("0")), small);
});

Deno.test({
  name: "the limit of this process is read with the permissions that the server is started with",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const module = new URL("./file_limit.ts", import.meta.url).href;
    const script =
      `import { connectionLimits } from "${module}"; console.log(JSON.stringify(await connectionLimits()));`;
    const file = await Deno.makeTempFile({ suffix: ".ts" });
    try {
      await Deno.writeTextFile(file, script);
      const command = new Deno.Command(Deno.execPath(), { args: ["run", "--no-prompt", "--allow-read", file] });
      const { stdout } = await command.output();
      const limit = () => Deno.readTextFile("/proc/self/limits");
      assertEquals(JSON.parse(new TextDecoder().decode(stdout)), await connectionLimits(limit));
    } finally {
      await Deno.remove(file);
    }
  },
});
