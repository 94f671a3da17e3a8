import { assert, assertEquals } from "@std/assert";
import type { OpenFile } from "../../kernel/files/files.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { concat } from "../../media/bytes.ts";
import { RECORDING_HEAD_BYTES } from "../../media/flv/recording_head.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { bytes } from "../../media/testing.ts";
import { packetsOf, StreamMaker } from "../../tests/support/stream_maker.ts";
import { RecordingFile } from "./recording_file.ts";
import { seenRecording } from "./testing.ts";

/** A file that notes what is done to it. */
class NotedFile implements OpenFile {
  readonly done: string[] = [];
  bytes = new Uint8Array(0);

  read(): Promise<number> {
    return Promise.reject(new Error("a recording is not read while it is written"));
  }

  write(piece: Uint8Array, position = this.bytes.length): Promise<void> {
    this.done.push(`write ${piece.length} at ${position}`);
    const larger = new Uint8Array(Math.max(this.bytes.length, position + piece.length));
    larger.set(this.bytes);
    larger.set(piece, position);
    this.bytes = larger;
    return Promise.resolve();
  }

  sync(): Promise<void> {
    this.done.push("sync");
    return Promise.resolve();
  }

  truncate(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.done.push("close");
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function packet(kind: "video" | "audio", role: MediaPacket["role"], dts: number, body: string): MediaPacket {
  const data = bytes(body);
  return { kind, role, codec: kind === "video" ? "avc" : "aac", track: 0, dts, pts: dts, data, body: data };
}

Deno.test("behind its head a recording has each packet as an FLV tag, byte for byte", async () => {
  const file = new NotedFile();
  const clock = new FakeClock();
  const packets = [
    packet("video", "config", 0, "17 00 000000 01"),
    packet("audio", "config", 0, "af 00 1190"),
    packet("video", "key", 0, "17 01 000028 65"),
    packet("audio", "frame", 21_000, "af 01 21"),
    packet("video", "delta", 40_000, "27 01 000000 41"),
  ];
  const recording = await RecordingFile.begin(file, { clock, syncMs: Infinity }, { packets });
  for (const each of packets) recording.add(each, each.dts / 1000 + 0x1234_5600);
  await recording.complete();
  assertEquals(
    file.bytes.subarray(RECORDING_HEAD_BYTES),
    concat([
      bytes("09 000006 345600 12 000000  17 00 000000 01  00000011"),
      bytes("08 000004 345600 12 000000  af 00 1190       0000000f"),
      bytes("09 000006 345600 12 000000  17 01 000028 65  00000011"),
      bytes("08 000003 345615 12 000000  af 01 21         0000000e"),
      bytes("09 000006 345628 12 000000  27 01 000000 41  00000011"),
    ]),
  );
});

Deno.test("what is saved at a time is one write, and the disk is made to keep it once a second at most", async () => {
  const file = new NotedFile();
  const clock = new FakeClock();
  const maker = new StreamMaker({ metadata: false });
  const [head, first, second, third] = [maker.head(), maker.gop(), maker.gop(), maker.gop()].map(packetsOf);
  const recording = await RecordingFile.begin(file, { clock, syncMs: 1000 }, { packets: [...head, ...first] });
  const sizes: number[] = [];
  for (const packets of [[...head, ...first], second, third]) {
    for (const each of packets) recording.add(each, each.dts / 1000);
    sizes.push(recording.size - recording.saved);
    await recording.save();
    clock.advance(600);
  }
  await recording.save();
  assertEquals(file.done, [
    `write ${RECORDING_HEAD_BYTES} at 0`,
    `write ${sizes[0]} at ${RECORDING_HEAD_BYTES}`,
    `write ${sizes[1]} at ${RECORDING_HEAD_BYTES + sizes[0]}`,
    `write ${sizes[2]} at ${RECORDING_HEAD_BYTES + sizes[0] + sizes[1]}`,
    "sync",
  ]);
  file.done.length = 0;
  await recording.complete();
  assertEquals(file.done, [`write ${RECORDING_HEAD_BYTES} at 0`, "sync", "close"]);
  assertEquals(seenRecording(file.bytes).packets.length, [...head, ...first, ...second, ...third].length);
});

Deno.test("a disk that takes long to keep things does not hold up what follows, and the end waits for it", async () => {
  const file = new NotedFile();
  const slow = Promise.withResolvers<void>();
  file.sync = () => (file.done.push("sync"), slow.promise);
  const clock = new FakeClock();
  const maker = new StreamMaker({ metadata: false });
  const packets = packetsOf([...maker.head(), ...maker.gop()]);
  const recording = await RecordingFile.begin(file, { clock, syncMs: 1000 }, { packets });
  for (let i = 0; i < 4; i++) {
    for (const each of packets) recording.add(each, each.dts / 1000);
    clock.advance(1000);
    await recording.save();
  }
  assertEquals(file.done.filter((each) => each === "sync").length, 1);
  const completed = recording.complete();
  for (let i = 0; i < 10; i++) await Promise.resolve();
  assert(!file.done.includes("close"));
  slow.resolve();
  await completed;
  assertEquals(file.done.slice(-2), ["sync", "close"]);
});

Deno.test("a track that turns up later is in the head as soon as it is saved", async () => {
  const file = new NotedFile();
  const clock = new FakeClock();
  const maker = new StreamMaker({ audio: null, metadata: false });
  const packets = packetsOf([...maker.head(), ...maker.gop()]);
  const recording = await RecordingFile.begin(file, { clock, syncMs: Infinity }, { packets });
  for (const each of packets) recording.add(each, each.dts / 1000);
  await recording.save();
  assertEquals(seenRecording(file.bytes).flags, { hasAudio: false, hasVideo: true });
  const sounds = new StreamMaker({ video: null, metadata: false });
  for (const each of packetsOf([...sounds.head(), ...sounds.gop()])) recording.add(each, 400);
  await recording.save();
  const { flags, properties } = seenRecording(file.bytes);
  assertEquals([flags, properties.audiosamplerate], [{ hasAudio: true, hasVideo: true }, 48_000]);
});

Deno.test("it is time to save after half a second of the recording, or a quarter of a megabyte", async () => {
  const clock = new FakeClock();
  const begin = () => RecordingFile.begin(new NotedFile(), { clock, syncMs: Infinity }, { packets: [] });
  const small = packet("audio", "frame", 0, "af 01 21");
  const slow = await begin();
  assertEquals([0, 100, 499, 500].map((ms) => slow.add(small, ms)), [false, false, false, true]);
  const large = { ...small, body: new Uint8Array(100_000) };
  const heavy = await begin();
  assertEquals([1, 2, 3].map((ms) => heavy.add(large, ms)), [false, false, true]);
  assert(heavy.size - heavy.saved > 256 * 1024);
});
