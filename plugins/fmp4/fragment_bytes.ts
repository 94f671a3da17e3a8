import { ByteWriter } from "../../media/bytes.ts";
import { type Fragment, writeFragment } from "../../media/mp4/fragment.ts";

/** What a fragment takes beside its data: some boxes, boxes for each track, and up to four numbers for each sample. */
const FRAGMENT_OVERHEAD = 128;
const TRACK_OVERHEAD = 96;
const SAMPLE_OVERHEAD = 16;

/** A fragment as bytes, in a buffer that is as large as it has to be. */
export function fragmentBytes(fragment: Fragment): Uint8Array {
  let capacity = FRAGMENT_OVERHEAD;
  for (const { samples } of fragment.tracks) {
    capacity += TRACK_OVERHEAD + samples.length * SAMPLE_OVERHEAD;
    for (const { data } of samples) capacity += data.length;
  }
  const out = new ByteWriter(capacity);
  writeFragment(out, fragment);
  return out.view();
}
