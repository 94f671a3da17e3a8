import { assertEquals } from "@std/assert";
import { newRunKey } from "../../kernel/plugin/placement.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { issueViewerPass, isViewerPass, isViewerPassOld, VIEWER_PASS_SECONDS } from "./viewer_pass.ts";

const NOW = new FakeClock().date();
const ISSUER = { runKey: newRunKey(), clock: new FakeClock() };

function after(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1000);
}

/** Another isolate of the same run, so many seconds later. */
function later(seconds: number): typeof ISSUER {
  const clock = new FakeClock();
  clock.advance(seconds * 1000);
  return { runKey: ISSUER.runKey, clock };
}

Deno.test("a pass counts for its stream and its time, in all isolates of a run", () => {
  const pass = issueViewerPass(ISSUER, "live/cam");
  assertEquals(isViewerPass(ISSUER, pass, "live/cam"), true);
  assertEquals(isViewerPass(later(VIEWER_PASS_SECONDS - 1), pass, "live/cam"), true);
  assertEquals(isViewerPass(later(VIEWER_PASS_SECONDS), pass, "live/cam"), false);
  assertEquals(isViewerPass(ISSUER, pass, "live/cam2"), false);
  assertEquals(isViewerPass(ISSUER, pass, "example.org:live/cam"), false);
});

Deno.test("a pass of another run of the server does not count", () => {
  const pass = issueViewerPass({ ...ISSUER, runKey: newRunKey() }, "live/cam");
  assertEquals(isViewerPass(ISSUER, pass, "live/cam"), false);
});

Deno.test("a pass that was changed at any character, or cut, does not count", () => {
  const pass = issueViewerPass(ISSUER, "live/cam");
  for (let at = 0; at < pass.length - 1; at++) {
    const changed = pass.slice(0, at) + (pass[at] === "a" ? "b" : "a") + pass.slice(at + 1);
    assertEquals(isViewerPass(ISSUER, changed, "live/cam"), false, changed);
    assertEquals(isViewerPass(ISSUER, pass.slice(0, at), "live/cam"), false);
  }
});

for (const text of ["", ".", "a.b", "zzzzzzzz.", `${"z".repeat(9)}.${"A".repeat(43)}`, "a".repeat(10_000)]) {
  Deno.test(`${text.slice(0, 20)} is no pass`, () => assertEquals(isViewerPass(ISSUER, text, "live/cam"), false));
}

Deno.test("a pass is old when half of its time is over, and so is what is none", () => {
  const pass = issueViewerPass(ISSUER, "live/cam");
  assertEquals(isViewerPassOld(pass, after(VIEWER_PASS_SECONDS / 2 - 1)), false);
  assertEquals(isViewerPassOld(pass, after(VIEWER_PASS_SECONDS / 2)), true);
  assertEquals([isViewerPassOld("", NOW), isViewerPassOld(".", NOW)], [true, true]);
});
