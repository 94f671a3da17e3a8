import { assertEquals } from "@std/assert";
import { EntryPoints } from "./entry_points.ts";
import { packets, payloads } from "../testing/packets.ts";

const STREAMS = [
  {
    name: "with video, every key of the main track",
    hasVideo: true,
    sent: "V0 A0 K0 a0 d40 K80 a90 L90 K120",
    entries: "K0 K80 K120",
  },
  { name: "with video, never sound", hasVideo: true, sent: "A0 a0 a500 a1000 a5000", entries: "" },
  {
    name: "without video, sound about once a second",
    hasVideo: false,
    sent: "A0 a0 a500 a999 a1000 a1500 a2010 a3009 a3010",
    entries: "a0 a1000 a2010 a3010",
  },
  {
    name: "without video, neither metadata nor configurations",
    hasVideo: false,
    sent: "m0 A0 m2000 A2000",
    entries: "",
  },
];

for (const { name, hasVideo, sent, entries } of STREAMS) {
  Deno.test(`a stream can be entered ${name}`, () => {
    const points = new EntryPoints();
    assertEquals(payloads(packets(sent).filter((packet) => points.isEntry(packet, hasVideo))), entries);
  });
}

Deno.test("other tracks than the main one are no entry, not even without video", () => {
  const points = new EntryPoints();
  const [frame] = packets("a0");
  assertEquals(points.isEntry({ ...frame, track: 1 }, false), false);
  assertEquals(points.isEntry(frame, false), true);
});
