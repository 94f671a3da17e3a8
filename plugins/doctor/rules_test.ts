import { assertEquals, assertMatch } from "@std/assert";
import type { StreamJson } from "../../kernel/streams/stream_json.ts";
import type { TrackJson } from "../../kernel/streams/track_facts.ts";
import { doctorConfig } from "./plugin.ts";
import { diagnose, type Symptoms } from "./rules.ts";

const COUNTS = { bitrate: 0, packets: 10, bytes: 10 };
const VIDEO: TrackJson = { kind: "video", track: 0, codec: "avc", profile: 100, gopSeconds: 2, ...COUNTS };
const AUDIO: TrackJson = { kind: "audio", track: 0, codec: "aac", ...COUNTS };

function symptoms(tracks: TrackJson[], more: Partial<Symptoms> = {}): Symptoms {
  const bitrate = { "1s": 4_200_000, "10s": 4_200_000, "60s": 4_200_000 };
  const stream = { stream: "live/cam", tracks, bitrate } as unknown as StreamJson;
  return { stream, seconds: 60, upload: { jitterMs: 20, driftPpm: 5 }, audioDelay: 0.1, mended: 0, skips: 0, ...more };
}

interface Case {
  readonly name: string;
  readonly symptoms: Symptoms;
  /** The codes of what is found, and a part of the words. */
  readonly found: Readonly<Record<string, RegExp>>;
}

const LIMITS = doctorConfig.parse({});

const CASES: readonly Case[] = [
  { name: "a good stream", symptoms: symptoms([VIDEO, AUDIO]), found: {} },
  {
    name: "key frames every 8 s",
    symptoms: symptoms([{ ...VIDEO, gopSeconds: 8 }, AUDIO]),
    found: { "key-frames-far": /every 8\.0 s.*at least 24 s behind.*interval to 2 s/ },
  },
  { name: "key frames every 2.9 s", symptoms: symptoms([{ ...VIDEO, gopSeconds: 2.9 }, AUDIO]), found: {} },
  { name: "no sound", symptoms: symptoms([VIDEO], { audioDelay: undefined }), found: { "no-audio": /no sound/ } },
  { name: "no sound yet", symptoms: symptoms([VIDEO], { seconds: 4 }), found: {} },
  { name: "no pictures", symptoms: symptoms([AUDIO]), found: { "no-video": /no pictures/ } },
  { name: "nothing at all", symptoms: symptoms([]), found: {} },
  {
    name: "late sound",
    symptoms: symptoms([VIDEO, AUDIO], { audioDelay: 2.25 }),
    found: { "audio-late": /came 2\.3 s after/ },
  },
  { name: "sound that came first", symptoms: symptoms([VIDEO, AUDIO], { audioDelay: -3 }), found: {} },
  { name: "mended times", symptoms: symptoms([VIDEO, AUDIO], { mended: 1 }), found: { "times-mended": /mended; / } },
  {
    name: "an unsteady upload",
    symptoms: symptoms([VIDEO, AUDIO], { upload: { jitterMs: 900 } }),
    found: { jitter: /900 ms late/ },
  },
  {
    name: "a fast clock",
    symptoms: symptoms([VIDEO, AUDIO], { upload: { driftPpm: 1000 } }),
    found: { drift: /fast: 3\.6 s in an hour/ },
  },
  {
    name: "a slow clock",
    symptoms: symptoms([VIDEO, AUDIO], { upload: { driftPpm: -400 } }),
    found: { drift: /slow: 1\.4 s in an hour/ },
  },
  {
    name: "slow viewers",
    symptoms: symptoms([VIDEO, AUDIO], { skips: 3 }),
    found: { "slow-viewers": /4\.2 Mbit\/s and jumped 3 times/ },
  },
  {
    name: "HEVC",
    symptoms: symptoms([{ ...VIDEO, codec: "hevc" }, AUDIO]),
    found: { "codec-rare": /^HEVC is not decoded by all/ },
  },
  {
    name: "H.264 in 10 bits",
    symptoms: symptoms([{ ...VIDEO, profile: 110 }, AUDIO]),
    found: { "codec-rare": /High 10/ },
  },
  {
    name: "several things",
    symptoms: symptoms([{ ...VIDEO, gopSeconds: 5 }], { mended: 4 }),
    found: { "key-frames-far": /5\.0 s/, "no-audio": /./, "times-mended": /4 times/ },
  },
];

for (const { name, symptoms, found } of CASES) {
  Deno.test(`the doctor finds of ${name}: ${Object.keys(found).join(", ") || "nothing"}`, () => {
    const diagnoses = diagnose(symptoms, LIMITS);
    assertEquals(diagnoses.map(({ code }) => code), Object.keys(found));
    for (const { code, text } of diagnoses) assertMatch(text, found[code]);
  });
}

Deno.test("from where on something is worth a word is what the settings say", () => {
  const bad = symptoms([{ ...VIDEO, gopSeconds: 8 }, AUDIO], {
    audioDelay: 2,
    upload: { jitterMs: 900, driftPpm: 900 },
  });
  const lax = { keyFrameSeconds: 10, audioLateSeconds: 3, jitterMs: 1000, driftPpm: 1000 };
  const strict = { keyFrameSeconds: 1, audioLateSeconds: 0.05, jitterMs: 10, driftPpm: 1 };
  const all = ["key-frames-far", "audio-late", "jitter", "drift"];
  const codes = (...args: Parameters<typeof diagnose>) => diagnose(...args).map(({ code }) => code);
  assertEquals([codes(bad, lax), codes(bad, LIMITS), codes(symptoms([VIDEO, AUDIO]), strict)], [[], all, all]);
});
