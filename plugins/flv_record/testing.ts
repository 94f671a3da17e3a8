import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { Files } from "../../kernel/files/files.ts";
import { definePlugin } from "../../kernel/plugin/plugin.ts";
import type { SinkControl } from "../../kernel/streams/sinks.ts";
import { decodeAmf0 } from "../../media/amf/amf0.ts";
import { type AmfObject, propertiesOf } from "../../media/amf/amf_value.ts";
import { parseTagBody } from "../../media/flv/body.ts";
import type { FlvFlags } from "../../media/flv/header.ts";
import { FlvReader } from "../../media/flv/reader.ts";
import { RECORDING_HEAD_BYTES } from "../../media/flv/recording_head.ts";
import { TAG_OVERHEAD_BYTES } from "../../media/flv/tag.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { eventually, turn } from "../../tests/support/eventually.ts";
import { patiently } from "../../tests/support/patience.ts";
import { type Place, placed } from "../../tests/support/placed.ts";
import { rtmpTransport } from "../../tests/support/transports/rtmp_transport.ts";
import { packetsOf, type Tag } from "../../tests/support/stream_maker.ts";
import { TestServer } from "../../tests/support/test_server.ts";
import type { TestPublisher } from "../../tests/support/transports/transport.ts";
import { flvRecord } from "./plugin.ts";

/** What is in a recording. */
export interface SeenRecording {
  readonly size: number;
  readonly flags: FlvFlags;
  /** Of the head's `onMetaData`, without the padding. */
  readonly properties: AmfObject;
  /** Behind the head. */
  readonly packets: readonly MediaPacket[];
  /** By its position in the file. */
  readonly packetAt: ReadonlyMap<number, MediaPacket>;
}

/** The properties of `keyframes`, entry by entry. */
export function entriesOf({ properties }: SeenRecording): { time: number; position: number }[] {
  const { times, filepositions } = properties.keyframes as { times: number[]; filepositions: number[] };
  assertEquals(times.length, filepositions.length);
  return times.map((time, i) => ({ time, position: filepositions[i] }));
}

/** Reads a recording; fails when it is not whole. */
async function recordingOf(path: string): Promise<SeenRecording> {
  return seenRecording(await Deno.readFile(path));
}

/** Reads the bytes of a recording; fails when they are not whole. */
export function seenRecording(bytes: Uint8Array): SeenRecording {
  const [header, head, ...tags] = new FlvReader().read(bytes);
  assert(header.type === "header" && head.type === "tag");
  const { padding: _, ...properties } = propertiesOf(decodeAmf0(head.body)[1])!;
  const packetAt = new Map<number, MediaPacket>();
  let at = RECORDING_HEAD_BYTES;
  for (const tag of tags) {
    assert(tag.type === "tag");
    const [packet, ...more] = parseTagBody(tag.tagType, tag.timestamp, tag.body);
    assertEquals(more, []);
    packetAt.set(at, packet);
    at += tag.body.length + TAG_OVERHEAD_BYTES;
  }
  assertEquals(at, bytes.length);
  const { hasAudio, hasVideo } = header;
  return { size: at, flags: { hasAudio, hasVideo }, properties, packets: [...packetAt.values()], packetAt };
}

/** A server that records into a folder of its own. */
export class Studio implements AsyncDisposable {
  readonly server: TestServer;
  readonly folder: string;
  readonly event: TestServer["event"];
  readonly #control: () => SinkControl;
  #isKept = false;

  constructor(server: TestServer, folder: string, control: () => SinkControl) {
    this.server = server;
    this.folder = folder;
    this.event = server.event.bind(server);
    this.#control = control;
  }

