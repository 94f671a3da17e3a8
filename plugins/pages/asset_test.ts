import { assert, assertEquals, assertLess, assertMatch, assertNotEquals, assertStrictEquals } from "@std/assert";
import { Asset } from "./asset.ts";

const TEXT = "body { color: green }\n".repeat(100);
const asset = new Asset(TEXT, "text/css; charset=utf-8", "immutable");
const packed = { "accept-encoding": "gzip, br" };

const ask = (headers: Record<string, string> = {}) => asset.answer(new Headers(headers));

Deno.test("an asset is answered with its type, its length and a tag", async () => {
  const response = await ask();
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/css; charset=utf-8");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  assertEquals(response.headers.get("content-length"), String(TEXT.length));
  assertEquals(response.headers.get("etag"), `"${asset.tag}"`);
  assertEquals(await response.text(), TEXT);
});

Deno.test("what has its version in its name is kept for ever, what has not is asked for each time", async () => {
  assertMatch((await ask()).headers.get("cache-control")!, /immutable/);
  const page = await new Asset("<p>", "text/html", "revalidate").answer(new Headers());
  assertEquals(page.headers.get("cache-control"), "no-cache");
});

Deno.test("another text has another tag, fit for an address", () => {
  assertNotEquals(new Asset("other", "text/css", "immutable").tag, asset.tag);
  assertMatch(asset.tag, /^[\w-]{16}$/);
});

Deno.test("a browser that unpacks gets less to load, under a tag of its own", async () => {
  const response = await ask(packed);
  assertEquals(response.headers.get("content-encoding"), "gzip");
  assertEquals(response.headers.get("vary"), "accept-encoding");
  assertNotEquals(response.headers.get("etag"), (await ask()).headers.get("etag"));
  const bytes = await response.bytes();
  assertEquals(response.headers.get("content-length"), String(bytes.length));
  assertLess(bytes.length, TEXT.length);
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  assertEquals(await new Response(unpacked).text(), TEXT);
});

for (
  const [accepted, isPacked] of [
    ["gzip", true],
    ["br, gzip;q=0.8", true],
    ["br", false],
    ["gzip;q=0", false],
    ["gzip; q=0.0, br", false],
    ["", false],
  ] as const
) {
  Deno.test(`"Accept-Encoding: ${accepted}" is answered ${isPacked ? "packed" : "plain"}`, async () => {
    const response = await ask({ "accept-encoding": accepted });
    assertEquals(response.headers.get("content-encoding"), isPacked ? "gzip" : null);
  });
}

const plainTag = `"${asset.tag}"`;
for (
  const { name, ifNoneMatch, status } of [
    { name: "the same tag", ifNoneMatch: plainTag, status: 304 },
    { name: "the same tag, weak", ifNoneMatch: `W/${plainTag}`, status: 304 },
    { name: "one of several tags", ifNoneMatch: `"old", ${plainTag}`, status: 304 },
    { name: "any tag", ifNoneMatch: "*", status: 304 },
    { name: "an old tag", ifNoneMatch: '"old"', status: 200 },
    { name: "a tag without quotes", ifNoneMatch: asset.tag, status: 200 },
  ]
) {
  Deno.test(`a browser that has ${name} is answered ${status}`, async () => {
    const response = await ask({ "if-none-match": ifNoneMatch });
    assertEquals(response.status, status);
    assertEquals(response.headers.get("etag"), plainTag);
    assertEquals((await response.text()).length > 0, status === 200);
  });
}

Deno.test("a packed version that is known is not packed again", async () => {
  const { headers } = await ask(packed);
  const response = await ask({ ...packed, "if-none-match": headers.get("etag")! });
  assertEquals(response.status, 304);
  assertStrictEquals(response.body, null);
  assert(!response.headers.has("content-encoding"));
});
