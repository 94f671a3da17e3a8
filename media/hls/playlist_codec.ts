import { describeCodec } from "../codec/describe.ts";
import type { Codec } from "../packet.ts";

/** Codecs whose name in a playlist is another than in `codecs=` elsewhere; MP3 is object type 34 of MPEG-4 audio. */
const IN_PLAYLISTS: Readonly<Record<string, string>> = { mp3: "mp4a.40.34", flac: "fLaC" };

/**
 * A track's codec as CODECS has it (RFC 8216, 4.3.4.2): `avc1.64001f`, `mp4a.40.2`, `ac-3`, `opus`, `fLaC`. `config` is the
 * `data` of its newest `config` packet. Undefined for codecs that are not known and as long as their configuration is
 * missing: then a variant has no CODECS at all.
 */
export function playlistCodec(codec: Codec, config?: Uint8Array): string | undefined {
  return Object.hasOwn(IN_PLAYLISTS, codec) ? IN_PLAYLISTS[codec] : describeCodec(codec, config).codecString;
}
