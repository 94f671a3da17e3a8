import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseConfigText } from "./document.ts";
import { ConfigError } from "./error.ts";

const TEXT = `// settings
{
  "http": { "port": 80,
    "host": "a\\"b//" }, /* two
  lines */ "list": [
    1, // one
    { "a": [true] },
    ["x",
     "y"]
  ],
}
`;

Deno.test("JSON with comments and trailing commas is read", () => {
  assertEquals(parseConfigText("x.jsonc", TEXT).value, {
    http: { port: 80, host: 'a"b//' },
    list: [1, { a: [true] }, ["x", "y"]],
  });
});

const LINES: { path: (string | number)[]; line: number | undefined }[] = [
  { path: ["http"], line: 3 },
  { path: ["http", "port"], line: 3 },
  { path: ["http", "host"], line: 4 },
  { path: ["list"], line: 5 },
  { path: ["list", 0], line: 6 },
  { path: ["list", 1], line: 7 },
  { path: ["list", 1, "a", 0], line: 7 },
  { path: ["list", 2], line: 8 },
  { path: ["list", 2, 1], line: 9 },
  { path: ["list", 3], line: undefined },
  { path: [], line: undefined },
];

for (const { path, line } of LINES) {
  Deno.test(`${JSON.stringify(path)} stands on line ${line}`, () => {
    for (const text of [TEXT, `\uFEFF${TEXT}`, TEXT.replaceAll("\n", "\r\n")]) {
      assertEquals(parseConfigText("x.jsonc", text).lineOf?.(path), line);
    }
  });
}

const MALFORMED = [
  { text: "", problem: "x.json:1: cannot be read as JSON: unexpected end of JSONC input." },
  { text: '{\n"a": 1\n', problem: "x.json:2: cannot be read as JSON: unexpected end of JSONC input." },
  { text: '{\n"a": 1,\n"b": }', problem: 'x.json:3: cannot be read as JSON: unexpected token "}".' },
  { text: "{\n'a': 1}", problem: "x.json:2: cannot be read as JSON: unexpected token \"'a'\"." },
  { text: '{"a": 1} {', problem: 'x.json:1: cannot be read as JSON: unexpected token "{".' },
];

for (const { text, problem } of MALFORMED) {
  Deno.test(`a file that is no configuration is refused: ${problem}`, () => {
    assertEquals(assertThrows(() => parseConfigText("x.json", text), ConfigError).problems, [problem]);
  });
}

Deno.test("keys that stand twice in one object are noted", () => {
  const text = '{"x": [{"a": 1}, {"a": {}, "b": 1,\n\n"\\u0061": 2}]}';
  assertEquals(parseConfigText("x.json", text).repeated, [{ path: ["x", 1, "a"], line: 3 }]);
});

Deno.test("whatever JSON is written, each value is found on its line", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), (json) => {
    const text = JSON.stringify(json, null, 1);
    const { value, lineOf } = parseConfigText("x.json", text);
    assertEquals(value, JSON.parse(text));
    if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return;
    const lines = text.split("\n");
    const last = Object.keys(value).at(-1) ?? "";
    const line = lineOf?.([Array.isArray(value) ? Number(last) : last]) ?? 0;
    assertEquals(lines[line - 1].search(/\S/), 1);
    if (!Array.isArray(value)) assertEquals(lines[line - 1].startsWith(` ${JSON.stringify(last)}:`), true);
  }));
});
