import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { ByteWriter } from "../bytes.ts";
import { bytes } from "../testing.ts";
import { readPackets, readUnits } from "./testing.ts";
import { clockOf, timestampOf } from "./timestamp.ts";
import { PacketStream, type PesHeader, UnitWriter, writePcrPacket } from "./unit_writer.ts";

const HEADER: PesHeader = { streamId: 0xe0, pts: 0, dts: 0, isRandomAccess: false };

function written(header: PesHeader, payload: Uint8Array, stream = new PacketStream(0x100)): Uint8Array {
  const out = new ByteWriter();
  const units = new UnitWriter();
  units.begin(out, stream, header, payload.length);
  units.write(payload);
  return out.view();
}

const CASES: { name: string; header: PesHeader; payload: string; head: string; stuffing: number; tail: string }[] = [
  {
    name: "one timestamp",
    header: { ...HEADER, streamId: 0xc0, pts: 0x1_2345_6789, dts: 0x1_2345_6789 },
    payload: "aabb",
    head: "47410030 a7 00",
    stuffing: 166,
    tail: "000001 c0 000a 84 80 05 29 8d15 cf13 aabb",
  },
  {
    name: "two timestamps",
    header: { ...HEADER, pts: 0x1_ffff_ffff, dts: 1 },
    payload: "cc",
    head: "47410030 a3 00",
    stuffing: 162,
    tail: "000001 e0 000e 84 c0 0a 3f ffff ffff 11 0001 0003 cc",
  },
  {
    name: "a random access point",
    header: { ...HEADER, isRandomAccess: true },
    payload: "cc",
    head: "47410030 a8 40",
    stuffing: 167,
    tail: "000001 e0 0009 84 80 05 21 0001 0001 cc",
  },
  {
    name: "a PCR",
    header: { ...HEADER, isRandomAccess: true, pcr: 0x1_0000_0001 },
    payload: "cc",
    head: "47410030 a8 50 80000000fe00",
    stuffing: 161,
    tail: "000001 e0 0009 84 80 05 21 0001 0001 cc",
  },
];

for (const { name, header, payload, head, stuffing, tail } of CASES) {
  Deno.test(`a PES packet with ${name} has the bytes of the standard`, () => {
    const expected = [...bytes(head), ...new Uint8Array(stuffing).fill(0xff), ...bytes(tail)];
    assertEquals(Array.from(written(header, bytes(payload))), expected);
  });
}

Deno.test("a packet with a PCR alone repeats the counter of the one before", () => {
  const stream = new PacketStream(0x100);
  const unit = written(HEADER, new Uint8Array(1), stream);
  const out = new ByteWriter().raw(unit);
  writePcrPacket(out, stream, 3);
  assertEquals(out.view(188, 200), bytes("47010020 b7 10 00000001fe00"));
  assertEquals(readPackets(out.view()).map(({ pcr }) => pcr), [undefined, 900]);
});

Deno.test("a payload of any size comes back, whatever the first packet's field holds", () => {
  const flags = [{}, { isRandomAccess: true }, { isRandomAccess: true, pcr: 5 }, { dts: 1 }];
  for (const more of flags) {
    for (let size = 0; size <= 2 * 188 + 4; size++) {
      const payload = Uint8Array.from({ length: size }, (_, i) => i);
      const [unit] = readUnits(readPackets(written({ ...HEADER, ...more }, payload)));
      assertEquals(unit.payload, payload);
    }
  }
});

Deno.test("a payload comes back however it is cut into pieces", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 8 });
  fc.assert(fc.property(pieces, fc.boolean(), (pieces, isRandomAccess) => {
    const out = new ByteWriter();
    const units = new UnitWriter();
    const whole = pieces.flatMap((piece) => Array.from(piece));
    units.begin(out, new PacketStream(0x101), { ...HEADER, isRandomAccess }, whole.length);
    for (const piece of pieces) units.write(piece);
    const [unit] = readUnits(readPackets(out.view()));
    assertEquals(Array.from(unit.payload), whole);
    assertStrictEquals(unit.isRandomAccess, isRandomAccess);
  }));
});

Deno.test("a picture too large for a length leaves it open", () => {
  const unit = (size: number) => readUnits(readPackets(written(HEADER, new Uint8Array(size))))[0];
  assertStrictEquals(unit(0xffff - 8).length, 0xffff);
  assertStrictEquals(unit(0xffff - 7).length, 0);
  assertStrictEquals(unit(0xffff - 7).payload.length, 0xffff - 7);
});

Deno.test("a counter goes on from 15 to 0", () => {
  const stream = new PacketStream(0x100);
  const counts = Array.from({ length: 18 }, () => stream.count());
  assertEquals(counts.slice(14), [14, 15, 0, 1]);
  assertStrictEquals(stream.last, 1);
});

Deno.test("timestamps count at 90 kHz, wrap at 33 bits and are half a second later than the clock", () => {
  const cases: [number, number, number][] = [
    [0, 0, 45_000],
    [1_000_000, 90_000, 135_000],
    [33_333, 3_000, 48_000],
    [-500_000, 2 ** 33 - 45_000, 0],
    [95_443_717_689, 2 ** 33 - 0, 45_000],
    [95_443_717_678, 2 ** 33 - 1, 44_999],
  ];
  for (const [time, clock, timestamp] of cases) {
    assertStrictEquals(clockOf(time), clock % 2 ** 33);
    assertStrictEquals(timestampOf(time), timestamp);
  }
});
