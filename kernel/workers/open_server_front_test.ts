import { assert, assertEquals } from "@std/assert";

interface Graph {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly { readonly isDynamic?: boolean; readonly code?: { readonly specifier: string } }[];
  }[];
}

/** All that is loaded with a module at once. */
async function loadedWith(module: string): Promise<Set<string>> {
  const args = ["info", "--json", new URL(module, import.meta.url).href];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  const { roots, modules }: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const byName = new Map(modules.map((each) => [each.specifier, each]));
  const loaded = new Set(roots);
  for (const name of loaded) {
    for (const { isDynamic, code } of byName.get(name)?.dependencies ?? []) {
      if (code && !isDynamic) loaded.add(code.specifier);
    }
  }
  return loaded;
}

Deno.test("a server of one isolate does not load what a pool of workers is made of", async () => {
  const loaded = [...await loadedWith("../server.ts")];
  assert(loaded.some((name) => name.endsWith("/kernel/workers/open_server_front.ts")), "the graph was not read");
  const parts = loaded.filter((name) => /\/kernel\/workers\/(pool|link|running_worker|shared_memory)\.ts$/.test(name));
  assertEquals(parts, []);
});
