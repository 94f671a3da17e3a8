import type { ByteWriter } from "../../media/bytes.ts";
import type { MediaPacket } from "../../media/packet.ts";
import type { Container, SegmentMuxer } from "./segments/segment_muxer.ts";
import type { CutListener, SegmenterOptions } from "./segments/cut.ts";
import { Segmenter } from "./segments/segmenter.ts";
import { isSameTracks, type SegmentTrack } from "./segments/track_table.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes frames as their payload and a space, so that segments can be read by people. */
class TextMuxer implements SegmentMuxer {
  readonly extension: string;
  #tracks: readonly SegmentTrack[] = [];

  constructor(readonly container: Container) {
    this.extension = container === "ts" ? "ts" : "m4s";
  }

  carries(): boolean {
    return true;
  }

  begin(tracks: readonly SegmentTrack[]): Uint8Array | undefined {
    const isSame = isSameTracks(tracks, this.#tracks);
    this.#tracks = tracks;
    return this.container === "ts" || isSame ? undefined : encoder.encode(tracks.map(({ codec }) => codec).join("+"));
  }

  write({ data }: MediaPacket, out: ByteWriter): void {
    out.raw(data).u8(0x20);
  }

  flush(): void {}
}

/** What a {@linkcode Segmenter} cut, in milliseconds. */
export interface CutStory {
  /** `start+duration`; before it `!` for a discontinuity, `~` for one that cannot be decoded by itself. */
  readonly segments: string[];
  /** The payloads of each segment. */
  readonly texts: string[];
  /** Each segment's parts: how long they last, with `*` behind those at which decoding can begin. */
  readonly parts: string[];
  readonly inits: string[];
  readonly keyIntervals: number[];
  forced: number;
}

/** Listens to a segmenter. */
function storyListener(): CutListener & { readonly story: CutStory } {
  const story: CutStory = { segments: [], texts: [], parts: [], inits: [], keyIntervals: [], forced: 0 };
  let head = "";
  let parts: string[] = [];
  return {
    story,
    start({ time, isDiscontinuous, isIndependent, init }) {
      head = `${isDiscontinuous ? "!" : ""}${isIndependent ? "" : "~"}${time / 1000}`;
      if (init) story.inits.push(decoder.decode(init));
      parts = [];
    },
    part: ({ duration, isIndependent }) => void parts.push(`${Math.round(duration / 1000)}${isIndependent ? "*" : ""}`),
    end({ bytes, duration }) {
      story.segments.push(`${head}+${duration / 1000}`);
      story.texts.push(decoder.decode(bytes).trim());
      story.parts.push(parts.join(" "));
    },
    keyInterval: (interval) => void story.keyIntervals.push(interval / 1000),
    forced: () => void story.forced++,
  };
}

/** Cuts packets; segments of two seconds, parts only if they are asked for. `limits` hold from the beginning. */
export function cut(
  list: Iterable<MediaPacket>,
  options: Partial<SegmenterOptions> = {},
  limits: { readonly maxSegment?: number; readonly maxPart?: number } = {},
): CutStory {
  const listener = storyListener();
  const openMuxer = (container: Container) => new TextMuxer(container);
  const segmenter = new Segmenter({ container: "auto", segment: 2_000_000, openMuxer, ...options }, listener);
  Object.assign(segmenter, limits);
  for (const packet of list) segmenter.write(packet);
  segmenter.finish();
  return listener.story;
}

/** How a made stream goes on. */
export interface Rhythm {
  /** Milliseconds from picture to picture, 40 by default; 0 for none. */
  readonly picture?: number;
  /** Milliseconds from key to key, 2000 by default. */
  readonly gop?: number;
  /** Milliseconds from sound to sound, 20 by default; 0 for none. */
  readonly sound?: number;
}

/** Frames as `packets` reads them, from one time up to another in milliseconds, the first picture a key. */
export function frames(from: number, to: number, { picture = 40, gop = 2000, sound = 20 }: Rhythm = {}): string {
  const found: { readonly at: number; readonly text: string }[] = [];
  for (let at = from; picture > 0 && at < to; at += picture) {
    const isKey = Math.floor((at - from) / gop) > Math.floor((at - from - picture) / gop);
    found.push({ at, text: `${isKey ? "K" : "d"}${at}` });
  }
  for (let at = from; sound > 0 && at < to; at += sound) found.push({ at, text: `a${at}` });
  return found.sort((a, b) => a.at - b.at).map(({ text }) => text).join(" ");
}
