import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { definePlugin, type PluginContext } from "./plugin.ts";

const greeter = definePlugin({
  name: "greeter",
  config: z.object({
    greeting: z.string().default("hello"),
    times: z.int().min(1).max(9).default(1),
    limits: z.object({ seconds: z.number().min(0) }).default({ seconds: 1 }),
  }),
  setup() {},
});

const bare = definePlugin({ name: "bare", setup() {} });

const WRONG: { name: string; settings: unknown; message: RegExp }[] = [
  {
    name: "a wrong type",
    settings: { greeting: 5 },
    message: /^The plugin greeter has wrong setting "greeting": .*string/,
  },
  { name: "out of range", settings: { times: 10 }, message: /^The plugin greeter has wrong setting "times": .*9/ },
  { name: "inside a group", settings: { limits: { seconds: -1 } }, message: /setting "limits.seconds": .*0/ },
  {
    name: "an unknown name",
    settings: { greting: "hi" },
    message: /The plugin greeter has wrong settings: .*"greting"/,
  },
];

for (const { name, settings, message } of WRONG) {
  Deno.test(`a plugin's settings are checked when it is made: ${name}`, () => {
    const error = assertThrows(() => greeter(settings as never), TypeError);
    assertEquals(message.test(error.message), true, error.message);
  });
}

Deno.test("a plugin without settings takes none", () => {
  assertEquals(bare().settings, {});
  const error = assertThrows(() => bare({ port: 1 } as never), TypeError);
  assertEquals(error.message, "The plugin bare has wrong settings: it takes none");
});

Deno.test("what was given is kept as it is, and defaults are left to the configuration", () => {
  assertEquals(greeter({ times: 3 }).settings, { times: 3 });
  assertEquals(greeter().settings, {});
});

Deno.test("a factory says what it makes before it makes it", () => {
  assertEquals([greeter.pluginName, bare.pluginName], ["greeter", "bare"]);
  assertEquals(Object.keys(greeter.config?.shape ?? {}), ["greeting", "times", "limits"]);
  assertEquals([greeter().name, greeter().config === greeter.config], ["greeter", true]);
});

Deno.test("setup is given the context and the complete settings", () => {
  const given: unknown[] = [];
  const plugin = definePlugin({
    name: "probe",
    config: z.object({ depth: z.number().default(1) }),
    setup: (ctx, { depth }) => void given.push(ctx, depth),
  })();
  const ctx = {} as PluginContext;
  plugin.setup(ctx, { depth: 7 });
  assertEquals(given, [ctx, 7]);
});

Deno.test("settings that depend on each other can be declared, and are checked together when they are complete", () => {
  const range = definePlugin({
    name: "range",
    config: z.object({ from: z.number().default(1), to: z.number().default(2) })
      .refine(({ from, to }) => from <= to, "from must not be beyond to"),
    setup() {},
  });
  assertEquals(range({ from: 2 }).settings, { from: 2 });
  assertThrows(() => range({ from: "x" } as never), TypeError, 'wrong setting "from"');
  assertThrows(() => range({ too: 1 } as never), TypeError, "wrong settings");
});
