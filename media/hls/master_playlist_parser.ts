import { FormatError } from "../errors.ts";
import { keyVersion, parseKey } from "./key_parser.ts";
import type { AlternativeRendition, MasterPlaylist, Variant } from "./master_playlist.ts";
import { type PlaylistLine, playlistLines } from "./playlist_line.ts";
import type { SegmentKey } from "./segment.ts";

/** A multivariant playlist as it was read. */
export interface ReadMasterPlaylist extends MasterPlaylist {
  /** The EXT-X-VERSION that it says, or 1. */
  readonly version: number;
}

/** One codec of a list (RFC 6381, 3.2): neither empty nor with spaces. */
const CODEC = /^[A-Za-z0-9][A-Za-z0-9.+-]*$/;

/**
 * Reads a multivariant playlist and holds it to the rules of RFC 8216, 4.3.4. It is made for playlists as
 * {@linkcode MasterPlaylist} describes them: tags and attributes that these have not are refused.
 *
 * Throws {@linkcode FormatError}, which names the line, or says what is wrong with the whole.
 */
export function parseMasterPlaylist(text: string): ReadMasterPlaylist {
  const parser = new MasterPlaylistParser();
  for (const line of playlistLines(text)) parser.take(line);
  return parser.finish();
}

class MasterPlaylistParser {
  readonly #variants: Variant[] = [];
  readonly #renditions: AlternativeRendition[] = [];
  readonly #keys: SegmentKey[] = [];
  readonly #seen = new Set<string>();
  #version = 1;
  #independent = false;
  #variant: { readonly line: PlaylistLine; readonly tags: Omit<Variant, "uri"> } | undefined;

  readonly #readers: Readonly<Record<string, (line: PlaylistLine) => void>> = {
    "EXT-X-VERSION": (line) => this.#once(line, () => this.#version = line.integer()),
    "EXT-X-INDEPENDENT-SEGMENTS": (line) => this.#once(line, () => this.#independent = line.none() === undefined),
    "EXT-X-SESSION-KEY": (line) => this.#sessionKey(line),
    "EXT-X-MEDIA": (line) => this.#rendition(line),
    "EXT-X-STREAM-INF": (line) => this.#variant = { line, tags: parseVariant(line) },
  };

  take(line: PlaylistLine): void {
    if (line.tag === undefined) return this.#uri(line);
    if (this.#variant) line.fail("the URI of EXT-X-STREAM-INF does not follow it");
    if (!Object.hasOwn(this.#readers, line.tag)) line.fail(`${line.tag} is not known`);
    this.#readers[line.tag](line);
  }

  finish(): ReadMasterPlaylist {
    this.#variant?.line.fail("the URI of EXT-X-STREAM-INF does not follow it");
    if (this.#variants.length === 0) throw new FormatError("Playlist: it has no variants");
    const needed = Math.max(1, ...this.#keys.map(keyVersion));
    if (this.#version < needed) {
      throw new FormatError(`Playlist: its tags need version ${needed}, and it says ${this.#version}`);
    }
    for (const variant of this.#variants) this.#checkGroups(variant);
    return {
      version: this.#version,
      variants: this.#variants,
      ...(this.#renditions.length > 0 && { renditions: this.#renditions }),
      ...(this.#keys.length > 0 && { sessionKeys: this.#keys }),
      ...(this.#independent && { independentSegments: true }),
    };
  }

  #once(line: PlaylistLine, read: () => void): void {
    if (this.#seen.has(line.tag!)) line.fail(`${line.tag} is there twice`);
    this.#seen.add(line.tag!);
    read();
  }

  #sessionKey(line: PlaylistLine): void {
    const key = parseKey(line) ?? line.fail("EXT-X-SESSION-KEY cannot say that nothing is encrypted");
    this.#keys.push(key);
  }

  #rendition(line: PlaylistLine): void {
    const rendition = parseRendition(line);
    const group = this.#renditions.filter(({ type, groupId }) => {
      return type === rendition.type && groupId === rendition.groupId;
    });
    if (group.some(({ name }) => name === rendition.name)) line.fail(`two renditions of a group are ${rendition.name}`);
    if (rendition.isDefault && group.some(({ isDefault }) => isDefault)) line.fail("a group has two defaults");
    this.#renditions.push(rendition);
  }

  #uri(line: PlaylistLine): void {
    if (!this.#variant) line.fail("a URI has no EXT-X-STREAM-INF");
    this.#variants.push({ uri: line.value!, ...this.#variant.tags });
    this.#variant = undefined;
  }

  #checkGroups({ uri, audio, video, subtitles }: Variant): void {
    for (const [wanted, group] of Object.entries({ AUDIO: audio, VIDEO: video, SUBTITLES: subtitles })) {
      if (group === undefined) continue;
      const exists = this.#renditions.some(({ type, groupId }) => type === wanted && groupId === group);
      if (!exists) throw new FormatError(`Playlist: ${uri} has a group ${group} of type ${wanted}, and there is none`);
    }
  }
}

function parseVariant(line: PlaylistLine): Omit<Variant, "uri"> {
  const attributes = line.attributes(
    "BANDWIDTH",
    "AVERAGE-BANDWIDTH",
    "CODECS",
    "RESOLUTION",
    "FRAME-RATE",
    "AUDIO",
    "VIDEO",
    "SUBTITLES",
  );
  attributes.require("BANDWIDTH");
  const codecs = attributes.quoted("CODECS")?.split(",");
  const wrong = codecs?.find((codec) => !CODEC.test(codec));
  if (wrong !== undefined) line.fail(`${JSON.stringify(wrong)} is not a codec`);
  return withoutUndefined({
    bandwidth: attributes.integer("BANDWIDTH") || line.fail("BANDWIDTH is 0"),
    averageBandwidth: attributes.integer("AVERAGE-BANDWIDTH"),
    codecs,
    resolution: attributes.resolution("RESOLUTION"),
    frameRate: attributes.decimal("FRAME-RATE"),
    audio: attributes.quoted("AUDIO"),
    video: attributes.quoted("VIDEO"),
    subtitles: attributes.quoted("SUBTITLES"),
  });
}

function parseRendition(line: PlaylistLine): AlternativeRendition {
  const attributes = line.attributes(
    "TYPE",
    "GROUP-ID",
    "NAME",
    "LANGUAGE",
    "DEFAULT",
    "AUTOSELECT",
    "CHANNELS",
    "URI",
  );
  attributes.require("TYPE");
  const type = attributes.word("TYPE", "AUDIO", "VIDEO", "SUBTITLES")!;
  const isDefault = attributes.flag("DEFAULT");
  const autoselect = attributes.flag("AUTOSELECT");
  if (isDefault && autoselect === false) line.fail("DEFAULT is YES, and AUTOSELECT is NO");
  if (type === "SUBTITLES") attributes.require("URI");
  return withoutUndefined({
    type,
    groupId: attributes.requiredQuoted("GROUP-ID"),
    name: attributes.requiredQuoted("NAME"),
    language: attributes.quoted("LANGUAGE"),
    isDefault: isDefault || undefined,
    autoselect: autoselect || undefined,
    uri: attributes.quoted("URI"),
    channels: attributes.quoted("CHANNELS"),
  });
}

function withoutUndefined<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
