import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import fc from "fast-check";
import { bytes } from "../../media/testing.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { packetsOf, StreamMaker } from "../../tests/support/stream_maker.ts";
import { frames } from "../../tests/support/packets.ts";
import { MAX_INITS, Segmenter } from "./segmenter.ts";
import type { FragmentStep, InitStep, SegmentStep, Step } from "./step.ts";

const OPTIONS = { segmentSeconds: 2, fragmentSeconds: 1 };

const AVC_CONFIGS = [
  bytes("01f4000cffe1001e67f4000c919b282a10f1f1fff80f200f1880000003008000000a078a14cb01000668ebe3c44844fff8f800"),
  bytes("0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20"),
];

interface Shape {
  readonly kind: "video" | "audio";
  readonly codec: string;
  readonly track?: number;
}

const AVC: Shape = { kind: "video", codec: "avc" };
const AAC: Shape = { kind: "audio", codec: "aac" };

let payloads = 0;

function packet(shape: Shape, role: MediaPacket["role"], ms: number, data?: Uint8Array): MediaPacket {
  const content = data ?? Uint8Array.of(payloads >> 16, payloads >> 8, payloads++);
  return { track: 0, ...shape, role, dts: ms * 1000, pts: ms * 1000, data: content, body: content };
}

const avcConfig = (variant = 0) => packet(AVC, "config", 0, AVC_CONFIGS[variant]);
const aacConfig = (rate = "1190") => packet(AAC, "config", 0, bytes(rate));

/** Pictures from a time on, 40 ms apart, the first a key. */
function gop(from: number, pictures: number): MediaPacket[] {
  return Array.from({ length: pictures }, (_, i) => packet(AVC, i === 0 ? "key" : "delta", from + i * 40));
}

/** Sound from one time to another. */
function sounds(from: number, to: number, shape = AAC): MediaPacket[] {
  const count = Math.ceil((to - from) * 48 / 1024);
  return Array.from({ length: count }, (_, i) => packet(shape, "frame", from + Math.floor(i * 1024 / 48)));
}

/** As they are sent: in the order of their times. */
function mixed(...lists: readonly (readonly MediaPacket[])[]): MediaPacket[] {
  return lists.flat().sort((a, b) => a.dts - b.dts);
}

function cut(packets: readonly MediaPacket[], options = OPTIONS): Step[] {
  const segmenter = new Segmenter(options);
  return [...packets.flatMap((packet) => segmenter.write(packet)), ...segmenter.finish()];
}

function of<T extends Step["type"]>(steps: readonly Step[], type: T): Extract<Step, { type: T }>[] {
  return steps.filter((step) => step.type === type) as Extract<Step, { type: T }>[];
}

/** What the steps are, one letter each: init, fragment, segment, problem. */
function letters(steps: readonly Step[]): string {
  return steps.map(({ type }) => type[0]).join("");
}

/** The payloads of a track in fragments, as hex. */
function payloadsIn(steps: readonly Step[], trackId: number): string[] {
  return of(steps, "fragment").flatMap(({ runs }) => runs).filter((run) => run.trackId === trackId)
    .flatMap(({ samples }) => samples.map(({ data }) => data.toHex()));
}

function payloadsOf(packets: readonly MediaPacket[], kind: "video" | "audio", track = 0): string[] {
  return frames(packets).filter((packet) => packet.kind === kind && packet.track === track).map(({ data }) =>
    data.toHex()
  );
}

function spans(steps: readonly Step[]): [number, number][] {
  return of(steps, "segment").map(({ start, duration }) => [start, duration]);
}

/** What holds for the steps of any stream. */
function assertOrdered(steps: readonly Step[]): void {
  let init: InitStep | undefined;
  let segment = 1;
  let fragments = 0;
  for (const step of steps) {
    if (step.type === "init") {
      assertEquals([step.number, fragments], [(init?.number ?? 0) + 1, 0], "an init segment stands between segments");
      init = step;
    } else if (step.type === "fragment") {
      assertEquals([step.segment, step.isFirst], [segment, fragments++ === 0]);
      const ids = step.runs.map(({ trackId }) => trackId);
      assert(ids.length > 0 && ids.every((id) => init!.tracks.some(({ track }) => track.id === id)));
    } else if (step.type === "segment") {
      assertEquals(step.number, segment++);
      assert(fragments > 0 && step.duration > 0);
      fragments = 0;
    }
  }
  assertEquals(fragments, 0);
}

