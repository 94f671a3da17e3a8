import { assertEquals, assertStringIncludes } from "@std/assert";
import { MetricSet } from "./registry.ts";

Deno.test("what is not known at present has no value, rather than 0", async () => {
  const set = new MetricSet();
  let free: number | undefined = 7;
  set.gauge("disk_free_bytes", "Free space", [], () => free === undefined ? [] : [{ value: free }]);
  assertStringIncludes(await set.text(), "\nsluice_disk_free_bytes 7\n");
  free = undefined;
  assertEquals((await set.text()).includes("\nsluice_disk_free_bytes "), false);
  free = 8;
  assertStringIncludes(await set.text(), "\nsluice_disk_free_bytes 8\n");
});
