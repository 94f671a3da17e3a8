import type { Codec } from "../packet.ts";
import { AacPayload } from "./aac_payload.ts";
import { avcPayload, hevcPayload } from "./nal_payload.ts";
import { OpusPayload } from "./opus_payload.ts";
import { ac3Payload, eac3Payload, Mp3Payload } from "./plain_payload.ts";
import type { Payload } from "./payload.ts";

const OPENERS: Readonly<Record<string, () => Payload>> = {
  avc: avcPayload,
  hevc: hevcPayload,
  aac: () => new AacPayload(),
  mp3: () => new Mp3Payload(),
  opus: () => new OpusPayload(),
  ac3: ac3Payload,
  eac3: eac3Payload,
};

/** Whether MPEG transport streams carry this codec. */
export function hasTsPayload(codec: Codec): boolean {
  return Object.hasOwn(OPENERS, codec);
}

/** The payload of a track with this codec; undefined when transport streams do not carry it. */
export function openPayload(codec: Codec): Payload | undefined {
  return hasTsPayload(codec) ? OPENERS[codec]() : undefined;
}
