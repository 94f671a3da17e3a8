import { type Eac3Header, parseEac3Packet } from "../codec/ac3.ts";
import { FormatError } from "../errors.ts";
import { box, fields, type Writable } from "./box.ts";

const INDEPENDENT = 0;
const DEPENDENT = 1;

/** The bit rate has 13 bits. */
const MAX_KILOBITS = 0x1fff;

/**
 * What a sample entry needs to know of E-AC-3, from any packet, with its specific box: one independent substream for each
 * programme (ETSI TS 102 366, F.6). Throws {@linkcode FormatError} when the packet cannot be read.
 */
export function describeEac3(packet: Uint8Array): { sampleRate: number; channels: number; configBox: Writable } {
  const frames = parseEac3Packet(packet);
  const programmes = frames.filter(isProgramme);
  if (programmes.length === 0) throw new FormatError("E-AC-3 packet has no independent substream");
  const [{ sampleRate, channels }] = programmes;
  const content = fields((out) => {
    out.u16(Math.min(kilobits(frames), MAX_KILOBITS) << 3 | programmes.length - 1);
    for (const programme of programmes) out.raw(substream(programme, dependentsOf(programme, frames)));
  });
  return { sampleRate, channels, configBox: box("dec3", content) };
}

/** The first frame of each independent substream. */
function isProgramme({ streamType, substream }: Eac3Header, at: number, frames: readonly Eac3Header[]): boolean {
  if (streamType !== INDEPENDENT) return false;
  return at === frames.findIndex((other) => other.streamType === INDEPENDENT && other.substream === substream);
}

/** The dependent substreams that follow an independent one, each once. */
function dependentsOf(programme: Eac3Header, frames: readonly Eac3Header[]): Eac3Header[] {
  const dependents: Eac3Header[] = [];
  for (const frame of frames.slice(frames.indexOf(programme) + 1)) {
    if (frame.streamType !== DEPENDENT) break;
    if (!dependents.some(({ substream }) => substream === frame.substream)) dependents.push(frame);
  }
  return dependents;
}

function substream({ fscod, bsid, acmod, lfeon }: Eac3Header, dependents: readonly Eac3Header[]): Uint8Array {
  const channels = fscod << 22 | bsid << 17 | acmod << 9 | (lfeon ? 1 << 8 : 0);
  return fields((out) => {
    if (dependents.length === 0) return out.u24(channels);
    const locations = dependents.reduce((all, { channelMap }) => all | channelLocations(channelMap), 0);
    return out.u24(channels | dependents.length << 1 | locations >> 8).u8(locations & 0xff);
  });
}

/** The nine bits of `chan_loc` (ETSI TS 102 366, table F.6.1) from the sixteen of a channel map (table E.1.4). */
function channelLocations(map: number): number {
  let locations = map >> 1 & 1 ? 1 << 8 : 0;
  for (let bit = 0; bit < 8; bit++) locations |= (map >> 10 - bit & 1) << bit;
  return locations;
}

/** The bit rate that one packet speaks of, in kbit/s. */
function kilobits(frames: readonly Eac3Header[]): number {
  const [{ substream, sampleRate }] = frames;
  const own = frames.filter((frame) => frame.streamType === INDEPENDENT && frame.substream === substream);
  const samples = own.reduce((sum, frame) => sum + frame.samples, 0);
  const bytes = frames.reduce((sum, frame) => sum + frame.bytes, 0);
  return Math.round(bytes * 8 * sampleRate / (samples || 1) / 1000);
}
