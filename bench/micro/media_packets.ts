import type { MediaPacket } from "../../media/packet.ts";

const PICTURES_PER_SECOND = 50;
const AAC_FRAMES_PER_SECOND = 48_000 / 1024;
const SOUND_BYTES = 300;

const AVC_CONFIG = Uint8Array.fromHex(
  "0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20",
);
const AAC_CONFIG = Uint8Array.fromHex("1190");

/** So many packets of a stream: two configurations, then 50 pictures and 47 AAC frames a second, a key every two seconds. */
export function mediaPackets(count: number, pictureBytes: number): MediaPacket[] {
  const picture = new Uint8Array(4 + pictureBytes);
  new DataView(picture.buffer).setUint32(0, pictureBytes);
  picture[4] = 0x41;
  const video = { kind: "video", codec: "avc", track: 0, body: picture, data: picture } as const;
  const sound = new Uint8Array(SOUND_BYTES);
  const audio = { kind: "audio", role: "frame", codec: "aac", track: 0, body: sound, data: sound } as const;
  const packets: MediaPacket[] = [
    { ...video, role: "config", dts: 0, pts: 0, data: AVC_CONFIG },
    { ...audio, role: "config", dts: 0, pts: 0, data: AAC_CONFIG },
  ];
  for (let pictures = 0, sounds = 0; packets.length < count;) {
    const pictureTime = Math.round(pictures * 1_000_000 / PICTURES_PER_SECOND);
    const soundTime = Math.round(sounds * 1_000_000 / AAC_FRAMES_PER_SECOND);
    if (pictureTime <= soundTime) {
      const role = pictures++ % 100 === 0 ? "key" : "delta";
      packets.push({ ...video, role, dts: pictureTime, pts: pictureTime });
    } else {
      sounds++;
      packets.push({ ...audio, dts: soundTime, pts: soundTime });
    }
  }
  return packets;
}
