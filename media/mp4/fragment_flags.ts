/** In a track fragment header: an offset that the data is counted from follows (ISO/IEC 14496-12, 8.8.7.1). */
export const TFHD_BASE_OFFSET = 0x01;

/** In a track fragment header: the number of the sample description follows (8.8.7.1). */
export const TFHD_DESCRIPTION = 0x02;

/** In a track fragment header: the duration of samples that have none of their own follows (8.8.7.1). */
export const TFHD_DURATION = 0x08;

/** In a track fragment header: the size of samples that have none of their own follows (8.8.7.1). */
export const TFHD_SIZE = 0x10;

/** In a track fragment header: the flags of samples that have none of their own follow (8.8.7.1). */
export const TFHD_FLAGS = 0x20;

/** In a track fragment header: data is counted from the first byte of the fragment's `moof` box (8.8.7.1). */
export const TFHD_BASE_IS_MOOF = 0x2_0000;

/** In a track run: an offset that is added to where data is counted from follows (ISO/IEC 14496-12, 8.8.8.1). */
export const TRUN_DATA_OFFSET = 0x001;

/** In a track run: flags that count for its first sample alone follow (8.8.8.1). */
export const TRUN_FIRST_FLAGS = 0x004;

/** In a track run: each sample has its duration (8.8.8.1). */
export const TRUN_DURATION = 0x100;

/** In a track run: each sample has its size (8.8.8.1). */
export const TRUN_SIZE = 0x200;

/** In a track run: each sample has its flags (8.8.8.1). */
export const TRUN_FLAGS = 0x400;

/** In a track run: each sample has the offset of its composition time (8.8.8.1). */
export const TRUN_OFFSET = 0x800;
