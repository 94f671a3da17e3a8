import { ByteWriter } from "../../media/bytes.ts";
import { TsMuxer } from "../../media/ts/muxer.ts";
import { mediaPackets } from "./media_packets.ts";

/** Packets in one measured round. */
const PACKETS = 10_000;

for (const pictureBytes of [1_000, 5_000, 20_000]) {
  const packets = mediaPackets(PACKETS, pictureBytes);
  Deno.bench(`transport stream: ${PACKETS} packets, pictures of ${pictureBytes} bytes`, () => {
    const muxer = new TsMuxer();
    const out = new ByteWriter(8 << 20);
    muxer.beginSegment(out);
    for (const packet of packets) {
      if (out.length > 4 << 20) out.clear();
      muxer.write(packet, out);
    }
  });
}
