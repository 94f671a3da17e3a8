import { decodeAmf0, encodeAmf0 } from "../../media/amf/amf0.ts";
import { type AmfObject, EcmaArray } from "../../media/amf/amf_value.ts";

const METADATA: AmfObject = {
  duration: 0,
  width: 1920,
  height: 1080,
  videodatarate: 6000,
  framerate: 30,
  videocodecid: 7,
  audiodatarate: 160,
  audiosamplerate: 48_000,
  audiosamplesize: 16,
  stereo: true,
  audiocodecid: 10,
  encoder: "obs-output module (libobs version 30.0.0)",
};
const script = encodeAmf0("@setDataFrame", "onMetaData", new EcmaArray(METADATA));

Deno.bench("AMF0: onMetaData is written", () => void encodeAmf0("onMetaData", new EcmaArray(METADATA)));

Deno.bench("AMF0: onMetaData is read", () => void decodeAmf0(script));
