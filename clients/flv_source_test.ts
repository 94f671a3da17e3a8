import { assertEquals, assertRejects } from "@std/assert";
import type { OpenFile } from "../kernel/files/files.ts";
import { concat } from "../media/bytes.ts";
import { FormatError } from "../media/errors.ts";
import { readMetadata } from "../media/flv/metadata.ts";
import type { MediaPacket } from "../media/packet.ts";
import { flvFile, flvTags } from "../tests/support/transports/flv_bytes.ts";
import { assertSamePackets, frames } from "../tests/support/packets.ts";
import { packetsOf, StreamMaker } from "../tests/support/stream_maker.ts";
import { FlvSource } from "./flv_source.ts";

/** A file in memory that gives at most so many bytes at a time. */
function fileOf(bytes: Uint8Array, most = Infinity): OpenFile {
  const unexpected = () => Promise.reject(new TypeError("a source only reads"));
  return {
    read: (into, position) => {
      const found = bytes.subarray(position, position + Math.min(most, into.length));
      into.set(found);
      return Promise.resolve(found.length);
    },
    write: unexpected,
    sync: unexpected,
    truncate: unexpected,
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const maker = new StreamMaker({ gopPictures: 3, keyBytes: 60 });
const TAGS = [
  maker.metadata({ duration: 12.5, filesize: 1234, canSeekToEnd: true }),
  ...maker.head().slice(1),
  ...maker.gops(2),
];

Deno.test("an FLV file is read in pieces of any size, and as often as one likes", async () => {
  const bytes = flvFile(TAGS);
  const expected = packetsOf(TAGS).slice(1);
  for (const most of [1, 2, 3, 7, 11, 64, 1000, Infinity]) {
    const source = await FlvSource.open(fileOf(bytes, most));
    for (let round = 0; round < 2; round++) {
      assertSamePackets((await Array.fromAsync(source.packets())).slice(1), expected);
    }
  }
});

Deno.test("what is said of the file is not said of the stream; its length is known", async () => {
  const source = await FlvSource.open(fileOf(flvFile(TAGS)));
  assertEquals([source.seconds, source.format, source.faults], [12.5, "FLV", []]);
  const [script] = await Array.fromAsync(source.packets());
  const { duration, filesize, canSeekToEnd, encoder, width } = readMetadata(script);
  assertEquals([duration, filesize, canSeekToEnd, encoder, width], [
    undefined,
    undefined,
    undefined,
    "stream maker",
    320,
  ]);
});

Deno.test("a file that is torn anywhere is read up to its last whole tag", async () => {
  const bytes = flvFile(TAGS);
  const expected = packetsOf(TAGS).slice(1);
  for (let size = 1000; size < bytes.length; size++) {
    const whole = TAGS.filter((_, i) => flvFile(TAGS.slice(0, i + 1)).length - 4 <= size).length;
    const source = await FlvSource.open(fileOf(bytes.slice(0, size)));
    assertSamePackets((await Array.fromAsync(source.packets())).slice(1), expected.slice(0, whole - 1));
  }
});

Deno.test("a file that is damaged in the middle is read up to there, and says so", async () => {
  const broken = concat([flvFile(TAGS), new Uint8Array(40).fill(0xff), flvTags(TAGS)]);
  const source = await FlvSource.open(fileOf(broken));
  const got: MediaPacket[] = [];
  const reading = async () => {
    for await (const packet of source.packets()) got.push(packet);
  };
  await assertRejects(reading, FormatError, "Not an FLV tag");
  assertEquals(got.length, TAGS.length);
});

Deno.test("a file without picture and sound says so", async () => {
  const source = await FlvSource.open(fileOf(flvFile([maker.metadata()])));
  assertEquals(source.faults, ["There is neither picture nor sound in this file"]);
});

Deno.test("times that wrap after 49 days go on", async () => {
  const late = new StreamMaker({ startMs: 2 ** 32 - 60, gopPictures: 5, audio: null });
  const tags = [...late.head(), ...late.gop()];
  const source = await FlvSource.open(fileOf(flvFile(tags)));
  const times = frames(await Array.fromAsync(source.packets())).map(({ dts }) => dts / 1000 - 2 ** 32);
  assertEquals(times, [-60, -20, 20, 60, 100]);
});
