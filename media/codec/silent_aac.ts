/** AAC-LC of which every frame is the same, and decodes to zeros. */
export interface SilentAac {
  /** An AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1). */
  readonly config: Uint8Array;
  /** One access unit. */
  readonly frame: Uint8Array;
  /** In Hz. */
  readonly sampleRate: SilentSampleRate;
  /** Samples that a frame stands for. */
  readonly frameSamples: 1024;
}

/** The rates that there is silence of, in Hz. */
export type SilentSampleRate = 44_100 | 48_000;

/** AAC-LC among the audio object types. */
const OBJECT_LC = 2;

/** The rates by their index (ISO/IEC 14496-3, table 1.18). */
const RATE_INDEXES: Readonly<Record<SilentSampleRate, number>> = { 44_100: 4, 48_000: 3 };

/**
 * A raw_data_block (ISO/IEC 14496-3, 4.4.2.1) of one channel whose max_sfb is 0: it has no sections, no scale factors and no
 * spectral data, so that all its coefficients are 0.
 *
 * - single_channel_element: id 000, element_instance_tag 0000
 * - individual_channel_stream: global_gain 0000 0000; ics_info: reserved 0, window_sequence 00, window_shape 0, max_sfb 000000,
 *   predictor_data_present 0; then no pulse, no TNS and no gain control data, 000
 * - the end: id 111
 */
const MONO = Uint8Array.of(0x00, 0x00, 0x00, 0x07);

/**
 * The same of two channels.
 *
 * - channel_pair_element: id 001, element_instance_tag 0000, common_window 1; ics_info of eleven zeros as above;
 *   ms_mask_present 00
 * - two times an individual_channel_stream: global_gain 0000 0000, then 000
 * - the end: id 111; byte_alignment 00
 */
const STEREO = Uint8Array.of(0x21, 0x00, 0x00, 0x00, 0x00, 0x1c);

/** Silence in AAC-LC; its bytes are shared and never to be written to. */
export function silentAac(sampleRate: SilentSampleRate, channels: 1 | 2): SilentAac {
  const rate = RATE_INDEXES[sampleRate];
  const config = Uint8Array.of(OBJECT_LC << 3 | rate >> 1, (rate & 1) << 7 | channels << 3);
  return { config, frame: channels === 1 ? MONO : STEREO, sampleRate, frameSamples: 1024 };
}
