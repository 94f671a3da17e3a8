import { ByteWriter } from "../../../media/bytes.ts";
import { flvHeader } from "../../../media/flv/header.ts";
import { tagTypeOf, writeFlvTag } from "../../../media/flv/tag.ts";
import type { Tag } from "../stream_maker.ts";

/** What an FLV stream begins with when its writer does not know what will come. */
export const FLV_START: Uint8Array = flvHeader({ hasAudio: true, hasVideo: true });

/** Tags as FLV, without a header. */
export function flvTags(tags: readonly Tag[]): Uint8Array {
  const out = new ByteWriter();
  for (const { kind, dts, body } of tags) writeFlvTag(out, tagTypeOf(kind), dts / 1000, body);
  return out.view();
}

/** A whole FLV stream. */
export function flvFile(tags: readonly Tag[]): Uint8Array {
  return new ByteWriter().raw(FLV_START).raw(flvTags(tags)).view();
}
