import { attributeTag, decimalSeconds, hexadecimal, quoted, uriLine } from "./attribute_writer.ts";
import type { ByteRange, Part, Segment, SegmentKey, SegmentMap, SegmentStart } from "./segment.ts";

const NO_KEY = "#EXT-X-KEY:METHOD=NONE";

/**
 * Writes the tags of segments, one segment after the other, and knows which key and map apply where it is.
 *
 * A key tag applies to the init segments behind it as well (RFC 8216, 4.3.2.4), so that one which is not encrypted stands
 * before the key of its segments.
 */
export class SegmentTags {
  readonly #lines: string[];
  #key: string | undefined;
  #map: string | undefined;

  /** Lines are put at the end of `lines`. In a delta update the first segment's key is said in any case. */
  constructor(lines: string[], isDelta: boolean) {
    this.#lines = lines;
    this.#key = isDelta ? undefined : NO_KEY;
  }

  /** Writes a whole segment. */
  segment(segment: Segment): void {
    this.start(segment);
    if (segment.gap) this.#lines.push("#EXT-X-GAP");
    if (segment.byteRange) this.#lines.push(`#EXT-X-BYTERANGE:${rangeOf(segment.byteRange)}`);
    this.#lines.push(`#EXTINF:${decimalSeconds(segment.duration)},`, uriLine(segment.uri));
  }

  /** Writes what is known of a segment from its beginning on: what applies to it, and its parts. */
  start({ programDateTime, discontinuity, map, key, parts = [] }: SegmentStart): void {
    if (discontinuity) this.#lines.push("#EXT-X-DISCONTINUITY");
    this.#useMap(map);
    this.#useKey(key);
    if (programDateTime !== undefined) {
      this.#lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(programDateTime).toISOString()}`);
    }
    for (const part of parts) this.#lines.push(partTag(part));
  }

  #useMap(map: SegmentMap | undefined): void {
    if (!map) {
      if (this.#map === undefined) return;
      throw new RangeError("A segment without a map cannot follow one with a map");
    }
    const tag = mapTag(map);
    const own = `${keyTag(map.key)}\n${tag}`;
    if (own === this.#map) return;
    this.#map = own;
    this.#useKey(map.key);
    this.#lines.push(tag);
  }

  #useKey(key: SegmentKey | undefined): void {
    const tag = keyTag(key);
    if (tag === this.#key) return;
    this.#key = tag;
    this.#lines.push(tag);
  }
}

function keyTag(key: SegmentKey | undefined): string {
  return key ? attributeTag("EXT-X-KEY", keyAttributes(key)) : NO_KEY;
}

/** The attributes of EXT-X-KEY and EXT-X-SESSION-KEY (RFC 8216, 4.3.2.4). Throws RangeError for an IV of another length. */
export function keyAttributes({ method, uri, iv, keyFormat, keyFormatVersions }: SegmentKey): Record<string, string> {
  if (iv && iv.length !== 16) throw new RangeError(`An initialization vector has 16 bytes, not ${iv.length}`);
  return {
    METHOD: method,
    URI: quoted(uri),
    ...(iv && { IV: hexadecimal(iv) }),
    ...(keyFormat !== undefined && { KEYFORMAT: quoted(keyFormat) }),
    ...(keyFormatVersions !== undefined && { KEYFORMATVERSIONS: quoted(keyFormatVersions) }),
  };
}

function mapTag({ uri, byteRange }: SegmentMap): string {
  return attributeTag("EXT-X-MAP", { URI: quoted(uri), BYTERANGE: byteRange && quoted(rangeOf(byteRange)) });
}

function partTag({ uri, duration, independent, gap, byteRange }: Part): string {
  return attributeTag("EXT-X-PART", {
    DURATION: decimalSeconds(duration),
    URI: quoted(uri),
    INDEPENDENT: independent ? "YES" : undefined,
    GAP: gap ? "YES" : undefined,
    BYTERANGE: byteRange && quoted(rangeOf(byteRange)),
  });
}

function rangeOf({ length, offset }: ByteRange): string {
  return offset === undefined ? `${length}` : `${length}@${offset}`;
}
