import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { Files } from "../../kernel/files/files.ts";
import { definePlugin, type Plugin } from "../../kernel/plugin/plugin.ts";
import type { SinkControl } from "../../kernel/streams/sinks.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { concat } from "../../media/bytes.ts";
import { readCompleteTracks, readFragmentRuns, type SeenSample } from "../../media/mp4/testing.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { eventually } from "../../tests/support/eventually.ts";
import { frames } from "../../tests/support/packets.ts";
import { type Place, placed } from "../../tests/support/placed.ts";
import { rtmpTransport } from "../../tests/support/transports/rtmp_transport.ts";
import type { Tag } from "../../tests/support/stream_maker.ts";
import { TestServer, type TestServerOptions } from "../../tests/support/test_server.ts";
import type { TestPublisher } from "../../tests/support/transports/transport.ts";
import type { LiveIndex, LiveSource } from "../../media/mp4/live_index.ts";
import { fmp4 } from "./plugin.ts";

/** The settings of the plugin under test: short segments, so that little is needed for several. */
type Settings = Parameters<typeof fmp4>[0];

/** A folder for one test, removed at its end. */
export class TestFolder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<TestFolder> {
    return new TestFolder(await Deno.makeTempDir());
  }

  /** A copy of all that is in it now, as a machine has it on its disk whose server is killed now. */
  async snapshot(): Promise<TestFolder> {
    const copy = await TestFolder.make();
    const { success } = await new Deno.Command("cp", { args: ["-a", `${this.path}/.`, copy.path] }).output();
    assert(success, "the folder could not be copied");
    return copy;
  }

  /** A server that writes into the folder, as the only isolate unless another place is given. */
  async serve(
    settings: Settings = {},
    options: TestServerOptions & { readonly place?: Place } = {},
  ): Promise<TestServer> {
    const config = { publishTimeoutSeconds: 3600, ...options.config, dataDir: this.path };
    const plugin = fmp4({ segmentSeconds: 0.5, fragmentSeconds: 0.2, minFreeMegabytes: 0, sync: false, ...settings });
    const sink = options.place ? placed(plugin, options.place) : plugin;
    return await TestServer.start({ ...options, config, plugins: [...options.plugins ?? [], sink] });
  }

  /** Where something lies. */
  at(path: string): string {
    return join(this.path, path);
  }

  async read(path: string): Promise<Uint8Array> {
    return await Deno.readFile(this.at(path));
  }

  async index(path = "mp4/live/cam/output_merge"): Promise<LiveIndex> {
    return JSON.parse(await Deno.readTextFile(this.at(`${path}/index.json`)));
  }

  /** The paths of all files, sorted, but for those that the plugin keeps for itself. */
  async files(folder = "mp4"): Promise<string[]> {
    const found: string[] = [];
    for (const { name, kind } of await systemFiles.list(this.at(folder))) {
      const path = `${folder}/${name}`;
      if (kind === "folder") found.push(...await this.files(path));
      else found.push(path);
    }
    return found.sort();
  }

  /** What the plugin keeps for itself. */
  async unfinished(): Promise<string[]> {
    return await this.files(".fmp4/unfinished");
  }

  /** All segments of a source behind their init segments, in runs of one init segment. */
  async playable(source: LiveSource, folder = "mp4/live/cam/output_merge"): Promise<Uint8Array[]> {
    const runs: Uint8Array[] = [];
    for (const [i, { uri }] of source.inits.entries()) {
      const segments = source.segments.filter(({ init }) => init === i);
      const parts = [uri, ...segments.map(({ uri }) => uri)].map((uri) => this.read(`${folder}/${uri}`));
      runs.push(concat(await Promise.all(parts)));
    }
    return runs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Publishes as `live/cam` unless another name is given. */
export async function publish(server: TestServer, tags: readonly Tag[], path = "live/cam"): Promise<TestPublisher> {
  const publisher = await rtmpTransport.publish(server, path);
  publisher.write(tags);
  return publisher;
}

/** Waits until so many segments have been told of. */
export async function hasSegments(server: TestServer, count: number): Promise<void> {
  const segments = () => server.told.filter(({ name }) => name === "artifact:segment").length;
  await eventually(() => segments() >= count, `there are not ${count} segments`);
}

/** The payloads of a track's frames, as hex, in order. */
export function payloadsOf(packets: readonly MediaPacket[], kind: "video" | "audio", track = 0): string[] {
  const own = frames(packets).filter((packet) => packet.kind === kind && packet.track === track);
  return own.map(({ data }) => data.toHex());
}

/** The payloads of each track of a complete file, as hex, in order. */
export function completePayloads(file: Uint8Array): string[][] {
  return readCompleteTracks(file).map(({ samples }) => samples.map(({ data }) => data.toHex()));
}

/** The samples of one track in fragments. */
export function fragmentSamples(file: Uint8Array, trackId: number): SeenSample[] {
  return readFragmentRuns(file).flat().filter((run) => run.trackId === trackId).flatMap(({ samples }) => samples);
}

/** Fails unless a complete file has exactly these pictures and sounds. */
export function assertHolds(file: Uint8Array, packets: readonly MediaPacket[]): void {
  const expected = (["video", "audio"] as const).map((kind) => payloadsOf(packets, kind)).filter(({ length }) =>
    length
  );
  const actual = completePayloads(file);
  assertEquals(actual.map(({ length }) => length), expected.map(({ length }) => length));
  assert(actual.every((track, i) => track.every((data, j) => data === expected[i][j])), "the frames differ");
}

/** A plugin that sees the sinks of its server. */
export function overseeing(): { overseer: Plugin; sinks: () => ReadonlySet<SinkControl> } {
  let sinks: ReadonlySet<SinkControl> = new Set();
  const overseer = definePlugin({ name: "overseer", setup: (ctx) => void (sinks = ctx.sinks) })();
  return { overseer, sinks: () => sinks };
}

/** The machine's disk with some of it replaced. */
export function filesWith(changes: Partial<Files>): Files {
  return { ...systemFiles, ...changes };
}
