import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { FileTakenError, pullFile } from "../clients/pull_file.ts";
import { pushFile, startPush } from "../clients/push_file.ts";
import type { Files, OpenFile } from "../kernel/files/files.ts";
import { systemFiles } from "../kernel/files/system_files.ts";
import { FormatError } from "../media/errors.ts";
import { FlvDemuxer } from "../media/flv/demuxer.ts";
import { FragmentReader } from "../media/mp4/fragment_reader.ts";
import { concat } from "../media/bytes.ts";
import { flvFile } from "./support/transports/flv_bytes.ts";
import { assertDecodable, frames } from "./support/packets.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";

const LONG = { publishTimeoutSeconds: 3600, rtmp: { host: "127.0.0.1", port: 0, idleSeconds: 3600 } };

/** A disk that takes so many bytes, and counts what is open. */
class SmallDisk {
  open = 0;
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  readonly files: Files = {
    ...systemFiles,
    create: async (path) => this.#wrap(await systemFiles.create(path)),
    open: async (path, mode) => this.#wrap(await systemFiles.open(path, mode)),
  };

  #wrap(file: OpenFile): OpenFile {
    this.open++;
    let isOpen = true;
    const close = async () => {
      if (isOpen) this.open--;
      isOpen = false;
      await file.close();
    };
    return {
      read: (into, position) => file.read(into, position),
      write: (bytes, position) => {
        // What lies on the disk already may be written over.
        if (position === 0) return file.write(bytes, position);
        this.#left -= bytes.length;
        if (this.#left < 0) return Promise.reject(Object.assign(new Error("no space left"), { code: "ENOSPC" }));
        return file.write(bytes, position);
      },
      sync: () => file.sync(),
      truncate: (size) => file.truncate(size),
      close,
      [Symbol.asyncDispose]: close,
    };
  }
}

async function onAir(run: (port: number, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await using server = await TestServer.start({ config: LONG });
    const maker = new StreamMaker();
    const film = join(folder, "film.flv");
    await Deno.writeFile(film, flvFile([...maker.head(), ...maker.gops(20)]));
    const stop = new AbortController();
    const url = `rtmp://127.0.0.1:${server.port}/live/cam`;
    const push = startPush(film, url, { speed: 20, loop: true, signal: stop.signal });
    await server.event("stream:start");
    await run(server.port, folder);
    stop.abort();
    await push.done;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a disk that is full ends the pull, and what was written of the FLV is a whole one", async () => {
  await onAir(async (port, folder) => {
    const path = join(folder, "x.flv");
    const disk = new SmallDisk(100_000);
    const pull = () => pullFile(`rtmp://127.0.0.1:${port}/live/cam`, path, { files: disk.files });
    const { message } = await assertRejects(pull, Error);
    assertEquals(message, `Cannot write ${path}: no space left; it ends there, and can be played`);
    assertEquals(disk.open, 0);
    const packets = new FlvDemuxer().read(await Deno.readFile(path));
    assert(frames(packets).length > 50);
    assertDecodable(packets);
  });
});

Deno.test("a disk that is full ends the pull, and what was written of the MP4 is whole fragments", async () => {
  await onAir(async (port, folder) => {
    const path = join(folder, "x.mp4");
    const disk = new SmallDisk(60_000);
    const pull = () => pullFile(`rtmp://127.0.0.1:${port}/live/cam`, path, { files: disk.files });
    await assertRejects(pull, Error, "no space left");
    assertEquals(disk.open, 0);
    const reader = new FragmentReader();
    const events = reader.read(await Deno.readFile(path));
    assert(events.filter(({ type }) => type === "fragment").length >= 1);
    assertEquals([reader.problem, reader.whole], [undefined, reader.position]);
  });
});

Deno.test("an MP4 that cannot be completed for want of room is kept as it is", async () => {
  await onAir(async (port, folder) => {
    const path = join(folder, "x.mp4");
    const disk = new SmallDisk(75_000);
    const pull = () => pullFile(`rtmp://127.0.0.1:${port}/live/cam`, path, { files: disk.files, seconds: 6 });
    const error = await assertRejects(pull, Error);
    assert(/it can be played, but has no index$/.test(error.message), error.message);
    assertEquals(disk.open, 0);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["film.flv", "x.mp4"]);
  });
});

Deno.test("a file that turns up under the name while the server is asked is not overwritten", async () => {
  await onAir(async (port, folder) => {
    const path = join(folder, "x.flv");
    const url = `rtmp://127.0.0.1:${port}/live/cam`;
    const onEvent = ({ type }: { type: string }) => {
      if (type === "live") Deno.writeTextFileSync(path, "precious");
    };
    await assertRejects(() => pullFile(url, path, { onEvent }), FileTakenError, "is there now");
    assertEquals(await Deno.readTextFile(path), "precious");
  });
});

Deno.test("a file that is damaged is pushed up to there, and the stream ends in order", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using server = await TestServer.start({ config: LONG });
    const maker = new StreamMaker();
    const path = join(folder, "film.flv");
    await Deno.writeFile(path, concat([flvFile([...maker.head(), ...maker.gops(2)]), new Uint8Array(50).fill(255)]));
    const push = () => pushFile(path, `ws://127.0.0.1:${server.port}/live/cam`, { speed: 0 });
    await assertRejects(push, FormatError, "Not an FLV tag");
    await server.event("stream:end");
    await assertRejects(
      () => pushFile(join(folder, "none.mp4"), "rtmp://127.0.0.1:1/live/x"),
      Error,
      "There is no file",
    );
    const text = join(folder, "text.mp4");
    await Deno.writeTextFile(text, "This is no film");
    await assertRejects(() => pushFile(text, "rtmp://127.0.0.1:1/live/x"), Error, "is no media file");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
