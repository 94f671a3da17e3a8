/** What stands in a track fragment header (ISO/IEC 14496-12, 8.8.7.1). */
export const TFHD_BASE_OFFSET = 0x01;
export const TFHD_DESCRIPTION = 0x02;
export const TFHD_DURATION = 0x08;
export const TFHD_SIZE = 0x10;
export const TFHD_FLAGS = 0x20;
export const TFHD_BASE_IS_MOOF = 0x2_0000;

/** What stands in a track run, once or for each sample (ISO/IEC 14496-12, 8.8.8.1). */
export const TRUN_DATA_OFFSET = 0x001;
export const TRUN_FIRST_FLAGS = 0x004;
export const TRUN_DURATION = 0x100;
export const TRUN_SIZE = 0x200;
export const TRUN_FLAGS = 0x400;
export const TRUN_OFFSET = 0x800;
