import { assertEquals, assertStringIncludes } from "@std/assert";
import { MetricSet } from "./registry.ts";

Deno.test("what is not known at present has no value, rather than 0", async () => {
  const set = new MetricSet();
  let free: number | undefined = 7;
  set.gauge("disk_free_bytes", "Free space", () => free === undefined ? [] : [{ value: free }]);
  assertStringIncludes(await set.text(), "\nsluice_disk_free_bytes 7\n");
  free = undefined;
  assertEquals((await set.text()).includes("\nsluice_disk_free_bytes "), false);
  free = 8;
  assertStringIncludes(await set.text(), "\nsluice_disk_free_bytes 8\n");
});

Deno.test("labels are written as the text format wants them, whatever stands in them", async () => {
  const set = new MetricSet();
  const labels = { stream: 'a"b\\c\nd', protocol: "rtmp" };
  set.reading("bytes_total", "Bytes", () => [{ labels, value: 1 }, { labels: {}, value: 2 }]);
  assertStringIncludes(
    await set.text(),
    "# HELP sluice_bytes_total Bytes\n# TYPE sluice_bytes_total counter\n" +
      'sluice_bytes_total{stream="a\\"b\\\\c\\nd",protocol="rtmp"} 1\nsluice_bytes_total 2\n',
  );
});
