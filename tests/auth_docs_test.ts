import { assertEquals } from "@std/assert";
import { systemClock } from "../kernel/clock.ts";
import { SignedAddresses } from "../plugins/auth/ways/signed_address.ts";
import { applicantOf } from "../plugins/auth/testing.ts";
import { blocks } from "./docs/markdown.ts";
import { Program, ROOT } from "./support/program.ts";

Deno.test("docs/auth.md: the program that signs makes an address that lets in", async () => {
  const page = await Deno.readTextFile(`${ROOT}docs/auth.md`);
  const program = blocks(page).find(({ text }) => text.includes("sluice-1"))?.text ?? "";
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/sign.ts`, program);
    const { code, out, err } = await Program.deno(["run", "sign.ts"], { cwd: folder }).over();
    assertEquals([code, err], [0, ""]);
    const { pathname, search } = new URL(out.trim());
    assertEquals(pathname, "/live/cam.flv");
    const way = new SignedAddresses(["a-secret-of-many-words"], systemClock);
    assertEquals(way.check(applicantOf({ action: "play", query: search })).says, "yes");
    assertEquals(way.check(applicantOf({ action: "publish", query: search })).says, "wrong");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
