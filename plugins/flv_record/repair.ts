import { encodeAmf0 } from "../../media/amf/amf0.ts";
import { EcmaArray } from "../../media/amf/amf_value.ts";
import { FLV_HEADER_BYTES } from "../../media/flv/header.ts";
import { parseTagBody } from "../../media/flv/body.ts";
import { readMetadata } from "../../media/flv/metadata.ts";
import { RECORDING_HEAD_BYTES, recordingHead } from "../../media/flv/recording_head.ts";
import { TAG_SCRIPT } from "../../media/flv/tag.ts";
import { TimestampUnwrapper } from "../../media/flv/timestamps.ts";
import type { MediaPacket } from "../../media/packet.ts";
import type { Files, OpenFile } from "../../kernel/files/files.ts";
import { Ledger } from "./ledger.ts";
import { announcedTagBytes, wholeTags } from "./tag_scan.ts";

/** How much of a recording is read at once, in bytes; a tag that is larger than this takes as much as it has. */
const PIECE_BYTES = 1024 * 1024;

/** What a repair came to. */
export interface Repaired {
  /** What the complete recording has; 0 when nothing had been recorded, and the file is gone. */
  readonly bytes: number;
  /** How long it plays. */
  readonly seconds: number;
  /** What was cut off its end. */
  readonly tornBytes: number;
}

/**
 * Completes a recording that broke off: cuts off what is torn at its end, and writes the beginning that its tags, all read
 * again, amount to. One without any tag is removed; of one that is complete the result is the same recording.
 *
 * Nothing is changed before all has been read. Throws what the disk throws, and what `signal` aborts with.
 */
export async function repairRecording(files: Files, path: string, signal?: AbortSignal): Promise<Repaired> {
  const size = (await files.facts(path))?.size ?? 0;
  if (size > RECORDING_HEAD_BYTES) {
    await using file = await files.open(path, "update");
    const ledger = new Ledger();
    await readHead(file, ledger);
    const end = await readTags(file, ledger, signal);
    if (end > RECORDING_HEAD_BYTES) {
      if (end < size) await file.truncate(end);
      const facts = ledger.complete(end);
      await file.write(recordingHead(facts), 0);
      await file.sync();
      return { bytes: end, seconds: facts.duration / 1000, tornBytes: size - end };
    }
  }
  await files.remove(path);
  return { bytes: 0, seconds: 0, tornBytes: size };
}

/** What the publisher said stands in the old head, if that is whole. */
async function readHead(file: OpenFile, ledger: Ledger): Promise<void> {
  const head = new Uint8Array(RECORDING_HEAD_BYTES);
  const read = await file.read(head, 0);
  for (const { tagType, body } of wholeTags(head.subarray(FLV_HEADER_BYTES + 4, read))) {
    const [packet] = parseTagBody(tagType, 0, body);
    if (packet?.role === "metadata" && tagType === TAG_SCRIPT) ledger.publish(withoutPadding(packet));
  }
}

function withoutPadding(script: MediaPacket): MediaPacket {
  const { padding: _, ...properties } = readMetadata(script);
  const body = encodeAmf0("onMetaData", new EcmaArray(properties));
  return { ...script, data: body, body };
}

/** Enters all whole tags; gives where the last one ends. */
async function readTags(file: OpenFile, ledger: Ledger, signal?: AbortSignal): Promise<number> {
  const timestamps = new TimestampUnwrapper();
  let position = RECORDING_HEAD_BYTES;
  while (true) {
    signal?.throwIfAborted();
    const piece = await readPiece(file, position);
    let whole = 0;
    for (const { tagType, timestamp, body, start, end } of wholeTags(piece)) {
      const ms = timestamps.unwrap(timestamp);
      for (const packet of parseTagBody(tagType, ms, body)) ledger.add(kept(packet), ms, position + start);
      whole = end;
    }
    if (whole === 0) return position;
    position += whole;
  }
}

/** At least one whole tag, if there is one. A new buffer each time: configurations are kept as views. */
async function readPiece(file: OpenFile, position: number): Promise<Uint8Array> {
  const piece = new Uint8Array(PIECE_BYTES);
  const size = await file.read(piece, position);
  const needed = announcedTagBytes(piece.subarray(0, size));
  if (needed === undefined || needed <= size || size < PIECE_BYTES) return piece.subarray(0, size);
  const larger = new Uint8Array(needed);
  return larger.subarray(0, await file.read(larger, position));
}

/** What describes a track is kept for long: a copy of it does not keep the whole piece. */
function kept(packet: MediaPacket): MediaPacket {
  if (packet.role !== "config" && packet.role !== "metadata") return packet;
  return { ...packet, data: new Uint8Array(packet.data), body: new Uint8Array(packet.body) };
}