Deno.test("segments begin with keys, fragments are a second at most", () => {
  const packets = [
    avcConfig(),
    aacConfig(),
    ...mixed(gop(0, 50), gop(2000, 50), gop(4000, 50), sounds(0, 6000)),
  ];
  const steps = cut(packets);
  assertEquals(letters(steps), "iffsffsffs");
  assertOrdered(steps);
  assertEquals(of(steps, "init")[0].tracks.map(({ track, codecs }) => [track.id, track.kind, codecs]), [
    [1, "video", "avc1.f4000c"],
    [2, "audio", "mp4a.40.2"],
  ]);
  for (const { runs } of of(steps, "fragment")) assertLessOrEqual(runs[0].samples.length, 25);
  assertEquals(of(steps, "segment").map(({ isKey }) => isKey), [true, true, true]);
  assertEquals(spans(steps), [[0, 2], [2, 2], [4, 2]]);
  assertEquals(payloadsIn(steps, 1), payloadsOf(packets, "video"));
  assertEquals(payloadsIn(steps, 2), payloadsOf(packets, "audio"));
});

Deno.test("keys that are closer than a segment do not end it, and stamps may be rounded", () => {
  const keys = [0, 1000, 1999, 3001, 4000];
  const steps = cut([avcConfig(), ...keys.flatMap((at) => gop(at, 24))]);
  assertEquals(spans(steps).map(([start]) => start), [0, 1.999, 4]);
});

Deno.test("one key in thirty seconds makes segments of thirty seconds, in fragments of one", () => {
  const steps = cut([avcConfig(), ...gop(0, 750), ...gop(30_000, 750)]);
  assertEquals(letters(steps), `i${"f".repeat(30)}s${"f".repeat(30)}s`);
  assertEquals(spans(steps), [[0, 30], [30, 30]]);
});

Deno.test("pictures without any further key are cut after a minute", () => {
  const steps = cut([avcConfig(), ...gop(0, 25 * 130)]);
  assertEquals(spans(steps).map(([start]) => start), [0, 60, 120]);
  assertEquals(of(steps, "segment").map(({ isKey }) => isKey), [true, false, false]);
});

Deno.test("sound alone is cut by time", () => {
  const packets = [aacConfig(), ...sounds(0, 6000)];
  const steps = cut(packets);
  assertEquals(of(steps, "segment").length, 3);
  assertEquals(payloadsIn(steps, 2), payloadsOf(packets, "audio"));
  for (const [i, [start]] of spans(steps).entries()) assertAlmostEquals(start, i * 2, 0.06);
});

Deno.test("nothing is given out before the other kind of track is there, or a second is over", () => {
  const segmenter = new Segmenter(OPTIONS);
  const early = [avcConfig(), ...gop(0, 25)];
  assertEquals(early.flatMap((packet) => segmenter.write(packet)), []);
  const steps = [...gop(1000, 3), ...mixed(gop(1120, 50), sounds(1120, 3000))].flatMap((packet) =>
    segmenter.write(packet)
  );
  assertEquals(letters(steps).slice(0, 2), "if");
  assertEquals(of(steps, "init")[0].tracks.length, 1);
});

Deno.test("sound that begins a little later shares the first init segment", () => {
  const steps = cut([avcConfig(), aacConfig(), ...mixed(gop(0, 100), sounds(900, 4000))]);
  assertEquals(of(steps, "init").map(({ tracks }) => tracks.length), [2]);
  assertOrdered(steps);
});

Deno.test("sound that turns up late is held until the next key, and then has an init segment with the pictures", () => {
  const packets = [
    avcConfig(),
    ...mixed([0, 1000, 2000, 3000, 4000].flatMap((at) => gop(at, 25)), [
      { ...aacConfig(), dts: 2_500_000 },
      ...sounds(2500, 5000),
    ]),
  ];
  const steps = cut(packets);
  assertOrdered(steps);
  assertEquals(of(steps, "init").map(({ tracks }) => tracks.map(({ track }) => track.id)), [[1], [1, 2]]);
  assertEquals(
    of(steps, "segment").map(({ isKey }) => isKey),
    [true, true, true, true].slice(0, of(steps, "segment").length),
  );
  const at = steps.findIndex((step) => step.type === "init" && step.number === 2);
  const [video, audio] = (steps[at + 1] as FragmentStep).runs;
  assertEquals([video.time / 90_000, audio.time / 48_000, video.samples[0].isSync], [3, 2.5, true]);
  assertEquals(payloadsIn(steps, 1), payloadsOf(packets, "video"));
  assertEquals(payloadsIn(steps, 2), payloadsOf(packets, "audio"));
});

Deno.test("what is held for a key that does not come is given out after two seconds", () => {
  const packets = [avcConfig(), ...mixed(gop(0, 200), [{ ...aacConfig(), dts: 3_000_000 }, ...sounds(3000, 8000)])];
  const steps = cut(packets);
  assertOrdered(steps);
  assertEquals(of(steps, "init").length, 2);
  assertEquals(of(steps, "segment").map(({ isKey }) => isKey), [true, false]);
  assertEquals(payloadsIn(steps, 2), payloadsOf(packets, "audio"));
});

