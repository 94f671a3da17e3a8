import { ByteWriter } from "../../media/bytes.ts";
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import { flvFormat } from "../../media/flv/format.ts";
import { flvHeader } from "../../media/flv/header.ts";
import { FlvReader } from "../../media/flv/reader.ts";
import { wsFlvFormat } from "../../protocols/ws_flv/format.ts";
import { asReads, mux, samplePackets, sampleTracks } from "./samples.ts";

const packets = samplePackets();
const tracks = sampleTracks(packets);
const out = new ByteWriter(8 * 1024 * 1024);
mux(flvFormat().open(tracks), packets, out);
const reads = asReads([flvHeader({ hasAudio: true, hasVideo: true }), out.view().slice()]);

Deno.bench(`FLV: ${packets.length} tags are found`, () => {
  const reader = new FlvReader();
  for (const read of reads) reader.read(read);
});

Deno.bench(`FLV: ${packets.length} tags become packets`, () => {
  const demuxer = new FlvDemuxer();
  for (const read of reads) demuxer.read(read);
});

Deno.bench(`FLV: ${packets.length} packets are written for HTTP players`, () => {
  out.clear();
  mux(flvFormat().open(tracks), packets, out);
});

Deno.bench(`FLV: ${packets.length} packets are written for WebSocket players`, () => {
  out.clear();
  mux(wsFlvFormat({}).open(tracks), packets, out);
});
