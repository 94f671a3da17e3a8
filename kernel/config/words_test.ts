import { assertEquals } from "@std/assert";
import { z } from "zod";
import { toJsonSchema } from "./json_schema.ts";
import {
  allowedText,
  boundsText,
  foundText,
  joined,
  pathText,
  suggestions,
  suggestionText,
  typeText,
} from "./words.ts";

const SCHEMAS: { schema: z.ZodType; allowed: string | undefined; type: string }[] = [
  { schema: z.boolean(), allowed: "true or false", type: "true|false" },
  { schema: z.string(), allowed: "text", type: "text" },
  { schema: z.string().min(1), allowed: "text that is not empty", type: "text" },
  { schema: z.string().min(2), allowed: "text of at least 2 characters", type: "text" },
  { schema: z.string().max(8), allowed: "text of 0 to 8 characters", type: "text" },
  { schema: z.string().regex(/^a+$/), allowed: "text that matches /^a+$/", type: "text" },
  { schema: z.url(), allowed: "a URL", type: "url" },
  { schema: z.number(), allowed: "a number", type: "number" },
  { schema: z.int(), allowed: "a whole number", type: "number" },
  { schema: z.int().min(0).max(9), allowed: "a whole number from 0 to 9", type: "number" },
  { schema: z.int().min(1), allowed: "a whole number of at least 1", type: "number" },
  { schema: z.number().max(9), allowed: "a number of at most 9", type: "number" },
  { schema: z.number().positive(), allowed: "a number above 0", type: "number" },
  { schema: z.number().positive().max(5), allowed: "a number above 0 and of at most 5", type: "number" },
  { schema: z.literal("a"), allowed: '"a"', type: "a" },
  { schema: z.enum(["a", "b", "c"]), allowed: '"a", "b" or "c"', type: "a|b|c" },
  { schema: z.array(z.int()), allowed: "a list, each a whole number", type: "number,…" },
  { schema: z.array(z.string()).min(1), allowed: "a list of at least 1, each text", type: "text,…" },
  { schema: z.array(z.unknown()), allowed: "a list", type: "value,…" },
  { schema: z.record(z.string(), z.int()), allowed: "an object, each value a whole number", type: "name=value,…" },
  { schema: z.object({ a: z.int(), b: z.int() }), allowed: "an object of a and b", type: "json" },
  { schema: z.union([z.string(), z.number()]), allowed: "text or a number", type: "text|number" },
  {
    schema: z.union([z.boolean(), z.array(z.string())]),
    allowed: "true or false or a list, each text",
    type: "true|false|text,…",
  },
  { schema: z.string().nullable(), allowed: "text or null", type: "text|null" },
  { schema: z.string().meta({ allowed: "a name" }), allowed: "a name", type: "text" },
  { schema: z.unknown(), allowed: undefined, type: "value" },
];

for (const { schema, allowed, type } of SCHEMAS) {
  Deno.test(`in words: ${allowed ?? "anything"}; in short: ${type}`, () => {
    assertEquals(allowedText(toJsonSchema(schema)), allowed);
    assertEquals(typeText(toJsonSchema(schema)), type);
  });
}

const BOUNDS: { schema: z.ZodType; bounds: string | undefined }[] = [
  { schema: z.int().min(0).max(9), bounds: "0 to 9" },
  { schema: z.int().min(1), bounds: "at least 1" },
  { schema: z.number().positive(), bounds: "above 0" },
  { schema: z.number(), bounds: undefined },
  { schema: z.string().max(5), bounds: undefined },
];

for (const { schema, bounds } of BOUNDS) {
  Deno.test(`bounds of a number: ${bounds}`, () => assertEquals(boundsText(toJsonSchema(schema)), bounds));
}

const NAMES = ["http.port", "rtmp.port", "dataDir", "hls", "rtmp", "republish"];

const SLIPS: { word: string; meant: string[] }[] = [
  { word: "dataDri", meant: ["dataDir"] },
  { word: "data-dir", meant: ["dataDir"] },
  { word: "DATA_DIR", meant: ["dataDir"] },
  { word: "rtpm", meant: ["rtmp"] },
  { word: "hsl", meant: ["hls"] },
  { word: "repulish", meant: ["republish"] },
  { word: "port", meant: ["http.port", "rtmp.port"] },
  { word: "abc", meant: [] },
  { word: "x", meant: [] },
  { word: "", meant: [] },
  { word: "***", meant: [] },
];

for (const { word, meant } of SLIPS) {
  Deno.test(`"${word}" may have meant ${joined(meant, "or") || "nothing"}`, () =>
    assertEquals(suggestions(word, NAMES), meant));
}

Deno.test("an unknown name's sentence ends in what was meant, else in what is known, else at once", () => {
  assertEquals(suggestionText("rtpm", NAMES, ["a"]), "; did you mean rtmp?");
  assertEquals(suggestionText("xyz", NAMES, ["a", "b"]), "; known are a and b.");
  assertEquals(suggestionText("xyz", NAMES, ["a"]), "; known is a.");
  assertEquals(suggestionText("xyz", []), ".");
});

Deno.test("a path is written as in JavaScript", () => {
  assertEquals(pathText(["http", "ports", 1, "x"]), "http.ports[1].x");
  assertEquals(pathText([0]), "[0]");
});

Deno.test("what was found is shown in one line", () => {
  assertEquals(foundText("a\nb"), '"a\\u{a}b"');
  assertEquals(foundText("ftp://me:word@host/x?key=sesame"), '"ftp://***@host/x?***"');
  assertEquals([5, true, null, [], [1], {}].map(foundText), [
    "5",
    "true",
    "null",
    "an empty list",
    "a list",
    "an object",
  ]);
});