  /** What operators have. */
  get control(): SinkControl {
    return this.#control();
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  publish(path: string, params?: Readonly<Record<string, string>>): Promise<TestPublisher> {
    return rtmpTransport.publish(this.server, path, params);
  }

  /** Publishes these tags and ends the stream; gives the recording once it is complete. */
  async record(path: string, tags: readonly Tag[]): Promise<SeenRecording> {
    const known = this.completed.length;
    await using publisher = await this.publish(path);
    publisher.write(tags);
    await publisher.end();
    await eventually(() => this.completed.length > known, "the recording was not completed");
    return await this.recording(this.completed[known]);
  }

  /** The paths of all recordings that were completed, in order. */
  get completed(): string[] {
    return this.server.told.flatMap((told) => told.name === "artifact:complete" ? [told.event.path] : []);
  }

  recording(path: string): Promise<SeenRecording> {
    return recordingOf(this.at(path));
  }

  /** Waits until so many recordings are complete, and reads them. */
  async recordings(count: number): Promise<SeenRecording[]> {
    await eventually(() => this.completed.length >= count, `there are not ${count} recordings, but ${this.completed}`);
    assertEquals(this.completed.length, count);
    return await Promise.all(this.completed.map((path) => this.recording(path)));
  }

  /** Waits until so many packets are in the newest recording of a stream, which may go on; time goes on meanwhile. */
  async saved(stream: string, count: number): Promise<SeenRecording> {
    let found: SeenRecording | undefined;
    const look = async () => {
      while (!found) {
        this.server.clock.advance(100);
        await turn();
        const seen = await this.recording(`flv/${stream}/index.flv`).catch(() => undefined);
        if (seen && seen.packets.length >= count) found = seen;
      }
      return found;
    };
    try {
      return await patiently(look(), () => `${count} packets of ${stream} were not saved`);
    } finally {
      found ??= await this.recording(`flv/${stream}/index.flv`);
    }
  }

  /** All files below the folder, but marks, in order. */
  async files(folder = "flv"): Promise<string[]> {
    const found: string[] = [];
    for await (const { name, isDirectory } of Deno.readDir(this.at(folder))) {
      if (name === ".unfinished") continue;
      found.push(...isDirectory ? await this.files(`${folder}/${name}`) : [`${folder}/${name}`]);
    }
    return found.sort();
  }

  /** What says that recordings are not complete. */
  async marks(): Promise<string[]> {
    return await Array.fromAsync(Deno.readDir(this.at("flv/.unfinished")), ({ name }) => name);
  }

  /** Leaves the folder to another server. */
  keep(): string {
    this.#isKept = true;
    return this.folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    if (!this.#isKept) await Deno.remove(this.folder, { recursive: true });
  }
}

/** Nobody is timed out, however far a test moves the time. */
const PATIENT = { publishTimeoutSeconds: 3600, rtmp: { host: "127.0.0.1", port: 0, idleSeconds: 3600 } };

/** What is staged. */
export interface StageOptions {
  readonly settings?: Parameters<typeof flvRecord>[0];
  readonly files?: Files;
  readonly config?: Readonly<Record<string, unknown>>;
  /** By default one of its own. */
  readonly folder?: string;
  /** The isolate that it stands for; by default the only one. */
  readonly place?: Place;
}

/** Starts a server that records, whatever room the disk has. */
export async function stage({ settings, files, config, folder, place }: StageOptions = {}): Promise<Studio> {
  const dataDir = folder ?? await Deno.makeTempDir();
  let sinks: ReadonlySet<SinkControl> = new Set();
  const overseer = definePlugin({ name: "overseer", setup: (ctx) => void (sinks = ctx.sinks) })();
  const plugin = flvRecord({ minFreeMegabytes: 0, ...settings });
  const plugins = [place ? placed(plugin, place) : plugin, overseer];
  const server = await TestServer.start({ plugins, files, config: { ...PATIENT, ...config, dataDir } });
  return new Studio(server, dataDir, () => [...sinks][0]);
}

/** What a recording of tags holds: `onMetaData` is a part of its head. */
export function recorded(tags: readonly Tag[]): MediaPacket[] {
  return packetsOf(tags).filter(({ kind, role }) => kind !== "data" || role !== "metadata");
}
