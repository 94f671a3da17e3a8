/// <reference lib="dom" />
/**
 * Runs in a browser's page: plays a stream with nothing but a decoder, and reads the times that are written in its pictures.
 *
 * @module
 */
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import { parseAvcConfig } from "../../media/codec/avc.ts";
import { readTime } from "./push_latency_code.ts";

/** So many pictures may have been made before the player came: the server sends them at once, from a key frame on. */
const BURST = 100;

/** How late so many pictures of a stream are shown, in milliseconds. */
export async function measureDecoder(url: string, pictures: number): Promise<number[]> {
  const { promise, resolve, reject } = Promise.withResolvers<number[]>();
  const late: number[] = [];
  let seen = 0;
  const demuxer = new FlvDemuxer();
  const decoder = new VideoDecoder({
    error: reject,
    output: (frame) => {
      const time = readTime(frame);
      frame.close();
      if (time !== undefined && ++seen > BURST) late.push(time);
      if (late.length >= pictures) resolve(late);
    },
  });
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onclose = ({ reason }) => reject(new Error(`The stream ended: ${reason}`));
  socket.onmessage = ({ data }) => {
    for (const packet of demuxer.read(new Uint8Array(data))) {
      if (packet.kind !== "video") continue;
      if (packet.role === "config") {
        const { codecString: codec } = parseAvcConfig(packet.data);
        decoder.configure({ codec, description: packet.data, optimizeForLatency: true });
      } else if (decoder.state === "configured" && (packet.role === "key" || packet.role === "delta")) {
        decoder.decode(new EncodedVideoChunk({ type: packet.role, timestamp: packet.pts, data: packet.data }));
      }
    }
  };
  try {
    return await promise;
  } finally {
    socket.onclose = null;
    socket.close();
    decoder.close();
  }
}

/** How late so many pictures of a page's video element are shown, in milliseconds. */
export async function measureElement(pictures: number): Promise<number[]> {
  const video = document.querySelector("video")!;
  const late: number[] = [];
  while (late.length < pictures) {
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    const time = readTime(video);
    if (time !== undefined) late.push(time);
  }
  return late;
}
