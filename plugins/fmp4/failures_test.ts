import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Files, OpenFile } from "../../kernel/files/files.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { eventually } from "../../tests/support/eventually.ts";
import { packetsOf, StreamMaker } from "../../tests/support/stream_maker.ts";
import { rtmpTransport } from "../../tests/support/transports/rtmp_transport.ts";
import { assertHolds, completePayloads, filesWith, hasSegments, payloadsOf, publish, TestFolder } from "./testing.ts";

/** A disk that can be filled: then nothing more can be written. */
class Disk {
  isFull = false;
  readonly files: Files = filesWith({
    create: async (path) => this.#watched(await systemFiles.create(path)),
    replace: (path, content, mode) => this.#isWritable() ?? systemFiles.replace(path, content, mode),
    freeBytes: () => Promise.resolve(this.isFull ? 0 : 1e12),
  });

  #isWritable(): Promise<never> | undefined {
    return this.isFull ? Promise.reject(full()) : undefined;
  }

  /** What fits is written, as systems do: of what does not, half. */
  #watched(file: OpenFile): OpenFile {
    return {
      read: (into, position) => file.read(into, position),
      write: async (bytes, position) => {
        await file.write(this.isFull ? bytes.subarray(0, bytes.length >> 1) : bytes, position);
        await this.#isWritable();
      },
      sync: () => file.sync(),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    };
  }
}

function full(): Error {
  return Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
}

Deno.test("when the disk is full live goes on, the sink fails loudly, and what was recorded is completed when there is room", async () => {
  const disk = new Disk();
  await using folder = await TestFolder.make();
  await using server = await folder.serve({}, { files: disk.files });
  const maker = new StreamMaker();
  const first = [...maker.head(), ...maker.gops(5)];
  await using publisher = await publish(server, first);
  await hasSegments(server, 2);
  await using viewer = await rtmpTransport.play(server, "live/cam");
  disk.isFull = true;
  const second = maker.gops(2);
  publisher.write(second);
  const { problem } = await server.event("artifact:fail");
  assertMatch(problem, /ENOSPC/);
  await viewer.until((packet) => packet.dts >= second.at(-1)!.dts);
  await server.event("artifact:fail", ({ problem }) => /^cannot complete .* only 0 MB are free/.test(problem));
  assertEquals(server.told.filter(({ name }) => name === "artifact:complete"), []);
  disk.isFull = false;
  server.clock.advance(10_000);
  const { path } = await server.event("artifact:complete");
  const [video] = completePayloads(await folder.read(path));
  const sent = payloadsOf(packetsOf([...first, ...second]), "video");
  assert(video.length >= 40);
  assertEquals(video, sent.slice(0, video.length));
  await eventually(
    () => server.told.filter(({ name }) => name === "artifact:open").length === 2,
    "it did not begin anew",
  );
  publisher.write(maker.gops(4));
  await publisher.end();
  await server.event("artifact:complete", ({ path }) => path !== "mp4/live/cam/20260101_000000.mp4");
});

Deno.test("a complete file that the disk has no room for is tried again, and the recording is kept meanwhile", async () => {
  await using folder = await TestFolder.make();
  let free: number | undefined = 1000;
  await using server = await folder.serve({}, { files: filesWith({ freeBytes: () => Promise.resolve(free) }) });
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(3)];
  const publisher = await publish(server, tags);
  await publisher.end();
  const { problem, retrySeconds } = await server.event("artifact:fail");
  assertMatch(problem, /cannot complete .*only 1 MB are free/);
  assertEquals(retrySeconds, 10);
  assert((await folder.unfinished()).length > 0);
  free = undefined;
  server.clock.advance(10_000);
  const { path } = await server.event("artifact:complete");
  assertHolds(await folder.read(path), packetsOf(tags));
});

Deno.test("a server that stops while a file cannot be completed waits for no further attempt", async () => {
  await using folder = await TestFolder.make();
  let clock;
  {
    await using server = await folder.serve({}, { files: filesWith({ freeBytes: () => Promise.resolve(1000) }) });
    clock = server.clock;
    const maker = new StreamMaker();
    await using _publisher = await publish(server, [...maker.head(), ...maker.gops(3)]);
    await hasSegments(server, 1);
  }
  assertEquals(clock.pending, 0);
});

Deno.test("where files cannot have a second name they are copied", async () => {
  await using folder = await TestFolder.make();
  const link = () => Promise.reject(Object.assign(new Error("EPERM"), { code: "EPERM" }));
  await using server = await folder.serve({}, { files: filesWith({ link }) });
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(3)];
  const publisher = await publish(server, tags);
  await publisher.end();
  const { path } = await server.event("artifact:complete");
  assertHolds(await folder.read(path), packetsOf(tags));
  assertHolds(await folder.read("mp4/live/cam/output_merge/stream_full.mp4"), packetsOf(tags));
});

