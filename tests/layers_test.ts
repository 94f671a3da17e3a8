import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join, relative } from "@std/path";
import { importsOf, layerFaults } from "./layers.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** Folders that hold no source of the product, wherever they lie. */
const OTHER_FOLDERS = new Set(["node_modules", "dist", "data", "tests", "testing", ".git"]);

/** Tests and what they share may import what they like. */
const TEST_FILE = /(^|_)(test|testing)(_\w+)?\.ts$/;

function* sources(folder: string): Generator<[string, string]> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory && !OTHER_FOLDERS.has(name)) yield* sources(path);
    else if (name.endsWith(".ts") && !TEST_FILE.test(name)) yield [relative(ROOT, path), Deno.readTextFileSync(path)];
  }
}

Deno.test("every import points down: cli → protocols, plugins → kernel → media, web → media", () => {
  const files = new Map(sources(ROOT));
  for (const known of ["kernel/streams/stream.ts", "media/packet.ts", "protocols/rtmp/plugin.ts", "server.ts"]) {
    assert(files.has(known), `${known} was looked at`);
  }
  assertEquals(layerFaults(files), []);
});

const ARROWS: { from: string; source: string; fault?: string }[] = [
  { from: "media/flv/tag.ts", source: 'import { ByteWriter } from "../bytes.ts";' },
  {
    from: "media/flv/tag.ts",
    source: 'import { Stream } from "../../kernel/streams/stream.ts";',
    fault: "../../kernel/streams/stream.ts",
  },
  { from: "media/bytes.ts", source: 'import { Buffer } from "node:buffer";', fault: "node:buffer" },
  { from: "media/bytes.ts", source: 'import { z } from "zod";', fault: "zod" },
  { from: "media/bytes.ts", source: 'import x from "npm:x@1";', fault: "npm:x@1" },
  { from: "media/bytes.ts", source: 'import x from "https://example.com/x.ts";', fault: "https://example.com/x.ts" },
  { from: "media/bytes.ts", source: 'Deno.readFileSync("x");', fault: "Deno" },
  { from: "media/bytes.ts", source: '// Deno\n/* Deno */ const name = "Deno", text = `Deno`;' },
  {
    from: "kernel/streams/stream.ts",
    source: 'import { z } from "zod";\nimport type { Format } from "../../media/format.ts";',
  },
  {
    from: "kernel/streams/stream.ts",
    source: 'import { rtmp } from "../../protocols/rtmp/plugin.ts";',
    fault: "../../protocols/rtmp/plugin.ts",
  },
  {
    from: "kernel/streams/stream.ts",
    source: 'import { hls } from "../../plugins/hls/plugin.ts";',
    fault: "../../plugins/hls/plugin.ts",
  },
  { from: "kernel/streams/stream.ts", source: 'export * from "../../mod.ts";', fault: "../../mod.ts" },
  {
    from: "protocols/rtmp/plugin.ts",
    source: 'import "./machine.ts";\nimport "../../kernel/plugin/plugin.ts";\nimport "../shared/flv.ts";',
  },
  { from: "protocols/rtmp/plugin.ts", source: 'import "../http_flv/plugin.ts";', fault: "../http_flv/plugin.ts" },
  { from: "protocols/rtmp/plugin.ts", source: 'import "../rtmp_more/x.ts";', fault: "../rtmp_more/x.ts" },
  {
    from: "protocols/rtmp/plugin.ts",
    source: 'import "../../plugins/hls/plugin.ts";',
    fault: "../../plugins/hls/plugin.ts",
  },
  { from: "protocols/shared/flv.ts", source: 'import "../rtmp/x.ts";', fault: "../rtmp/x.ts" },
  { from: "plugins/hls/plugin.ts", source: 'import "./m3u8.ts";\nimport "../../media/ts/writer.ts";\nimport "hono";' },
  { from: "plugins/hls/plugin.ts", source: 'import "../fmp4/plugin.ts";', fault: "../fmp4/plugin.ts" },
  {
    from: "plugins/hls/plugin.ts",
    source: 'import "../../protocols/rtmp/client.ts";',
    fault: "../../protocols/rtmp/client.ts",
  },
  { from: "plugins/hls/plugin.ts", source: 'import "../../web/play.ts";', fault: "../../web/play.ts" },
  { from: "plugins/pages/pages.ts", source: 'import page from "../../web/index.html" with { type: "text" };' },
  { from: "web/play.ts", source: 'import "./dom.ts";\nimport "../media/flv/reader.ts";\nimport "mpegts.js";' },
  {
    from: "web/play.ts",
    source: 'import type { Stream } from "../kernel/streams/stream.ts";',
    fault: "../kernel/streams/stream.ts",
  },
  { from: "server.ts", source: 'import "./protocols/rtmp/plugin.ts";\nimport "./kernel/server.ts";' },
  { from: "cli/start.ts", source: 'import "../plugins/hls/plugin.ts";\nimport "../kernel/server.ts";' },
];

for (const { from, source, fault } of ARROWS) {
  Deno.test(`${from} ${fault ? "must not" : "may"}: ${source.replaceAll("\n", " ")}`, () => {
    const faults = layerFaults(new Map([[from, source]]));
    assertEquals(faults.length, fault ? 1 : 0, faults.join("\n"));
    if (fault) assert(faults[0].startsWith(`${from} ${fault === "Deno" ? "uses" : "imports"} ${fault}, `), faults[0]);
  });
}

Deno.test("an import is found however it is written, and not where it is only spoken of", () => {
  const source = `
    import a from "./a.ts";
    import type { B } from './b.ts';
    import {
      c,
    } from "./c.ts";
    import "./d.ts";
    export { e } from "./e.ts";
    export type * from "./f.ts";
    const g = await import("./g.ts");
    type H = import("./h.ts").H;
    import text from "./i.html" with { type: "text" };
    // import "./no.ts";
    /** @example import "./no.ts"; */
    const url = "http://x//"; import j from "./j.ts";
  `;
  assertEquals(
    importsOf(source),
    ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => `./${name}.ts`).concat("./i.html", "./j.ts"),
  );
});