Deno.test("what is held when the stream ends is given out", () => {
  const packets = [avcConfig(), ...mixed(gop(0, 100), [{ ...aacConfig(), dts: 3_500_000 }, ...sounds(3500, 4000)])];
  const steps = cut(packets);
  assertOrdered(steps);
  assertEquals(payloadsIn(steps, 2), payloadsOf(packets, "audio"));
});

Deno.test("pictures that turn up after the sound begin a segment with their first key", () => {
  const packets = [aacConfig(), ...mixed(sounds(0, 5000), [{ ...avcConfig(), dts: 2_500_000 }], gop(2500, 60))];
  const steps = cut(packets);
  assertOrdered(steps);
  assertEquals(of(steps, "init").map(({ tracks }) => tracks.map(({ track }) => track.id)), [[2], [1, 2]]);
  assertEquals(payloadsIn(steps, 1), payloadsOf(packets, "video"));
  assertEquals(payloadsIn(steps, 2), payloadsOf(packets, "audio"));
});

Deno.test("another resolution begins a segment with a new init segment, and nothing is lost", () => {
  const packets = [
    avcConfig(),
    aacConfig(),
    ...mixed(gop(0, 30), [{ ...avcConfig(1), dts: 1_199_000 }], gop(1200, 30), sounds(0, 2400)),
  ];
  const steps = cut(packets);
  assertOrdered(steps);
  assertEquals(of(steps, "init").map(({ tracks }) => tracks[0].track.width), [322, 642]);
  assertEquals(spans(steps).map(([start]) => start).map((start) => Math.round(start * 10)), [0, 12]);
  assertEquals(payloadsIn(steps, 1), payloadsOf(packets, "video"));
  assertEquals(payloadsIn(steps, 2), payloadsOf(packets, "audio"));
});

Deno.test("a publisher that returns with other pictures and other sound needs one init segment", () => {
  const back = mixed(gop(2000, 50), sounds(2000, 4000)).sort((a, b) => a.dts - b.dts || (a.kind === "video" ? -1 : 1));
  const steps = cut([
    avcConfig(),
    aacConfig(),
    ...mixed(gop(0, 50), sounds(0, 1990)),
    { ...avcConfig(1), dts: 2_000_000 },
    { ...aacConfig("1210"), dts: 2_000_000 },
    ...back,
  ]);
  assertOrdered(steps);
  assertEquals(of(steps, "init").map(({ tracks }) => tracks.map(({ track }) => track.width || track.timescale)), [
    [322, 48_000],
    [642, 44_100],
  ]);
});

Deno.test("the same configuration again changes nothing", () => {
  const steps = cut([avcConfig(), ...gop(0, 50), { ...avcConfig(), dts: 2e6 }, ...gop(2000, 50)]);
  assertEquals(of(steps, "init").length, 1);
});

Deno.test("pictures of another configuration wait for their key", () => {
  const packets = [avcConfig(), ...gop(0, 25), avcConfig(1), ...gop(1000, 5).slice(1), ...gop(1200, 5)];
  const steps = cut(packets);
  assertEquals(
    payloadsIn(steps, 1),
    payloadsOf([...gop(0, 0), ...packets.slice(1, 26), ...packets.slice(-5)], "video"),
  );
});

Deno.test("pictures before the first key are left out, the sound beside them is not", () => {
  const packets = [avcConfig(), aacConfig(), ...mixed(gop(0, 10).slice(1), gop(400, 10), sounds(0, 800))];
  const steps = cut(packets);
  assertEquals(payloadsIn(steps, 1).length, 10);
  assertEquals(payloadsIn(steps, 2), payloadsOf(packets, "audio"));
  assertEquals(of(steps, "segment")[0].isKey, true);
});

Deno.test("all tracks of a multitrack stream are in the segments", () => {
  const second: Shape = { ...AVC, track: 1 };
  const german: Shape = { ...AAC, track: 1 };
  const configs = [avcConfig(), aacConfig(), { ...avcConfig(1), track: 1 }, { ...aacConfig(), track: 1 }];
  const packets = [
    ...configs,
    ...mixed(gop(0, 50), gop(0, 50).map((each) => ({ ...each, ...second, data: Uint8Array.of(1, ...each.data) })), [
      ...sounds(0, 2000),
      ...sounds(0, 2000, german),
    ]),
  ];
  const steps = cut(packets);
  assertOrdered(steps);
  assertEquals(of(steps, "init").map(({ tracks }) => tracks.map(({ track, number }) => [track.id, number])), [
    [[1, 0], [3, 1], [2, 0], [4, 1]],
  ]);
  for (const [id, kind, track] of [[1, "video", 0], [3, "video", 1], [2, "audio", 0], [4, "audio", 1]] as const) {
    assertEquals(payloadsIn(steps, id), payloadsOf(packets, kind, track));
  }
});

