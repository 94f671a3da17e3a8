import { assertEquals } from "@std/assert";
import { builtMark, currentMark, SCRIPTS } from "./build.ts";

for (const script of SCRIPTS) {
  Deno.test(`the bundle of ${script}.ts is made from the sources as they are`, async () => {
    assertEquals(await builtMark(script), await currentMark(script), "run: deno task pages");
  });
}
