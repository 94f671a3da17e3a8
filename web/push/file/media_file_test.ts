import { assert, assertEquals, assertRejects } from "@std/assert";
import { audioFrameBody, videoConfigBody, videoFrameBody } from "../../../media/flv/body_writer.ts";
import { FormatError } from "../../../media/errors.ts";
import { bytes } from "../../../media/testing.ts";
import { FileClock } from "./file_clock.ts";
import { isFlv, openFlvFile } from "./flv_file.ts";
import { FlvUpload, type UploadPacket } from "../upload/flv_upload.ts";
import { KeySkipper } from "./key_skipper.ts";
import { type FileFrame, interleave } from "./media_file.ts";

const video = (role: "config" | "key" | "delta", dts: number): UploadPacket => {
  const body = role === "config"
    ? videoConfigBody("avc", bytes("01"))
    : videoFrameBody("avc", role === "key", 0, bytes("65"));
  return { kind: "video", role, codec: "avc", dts, body };
};
const sound = (dts: number): UploadPacket => {
  return { kind: "audio", role: "frame", codec: "mp3", dts, body: audioFrameBody("mp3", bytes("fffb")) };
};

const blob = (...parts: Uint8Array[]) => new Blob(parts as Uint8Array<ArrayBuffer>[]);

function flvFile(metadata: Record<string, number>, ...packets: UploadPacket[]): Blob {
  const upload = new FlvUpload();
  upload.describe(metadata);
  return blob(upload.begin(0), ...packets.map((packet) => upload.tag(packet)!));
}

const CLIP = flvFile({ duration: 2.5 }, video("config", 0), video("key", 0), sound(20_000), video("delta", 40_000));

Deno.test("an FLV file tells what is in it and how long it is", async () => {
  assert(await isFlv(CLIP));
  const { format, duration, tracks, faults } = await openFlvFile(CLIP);
  assertEquals({ format, duration, tracks, faults }, {
    format: "FLV",
    duration: 2.5,
    tracks: [{ kind: "video", codec: "H.264" }, { kind: "audio", codec: "MP3" }],
    faults: [],
  });
});

Deno.test("an FLV file gives its frames as often as it is asked, bodies unchanged", async () => {
  const file = await openFlvFile(CLIP);
  for (let round = 0; round < 2; round++) {
    const frames = await Array.fromAsync(file.frames());
    assertEquals(frames.map(({ kind, role, dts }) => `${kind} ${role} ${dts}`), [
      "video config 0",
      "video key 0",
      "audio frame 20000",
      "video delta 40000",
    ]);
    assertEquals(frames[2].body, sound(0).body);
  }
});

Deno.test("what is no FLV is not taken for it, and a damaged one is the file's fault", async () => {
  assertEquals(await isFlv(blob(bytes("00000020 66747970"))), false);
  const damaged = blob(bytes('"FLV" 01 05 00000009 00000000 ff000000 00000000 000000'));
  await assertRejects(() => openFlvFile(damaged), FormatError);
});

Deno.test("an FLV file without frames says that there is nothing in it", async () => {
  const { faults } = await openFlvFile(flvFile({}));
  assertEquals(faults.length, 1);
});

function frame(kind: "video" | "audio", dts: number, shown = dts): FileFrame {
  return { kind, role: "frame", codec: "x", dts, shown, end: shown + 40_000, body: bytes("") };
}

async function* track(kind: "video" | "audio", ...times: number[]): AsyncGenerator<FileFrame> {
  for (const dts of times) yield frame(kind, dts);
}

Deno.test("frames of two tracks are merged by their times", async () => {
  const merged = await Array.fromAsync(interleave([track("video", 0, 40, 80), track("audio", 10, 20, 90, 95)]));
  assertEquals(merged.map(({ dts }) => dts), [0, 10, 20, 40, 80, 90, 95]);
  assertEquals(await Array.fromAsync(interleave([])), []);
});

Deno.test("a file that is played again goes on where it ended, by the times of showing", () => {
  const clock = new FileClock();
  const round = [frame("video", -40_000, 0), frame("audio", 0), frame("video", 0, 80_000), frame("video", 40_000)];
  const rounds = [1, 2].map(() => {
    clock.begin();
    return round.map((each) => clock.place(each));
  });
  assertEquals(rounds, [[960_000, 1_000_000, 1_000_000, 1_040_000], [1_080_000, 1_120_000, 1_120_000, 1_160_000]]);
  assertEquals([clock.round, clock.position(1_160_000)], [2, 40_000]);
});

Deno.test("times of a track increase whatever the file says", () => {
  const clock = new FileClock();
  clock.begin();
  assertEquals([0, 0, -5000, 40_000].map((dts) => clock.place(frame("audio", dts))), [
    1_000_000,
    1_001_000,
    1_002_000,
    1_040_000,
  ]);
});

Deno.test("pictures that a connection cannot carry are left out up to a key frame", () => {
  const skipper = new KeySkipper();
  const seen = [[true, 0], [false, 1400], [false, 1500], [false, 200], [true, 400], [false, 100], [true, 100], [
    false,
    100,
  ]];
  assertEquals(seen.map(([isKey, waiting]) => skipper.admits(isKey as boolean, waiting as number)), [
    true,
    true,
    false,
    false,
    false,
    false,
    true,
    true,
  ]);
});
