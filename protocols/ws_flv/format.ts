import { ByteWriter } from "../../media/bytes.ts";
import { flvFormat, type FlvOptions } from "../../media/flv/format.ts";
import { TAG_OVERHEAD_BYTES } from "../../media/flv/tag.ts";
import type { Format, Muxer, TrackSource, UnitRole } from "../../media/format.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { OPCODE, writeFrameHeader } from "./frames.ts";

/** FLV tags, each in a WebSocket message of its own, ready for the wire: server frames are not masked, so all share them. */
export function wsFlvFormat(options: FlvOptions): Format {
  const flv = flvFormat(options);
  return { name: `ws-${flv.name}`, open: (source) => new WsFlvMuxer(flv, source) };
}

class WsFlvMuxer implements Muxer {
  readonly #flv: Muxer;
  readonly #scratch = new ByteWriter();

  constructor(flv: Format, source: TrackSource) {
    this.#flv = flv.open(source);
  }

  role(packet: MediaPacket): UnitRole | undefined {
    return this.#flv.role(packet);
  }

  init(next: MediaPacket, out: ByteWriter): void {
    this.#frame(out, (scratch) => this.#flv.init(next, scratch));
  }

  write(packet: MediaPacket, out: ByteWriter): void {
    // A script tag may be rewritten to another length; media tags, the hot path, are known before they are written.
    if (packet.kind === "data") return this.#frame(out, (scratch) => this.#flv.write(packet, scratch));
    writeFrameHeader(out, OPCODE.binary, packet.body.length + TAG_OVERHEAD_BYTES);
    this.#flv.write(packet, out);
  }

  #frame(out: ByteWriter, write: (scratch: ByteWriter) => void): void {
    this.#scratch.clear();
    write(this.#scratch);
    writeFrameHeader(out, OPCODE.binary, this.#scratch.length);
    out.raw(this.#scratch.view());
  }
}
