import type { MediaPlaylist, PreloadHint, RenditionReport, ServerControl } from "./media_playlist.ts";
import { checkMediaPlaylist } from "./media_playlist_rules.ts";
import { type PlaylistLine, playlistLines } from "./playlist_line.ts";
import { SegmentParser } from "./segment_parser.ts";

/** A media playlist as it was read. */
export interface ReadMediaPlaylist extends MediaPlaylist {
  /** The EXT-X-VERSION that it says, or 1. */
  readonly version: number;
  /** How many segments a delta update leaves out at the beginning: `segments` begins behind them. */
  readonly skipped: number;
}

type Head = { -readonly [K in keyof ReadMediaPlaylist]?: ReadMediaPlaylist[K] };

/** Tags of a multivariant playlist: a playlist with both kinds is none (RFC 8216, 4.3.4). */
const MASTER_TAGS = /^EXT-X-(MEDIA|STREAM-INF|I-FRAME-STREAM-INF|SESSION-DATA|SESSION-KEY|CONTENT-STEERING)$/;

/**
 * Reads a media playlist and holds it to the rules of RFC 8216 and draft-pantos-hls-rfc8216bis. It is stricter than players,
 * and made for playlists as {@linkcode MediaPlaylist} describes them: tags and attributes that these have not are refused.
 *
 * Throws {@linkcode FormatError}, which names the line, or says what is wrong with the whole.
 */
export function parseMediaPlaylist(text: string): ReadMediaPlaylist {
  const parser = new MediaPlaylistParser();
  for (const line of playlistLines(text)) parser.take(line);
  return parser.finish();
}

class MediaPlaylistParser {
  readonly #head: Head = {};
  readonly #segments = new SegmentParser();
  readonly #seen = new Set<string>();
  readonly #reports: RenditionReport[] = [];
  #version = 1;

  readonly #readers: Readonly<Record<string, (line: PlaylistLine) => void>> = {
    "EXT-X-VERSION": (line) => this.#once(line).version = line.integer(),
    "EXT-X-TARGETDURATION": (line) => this.#once(line).targetDuration = line.integer(),
    "EXT-X-MEDIA-SEQUENCE": (line) => this.#onceBeforeSegments(line).mediaSequence = line.integer(),
    "EXT-X-DISCONTINUITY-SEQUENCE": (line) => this.#onceBeforeSegments(line).discontinuitySequence = line.integer(),
    "EXT-X-PLAYLIST-TYPE": (line) => this.#once(line).type = playlistType(line),
    "EXT-X-INDEPENDENT-SEGMENTS": (line) => this.#flag(line, "independentSegments"),
    "EXT-X-START": (line) => this.#once(line).start = startOffset(line),
    "EXT-X-ENDLIST": (line) => this.#flag(line, "isEnded"),
    "EXT-X-SERVER-CONTROL": (line) => this.#once(line).serverControl = serverControl(line),
    "EXT-X-PART-INF": (line) => this.#once(line).partTarget = partTarget(line),
    "EXT-X-SKIP": (line) => this.#skip(line),
    "EXT-X-PRELOAD-HINT": (line) => this.#once(line).preloadHint = preloadHint(line),
    "EXT-X-RENDITION-REPORT": (line) => this.#reports.push(renditionReport(line)),
  };

  take(line: PlaylistLine): void {
    const { tag } = line;
    if ((tag === undefined || tag === "EXTINF" || tag === "EXT-X-PART") && this.#head.preloadHint) {
      line.fail("media stands behind EXT-X-PRELOAD-HINT");
    }
    if (tag === undefined) return this.#segments.uri(line);
    if (MASTER_TAGS.test(tag)) line.fail(`${tag} is a tag of multivariant playlists`);
    if (this.#segments.take(line)) return;
    if (!Object.hasOwn(this.#readers, tag)) line.fail(`${tag} is not known`);
    this.#readers[tag](line);
  }

  finish(): ReadMediaPlaylist {
    const pending = this.#segments.pending();
    const playlist = {
      version: 1,
      skipped: 0,
      ...this.#head,
      segments: this.#segments.segments,
      ...(pending && { pending }),
      ...(this.#reports.length > 0 && { renditionReports: this.#reports }),
    };
    return checkMediaPlaylist(playlist, Math.max(this.#version, this.#segments.version));
  }

  #once(line: PlaylistLine): Head {
    if (this.#seen.has(line.tag!)) line.fail(`${line.tag} is there twice`);
    this.#seen.add(line.tag!);
    return this.#head;
  }

  #onceBeforeSegments(line: PlaylistLine): Head {
    if (this.#segments.hasBegun) line.fail(`${line.tag} stands behind a segment's tag`);
    return this.#once(line);
  }

  #flag(line: PlaylistLine, name: "independentSegments" | "isEnded"): void {
    line.none();
    this.#once(line)[name] = true;
  }

  #skip(line: PlaylistLine): void {
    const attributes = line.attributes("SKIPPED-SEGMENTS");
    attributes.require("SKIPPED-SEGMENTS");
    this.#onceBeforeSegments(line).skipped = attributes.integer("SKIPPED-SEGMENTS");
    this.#version = 9;
  }
}

function playlistType(line: PlaylistLine): "EVENT" | "VOD" {
  const { value } = line;
  return value === "EVENT" || value === "VOD" ? value : line.fail(`${value} is not a type of playlist`);
}

function startOffset(line: PlaylistLine): number {
  const attributes = line.attributes("TIME-OFFSET", "PRECISE");
  attributes.require("TIME-OFFSET");
  attributes.flag("PRECISE");
  return attributes.signed("TIME-OFFSET")!;
}

function serverControl(line: PlaylistLine): ServerControl {
  const attributes = line.attributes("CAN-SKIP-UNTIL", "HOLD-BACK", "PART-HOLD-BACK", "CAN-BLOCK-RELOAD");
  const canSkipUntil = attributes.decimal("CAN-SKIP-UNTIL");
  const holdBack = attributes.decimal("HOLD-BACK");
  const partHoldBack = attributes.decimal("PART-HOLD-BACK");
  return {
    ...(canSkipUntil !== undefined && { canSkipUntil }),
    ...(holdBack !== undefined && { holdBack }),
    ...(partHoldBack !== undefined && { partHoldBack }),
    ...(attributes.flag("CAN-BLOCK-RELOAD") && { canBlockReload: true }),
  };
}

function partTarget(line: PlaylistLine): number {
  const attributes = line.attributes("PART-TARGET");
  attributes.require("PART-TARGET");
  return attributes.decimal("PART-TARGET")!;
}

function preloadHint(line: PlaylistLine): PreloadHint {
  const attributes = line.attributes("TYPE", "URI", "BYTERANGE-START", "BYTERANGE-LENGTH");
  attributes.require("TYPE");
  const byteRangeStart = attributes.integer("BYTERANGE-START");
  const byteRangeLength = attributes.integer("BYTERANGE-LENGTH");
  return {
    type: attributes.word("TYPE", "PART", "MAP")!,
    uri: attributes.requiredQuoted("URI"),
    ...(byteRangeStart !== undefined && { byteRangeStart }),
    ...(byteRangeLength !== undefined && { byteRangeLength }),
  };
}

function renditionReport(line: PlaylistLine): RenditionReport {
  const attributes = line.attributes("URI", "LAST-MSN", "LAST-PART");
  attributes.require("LAST-MSN");
  const lastPart = attributes.integer("LAST-PART");
  return {
    uri: attributes.requiredQuoted("URI"),
    lastMsn: attributes.integer("LAST-MSN")!,
    ...(lastPart !== undefined && { lastPart }),
  };
}
