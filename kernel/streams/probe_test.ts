import { assertEquals } from "@std/assert";
import { encodeAmf0 } from "../../media/amf/amf0.ts";
import { type AmfObject, type AmfValue, EcmaArray } from "../../media/amf/amf_value.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { Probe, type TrackKinds } from "./probe.ts";
import { StreamFacts } from "./stream_facts.ts";
import { FakeClock } from "../testing/fake_clock.ts";
import { packet, packets } from "../testing/packets.ts";
import { settled } from "../testing/settled.ts";

/** How long after the first frame or configuration the second kind of track may still turn up. */
const PROBE_MS = 800;

class Stage {
  readonly clock = new FakeClock();
  readonly probe: Probe;
  readonly #facts = new StreamFacts();

  constructor(known?: TrackKinds) {
    this.probe = new Probe(this.clock, known);
  }

  see(...list: MediaPacket[]): boolean {
    for (const packet of list) {
      this.#facts.observe(packet, this.clock.now());
      if (!this.probe.isDone) this.probe.observe(packet, this.#facts);
    }
    return this.probe.isDone;
  }
}

function metadata(...values: AmfValue[]): MediaPacket {
  const data = encodeAmf0("onMetaData", ...values);
  return { ...packet("m0"), data, body: data };
}

const both: AmfObject = { videocodecid: 7, audiocodecid: 10 };

const OUTCOMES: { name: string; sent: MediaPacket[]; done: boolean }[] = [
  { name: "nothing", sent: [], done: false },
  { name: "a video configuration", sent: packets("V0"), done: false },
  { name: "video alone, at once", sent: packets("V0 K0 d40 d80"), done: false },
  { name: "sound alone, at once", sent: packets("A0 a0 a20"), done: false },
  { name: "configurations of both", sent: packets("V0 A0"), done: true },
  { name: "frames of both", sent: packets("K0 a0"), done: true },
  { name: "metadata alone", sent: [metadata(both)], done: false },
  { name: "metadata of both and video", sent: [metadata(both), ...packets("V0 K0")], done: false },
  { name: "metadata of both and both", sent: [metadata(both), ...packets("V0 A0")], done: true },
  {
    name: "metadata of video, and video",
    sent: [metadata({ videocodecid: 7, width: 320 }), ...packets("V0")],
    done: true,
  },
  { name: "metadata of sound, and sound", sent: [metadata({ audiocodecid: 10 }), ...packets("A0")], done: true },
  {
    name: "metadata as encoders send it, an ECMA array",
    sent: [metadata(new EcmaArray({ videocodecid: 7 })), ...packets("V0")],
    done: true,
  },
  { name: "metadata by a codec's FourCC", sent: [metadata({ videocodecid: "hvc1" }), ...packets("V0")], done: true },
  {
    name: "metadata of sound, with a zero for the pictures that there are not, and sound",
    sent: [metadata({ videocodecid: 0, audiocodecid: 10 }), ...packets("A0")],
    done: true,
  },
  { name: "metadata of sound, and video", sent: [metadata({ audiocodecid: 10 }), ...packets("V0")], done: false },
  {
    name: "metadata that speaks of neither",
    sent: [metadata({ title: "x", videocodecid: null }), ...packets("V0")],
    done: false,
  },
  { name: "metadata that is no AMF", sent: packets("m0 V0"), done: false },
  {
    name: "metadata that comes late",
    sent: [...packets("V0 K0"), metadata({ videocodecid: 7 }), ...packets("d40")],
    done: true,
  },
];

for (const { name, sent, done } of OUTCOMES) {
  Deno.test(`${name}: the tracks are ${done ? "known" : "not yet known"}`, () => {
    assertEquals(new Stage().see(...sent), done);
  });
}

Deno.test("a second kind of track is waited for from the first packet of media on, for a while", () => {
  const stage = new Stage();
  stage.clock.advance(10_000);
  assertEquals(stage.see(metadata(both), ...packets("V0 K0")), false);
  stage.clock.advance(PROBE_MS - 1);
  assertEquals(stage.see(packet("d760")), false);
  stage.clock.advance(1);
  assertEquals([stage.probe.isDone, stage.clock.pending], [true, 0]);
});

Deno.test("when the tracks are known everybody who waits goes on, and no timer is left", async () => {
  const stage = new Stage();
  let went = 0;
  for (let i = 0; i < 3; i++) void stage.probe.done.then(() => went++);
  stage.see(packet("V0"));
  await settled();
  assertEquals([went, stage.clock.pending], [0, 1]);
  stage.see(packet("A0"));
  await settled();
  assertEquals([went, stage.clock.pending], [3, 0]);
});

Deno.test("a probe that is given up lets everybody go on with what is known", async () => {
  const stage = new Stage();
  stage.see(packet("V0"));
  stage.probe[Symbol.dispose]();
  await stage.probe.done;
  assertEquals([stage.probe.isDone, stage.clock.pending], [true, 0]);
});

Deno.test("what is known from elsewhere counts more than what the metadata announces", () => {
  const stage = new Stage({ hasAudio: true, hasVideo: true });
  const pictures = metadata({ videocodecid: 7, width: 320 });
  assertEquals(stage.see(pictures, ...packets("V0 K0")), false);
  assertEquals(stage.see(packet("a0")), true);
});
