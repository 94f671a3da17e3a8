import type { MediaPacket } from "../packet.ts";

const SET_DATA_FRAME = amf0String("@setDataFrame");
const ON_META_DATA = amf0String("onMetaData");

/**
 * The packet of a script body: AMF0 values, the first of which is a name (FLV specification 10.1, annex E.4.4.1).
 *
 * `onMetaData` has the role `metadata`, every other script (`onTextData`, `onCuePoint` …) the role `frame`. The
 * `@setDataFrame` that RTMP publishers put in front, a word to the server, is left out of `data` and `body`.
 */
export function parseScriptBody(dts: number, body: Uint8Array): MediaPacket[] {
  const script = startsWith(body, SET_DATA_FRAME) ? body.subarray(SET_DATA_FRAME.length) : body;
  if (script.length === 0) return [];
  const role = startsWith(script, ON_META_DATA) ? "metadata" : "frame";
  return [{ kind: "data", role, codec: "script", track: 0, dts, pts: dts, data: script, body: script }];
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, i) => bytes[i] === byte);
}

function amf0String(text: string): Uint8Array {
  return Uint8Array.of(0x02, 0, text.length, ...new TextEncoder().encode(text));
}
