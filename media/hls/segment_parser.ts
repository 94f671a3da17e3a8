import { parseByteRange } from "./attribute_reader.ts";
import { keyVersion, parseKey } from "./key_parser.ts";
import type { PlaylistLine } from "./playlist_line.ts";
import type { ByteRange, Part, Segment, SegmentKey, SegmentMap, SegmentStart } from "./segment.ts";

type Tags = { -readonly [K in Exclude<keyof Segment, "uri" | "map" | "key" | "parts">]?: Segment[K] };

/** A date and time as the draft wants it: with milliseconds or none, and a time zone (ISO 8601). */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/;

/** Puts segments together from their tags (RFC 8216, 4.3.2; draft-pantos-hls-rfc8216bis, 4.4.4). */
export class SegmentParser {
  readonly segments: Segment[] = [];
  /** The version that the tags so far need. */
  version = 1;
  /** Whether there was any tag of a segment. */
  hasBegun = false;
  #tags: Tags = {};
  #parts: Part[] = [];
  #map: SegmentMap | undefined;
  #key: SegmentKey | undefined;
  /** What of the segment in progress cannot be at the end of a playlist. */
  #open: PlaylistLine | undefined;

  readonly #readers: Readonly<Record<string, (line: PlaylistLine) => void>> = {
    "EXT-X-KEY": (line) => this.#useKey(line),
    "EXT-X-MAP": (line) => this.#useMap(line),
    "EXT-X-DISCONTINUITY": (line) => this.#discontinuity(line),
    "EXT-X-PROGRAM-DATE-TIME": (line) => this.#set(line, "programDateTime", dateTime(line)),
    "EXT-X-PART": (line) => this.#part(line),
    "EXT-X-GAP": (line) => this.#gap(line),
    "EXT-X-BYTERANGE": (line) => this.#byteRange(line),
    "EXTINF": (line) => this.#duration(line),
  };

  /** Reads a tag of a segment; false for other tags. */
  take(line: PlaylistLine): boolean {
    if (!Object.hasOwn(this.#readers, line.tag!)) return false;
    this.#readers[line.tag!](line);
    return this.hasBegun = true;
  }

  /** Completes a segment. */
  uri(line: PlaylistLine): void {
    const { duration, ...tags } = this.#tags;
    if (duration === undefined) line.fail("a URI has no EXTINF");
    this.#checkRange(line, tags.byteRange, this.segments.at(-1));
    this.segments.push({ uri: line.value!, duration, ...tags, ...this.#context() });
    this.#tags = {};
    this.#parts = [];
    this.#open = undefined;
    this.hasBegun = true;
  }

  /** What there is of a segment whose URI has not come. */
  pending(): SegmentStart | undefined {
    this.#open?.fail("the last segment has no URI");
    const hasBegun = this.#parts.length > 0 || Object.keys(this.#tags).length > 0;
    return hasBegun ? { ...this.#tags, ...this.#context() } : undefined;
  }

  #context(): SegmentStart {
    return {
      ...(this.#map && { map: this.#map }),
      ...(this.#key && { key: this.#key }),
      ...(this.#parts.length > 0 && { parts: this.#parts }),
    };
  }

  #useKey(line: PlaylistLine): void {
    this.#beforeParts(line);
    this.#key = parseKey(line);
    this.#need(keyVersion(this.#key));
  }

  #useMap(line: PlaylistLine): void {
    this.#beforeParts(line);
    const attributes = line.attributes("URI", "BYTERANGE");
    const uri = attributes.requiredQuoted("URI");
    const byteRange = attributes.byteRange("BYTERANGE");
    const key = this.#key;
    if (key?.method === "AES-128" && !key.iv) line.fail("an init segment is encrypted with a key that has no IV");
    this.#map = { uri, ...(byteRange && { byteRange }), ...(key && { key }) };
    this.#need(6);
  }

  #discontinuity(line: PlaylistLine): void {
    line.none();
    this.#beforeParts(line);
    this.#set(line, "discontinuity", true);
  }

  #part(line: PlaylistLine): void {
    if (this.#open) line.fail(`a part stands behind ${this.#open.tag} of its segment`);
    const attributes = line.attributes("URI", "DURATION", "INDEPENDENT", "BYTERANGE", "GAP");
    attributes.require("DURATION");
    const byteRange = attributes.byteRange("BYTERANGE");
    const part: Part = {
      uri: attributes.requiredQuoted("URI"),
      duration: attributes.decimal("DURATION")!,
      ...(attributes.flag("INDEPENDENT") && { independent: true }),
      ...(attributes.flag("GAP") && { gap: true }),
      ...(byteRange && { byteRange }),
    };
    this.#checkRange(line, byteRange, this.#parts.at(-1) ?? this.segments.at(-1)?.parts?.at(-1), part.uri);
    this.#parts.push(part);
  }

  #gap(line: PlaylistLine): void {
    line.none();
    this.#set(line, "gap", true);
    this.#open = line;
  }

  #byteRange(line: PlaylistLine): void {
    this.#set(line, "byteRange", parseByteRange(line, line.value));
    this.#open = line;
    this.#need(4);
  }

  #duration(line: PlaylistLine): void {
    const [, duration] = /^([\d.]+),/.exec(line.value ?? "") ?? line.fail("EXTINF is not a duration and a comma");
    this.#set(line, "duration", line.decimal(duration));
    this.#open = line;
    this.#need(duration.includes(".") ? 3 : 1);
  }

  #set<K extends keyof Tags>(line: PlaylistLine, name: K, value: Tags[K]): void {
    if (this.#tags[name] !== undefined) line.fail(`a segment has ${line.tag} twice`);
    this.#tags[name] = value;
  }

  /** What applies to a segment applies to all its parts. */
  #beforeParts(line: PlaylistLine): void {
    if (this.#parts.length > 0) line.fail(`${line.tag} stands behind a part of its segment`);
  }

  /** A range that does not say where it begins follows that of `before`, which must be of the same resource. */
  #checkRange(
    line: PlaylistLine,
    range: ByteRange | undefined,
    before: { readonly uri: string; readonly byteRange?: ByteRange } | undefined,
    uri: string = line.value!,
  ): void {
    if (!range || range.offset !== undefined || before?.byteRange && before.uri === uri) return;
    line.fail(`a byte range of ${uri} does not say where it begins`);
  }

  #need(version: number): void {
    this.version = Math.max(this.version, version);
  }
}

function dateTime(line: PlaylistLine): number {
  const time = DATE_TIME.test(line.value ?? "") ? Date.parse(line.value!) : NaN;
  return Number.isNaN(time) ? line.fail(`${line.value} is not a date with a time zone`) : time;
}
