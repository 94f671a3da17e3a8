import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { assetTexts, embedShell, pages, shell } from "./pages.ts";
import { siteRoutes } from "./site.ts";

const site = siteRoutes({ shell, embedShell, pages, assetTexts });

/** All that a page refers to on its own server. */
async function referencesOf(path: string): Promise<string[]> {
  const html = await (await site.request(path)).text();
  return Array.from(html.matchAll(/(?:href|src|content)="(\/[^"]*)"/g), ([, url]) => url);
}

for (const { path, title } of pages) {
  Deno.test(`${path} is a page, and all that it refers to is there`, async () => {
    const response = await site.request(path);
    assertEquals(response.headers.get("content-type"), "text/html; charset=utf-8");
    assertStringIncludes(await response.text(), `<title>${title} · Sluice</title>`);
    for (const url of await referencesOf(path)) assertEquals((await site.request(url)).status, 200, url);
  });
}

Deno.test("the first page is also the server's root", async () => {
  const [root, first] = await Promise.all(["/", pages[0].path].map((path) => site.request(path)));
  assertEquals(await root.text(), await first.text());
});

Deno.test("a page lets nothing be loaded from elsewhere, and no script run that is not ours", async () => {
  const policy = (await site.request("/index.html")).headers.get("content-security-policy")!;
  assertMatch(policy, /default-src 'none'/);
  assertMatch(policy, /script-src 'self'(;|$)/);
  assertMatch(policy, /connect-src 'self'(;|$)/);
});

Deno.test("a page whose library needs it may run WebAssembly in a worker, and nothing else more", async () => {
  const policyOf = async (path: string) =>
    (await site.request(path)).headers.get("content-security-policy")!.split("; ");
  const [plain, larger] = await Promise.all(["/index.html", "/push.html"].map(policyOf));
  assertEquals(larger.filter((directive) => !plain.includes(directive)), [
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self' blob:",
  ]);
});

Deno.test("a player may be shown in a frame by any site, without the shell, and only where it is asked for so", async () => {
  const ancestors = async (path: string, source = site) => {
    const response = await source.request(path);
    const isBare = !(await response.text()).includes('class="shell"');
    return [/frame-ancestors [^;]*/.exec(response.headers.get("content-security-policy")!)![0], isBare];
  };
  assertEquals(await ancestors("/index.html?embed&stream=live/cam"), ["frame-ancestors *", true]);
  assertEquals(await ancestors("/?embed"), ["frame-ancestors *", true]);
  assertEquals(await ancestors("/index.html?stream=live/cam"), ["frame-ancestors 'self'", false]);
  assertEquals(await ancestors("/push.html?embed"), ["frame-ancestors 'self'", false]);
  const closed = siteRoutes({ shell, pages, assetTexts });
  assertEquals(await ancestors("/index.html?embed", closed), ["frame-ancestors 'self'", false]);
});

Deno.test("no page refers to another server or carries a script or style of its own", async () => {
  for (const { path } of pages) {
    const html = await (await site.request(path)).text();
    assertEquals(html.match(/(?:href|src)="(?:https?:)?\/\//g), null);
    assertEquals(html.match(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/g), null);
  }
});

Deno.test("HEAD answers as GET does, without a body", async () => {
  for (const path of ["/index.html", ...await referencesOf("/index.html")]) {
    const [head, get] = await Promise.all(["HEAD", "GET"].map((method) => site.request(path, { method })));
    assertEquals(Object.fromEntries(head.headers), Object.fromEntries(get.headers), path);
    assertEquals(await head.text(), "");
    await get.body?.cancel();
  }
});

Deno.test("what a browser has is not sent again", async () => {
  const { headers } = await site.request("/index.html");
  const again = await site.request("/index.html", { headers: { "if-none-match": headers.get("etag")! } });
  assertEquals(again.status, 304);
});

Deno.test("an asset of another version is not there", async () => {
  assertEquals((await site.request("/assets/shell.0000000000000000.css")).status, 404);
  assertEquals((await site.request("/assets/shell.css")).status, 404);
});

Deno.test("a page that refers to an asset that nobody has is refused before anybody asks for it", () => {
  const page = { ...pages[0], main: '<img src="/assets/missing.svg">' };
  assertThrows(() => siteRoutes({ shell, pages: [page], assetTexts }), ReferenceError, '"missing.svg"');
});

Deno.test("an asset of a type that nobody knows is refused", () => {
  assertThrows(() => siteRoutes({ shell, pages: [], assetTexts: { "a.exe": "" } }), TypeError, "a.exe");
});