Deno.test("pictures that stay away do not hold up the sound", () => {
  const packets = [avcConfig(), aacConfig(), ...mixed(gop(0, 50), sounds(0, 20_000))];
  const steps = cut(packets);
  assertOrdered(steps);
  const longest = Math.max(...of(steps, "fragment").flatMap(({ runs }) => runs).map(({ samples }) => samples.length));
  assertLessOrEqual(longest, 60);
  assertEquals(of(steps, "segment").length, 9);
});

Deno.test("what no MP4 file holds is left out, and that is said once", () => {
  const vvc: Shape = { kind: "video", codec: "vvc" };
  const packets = [aacConfig(), ...mixed(sounds(0, 2000), [0, 500, 1000].map((ms) => packet(vvc, "key", ms)))];
  const steps = cut(packets);
  assertEquals(of(steps, "problem"), [{ type: "problem", text: "The video is left out: no MP4 file holds vvc" }]);
  assertEquals(payloadsIn(steps, 2), payloadsOf(packets, "audio"));
});

Deno.test("a configuration that cannot be read leaves its track out until a better one comes", () => {
  const bad = packet(AVC, "config", 0, bytes("0102"));
  const steps = cut([bad, ...gop(0, 10), { ...avcConfig(), dts: 4e5 }, ...gop(400, 10)]);
  assertEquals(of(steps, "problem").length, 1);
  assertEquals(payloadsIn(steps, 1).length, 10);
});

Deno.test("a flood of frames at one time is given out in pieces, and so are large ones", () => {
  const many = Array.from({ length: 12_000 }, () => packet(AVC, "delta", 40));
  assertEquals(letters(cut([avcConfig(), ...gop(0, 1), ...many])), "ifffs");
  const large = Array.from({ length: 20 }, (_, i) => packet(AVC, "delta", 40 + i, new Uint8Array(2 ** 20)));
  assertEquals(letters(cut([avcConfig(), ...gop(0, 1), ...large])), "ifffs");
});

Deno.test("a publisher that changes its mind with every frame is given up", () => {
  const segmenter = new Segmenter(OPTIONS);
  assertThrows(
    () => {
      for (let i = 0; i <= 2 * MAX_INITS; i++) {
        segmenter.write(avcConfig(i % 2));
        segmenter.write(packet(AVC, "key", i * 40));
      }
    },
    RangeError,
    "changed",
  );
});

Deno.test("a stream of which nothing comes gives nothing", () => {
  assertEquals(cut([]), []);
  assertEquals(cut([avcConfig(), aacConfig()]), []);
});

const STREAMS = fc.array(
  fc.record({
    gopPictures: fc.integer({ min: 1, max: 60 }),
    isOther: fc.boolean(),
    hasSound: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

Deno.test("any stream comes out in order and with every frame, and no fragment is longer than it may be", () => {
  fc.assert(
    fc.property(
      STREAMS,
      fc.constantFrom(0.5, 2, 6),
      fc.constantFrom(0.2, 1),
      (parts, segmentSeconds, fragmentSeconds) => {
        const maker = new StreamMaker();
        const packets = packetsOf(maker.head());
        for (const { gopPictures, isOther, hasSound } of parts) {
          const from = maker.ms;
          const part = new StreamMaker({
            gopPictures,
            startMs: from,
            audio: hasSound ? undefined : null,
            seed: packets.length,
          });
          maker.jumpTo(from + gopPictures * 40);
          packets.push(...packetsOf([...(isOther ? part.changeVideo() : []), ...part.gop()]));
        }
        const steps = cut(packets, { segmentSeconds, fragmentSeconds });
        assertOrdered(steps);
        assertEquals(payloadsIn(steps, 1), payloadsOf(packets, "video"));
        assertEquals(payloadsIn(steps, 2), payloadsOf(packets, "audio"));
        for (const { runs } of of(steps, "fragment")) {
          const [{ trackId, samples }] = runs;
          if (trackId === 1) assertLessOrEqual(samples.length * 0.04, Math.max(fragmentSeconds, 1) + 0.3);
        }
        const ends: SegmentStep[] = of(steps, "segment");
        for (const [i, { start }] of ends.slice(1).entries()) assert(start > ends[i].start - 0.2);
      },
    ),
  );
});
