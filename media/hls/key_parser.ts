import type { PlaylistLine } from "./playlist_line.ts";
import type { SegmentKey } from "./segment.ts";

/** Reads EXT-X-KEY or EXT-X-SESSION-KEY (RFC 8216, 4.3.2.4); undefined when it says that nothing is encrypted. */
export function parseKey(line: PlaylistLine): SegmentKey | undefined {
  const attributes = line.attributes("METHOD", "URI", "IV", "KEYFORMAT", "KEYFORMATVERSIONS");
  attributes.require("METHOD");
  const method = attributes.word("METHOD", "NONE", "AES-128", "SAMPLE-AES")!;
  if (method === "NONE") {
    for (const name of ["URI", "IV", "KEYFORMAT", "KEYFORMATVERSIONS"]) {
      if (attributes.has(name)) line.fail(`${line.tag} has ${name} though nothing is encrypted`);
    }
    return undefined;
  }
  const iv = attributes.hexadecimal("IV", 16);
  const keyFormat = attributes.quoted("KEYFORMAT");
  const keyFormatVersions = attributes.quoted("KEYFORMATVERSIONS");
  if (keyFormatVersions !== undefined && !/^\d+(\/\d+)*$/.test(keyFormatVersions)) {
    line.fail("KEYFORMATVERSIONS is not a list");
  }
  return {
    method,
    uri: attributes.requiredQuoted("URI"),
    ...(iv && { iv }),
    ...(keyFormat !== undefined && { keyFormat }),
    ...(keyFormatVersions !== undefined && { keyFormatVersions }),
  };
}

/** The version that a key's attributes need (draft-pantos-hls-rfc8216bis, 8). */
export function keyVersion(key: SegmentKey | undefined): number {
  if (!key) return 1;
  if (key.method !== "AES-128" || key.keyFormat !== undefined || key.keyFormatVersions !== undefined) return 5;
  return key.iv ? 2 : 1;
}
