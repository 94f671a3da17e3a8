import { assertEquals, assertMatch } from "@std/assert";
import { DEFAULT_VHOST } from "../../kernel/names.ts";
import { expandPrefix, prefixFault } from "./key_prefix.ts";

const KEY = { vhost: DEFAULT_VHOST, app: "live", name: "cam" };
const DATE = new Date("2026-01-02T03:04:05Z");

const GOOD: readonly [template: string, prefix: string][] = [
  ["", ""],
  ["recordings", "recordings/"],
  ["recordings/", "recordings/"],
  ["a/{date}/{app}-{stream}", "a/20260102/live-cam/"],
  ["{vhost}/x", "x/"],
];

for (const [template, prefix] of GOOD) {
  Deno.test(`the prefix "${template}" becomes "${prefix}"`, () => {
    assertEquals(prefixFault(template), undefined);
    assertEquals(expandPrefix(template, KEY, DATE), prefix);
  });
}

Deno.test("a prefix has the vhost where there is one, and none that leads elsewhere", () => {
  assertEquals(expandPrefix("{vhost}", { ...KEY, vhost: "school.example" }, DATE), "school.example/");
  assertEquals(expandPrefix("{vhost}", { ...KEY, vhost: ".." }, DATE), "_./");
});

const BAD: readonly [template: string, fault: RegExp][] = [
  ["/a", /relative path/],
  ["../a", /relative path/],
  ["a/./b", /relative path/],
  ["a b", /relative path/],
  ["a/{time}", /\{time\} is not one of/],
  ["{", /relative path/],
];

for (const [template, fault] of BAD) {
  Deno.test(`"${template}" is no prefix`, () => assertMatch(prefixFault(template) ?? "", fault));
}
