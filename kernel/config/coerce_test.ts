import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { z } from "zod";
import { coerce } from "./coerce.ts";
import { toJsonSchema } from "./json_schema.ts";

const CASES: { schema: z.ZodType; rows: [text: string, value: unknown][] }[] = [
  { schema: z.string(), rows: [["a", "a"], ["5", "5"], ["true", "true"], ["", ""], [" a ", " a "], ["[1]", "[1]"]] },
  {
    schema: z.number(),
    rows: [
      ["5", 5],
      [" 5 ", 5],
      ["-0.5", -0.5],
      [".5", 0.5],
      ["1e3", 1000],
      ["", ""],
      ["abc", "abc"],
      ["0x10", "0x10"],
      ["5s", "5s"],
    ],
  },
  { schema: z.int(), rows: [["5", 5], ["5.5", 5.5], ["Infinity", "Infinity"]] },
  {
    schema: z.boolean(),
    rows: [["true", true], ["1", true], ["YES", true], ["on", true], ["false", false], ["0", false], ["no", false], [
      "Off",
      false,
    ], ["2", "2"]],
  },
  { schema: z.enum(["auto", "1"]), rows: [["auto", "auto"], ["1", "1"], ["x", "x"]] },
  {
    schema: z.array(z.string()),
    rows: [["a,b", ["a", "b"]], [" a , b ,", ["a", "b"]], ["", []], ['["a,b"]', ["a,b"]], ["[a", ["[a"]]],
  },
  { schema: z.array(z.int()), rows: [["1,2", [1, 2]], ["[1,2]", [1, 2]], ["1,x", [1, "x"]]] },
  {
    schema: z.array(z.union([z.string(), z.tuple([z.string(), z.record(z.string(), z.unknown())])])),
    rows: [["a,b", ["a", "b"]], ['["a",["b",{"c":1}]]', ["a", ["b", { c: 1 }]]]],
  },
  {
    schema: z.record(z.string(), z.number()),
    rows: [["a=1,b=2", { a: 1, b: 2 }], ["a=1=2", { a: "1=2" }], ['{"a":1}', { a: 1 }], ["", {}], ["a", "a"], [
      "{a",
      "{a",
    ]],
  },
  { schema: z.union([z.string(), z.number()]), rows: [["5", 5], ["a", "a"]] },
  { schema: z.union([z.boolean(), z.string()]), rows: [["true", true], ["a", "a"]] },
  { schema: z.array(z.object({ url: z.string() })), rows: [['[{"url":"a"}]', [{ url: "a" }]], ["a", ["a"]]] },
  { schema: z.number().optional(), rows: [["5", 5]] },
  { schema: z.number().default(1), rows: [["5", 5]] },
  { schema: z.string().nullable(), rows: [["null", "null"]] },
];

for (const { schema, rows } of CASES) {
  const json = toJsonSchema(schema);
  for (const [text, value] of rows) {
    Deno.test(`where ${JSON.stringify(json).slice(71, 120)} is expected, "${text}" means ${JSON.stringify(value)}`, () => {
      assertEquals(coerce(text, json), value);
    });
  }
}

Deno.test("every number reads back as itself", () => {
  const json = toJsonSchema(z.number());
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
    assertEquals(coerce(String(value), json), value === 0 ? Number(String(value)) : value);
  }));
});

Deno.test("every value reads back from its JSON where a list is expected", () => {
  const json = toJsonSchema(z.array(z.unknown()));
  fc.assert(fc.property(fc.array(fc.jsonValue()), (value) => {
    assertEquals(coerce(JSON.stringify(value), json), JSON.parse(JSON.stringify(value)));
  }));
});
