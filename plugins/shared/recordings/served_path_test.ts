import { assert, assertEquals } from "@std/assert";
import { join, resolve } from "@std/path";
import fc from "fast-check";
import { servedPath } from "./served_path.ts";

const SERVED: [target: string, parts: string[]][] = [
  ["/flv/live/cam/20260101_100000.flv", ["flv", "live", "cam", "20260101_100000.flv"]],
  ["/flv/live/cam/index.flv?start=5", ["flv", "live", "cam", "index.flv"]],
  ["/mp4/a/b/output_merge/init.mp4", ["mp4", "a", "b", "output_merge", "init.mp4"]],
  ["/hls/a/b/index.m3u8#t=5", ["hls", "a", "b", "index.m3u8"]],
  ["/%66lv/live/c%61m/x.flv", ["flv", "live", "cam", "x.flv"]],
  ["/flv/live/_-a/x-2.flv", ["flv", "live", "_-a", "x-2.flv"]],
  ["/flv/x.flv", ["flv", "x.flv"]],
];

for (const [target, parts] of SERVED) {
  Deno.test(`${target} names a file that may be served`, () => assertEquals(servedPath(target), parts));
}

const NOT_SERVED = [
  "/",
  "",
  "flv/live/cam/x.flv",
  "/flv",
  "/flv/",
  "/flv/live/cam/",
  "/tokens.json",
  "/secret/live/cam/x.flv",
  "/FLV/live/cam/x.flv",
  "/flv/../tokens.json",
  "/flv/live/cam/../../../tokens.json",
  "/flv/./live/cam/x.flv",
  "//flv/live/x.flv",
  "/flv//live/x.flv",
  "/flv/%2e%2e/tokens.json",
  "/flv/%2E%2e/tokens.json",
  "/flv/.%2e/tokens.json",
  "/flv/%252e%252e/tokens.json",
  "/flv/live%2f..%2f..%2ftokens.json",
  "/flv/live%2Fcam/x.flv",
  "/flv/..\\tokens.json",
  "/flv/live\\..\\..\\tokens.json",
  "/flv/..%5ctokens.json",
  "/flv/live/cam%00/x.flv",
  "/flv/live/x.flv%00.ts",
  "/flv/live/x.flv\0",
  "/flv/live/x%0a.flv",
  "/flv/live/x%0d%0aSet-Cookie:a.flv",
  "/flv/live/%ff.flv",
  "/flv/live/%.flv",
  "/flv/live/%zz.flv",
  "/flv/.unfinished/x.flv",
  "/flv/live/.x.flv",
  "/flv/live/%2ex.flv",
  "/flv/live/x.flv.part",
  "/flv/live/x.flv.PART",
  "/flv/live/x.7.part",
  "/flv/live/x.flv:stream",
  "/flv/live/x.flv::$DATA",
  "/flv/live/x y.flv",
  "/flv/live/~/x.flv",
  "/flv/live/x.flv;v=1",
  "/flv/live/ｘ.flv",
  "/flv/live/%e2%80%ae.flv",
  "http://localhost/flv/live/cam/x.flv",
  `/flv/${"a".repeat(256)}.flv`,
  `/flv/${"a/".repeat(20)}x.flv`,
];

for (const target of NOT_SERVED) {
  Deno.test(`${JSON.stringify(target.slice(0, 60))} names nothing that may be served`, () => {
    assertEquals(servedPath(target), undefined);
  });
}

const PIECES = [
  "..",
  ".",
  "%2e",
  "%2E%2e",
  "/",
  "\\",
  "%2f",
  "%5c",
  "%00",
  "flv",
  "mp4",
  "live",
  "x.flv",
  "~",
  "%25",
  ":",
  "",
];

Deno.test("whatever is asked for, nothing outside the three folders and nothing hidden is named", () => {
  const crooked = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })), { maxLength: 12 });
  const targets = fc.oneof(
    crooked.map((parts) => "/" + parts.join("")),
    crooked.map((parts) => "/flv/" + parts.join("/")),
  );
  fc.assert(
    fc.property(targets, (target) => {
      const parts = servedPath(target);
      if (!parts) return;
      assert(["flv", "mp4", "hls"].includes(parts[0]));
      assertEquals(resolve(join("/data", ...parts)), ["/data", ...parts].join("/"), "means what it says");
      assert(parts.every((part) => !part.startsWith(".") && !/[/\\\0%]/.test(part)));
    }),
    { numRuns: 5000 },
  );
});

Deno.test("every name that a recorder may write is served, encoded or not", () => {
  const name = fc.string({ unit: fc.constantFrom(..."ABYZabyz0189_-"), minLength: 1, maxLength: 20 });
  const encoded = (text: string) =>
    Array.from(text, (letter) => "%" + letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  fc.assert(fc.property(name, name, name, (app, stream, file) => {
    const parts = ["flv", app, stream, `${file}.flv`];
    assertEquals(servedPath(`/${parts.join("/")}`), parts);
    assertEquals(servedPath(`/${parts.map(encoded).join("/")}`), parts);
  }));
});
