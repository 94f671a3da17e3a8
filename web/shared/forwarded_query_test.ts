import { assertEquals } from "@std/assert";
import { forwardedQuery } from "./forwarded_query.ts";

for (
  const [search, forwarded] of [
    ["", ""],
    ["?stream=live/cam", ""],
    ["?stream=live/cam&embed", ""],
    ["?file=/mp4/live/cam/x.mp4&token=abc", "?token=abc"],
    ["?key=a%26b&stream=live/cam&variant=separate&from=live&vhost=a.test", "?key=a%26b&vhost=a.test"],
  ]
) {
  Deno.test(`of "${search}" the server is told "${forwarded}"`, () => assertEquals(forwardedQuery(search), forwarded));
}
