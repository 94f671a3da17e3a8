import { assert, assertEquals, assertLessOrEqual, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { type Files, hasCode, type OpenFile } from "../../kernel/files/files.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { concat } from "../../media/bytes.ts";
import { FLV_HEADER_BYTES } from "../../media/flv/header.ts";
import { FlvReader } from "../../media/flv/reader.ts";
import { RECORDING_HEAD_BYTES } from "../../media/flv/recording_head.ts";
import { TAG_OVERHEAD_BYTES } from "../../media/flv/tag.ts";
import { assertSamePackets } from "../../tests/support/packets.ts";
import { StreamMaker, type Tag } from "../../tests/support/stream_maker.ts";
import { multitrack } from "../../tests/support/test_bodies.ts";
import { eventually } from "../../tests/support/eventually.ts";
import { repairRecording } from "./repair.ts";
import { entriesOf, recorded, seenRecording, stage } from "./testing.ts";

/** A disk of one file, in memory. */
class OneFile {
  bytes?: Uint8Array;
  /** The largest piece that was asked for. */
  largest = 0;

  readonly files: Files = {
    ...systemFiles,
    facts: () => {
      const size = this.bytes?.length ?? 0;
      return Promise.resolve({ kind: "file", size, modified: new Date(0), id: "1" } as const);
    },
    open: () => Promise.resolve(this.#open()),
    remove: () => Promise.resolve(void (this.bytes = undefined)),
  };

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  #open(): OpenFile {
    return {
      read: (into, position) => {
        this.largest = Math.max(this.largest, into.length);
        const found = this.bytes!.subarray(position, position + into.length);
        into.set(found);
        return Promise.resolve(found.length);
      },
      write: (bytes, position = 0) => Promise.resolve(this.bytes!.set(bytes, position)),
      sync: () => Promise.resolve(),
      truncate: (size) => Promise.resolve(void (this.bytes = this.bytes!.subarray(0, size))),
      close: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
}

/** The complete recording of tags. */
async function recordingBytes(tags: readonly Tag[]): Promise<Uint8Array> {
  await using studio = await stage();
  await studio.record("live/cam", tags);
  return await Deno.readFile(studio.at(studio.completed[0]));
}

/** Where the tags of a recording end, the head counted as the first. */
function endsOf(bytes: Uint8Array): number[] {
  const ends = [RECORDING_HEAD_BYTES];
  for (const [position, { body }] of seenRecording(bytes).packetAt) {
    ends.push(position + body.length + TAG_OVERHEAD_BYTES);
  }
  return ends;
}

const SMALL = { gopPictures: 3, keyBytes: 80 };

Deno.test("a recording that is torn at any byte is cut behind its last whole tag, and is complete then", async () => {
  const maker = new StreamMaker(SMALL);
  const tags = [...maker.head(), ...maker.gops(3)];
  const whole = await recordingBytes(tags);
  const expected = seenRecording(whole);
  const ends = endsOf(whole);
  for (let size = RECORDING_HEAD_BYTES; size <= whole.length; size++) {
    const disk = new OneFile(whole.slice(0, size));
    const { bytes, seconds, tornBytes } = await repairRecording(disk.files, "x.flv");
    const count = ends.findLastIndex((end) => end <= size);
    const end = count === 0 ? 0 : ends[count];
    assertEquals([disk.bytes?.length ?? 0, bytes, tornBytes], [end, end, size - end]);
    if (!disk.bytes) continue;
    const { packets, properties, packetAt, ...rest } = seenRecording(disk.bytes);
    assertSamePackets(packets, expected.packets.slice(0, count));
    assertEquals([properties.filesize, properties.duration], [end, seconds]);
    if (properties.hasKeyframes) {
      for (const { position } of entriesOf({ packets, properties, packetAt, ...rest })) assert(packetAt.has(position));
    }
  }
});

Deno.test("a recording that broke off within its head has nothing, and is removed", async () => {
  const maker = new StreamMaker(SMALL);
  const whole = await recordingBytes([...maker.head(), ...maker.gop()]);
  for (const size of [0, 1, 9, 13, 1000, RECORDING_HEAD_BYTES - 1, RECORDING_HEAD_BYTES]) {
    const disk = new OneFile(whole.slice(0, size));
    assertEquals(await repairRecording(disk.files, "x.flv"), { bytes: 0, seconds: 0, tornBytes: size });
    assertEquals(disk.bytes, undefined);
  }
});

for (
  const { name, recipe } of [{ name: "H.264 and AAC", recipe: {} }, { name: "sound alone", recipe: { video: null } }, {
    name: "two video tracks",
    recipe: { video: multitrack },
  }]
) {
  Deno.test(`a recording whose head was lost has the same one again: ${name}`, async () => {
    const maker = new StreamMaker(recipe);
    const whole = await recordingBytes([...maker.head(), ...maker.gops(3), ...maker.changeVideo(), ...maker.gop()]);
    const again = new OneFile(whole.slice());
    await repairRecording(again.files, "x.flv");
    assertEquals(again.bytes, whole);
    const lost = new OneFile(whole.slice().fill(0, 0, RECORDING_HEAD_BYTES));
    await repairRecording(lost.files, "x.flv");
    const { properties: { encoder: _encoder, framerate: _framerate, ...expected }, flags } = seenRecording(whole);
    const found = seenRecording(lost.bytes!);
    assertEquals([found.properties, found.flags], [expected, flags]);
  });
}

Deno.test("what a loss of power leaves behind the tags does not pass for tags", async () => {
  const maker = new StreamMaker(SMALL);
  const whole = await recordingBytes([...maker.head(), ...maker.gops(2)]);
  const zeros = new Uint8Array(100_000);
  const noise = crypto.getRandomValues(new Uint8Array(5000));
  const hole = whole.slice(-500).fill(0, 40, 200);
  for (const tail of [zeros, noise, hole, Uint8Array.of(9, 255, 255, 255)]) {
    const disk = new OneFile(new Uint8Array(concat([whole, tail])));
    const { bytes } = await repairRecording(disk.files, "x.flv");
    assertEquals([bytes, disk.bytes], [whole.length, whole]);
  }
});

Deno.test("whatever bytes have changed, what is left of a recording is whole, and stays when it is repaired again", async () => {
  const maker = new StreamMaker(SMALL);
  const whole = await recordingBytes([...maker.head(), ...maker.gops(3)]);
  const places = fc.oneof(fc.nat(400), fc.integer({ min: RECORDING_HEAD_BYTES, max: whole.length - 1 }));
  const damage = fc.array(fc.tuple(places, fc.nat(255)), { minLength: 1, maxLength: 6 });
  await fc.assert(fc.asyncProperty(damage, fc.nat(200), async (damage, torn) => {
    const damaged = whole.slice(0, whole.length - torn);
    for (const [at, value] of damage) damaged[at] = value;
    const disk = new OneFile(damaged);
    const { bytes, tornBytes } = await repairRecording(disk.files, "x.flv");
    assertEquals([disk.bytes?.length ?? 0, bytes + tornBytes], [bytes, whole.length - torn]);
    if (!disk.bytes) return;
    const [header, ...tags] = new FlvReader().read(disk.bytes);
    assert(header.type === "header");
    const sizes = tags.map((tag) => tag.type === "tag" ? tag.body.length + TAG_OVERHEAD_BYTES : NaN);
    assertEquals(sizes.reduce((sum, size) => sum + size, FLV_HEADER_BYTES + 4), bytes);
    const again = new OneFile(disk.bytes.slice());
    await repairRecording(again.files, "x.flv");
    const [one, other] = [disk, again].map(({ bytes }) => bytes!.subarray(RECORDING_HEAD_BYTES));
    assert(one.length === other.length && one.every((byte, i) => byte === other[i]), "a second repair takes something");
  }));
});

Deno.test("a long recording with large pictures is repaired in bounded memory", async () => {
  const maker = new StreamMaker({ keyBytes: 1_500_000, gopPictures: 5 });
  const whole = await recordingBytes([...maker.head(), ...maker.gops(6)]);
  const disk = new OneFile(whole.slice(0, -1));
  const { bytes } = await repairRecording(disk.files, "x.flv");
  assertEquals(bytes, endsOf(whole).at(-2));
  assertLessOrEqual(disk.largest, 1_600_000);
  seenRecording(disk.bytes!);
});

Deno.test("a repair that is called off changes nothing", async () => {
  const maker = new StreamMaker(SMALL);
  const torn = (await recordingBytes([...maker.head(), ...maker.gops(2)])).slice(0, -1);
  const disk = new OneFile(torn.slice());
  await assertRejects(() => repairRecording(disk.files, "x.flv", AbortSignal.abort(new Error("stop"))), Error, "stop");
  assertEquals(disk.bytes, torn);
});

/** Copies a folder as it is at this moment, as a crash would leave it. */
async function snapshot(folder: string): Promise<string> {
  const copy = await Deno.makeTempDir();
  for (const path of await filesBelow(folder)) {
    await systemFiles.replace(join(copy, path), await Deno.readFile(join(folder, path)));
  }
  return copy;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await systemFiles.list(folder);
  const found = await Promise.all(entries.map(async ({ name, kind }) => {
    if (kind === "file") return [name];
    return (await filesBelow(join(folder, name))).map((path) => join(name, path));
  }));
  return found.flat();
}

Deno.test("the next start completes what a crash has left, says so, and touches nothing else", async () => {
  await using studio = await stage();
  const maker = new StreamMaker();
  await studio.record("live/old", [...maker.head(), ...maker.gops(2)]);
  const again = new StreamMaker();
  const tags = [...again.head(), ...again.gops(3)];
  await using publisher = await studio.publish("live/cam");
  publisher.write(tags);
  await studio.saved("live/cam", recorded(tags).length);
  const folder = await snapshot(studio.folder);
  const [old, torn] = studio.server.told.flatMap((told) => told.name === "artifact:open" ? [told.event.path] : []);
  const before = await Deno.readFile(join(folder, old));
  await Deno.writeFile(join(folder, torn), new Uint8Array(77), { append: true });
  await Deno.writeTextFile(join(folder, "flv/.unfinished/torn.json"), `{"stream": "li`);
  await Deno.writeTextFile(join(folder, "flv/.unfinished/scratch.flv"), "");

  await using next = await stage({ folder });
  const told = await next.event("artifact:complete");
  assertEquals([told.path, told.stream, told.by, told.seconds], [torn, "live/cam", "flv-record", 1.24]);
  const recording = await next.recording(torn);
  assertSamePackets(recording.packets, recorded(tags));
  assertEquals([recording.size, recording.properties.duration], [told.bytes, told.seconds]);
  assertEquals(recording.properties.encoder, "stream maker");
  assertEquals(await next.marks(), []);
  assertEquals(await Deno.readFile(join(folder, old)), before);
  const lines = next.server.logged.filter(({ message }) => message.join("").includes("broke off"));
  assertEquals(lines.map(({ message, properties }) => [message.join(""), properties.tornBytes]), [
    [`Repaired ${torn}, which broke off`, 77],
  ]);
});

Deno.test("a recording that cannot be repaired yet keeps nobody from recording, and is repaired later", async () => {
  const folder = await Deno.makeTempDir();
  const maker = new StreamMaker();
  const torn = (await recordingBytes([...maker.head(), ...maker.gops(2)])).slice(0, -1);
  const path = "flv/live/cam/20251231_235959.flv";
  await systemFiles.replace(join(folder, path), torn);
  const mark = JSON.stringify({ stream: "live/cam", path });
  await systemFiles.replace(join(folder, "flv/.unfinished/a.json"), mark);
  let isBroken = true;
  const files: Files = {
    ...systemFiles,
    open: (path, mode) => {
      if (isBroken && mode === "update") return Promise.reject(new Error("input/output error"));
      return systemFiles.open(path, mode);
    },
  };
  await using studio = await stage({ folder, files });
  const other = new StreamMaker();
  await studio.record("live/cam", [...other.head(), ...other.gop()]);
  await eventually(
    () => studio.server.logged.some(({ message }) => /Cannot repair .*input\/output error/.test(message.join(""))),
    "nothing was said",
  );
  assertEquals(await Deno.readFile(studio.at(path)), torn);
  isBroken = false;
  await using publisher = await studio.publish("live/cam");
  publisher.write([...other.head(), ...other.gop()]);
  await studio.event("artifact:complete", (event) => event.path === path);
  assertMatch(String((await studio.recording(path)).properties.duration), /^0\.8/);
});

Deno.test("a disk that cannot be read at the start keeps nobody from going live", async () => {
  const denied = Object.assign(new Error("permission denied"), { code: "EACCES" });
  const files: Files = { ...systemFiles, list: () => Promise.reject(denied), create: () => Promise.reject(denied) };
  await using studio = await stage({ files });
  const maker = new StreamMaker();
  await using publisher = await studio.publish("live/cam");
  const tags = [...maker.head(), ...maker.gops(2)];
  publisher.write(tags);
  await studio.server.received("live/cam", tags.at(-1)!);
  const { problem } = await studio.event("artifact:fail");
  assertEquals([problem, hasCode(denied, "EACCES")], ["permission denied", true]);
  assert(studio.server.logged.some(({ message }) => /Cannot look for recordings/.test(message.join(""))));
});
