import { assertEquals } from "@std/assert";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { issueViewerPass, isViewerPass, isViewerPassOld, VIEWER_PASS_SECONDS } from "./viewer_pass.ts";

const NOW = new FakeClock().date();

function after(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1000);
}

Deno.test("a pass counts for its stream and its time", () => {
  const pass = issueViewerPass("live/cam", NOW);
  assertEquals(isViewerPass(pass, "live/cam", NOW), true);
  assertEquals(isViewerPass(pass, "live/cam", after(VIEWER_PASS_SECONDS - 1)), true);
  assertEquals(isViewerPass(pass, "live/cam", after(VIEWER_PASS_SECONDS)), false);
  assertEquals(isViewerPass(pass, "live/cam2", NOW), false);
  assertEquals(isViewerPass(pass, "example.org:live/cam", NOW), false);
});

Deno.test("a pass that was changed at any character, or cut, does not count", () => {
  const pass = issueViewerPass("live/cam", NOW);
  for (let at = 0; at < pass.length - 1; at++) {
    const changed = pass.slice(0, at) + (pass[at] === "a" ? "b" : "a") + pass.slice(at + 1);
    assertEquals(isViewerPass(changed, "live/cam", NOW), false, changed);
    assertEquals(isViewerPass(pass.slice(0, at), "live/cam", NOW), false);
  }
});

for (const text of ["", ".", "a.b", "zzzzzzzz.", `${"z".repeat(9)}.${"A".repeat(43)}`, "a".repeat(10_000)]) {
  Deno.test(`${text.slice(0, 20)} is no pass`, () => assertEquals(isViewerPass(text, "live/cam", NOW), false));
}

Deno.test("a pass is old when half of its time is over, and so is what is none", () => {
  const pass = issueViewerPass("live/cam", NOW);
  assertEquals(isViewerPassOld(pass, after(VIEWER_PASS_SECONDS / 2 - 1)), false);
  assertEquals(isViewerPassOld(pass, after(VIEWER_PASS_SECONDS / 2)), true);
  assertEquals([isViewerPassOld("", NOW), isViewerPassOld(".", NOW)], [true, true]);
});
