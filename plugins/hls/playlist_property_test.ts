import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { parseMediaPlaylist, type ReadMediaPlaylist } from "../../media/hls/media_playlist_parser.ts";
import { checkSuccession, mergeDelta } from "../../media/hls/playlist_succession.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { Rendition } from "./rendition.ts";
import { hlsConfig } from "./settings.ts";

const PICTURE = Uint8Array.fromHex("0000000241aa");
const SOUND = Uint8Array.fromHex("21aabb");
const AVC = ["42c016", "640016"].map((profile) => {
  return Uint8Array.fromHex(
    `01${profile}ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20`,
  );
});
const AAC = Uint8Array.fromHex("1210");

/** From picture to picture and from sound to sound, in milliseconds; 0 for none. */
interface Rhythm {
  readonly picture: number;
  readonly sound: number;
}

/** A stretch of a stream in which nothing changes. */
interface Stretch {
  /** In milliseconds. */
  readonly length: number;
  /** From key to key, in milliseconds. */
  readonly gop: number;
  /** How far stamps are off, in milliseconds, in turn. */
  readonly jitter: readonly number[];
  /** Nothing for so many milliseconds before it. */
  readonly pause: number;
  /** Whether another encoder, or the same anew, goes on with it. */
  readonly begins: "same" | "config" | "break" | "again";
}

const stretch: fc.Arbitrary<Stretch> = fc.record({
  length: fc.integer({ min: 100, max: 15_000 }),
  gop: fc.integer({ min: 200, max: 9000 }),
  jitter: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 5 }),
  pause: fc.constantFrom(0, 0, 0, 300, 2500, 7000),
  begins: fc.constantFrom("same", "same", "config", "break", "again"),
});

const rhythm: fc.Arbitrary<Rhythm> = fc.record({
  picture: fc.constantFrom(0, 17, 33, 40, 42, 100, 500, 1500),
  sound: fc.constantFrom(0, 20, 23, 26, 72),
}).filter(({ picture, sound }) => picture + sound > 0);

function* packetsOf(
  stretch: Stretch,
  { picture, sound }: Rhythm,
  start: number,
  variant: number,
): Generator<MediaPacket> {
  const { length, gop, jitter, begins } = stretch;
  const packet = (kind: "video" | "audio", role: MediaPacket["role"], ms: number, data: Uint8Array): MediaPacket => {
    const dts = ms * 1000;
    return { kind, role, codec: kind === "video" ? "avc" : "aac", track: 0, dts, pts: dts, data, body: data };
  };
  if (picture) yield packet("video", "config", start, AVC[variant % 2]);
  if (sound) yield packet("audio", "config", start, AAC);
  const breaks = new Set(begins === "break" ? ["video", "audio"] : []);
  let [pictures, sounds, keys] = [0, 0, 0];
  while (true) {
    const pictureAt = picture ? pictures * picture : Infinity;
    const soundAt = sound ? sounds * sound : Infinity;
    if (Math.min(pictureAt, soundAt) >= length) return;
    const kind = pictureAt <= soundAt ? "video" : "audio";
    const isKey = kind === "video" && pictureAt >= keys * gop;
    if (isKey) keys++;
    const at = start + Math.min(pictureAt, soundAt) +
      jitter[(kind === "video" ? pictures++ : sounds++) % jitter.length];
    const made = kind === "video"
      ? packet(kind, isKey ? "key" : "delta", at, PICTURE)
      : packet(kind, "frame", at, SOUND);
    yield breaks.delete(kind) ? { ...made, discontinuity: true } : made;
  }
}

/** Looks at every version of a rendition's playlist, and at a delta update to each. */
class Reader {
  newest: ReadMediaPlaylist | undefined;
  #text: string | undefined;

  look(rendition: Rendition): void {
    const text = rendition.playlist();
    if (text === undefined || text === this.#text) return;
    const read = parseMediaPlaylist(text);
    if (this.newest && !(this.newest.isEnded && !read.isEnded)) {
      checkSuccession(this.newest, read);
      const { version, ...merged } = mergeDelta(this.newest, parseMediaPlaylist(rendition.playlist({ skip: true })!));
      assertEquals({ version, ...merged }, read);
    }
    this.newest = read;
    this.#text = text;
  }
}

Deno.test("playlists: whatever the stream, each is valid and follows from the one before", () => {
  const story = fc.record({
    rhythm,
    stretches: fc.array(stretch, { minLength: 1, maxLength: 4 }),
    segmentSeconds: fc.constantFrom(0.5, 1, 2, 4),
    partMs: fc.constantFrom(100, 200, 333, 1000),
    lowLatency: fc.boolean(),
    container: fc.constantFrom("auto", "ts", "fmp4"),
    windowSegments: fc.integer({ min: 3, max: 20 }),
    encryption: fc.record({ enabled: fc.boolean(), segmentsPerKey: fc.integer({ min: 1, max: 3 }) }),
  });
  fc.assert(fc.property(story, ({ stretches, rhythm, ...settings }) => tell(stretches, rhythm, settings)), {
    numRuns: 200,
  });
});

function tell(stretches: readonly Stretch[], rhythm: Rhythm, settings: Record<string, unknown>): void {
  const clock = new FakeClock();
  const rendition = new Rendition({
    title: "live/cam",
    uri: "media.m3u8",
    video: 0,
    isAligned: false,
    settings: hlsConfig.parse(settings),
    clock,
    log: collectLog().log,
  });
  const reader = new Reader();
  let at = 0;
  rendition.begin();
  for (const [i, stretch] of stretches.entries()) {
    if (stretch.begins === "again" && i > 0) {
      rendition.finish(false);
      reader.look(rendition);
      rendition.begin();
      at = 0;
    }
    at += stretch.pause;
    for (const packet of packetsOf(stretch, rhythm, at, stretch.begins === "config" ? i : 0)) {
      rendition.write(packet);
      reader.look(rendition);
    }
    at += stretch.length + 50;
  }
  rendition.finish(false);
  reader.look(rendition);
}
