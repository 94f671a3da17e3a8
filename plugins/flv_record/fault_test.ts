import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Files, OpenFile } from "../../kernel/files/files.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";
import type { FakeClock } from "../../kernel/testing/fake_clock.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { eventually, turn } from "../../tests/support/eventually.ts";
import { assertDecodable, assertSamePackets, frames, from } from "../../tests/support/packets.ts";
import { rtmpTransport } from "../../tests/support/transports/rtmp_transport.ts";
import { packetsOf, StreamMaker } from "../../tests/support/stream_maker.ts";
import { type SeenRecording, stage } from "./testing.ts";

/** A disk that is full for a while: what is written then gets half of the way. */
class FaultyDisk {
  /** Writes that still go well; what comes after fails, `failures` times. */
  left = Infinity;
  failures = Infinity;
  writes = 0;
  /** Files that are open now. */
  open = 0;
  /** Goes up with whatever the disk does. */
  #begun = 0;
  /** How much the disk is doing now. */
  #running = 0;

  readonly files: Files = {
    ...systemFiles,
    create: (path) => this.#counted(async () => this.#wrap(await systemFiles.create(path))),
    open: (path, mode) => this.#counted(async () => this.#wrap(await systemFiles.open(path, mode))),
    link: (path, second) => this.#counted(() => systemFiles.link(path, second)),
    rename: (from, to) => this.#counted(() => systemFiles.rename(from, to)),
    remove: (path) => this.#counted(() => systemFiles.remove(path)),
    facts: (path) => this.#counted(() => systemFiles.facts(path)),
    list: (folder) => this.#counted(() => systemFiles.list(folder)),
  };

  /** Waits until nothing is left to be done, however slow the disk is and however much time passes. */
  async idle(clock: FakeClock): Promise<void> {
    for (let turns = 0, seen = this.#begun; turns < 12; turns = seen === this.#begun ? turns + 1 : 0) {
      seen = this.#begun;
      clock.advance(100);
      await turn();
      while (this.#running > 0) await turn();
    }
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.#begun++;
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
    }
  }

  #wrap(file: OpenFile): OpenFile {
    this.open++;
    let isOpen = true;
    const close = () => {
      if (isOpen) this.open--;
      isOpen = false;
      return this.#counted(() => file.close());
    };
    return {
      read: (into, position) => this.#counted(() => file.read(into, position)),
      write: (bytes, position) => this.#counted(() => this.#write(file, bytes, position)),
      sync: () => this.#counted(() => file.sync()),
      truncate: (size) => this.#counted(() => file.truncate(size)),
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  async #write(file: OpenFile, bytes: Uint8Array, position?: number): Promise<void> {
    this.writes++;
    if (this.left-- > 0 || this.failures-- <= 0) return await file.write(bytes, position);
    await file.write(bytes.subarray(0, bytes.length >> 1), position);
    throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  }
}

/** Fails unless the recording is complete and its frames are what was published from its first on. */
function assertPiece(recording: SeenRecording, published: readonly MediaPacket[]): void {
  const own = frames(recording.packets);
  assertDecodable(recording.packets);
  assertSamePackets(own, from(published, own[0]).slice(0, own.length), { times: false });
  assertEquals([recording.properties.filesize, recording.size], [recording.size, recording.size]);
}

/** Records a stream on a disk whose writes fail from one on, so many times; true if any of them did. */
async function recordOn(disk: FaultyDisk): Promise<boolean> {
  await using studio = await stage({ files: disk.files });
  const failed = () => studio.server.told.filter(({ name }) => name === "artifact:fail").length;
  const maker = new StreamMaker({ keyBytes: 60_000 });
  const tags = [...maker.head(), ...maker.gops(8)];
  await using publisher = await studio.publish("live/cam");
  for (let i = 0; i < tags.length; i += 120) {
    const piece = tags.slice(i, i + 120);
    publisher.write(piece);
    await studio.server.received("live/cam", piece.at(-1)!);
    await disk.idle(studio.server.clock);
  }
  await publisher.end();
  await eventually(() => studio.control.runs.length === 0, "it is still written");
  const published = packetsOf(tags);
  for (const path of await studio.files()) assertPiece(await studio.recording(path), published);
  assertEquals(await studio.marks(), []);
  assertEquals(disk.open, 0);
  const last = await studio.recording(studio.completed.at(-1)!);
  assertSamePackets(frames(last.packets).slice(-1), frames(published).slice(-1), { times: false });
  return failed() > 0;
}

