import { ByteWriter } from "../../media/bytes.ts";
import { ChunkReader } from "../../protocols/rtmp/wire/chunk_reader.ts";
import { rtmpFormat } from "../../protocols/rtmp/format.ts";
import { mediaMessage, publishCommands } from "../load/rtmp_messages.ts";
import { asReads, mux, sampleFrames, samplePackets, sampleTracks } from "./samples.ts";

/** C2, which stands before the commands. */
const HANDSHAKE_BYTES = 1536;

const frames = sampleFrames();
const commands = publishCommands({ protocol: "rtmp", host: "localhost", port: 1935, app: "live", stream: "bench" });
const reads = asReads([
  commands.subarray(HANDSHAKE_BYTES),
  ...frames.map(({ tagType, at, body }) => mediaMessage(tagType, Math.floor(at), body)),
]);
const packets = samplePackets();
const tracks = sampleTracks(packets);
const out = new ByteWriter(8 * 1024 * 1024);

Deno.bench(`RTMP: ${frames.length} messages are read from chunks of 4096 bytes`, () => {
  const reader = new ChunkReader();
  for (const read of reads) reader.read(read);
});

Deno.bench(`RTMP: ${packets.length} packets are written for players`, () => {
  out.clear();
  mux(rtmpFormat().open(tracks), packets, out);
});
