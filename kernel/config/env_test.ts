import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { ConfigError, type ConfigSources, resolveConfig } from "./config.ts";

const store = {
  name: "store",
  config: z.object({
    bucket: z.string().optional(),
    size: z.int().default(5).meta({ otherwise: { env: ["FIELD_SIZE", "FIELD_DEFAULT_SIZE"], when: "bucket" } }),
    user: z.string().optional().meta({ otherwise: { env: ["FIELD_USER"], when: "bucket", unless: ["word"] } }),
    word: z.string().optional().meta({ otherwise: { env: ["FIELD_WORD"], when: "bucket", unless: ["user"] } }),
  }),
};

function resolve(sources: Partial<ConfigSources>) {
  return resolveConfig({ plugins: [store], ...sources });
}

const FIELD = { FIELD_USER: "user", FIELD_WORD: "word", FIELD_SIZE: "", FIELD_DEFAULT_SIZE: "7" };

for (
  const { what, sources, settings } of [
    { what: "count where nothing is said", sources: {}, settings: { size: 7, user: "user", word: "word" } },
    {
      what: "do not count beside their own kind",
      sources: { code: { store: { user: "me" } } },
      settings: { user: "me", size: 7 },
    },
    {
      what: "are weaker than code",
      sources: { code: { store: { size: 1, word: "mine" } } },
      settings: { size: 1, word: "mine" },
    },
  ]
) {
  Deno.test(`variables that other programs read too ${what}`, () => {
    const { config } = resolve({ env: { ...FIELD, SLUICE_STORE_BUCKET: "films" }, ...sources });
    assertEquals(config.store, { bucket: "films", enabled: true, ...settings });
  });
}

Deno.test("variables that other programs read too are looked at only where they are wanted, and named where they are wrong", () => {
  const { config, origins } = resolve({ env: { ...FIELD, FIELD_SIZE: "large" } });
  assertEquals([config.store, origins.size], [{ size: 5, enabled: true }, 0]);
  const { problems: [problem] } = assertThrows(
    () => resolve({ env: { FIELD_SIZE: "large", SLUICE_STORE_BUCKET: "films" } }),
    ConfigError,
  );
  assertEquals(problem, 'FIELD_SIZE is "large", but must be a whole number.');
  const named = resolve({ env: { FIELD_USER: "user", SLUICE_STORE_BUCKET: "films" } }).origins.get("store.user");
  assertEquals([named?.source, named?.where], ["environment", "FIELD_USER"]);
});
