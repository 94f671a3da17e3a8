import { assertEquals } from "@std/assert";
import { parseAacConfig } from "./aac.ts";
import { BitReader } from "./bit_reader.ts";
import { silentAac, type SilentSampleRate } from "./silent_aac.ts";

const CASES: readonly { rate: SilentSampleRate; channels: 1 | 2; config: string; frame: string }[] = [
  { rate: 44_100, channels: 1, config: "1208", frame: "00000007" },
  { rate: 44_100, channels: 2, config: "1210", frame: "21000000001c" },
  { rate: 48_000, channels: 1, config: "1188", frame: "00000007" },
  { rate: 48_000, channels: 2, config: "1190", frame: "21000000001c" },
];

for (const { rate, channels, config, frame } of CASES) {
  Deno.test(`silence of ${channels} channels at ${rate} Hz says so, and has no coefficient in it`, () => {
    const silence = silentAac(rate, channels);
    assertEquals([silence.config.toHex(), silence.frame.toHex()], [config, frame]);
    const { objectType, sampleRate, channels: count, frameSamples, sbr } = parseAacConfig(silence.config);
    assertEquals([objectType, sampleRate, count, frameSamples, sbr], [2, rate, channels, silence.frameSamples, false]);
    readFrame(new BitReader(silence.frame), channels);
  });
}

/** Reads a raw_data_block by its syntax (ISO/IEC 14496-3, 4.4.2.1); fails for any in which something is to be heard. */
function readFrame(bits: BitReader, channels: 1 | 2): void {
  assertEquals([bits.bits(3), bits.bits(4)], [channels - 1, 0], "element and its tag");
  if (channels === 2) {
    assertEquals(bits.flag(), true, "common_window");
    readWindow(bits);
    assertEquals(bits.bits(2), 0, "ms_mask_present");
  }
  for (let channel = 0; channel < channels; channel++) {
    bits.skip(8);
    if (channels === 1) readWindow(bits);
    assertEquals(bits.bits(3), 0, "pulse, TNS and gain control data");
  }
  assertEquals(bits.bits(3), 7, "the end");
  assertEquals([bits.left < 8, bits.bits(bits.left)], [true, 0], "byte_alignment");
}

function readWindow(bits: BitReader): void {
  assertEquals([bits.flag(), bits.bits(2)], [false, 0], "reserved bit, long window");
  bits.skip(1);
  assertEquals([bits.bits(6), bits.flag()], [0, false], "max_sfb, predictor_data_present");
}
