import { assertLess } from "@std/assert";
import { assetTexts, embedShell, pages, shell } from "./pages.ts";
import { siteRoutes } from "./site.ts";

/** What a page may weigh before its libraries come, packed, in bytes. */
const FIRST_PAINT_BYTES = 100_000;

const site = siteRoutes({ shell, embedShell, pages, assetTexts });

async function packedBytes(path: string): Promise<{ bytes: number; text: string }> {
  const response = await site.request(path, { headers: { "accept-encoding": "gzip" } });
  const packed = await response.bytes();
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return { bytes: packed.length, text: await new Response(unpacked).text() };
}

for (const { path } of pages) {
  Deno.test(`${path} weighs less than ${FIRST_PAINT_BYTES / 1000} KB before its libraries come`, async () => {
    const page = await packedBytes(path);
    const urls = Array.from(page.text.matchAll(/(?:href|src)="(\/assets\/[^"]*)"/g), ([, url]) => url);
    const libraries = Array.from(page.text.matchAll(/ content="(\/assets\/[^"]*)"/g), ([, url]) => url);
    const sum = async (urls: string[]) =>
      (await Promise.all([...new Set(urls)].map(packedBytes))).reduce((sum, { bytes }) => sum + bytes, 0);
    const bytes = page.bytes + await sum(urls);
    const later = await sum(libraries);
    console.log(
      `${path}: ${(bytes / 1000).toFixed(1)} KB packed, and ${(later / 1000).toFixed(1)} KB of libraries after it`,
    );
    assertLess(bytes, FIRST_PAINT_BYTES);
  });
}
