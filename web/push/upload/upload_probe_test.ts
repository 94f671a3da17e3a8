import { assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import { concat } from "../../../media/bytes.ts";
import { FlvReader } from "../../../media/flv/reader.ts";
import { audioFrameBody } from "../../../media/flv/body_writer.ts";
import { bytes } from "../../../media/testing.ts";
import { FlvUpload } from "./flv_upload.ts";
import { measureUpload, paddingTag } from "./upload_probe.ts";

Deno.test("readers pass over padding", () => {
  const upload = new FlvUpload();
  const sound = {
    kind: "audio",
    role: "frame",
    codec: "mp3",
    dts: 0,
    body: audioFrameBody("mp3", bytes("ff")),
  } as const;
  const events = new FlvReader().read(concat([upload.begin(0), paddingTag(1000), upload.tag(sound)!]));
  assertEquals(events.map(({ type }) => type), ["header", "tag", "tag"]);
});

/** A connection that carries so many bits per second, on a clock that goes on by 10 ms a tick. */
function line(bitsPerSecond: number, closesAfterMs = Infinity) {
  let at = 0;
  let queued = 0;
  const link = {
    get isOpen() {
      return at < closesAfterMs;
    },
    get queuedBytes() {
      return queued;
    },
    send: (sent: Uint8Array) => void (queued += sent.length),
  };
  const tick = () => {
    at += 10;
    queued = Math.max(0, queued - bitsPerSecond / 800);
    return Promise.resolve();
  };
  return measureUpload(link, tick, () => at);
}

for (const speed of [100_000, 1_000_000, 5_000_000, 20_000_000]) {
  Deno.test(`an upload of ${speed / 1e6} Mbit/s is measured as such`, async () => {
    assertAlmostEquals(await line(speed) ?? 0, speed, speed / 10);
  });
}

Deno.test("a connection that closes meanwhile has no measure", async () => {
  assertStrictEquals(await line(1_000_000, 300), undefined);
  assertStrictEquals(await line(5_000_000, 500), undefined);
});
