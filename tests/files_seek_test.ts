import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { concat } from "../media/bytes.ts";
import { FormatError } from "../media/errors.ts";
import { parseTagBody } from "../media/flv/body.ts";
import { FLV_HEADER_BYTES, flvHeader } from "../media/flv/header.ts";
import { FlvReader, type FlvTag } from "../media/flv/reader.ts";
import { TAG_OVERHEAD_BYTES } from "../media/flv/tag.ts";
import type { ByteSource } from "../plugins/files/byte_source.ts";
import { byteSource } from "../plugins/files/byte_source.ts";
import { findFlvEntry } from "../plugins/files/flv_seek.ts";
import { MemoryResource } from "../plugins/shared/serving/resource.ts";
import { FLV_START, flvTags } from "./support/transports/flv_bytes.ts";
import { StreamMaker, type Tag } from "./support/stream_maker.ts";
import {
  aac,
  avc,
  hevc,
  mp3,
  multitrack,
  opus,
  type TestAudioCodec,
  type TestVideoCodec,
} from "./support/test_bodies.ts";

const CODECS: Readonly<Record<string, { video: TestVideoCodec | null; audio: TestAudioCodec | null }>> = {
  "H.264 and AAC": { video: avc, audio: aac },
  "H.265 and Opus": { video: hevc, audio: opus },
  "two tracks of H.264": { video: multitrack, audio: aac },
  "H.264 alone": { video: avc, audio: null },
  "MP3 alone": { video: null, audio: mp3 },
};

interface SmallFile {
  readonly bytes: Uint8Array;
  /** Where its tags begin, and behind the last one its end. */
  readonly borders: readonly number[];
}

function smallFile(tags: readonly Tag[], start = FLV_START): SmallFile {
  const pieces = [start, ...tags.map((tag) => flvTags([tag]))];
  const borders: number[] = [];
  let at = 0;
  for (const piece of pieces) borders.push(at += piece.length);
  return { bytes: concat(pieces), borders };
}

function recorded(recipe: { video: TestVideoCodec | null; audio: TestAudioCodec | null }, gops = 2): SmallFile {
  const maker = new StreamMaker({ ...recipe, keyBytes: 160, gopPictures: 3 });
  return smallFile([...maker.head(), ...maker.gops(gops)]);
}

function source(bytes: Uint8Array, piece = Infinity): ByteSource {
  const reading = { read: (at: number) => bytes.subarray(at, Math.min(bytes.length, at + piece)), close: () => {} };
  return byteSource(reading, bytes.length);
}

function tagsOf(...pieces: Uint8Array[]): FlvTag[] {
  const reader = new FlvReader();
  return pieces.flatMap((piece) => reader.read(piece)).filter((event) => event.type === "tag");
}

function isConfig({ tagType, timestamp, body }: FlvTag): boolean {
  return parseTagBody(tagType, timestamp, body).some(({ role }) => role === "config");
}

for (const [name, recipe] of Object.entries(CODECS)) {
  Deno.test(`${name}: every byte leads to the tag that begins there or to the next one`, async () => {
    const { bytes, borders } = recorded(recipe);
    const [first] = borders;
    for (let start = 0; start <= bytes.length; start++) {
      const expected = borders.slice(0, -1).find((border) => border >= Math.max(start, first));
      assertEquals((await findFlvEntry(source(bytes), start))?.position, expected, `start=${start}`);
    }
  });

  Deno.test(`${name}: what is sent is a stream of its own, with every configuration at the time of its first tag`, async () => {
    const { bytes, borders } = recorded(recipe);
    const configs = tagsOf(bytes).filter(isConfig);
    for (const border of borders.slice(0, -1)) {
      const { head, position } = (await findFlvEntry(source(bytes), border))!;
      const sent = tagsOf(head, bytes.subarray(position));
      const rest = tagsOf(bytes.subarray(0, FLV_HEADER_BYTES + 4), bytes.subarray(position));
      const before = configs.slice(0, configs.length - rest.filter(isConfig).length);
      assertEquals(sent.slice(0, before.length).map(({ body }) => body), before.map(({ body }) => body));
      assertEquals(sent.slice(before.length), rest);
      assert(sent.slice(0, before.length).every(({ timestamp }) => timestamp === rest[0].timestamp));
    }
  });
}

Deno.test("of a file that still grows only whole tags are found", async () => {
  const { bytes, borders } = recorded(CODECS["H.264 and AAC"], 1);
  for (let size = FLV_HEADER_BYTES; size <= bytes.length; size++) {
    const whole = borders.filter((_, i) => i < borders.length - 1 && borders[i + 1] <= size);
    const growing = source(bytes.subarray(0, size));
    assertEquals((await findFlvEntry(growing, 14))?.position, whole.find((border) => border >= 14), `${size} bytes`);
    const last = whole.at(-1);
    if (last !== undefined) {
      assertEquals((await findFlvEntry(growing, last))?.position, last, `${size} bytes, last tag`);
    }
  }
});