Deno.test("a file that somebody else put where a recording was to go stays what it is", async () => {
  await using folder = await TestFolder.make();
  await using server = await folder.serve();
  const maker = new StreamMaker();
  const publisher = await publish(server, [...maker.head(), ...maker.gops(3)]);
  const { path: wanted } = await server.event("artifact:open");
  await Deno.mkdir(folder.at("mp4/live/cam"), { recursive: true });
  await Deno.writeTextFile(folder.at(wanted), "a film");
  await publisher.end();
  const { path } = await server.event("artifact:complete");
  assertEquals([wanted, path], ["mp4/live/cam/20260101_000000.mp4", "mp4/live/cam/20260101_000000-2.mp4"]);
  assertEquals(await Deno.readTextFile(folder.at(wanted)), "a film");
});

Deno.test("a data folder that cannot be written to keeps nobody from going live", async () => {
  await using folder = await TestFolder.make();
  const denied = () => Promise.reject(Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" }));
  const files = filesWith({ create: denied, replace: denied, list: denied });
  await using server = await folder.serve({}, { files });
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(4)];
  await using publisher = await publish(server, tags);
  await server.received("live/cam", tags.at(-1)!);
  assertMatch((await server.event("artifact:fail")).problem, /EACCES/);
  publisher.write(maker.gops(1));
  assertEquals(server.server.streams.get("live/cam")?.state, "live");
});

/** A disk whose files are kept as `sync` says. */
function syncedBy(sync: () => Promise<void>): Files {
  const synced = (file: OpenFile): OpenFile => ({
    read: (into, position) => file.read(into, position),
    write: (bytes, position) => file.write(bytes, position),
    sync,
    truncate: (size) => file.truncate(size),
    close: () => file.close(),
    [Symbol.asyncDispose]: () => file.close(),
  });
  const create = async (path: string) => {
    const file = await systemFiles.create(path);
    return path.endsWith(".m4s") ? synced(file) : file;
  };
  return filesWith({ create });
}

Deno.test("a disk that takes long to keep things does not hold up what follows in a segment, and all of it is kept in the end", async () => {
  await using folder = await TestFolder.make();
  const slow = Promise.withResolvers<void>();
  let syncs = 0;
  const files = syncedBy(() => (syncs++, slow.promise));
  await using server = await folder.serve({ sync: true, segmentSeconds: 60 }, { files });
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(6)];
  const publisher = await publish(server, tags);
  const written = async () => {
    const [segment] = (await folder.unfinished()).filter((path) => path.endsWith(".m4s"));
    return segment ? (await folder.read(segment)).length : 0;
  };
  const much = packetsOf(tags).reduce((sum, { data }) => sum + data.length, 0) * 0.8;
  await eventually(async () => await written() > much, "the writing waits for the disk");
  assertEquals(syncs, 1);
  slow.resolve();
  await publisher.end();
  const { path } = await server.event("artifact:complete");
  assertHolds(await folder.read(path), packetsOf(tags));
});

Deno.test("what the disk could not keep fails the sink loudly, and what it has is completed", async () => {
  await using folder = await TestFolder.make();
  const files = syncedBy(() => Promise.reject(new Error("EIO: input/output error")));
  await using server = await folder.serve({ sync: true }, { files });
  const maker = new StreamMaker();
  await using publisher = await publish(server, [...maker.head(), ...maker.gops(4)]);
  assertMatch((await server.event("artifact:fail")).problem, /EIO/);
  await server.event("artifact:complete");
  assertEquals(server.server.streams.get("live/cam")?.state, "live");
  await publisher.end();
});

Deno.test("what is open is closed when writing fails", async () => {
  await using folder = await TestFolder.make();
  let open = 0;
  let isBroken = false;
  const counted = (file: OpenFile): OpenFile => {
    open++;
    let isOpen = true;
    const close = () => {
      if (isOpen) open--;
      isOpen = false;
      return file.close();
    };
    return {
      read: (into, position) => file.read(into, position),
      write: (bytes, position) => isBroken ? Promise.reject(new Error("EIO")) : file.write(bytes, position),
      sync: () => file.sync(),
      truncate: (size) => file.truncate(size),
      close,
      [Symbol.asyncDispose]: close,
    };
  };
  const files = filesWith({
    create: async (path) => counted(await systemFiles.create(path)),
    open: async (path, mode) => counted(await systemFiles.open(path, mode)),
  });
  await using server = await folder.serve({}, { files });
  const maker = new StreamMaker();
  await using publisher = await publish(server, [...maker.head(), ...maker.gops(4)]);
  await hasSegments(server, 1);
  isBroken = true;
  publisher.write(maker.gops(2));
  await server.event("artifact:fail", ({ problem }) => /cannot complete/.test(problem));
  await server[Symbol.asyncDispose]();
  assertEquals(open, 0);
});
