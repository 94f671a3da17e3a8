import { attributeTag, quoted, uriLine } from "./attribute_writer.ts";
import { keyVersion } from "./key_parser.ts";
import type { SegmentKey } from "./segment.ts";
import { keyAttributes } from "./segment_tags.ts";

/** A variant stream: one media playlist, and the renditions that can be played with it (RFC 8216, 4.3.4.2). */
export interface Variant {
  readonly uri: string;
  /** The most bits a second that any segment has, its audio group's included. */
  readonly bandwidth: number;
  /** In bits a second, over all. */
  readonly averageBandwidth?: number;
  /** As in RFC 6381, of everything that is played with it: all of them, or none when one is not known. */
  readonly codecs?: readonly string[];
  /** In pixels. */
  readonly resolution?: { readonly width: number; readonly height: number };
  /** The most pictures a second. */
  readonly frameRate?: number;
  /** The group of renditions of type AUDIO. */
  readonly audio?: string;
  /** The group of renditions of type VIDEO. */
  readonly video?: string;
  /** The group of renditions of type SUBTITLES. */
  readonly subtitles?: string;
}

/** An alternative, such as another language (RFC 8216, 4.3.4.1). */
export interface AlternativeRendition {
  readonly type: "AUDIO" | "VIDEO" | "SUBTITLES";
  readonly groupId: string;
  /** For people; unique in its group. */
  readonly name: string;
  /** A tag of RFC 5646: `en`, `pt-BR`. */
  readonly language?: string;
  /** What is played when nobody chooses: at most one of a group. */
  readonly isDefault?: boolean;
  /** Whether players may choose it by themselves, for the language; those that are played by default always. */
  readonly autoselect?: boolean;
  /** Its media playlist; without one it is in the variant's own. */
  readonly uri?: string;
  /** How many channels, as a number, with more behind a slash. */
  readonly channels?: string;
}

/** A multivariant playlist, earlier called master playlist (RFC 8216, 4.3.4). */
export interface MasterPlaylist {
  /** The first is what players begin with. */
  readonly variants: readonly Variant[];
  readonly renditions?: readonly AlternativeRendition[];
  /** Keys that media playlists will use, so that they can be fetched at once. */
  readonly sessionKeys?: readonly SegmentKey[];
  /** Whether every segment of every playlist can be decoded without another. */
  readonly independentSegments?: boolean;
}

/**
 * The text of a multivariant playlist.
 *
 * EXT-X-VERSION is the least that the tags need. Throws RangeError for groups that do not exist, for bandwidths that are not
 * whole bits a second, and for what cannot be written: text with line breaks or quotation marks.
 */
export function writeMasterPlaylist(playlist: MasterPlaylist): string {
  const { variants, renditions = [], sessionKeys = [], independentSegments } = playlist;
  const lines = ["#EXTM3U", `#EXT-X-VERSION:${Math.max(1, ...sessionKeys.map(keyVersion))}`];
  if (independentSegments) lines.push("#EXT-X-INDEPENDENT-SEGMENTS");
  for (const key of sessionKeys) lines.push(attributeTag("EXT-X-SESSION-KEY", keyAttributes(key)));
  for (const rendition of renditions) lines.push(mediaTag(rendition));
  for (const variant of variants) {
    checkGroups(variant, renditions);
    lines.push(variantTag(variant), uriLine(variant.uri));
  }
  return lines.join("\n") + "\n";
}

function mediaTag(rendition: AlternativeRendition): string {
  const { type, groupId, name, language, isDefault, autoselect, uri, channels } = rendition;
  return attributeTag("EXT-X-MEDIA", {
    "TYPE": type,
    "GROUP-ID": quoted(groupId),
    "NAME": quoted(name),
    "LANGUAGE": language && quoted(language),
    "DEFAULT": isDefault ? "YES" : undefined,
    "AUTOSELECT": isDefault || autoselect ? "YES" : undefined,
    "CHANNELS": channels && quoted(channels),
    "URI": uri && quoted(uri),
  });
}

function variantTag(variant: Variant): string {
  const { bandwidth, averageBandwidth, codecs, resolution, frameRate, audio, video, subtitles } = variant;
  return attributeTag("EXT-X-STREAM-INF", {
    "BANDWIDTH": bits(bandwidth),
    "AVERAGE-BANDWIDTH": averageBandwidth === undefined ? undefined : bits(averageBandwidth),
    "CODECS": codecs && quoted(codecs.join(",")),
    "RESOLUTION": resolution && `${resolution.width}x${resolution.height}`,
    "FRAME-RATE": frameRate?.toFixed(3),
    "AUDIO": audio && quoted(audio),
    "VIDEO": video && quoted(video),
    "SUBTITLES": subtitles && quoted(subtitles),
  });
}

function bits(rate: number): number {
  if (Number.isSafeInteger(rate) && rate > 0) return rate;
  throw new RangeError(`${rate} is not a whole number of bits a second`);
}

function checkGroups({ uri, audio, video, subtitles }: Variant, renditions: readonly AlternativeRendition[]): void {
  const groups = { AUDIO: audio, VIDEO: video, SUBTITLES: subtitles };
  for (const [wanted, group] of Object.entries(groups)) {
    if (group === undefined || renditions.some(({ type, groupId }) => type === wanted && groupId === group)) continue;
    throw new RangeError(`Variant ${uri} has ${group} as its group of type ${wanted}, and there is none`);
  }
}