Deno.test("payloads that look like tags are not taken for them", async () => {
  const lookalike = fc.array(
    fc.constantFrom(
      [8, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0],
      [9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 11],
      [0, 0, 0, 16],
      [18],
    ),
    { maxLength: 12 },
  ).map((pieces) => Uint8Array.from(pieces.flat()));
  await fc.assert(
    fc.asyncProperty(fc.array(lookalike, { minLength: 1, maxLength: 4 }), fc.nat(400), async (payloads, at) => {
      // A whole tag within a tag is one to whoever comes from the middle.
      const { bytes, borders } = smallFile(payloads.map((body, i) => ({ kind: "audio", dts: i * 1000, body })));
      const start = at % bytes.length;
      const found = (await findFlvEntry(source(bytes), start))?.position;
      const next = borders.slice(0, -1).find((border) => border >= Math.max(start, borders[0]));
      if (borders.includes(start)) assertEquals(found, next);
      else if (found !== next) assert(isTagWithin(bytes, found));
    }),
  );
});

/** Whether what stands there has the size of the tag before it in front, and its own behind it. */
function isTagWithin(bytes: Uint8Array, at: number | undefined): boolean {
  if (at === undefined) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = view.getUint32(at) & 0xff_ffff;
  return view.getUint32(at + 11 + size) === 11 + size;
}

Deno.test("a tag that is longer than a window is skipped from anywhere in it", async () => {
  const { bytes, borders } = smallFile([
    { kind: "audio", dts: 0, body: new Uint8Array(10) },
    { kind: "video", dts: 0, body: new Uint8Array(300_000).fill(9) },
    { kind: "audio", dts: 40_000, body: new Uint8Array(10) },
  ]);
  for (const start of [borders[1] + 1, borders[1] + 65_536, borders[1] + 131_072, borders[2] - 1]) {
    assertEquals((await findFlvEntry(source(bytes, 1000), start))?.position, borders[2]);
  }
});

Deno.test("the way to the next tag is bounded", async () => {
  const zeros = new Uint8Array(40_000_000);
  zeros.set(FLV_START);
  let looked = 0;
  const counting = source(zeros);
  const bounded: ByteSource = {
    size: counting.size,
    bytes: (position, count) => (looked += count, counting.bytes(position, count)),
  };
  assertEquals(await findFlvEntry(bounded, 20), undefined);
  assert(looked < 9_000_000, `${looked} bytes were looked at`);
});

Deno.test("a header that promises nothing, or more than there is, does no harm", async () => {
  const { bytes, borders } = recorded(CODECS["H.264 alone"]);
  for (const flags of [{ hasAudio: false, hasVideo: false }, { hasAudio: true, hasVideo: true }]) {
    const file = concat([flvHeader(flags), bytes.subarray(FLV_HEADER_BYTES + 4)]);
    const last = borders.at(-2)!;
    const { head } = (await findFlvEntry(source(file), last))!;
    assertEquals(tagsOf(head).filter(isConfig).length, 1);
    assert(head.length > FLV_HEADER_BYTES + TAG_OVERHEAD_BYTES);
  }
});

Deno.test("what is no FLV file is said to be none", async () => {
  await assertRejects(() => findFlvEntry(source(new Uint8Array(100)), 50), FormatError, "Not an FLV stream");
});

Deno.test("bytes are the same however they are read", async () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  for (const piece of [1, 3, 7, 100]) {
    for (const [position, count] of [[0, 100], [5, 20], [90, 50], [99, 1], [100, 1], [200, 5]]) {
      const expected = bytes.subarray(position, position + count);
      assertEquals(await source(bytes, piece).bytes(position, count), expected, `${count} at ${position}`);
    }
  }
  const memory = new MemoryResource(bytes, { type: "x/y", caching: "never" });
  assertEquals(await byteSource(memory, 100).bytes(10, 5), bytes.subarray(10, 15));
});

Deno.test("a recording that is full of what looks like tags costs little", async () => {
  const lookalike = new Uint8Array(11);
  lookalike[0] = 8;
  const pieces = Array.from({ length: 200_000 }, () => lookalike);
  let looks = 0;
  const bytes = concat([FLV_START, ...pieces]);
  const counting: ByteSource = {
    size: bytes.length,
    bytes: (position, count) => {
      looks++;
      return Promise.resolve(bytes.subarray(position, position + count));
    },
  };
  assertEquals(await findFlvEntry(counting, 100), undefined);
  assert(looks < 10_000, `${looks} looks`);
});

Deno.test("a recording that begins with very many tags without a frame is entered all the same", async () => {
  const scripts: Tag[] = Array.from(
    { length: 20_000 },
    (_, i) => ({ kind: "data", dts: i, body: new Uint8Array([2]) }),
  );
  const { bytes, borders } = smallFile(scripts);
  let looks = 0;
  const counting: ByteSource = {
    size: bytes.length,
    bytes: (position, count) => {
      looks++;
      return Promise.resolve(bytes.subarray(position, position + count));
    },
  };
  assertEquals((await findFlvEntry(counting, borders[10_000]))?.position, borders[10_000]);
  assert(looks < 5000, `${looks} looks`);
});
