import { assertEquals } from "@std/assert";
import { type FailureKind, failureKind } from "./connection.ts";

const cases: [code: number, kind: FailureKind][] = [
  [404, "absent"],
  [400, "refused"],
  [401, "refused"],
  [403, "refused"],
  [429, "full"],
  [503, "full"],
  [500, "lost"],
  [502, "upstream"],
  [504, "upstream"],
  [-1, "lost"],
  [1006, "lost"],
  [1008, "lost"],
  [1013, "full"],
  [4403, "refused"],
  [4404, "absent"],
  [4502, "upstream"],
  [4503, "full"],
];

for (const [code, kind] of cases) {
  Deno.test(`code ${code} means ${kind}`, () => assertEquals(failureKind(code), kind));
}
