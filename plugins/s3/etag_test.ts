import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { contentMd5, multipartEtag } from "./digests.ts";
import { isOther } from "./etag.ts";

const SUM = "5d41402abc4b2a76b9719d911017c592";
const OTHER = "0".repeat(32);

const CASES: readonly [name: string, etag: string, encryption: string, expected: string, isOther: boolean][] = [
  ["the same sum", SUM, "", SUM, false],
  ["the same sum in capitals", SUM.toUpperCase(), "", SUM, false],
  ["another sum", OTHER, "", SUM, true],
  ["another sum, encrypted with the store's key", OTHER, "AES256", SUM, true],
  ["a sum of what was encrypted with a key of its own", OTHER, "aws:kms", SUM, false],
  ["no sum", "AKh8a+x", "", SUM, false],
  ["nothing", "", "", SUM, false],
  ["the sum of the same parts", `${SUM}-3`, "", `${SUM}-3`, false],
  ["the sum of other parts", `${OTHER}-3`, "", `${SUM}-3`, true],
  ["the sum of the whole where that of parts is known", OTHER, "", `${SUM}-3`, false],
];

for (const [name, etag, encryption, expected, is] of CASES) {
  Deno.test(`an ETag that is ${name} shows ${is ? "that something else" : "nothing against what"} was stored`, () => {
    assertEquals(isOther({ etag, encryption }, expected), is);
  });
}

Deno.test("sums are written as stores and HTTP write them", () => {
  assertEquals(contentMd5(SUM), "XUFAKrxLKna5cZ2REBfFkg==");
  const both = createHash("md5").update(SUM + OTHER, "hex").digest("hex");
  assertEquals(multipartEtag([SUM, OTHER]), `${both}-2`);
});
