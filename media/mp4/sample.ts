/** One sample of a fragment. */
export interface Mp4Sample {
  readonly data: Uint8Array;
  /** In ticks of its track. */
  readonly duration: number;
  /** How much later than decoded it is shown, in ticks of its track; may be negative. */
  readonly offset: number;
  /** Whether decoding can begin with it. */
  readonly isSync: boolean;
}

/** Needs no other sample (ISO/IEC 14496-12, 8.8.3.1: sample_depends_on 2). */
export const FLAGS_SYNC = 0x0200_0000;

/** Needs others (sample_depends_on 1, sample_is_non_sync_sample). */
export const FLAGS_NON_SYNC = 0x0101_0000;

/** The bit that says that decoding cannot begin with a sample. */
export const FLAG_IS_NON_SYNC = 0x0001_0000;
