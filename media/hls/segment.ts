/** A part of a resource, in bytes (RFC 8216, 4.3.2.2). */
export interface ByteRange {
  readonly length: number;
  /** Where it begins; without it, behind the range of the segment or part before, which is of the same resource. */
  readonly offset?: number;
}

/** How segments are encrypted (RFC 8216, 4.3.2.4). */
export interface SegmentKey {
  /** `AES-128`: whole segments, with AES-128-CBC and PKCS7 padding. `SAMPLE-AES`: the samples in them. */
  readonly method: "AES-128" | "SAMPLE-AES";
  /** Where players get the key. */
  readonly uri: string;
  /** 16 bytes. Without it, a segment's media sequence number is its initialization vector. */
  readonly iv?: Uint8Array;
  /** What the key is, when it is not 16 bytes at `uri`. */
  readonly keyFormat?: string;
  /** `1/2/5`: the versions of `keyFormat` that the key complies with. */
  readonly keyFormatVersions?: string;
}

/** What players must have before segments: an init segment (RFC 8216, 4.3.2.5). */
export interface SegmentMap {
  readonly uri: string;
  readonly byteRange?: ByteRange;
  /** What the init segment itself is encrypted with; most are not. It needs an explicit `iv`. */
  readonly key?: SegmentKey;
}

/** A partial segment (draft-pantos-hls-rfc8216bis, 4.4.4.9). */
export interface Part {
  readonly uri: string;
  /** In seconds. */
  readonly duration: number;
  /** Whether playback can begin with it. */
  readonly independent?: boolean;
  /** Whether it is missing. */
  readonly gap?: boolean;
  readonly byteRange?: ByteRange;
}

/** What is known of a segment from its beginning on. */
export interface SegmentStart {
  /** When its first sample was shot, in milliseconds since 1970, by a clock on the wall (RFC 8216, 4.3.2.6). */
  readonly programDateTime?: number;
  /** Whether codecs, tracks or time differ from the segment before (RFC 8216, 4.3.2.3). */
  readonly discontinuity?: boolean;
  /** Once a segment has one, all that follow need one. */
  readonly map?: SegmentMap;
  /** Undefined when it is not encrypted. */
  readonly key?: SegmentKey;
  readonly parts?: readonly Part[];
}

/** A media segment. */
export interface Segment extends SegmentStart {
  readonly uri: string;
  /** In seconds. */
  readonly duration: number;
  /** Whether it is missing (draft-pantos-hls-rfc8216bis, 4.4.4.7). */
  readonly gap?: boolean;
  readonly byteRange?: ByteRange;
}
