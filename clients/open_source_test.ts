import { assertEquals, assertRejects } from "@std/assert";
import { systemFiles } from "../kernel/files/system_files.ts";
import { flvFile } from "../tests/support/transports/flv_bytes.ts";
import { StreamMaker } from "../tests/support/stream_maker.ts";
import { openSource } from "./open_source.ts";

const maker = new StreamMaker();
const WHOLE = flvFile([...maker.head(), ...maker.gop()]);
const WRONG = new Uint8Array(16).fill(138);

/** What is in a file, and what is said of it when it is to be published, behind its name. */
const FILES: readonly { what: string; content: Uint8Array; says: string }[] = [
  { what: "an empty file", content: new Uint8Array(0), says: "is empty" },
  {
    what: "a text",
    content: new TextEncoder().encode("text"),
    says: "is no media file: expected FLV, MP4, MOV, MKV, WebM or TS",
  },
  {
    what: "an FLV that is damaged at its beginning",
    content: Uint8Array.of(...WHOLE.subarray(0, 13), ...WRONG),
    says: "is damaged: Not an FLV tag: its first byte is 138",
  },
  {
    what: "an FLV that is damaged later",
    content: Uint8Array.of(...WHOLE, ...WRONG),
    says: "is damaged: Not an FLV tag: its first byte is 138",
  },
];

for (const { what, content, says } of FILES) {
  Deno.test(`${what} is refused in words that name it`, async () => {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeFile(path, content);
      const error = await assertRejects(async () => {
        await using source = await openSource(systemFiles, path);
        await Array.fromAsync(source.packets());
      }, Error);
      assertEquals(error.message, `${path} ${says}`);
    } finally {
      await Deno.remove(path);
    }
  });
}