Deno.test("whichever write fails, what was recorded is complete, and recording goes on in another file", async (t) => {
  const whole = new FaultyDisk();
  assertEquals(await recordOn(whole), false);
  for (let n = 0; n < whole.writes; n++) {
    await t.step(`write ${n + 1} of ${whole.writes}`, async () => {
      const disk = new FaultyDisk();
      disk.left = n;
      disk.failures = 1;
      assert(await recordOn(disk), "no failure was told");
    });
  }
});

Deno.test("a disk that stays full loses nothing that was recorded, and is said to be full", async () => {
  const disk = new FaultyDisk();
  await using studio = await stage({ files: disk.files });
  const first = new StreamMaker();
  await studio.record("live/old", [...first.head(), ...first.gops(3)]);
  const old = await Deno.readFile(studio.at(studio.completed[0]));
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(4)];
  await using publisher = await studio.publish("live/cam");
  await using player = await rtmpTransport.play(studio.server, "live/cam");
  publisher.write(tags);
  await studio.saved("live/cam", 2);
  disk.left = 0;
  const more = maker.gops(4);
  publisher.write(more);
  const told = await studio.event("artifact:fail");
  assertEquals([told.stream, told.by, told.problem, told.retrySeconds], [
    "live/cam",
    "flv-record",
    "no space left on device",
    1,
  ]);
  const words = studio.server.logged.find(({ level }) => level === "error")?.message.join("");
  assertMatch(words ?? "", /Cannot write live\/cam: no space left on device; trying again in 1 s/);
  await player.until((packet) => from([packet], more.at(-1)!).length > 0);
  const played = frames(player.packets);
  assertSamePackets(played, from(packetsOf([...tags, ...more]), played[0]));
  await publisher.end();
  await eventually(() => studio.control.runs.length === 0, "it is still written");
  assertEquals(await Deno.readFile(studio.at(studio.completed[0])), old);
});

Deno.test("a file where a folder has to be is a failure that is told, until it is gone", async () => {
  await using studio = await stage();
  await Deno.mkdir(studio.at("flv"));
  await Deno.writeTextFile(studio.at("flv/live"), "in the way");
  const maker = new StreamMaker();
  await using publisher = await studio.publish("live/cam");
  publisher.write([...maker.head(), ...maker.gops(2)]);
  const { problem } = await studio.event("artifact:fail");
  assertMatch(problem, /EEXIST|ENOTDIR|exists|not a directory/i);
  assertEquals(await studio.marks(), []);
  await Deno.remove(studio.at("flv/live"));
  await studio.saved("live/cam", 10);
});

Deno.test("what a write that fails was to save is saved when the disk takes it after all, also when the stream is over", async (t) => {
  const MARK_AND_HEAD = 2;
  for (let n = MARK_AND_HEAD; n < MARK_AND_HEAD + 2; n++) {
    await t.step(n === MARK_AND_HEAD ? "its only tags" : "its complete head", async () => {
      const disk = new FaultyDisk();
      await using studio = await stage({ files: disk.files });
      [disk.left, disk.failures] = [n, 1];
      const maker = new StreamMaker();
      // Sound that is announced and does not come is waited for until the stream is over.
      const tags = [...maker.head(), ...maker.gop().filter(({ kind }) => kind === "video")];
      const { packets } = await studio.record("live/cam", tags);
      assertSamePackets(frames(packets), frames(packetsOf(tags)));
      await studio.event("artifact:fail");
      assertEquals(await studio.files(), [studio.completed[0], "flv/live/cam/index.flv"]);
      assertEquals([await studio.marks(), disk.open], [[], 0]);
    });
  }
});
