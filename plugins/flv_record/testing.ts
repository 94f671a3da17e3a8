import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { Files } from "../../kernel/files.ts";
import { decodeAmf0 } from "../../media/amf0.ts";
import { type AmfObject, propertiesOf } from "../../media/amf_value.ts";
import { parseTagBody } from "../../media/flv/body.ts";
import type { FlvFlags } from "../../media/flv/header.ts";
import { FlvReader } from "../../media/flv/reader.ts";
import { RECORDING_HEAD_BYTES } from "../../media/flv/recording_head.ts";
import { TAG_OVERHEAD_BYTES } from "../../media/flv/tag.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { rtmpTransport } from "../../tests/support/rtmp_transport.ts";
import { TestServer } from "../../tests/support/test_server.ts";
import type { TestPublisher } from "../../tests/support/transport.ts";
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

/** Reads a recording; fails when it is not whole. */
export async function recordingOf(path: string): Promise<SeenRecording> {
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

  constructor(server: TestServer, folder: string) {
    this.server = server;
    this.folder = folder;
    this.event = server.event.bind(server);
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  publish(path: string): Promise<TestPublisher> {
    return rtmpTransport.publish(this.server, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Starts a server that records. */
export async function stage(
  settings: Parameters<typeof flvRecord>[0] = {},
  { files, config }: { files?: Files; config?: Record<string, unknown> } = {},
): Promise<Studio> {
  const folder = await Deno.makeTempDir();
  const plugins = [flvRecord(settings)];
  return new Studio(await TestServer.start({ plugins, files, config: { dataDir: folder, ...config } }), folder);
}
