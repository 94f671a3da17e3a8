import type { Server } from "../../kernel/server.ts";
import { concat } from "../../media/bytes.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { ffprobe } from "./ffprobe.ts";

/** The newest pictures of a stream, from a key frame on, and the sound that came with them. */
export async function collect(server: Server, path: string, pictures: number) {
  const [video, audio]: MediaPacket[][] = [[], []];
  for await (const packet of server.streams.get(path)!.packets()) {
    if (packet.kind === "video" && (packet.role === "key" || packet.role === "delta" && video.length)) {
      video.push(packet);
    }
    if (packet.kind === "audio" && packet.role === "frame") audio.push(packet);
    if (video.length === pictures) break;
  }
  return { video, audio };
}

/** Pictures of VP9 or AV1 as an IVF file, which ffmpeg reads whatever FLV it understands. */
export function ivf(fourCc: string, packets: readonly MediaPacket[]): Uint8Array {
  const header = new Uint8Array(32);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode("DKIF"));
  view.setUint16(6, 32, true);
  header.set(new TextEncoder().encode(fourCc), 8);
  view.setUint32(16, 1000, true);
  view.setUint32(20, 1, true);
  view.setUint32(24, packets.length, true);
  const frames = packets.flatMap(({ data, pts }) => {
    const head = new DataView(new ArrayBuffer(12));
    head.setUint32(0, data.length, true);
    head.setUint32(4, pts / 1000, true);
    return [new Uint8Array(head.buffer), data];
  });
  return concat([header, ...frames]);
}

/** How many pictures ffmpeg decodes of a file. */
export async function countPictures(file: Uint8Array): Promise<number> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, file);
    const { streams } = await ffprobe(["-count_frames", "-show_streams", path]);
    return Number((streams as { nb_read_frames: string }[])[0].nb_read_frames);
  } finally {
    await Deno.remove(path);
  }
}
