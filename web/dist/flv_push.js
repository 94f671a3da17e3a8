// Made by web/build.ts from web/flv_push.ts; sources 913f5bd711a600b12c61db97358257efe90b1e5b3ee6680b706808346ff5c1d1
// web/shared/dom.ts
function byId(id, type) {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new ReferenceError(`Cannot start: the page has no ${type.name} with id "${id}"`);
}
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
function breakable(text) {
  return text.split(/(?<=[^/:][/_?])(?=[^/_?])/).flatMap((part, i) => i === 0 ? [
    part
  ] : [
    make("wbr", {}),
    part
  ]);
}
function showText(element, text) {
  element.hidden = !text;
  if (element.textContent !== (text ?? "")) element.textContent = text ?? "";
}

// web/shared/codec_names.ts
var NAMES = {
  avc: "H.264",
  hevc: "H.265",
  vvc: "H.266",
  av1: "AV1",
  vp8: "VP8",
  vp9: "VP9",
  aac: "AAC",
  mp3: "MP3",
  opus: "Opus",
  flac: "FLAC",
  ac3: "AC-3",
  eac3: "E-AC-3"
};
function codecName(codec) {
  return Object.hasOwn(NAMES, codec) ? NAMES[codec] : codec;
}

// web/shared/units.ts
var MOMENT = new Intl.DateTimeFormat(void 0, {
  dateStyle: "medium",
  timeStyle: "medium"
});
function bitrateText(bitsPerSecond) {
  const kilobits = Math.round(bitsPerSecond / 1e3);
  return kilobits < 1e3 ? `${kilobits} kbit/s` : `${(kilobits / 1e3).toFixed(kilobits < 1e5 ? 1 : 0)} Mbit/s`;
}
function bytesText(bytes) {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} KB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

// web/shared/facts.ts
var UNKNOWN = "\u2013";
function duration(ms) {
  if (Number.isNaN(ms)) return UNKNOWN;
  const total = Math.max(0, Math.floor(ms / 1e3));
  const [hours, minutes, seconds] = [
    Math.floor(total / 3600),
    Math.floor(total / 60) % 60,
    total % 60
  ];
  const padded = (value) => String(value).padStart(2, "0");
  return hours ? `${hours}:${padded(minutes)}:${padded(seconds)}` : `${minutes}:${padded(seconds)}`;
}

// web/shared/facts_list.ts
var FactsList = class {
  #list;
  #values = /* @__PURE__ */ new Map();
  constructor(list) {
    this.#list = list;
  }
  show(facts) {
    for (const [label, value] of facts) {
      const element = this.#values.get(label) ?? this.#add(label);
      if (element.textContent !== value) element.textContent = value;
    }
    this.#list.hidden = false;
  }
  hide() {
    this.#list.hidden = true;
  }
  #add(label) {
    const value = make("dd", {});
    this.#list.append(make("div", {}, make("dt", {
      textContent: label
    }), value));
    this.#values.set(label, value);
    return value;
  }
};

// media/errors.ts
var FormatError = class extends Error {
  name = "FormatError";
};

// media/codec/bit_reader.ts
var MAX_LEADING_ZEROS = 32;
var BitReader = class {
  #bytes;
  #position = 0;
  constructor(bytes) {
    this.#bytes = bytes;
  }
  /** How many bits are left. */
  get left() {
    return this.#bytes.length * 8 - this.#position;
  }
  /** The next bit as a flag. */
  flag() {
    return this.bits(1) === 1;
  }
  /** The next `count` bits, at most 32, as an unsigned number. */
  bits(count) {
    if (count > this.left) {
      throw new FormatError(`Codec configuration ends early: ${count} more bits are needed, ${this.left} are left`);
    }
    let value = 0;
    for (let wanted = count; wanted > 0; ) {
      const free = 8 - (this.#position & 7);
      const taken = Math.min(free, wanted);
      const piece = this.#bytes[this.#position >> 3] >> free - taken & (1 << taken) - 1;
      value = value * 2 ** taken + piece;
      this.#position += taken;
      wanted -= taken;
    }
    return value;
  }
  /** Passes over `count` bits. */
  skip(count) {
    if (count > this.left) {
      throw new FormatError(`Codec configuration ends early: ${count} more bits are needed, ${this.left} are left`);
    }
    this.#position += count;
  }
  /** The next unsigned Exp-Golomb number (ITU-T H.264, 9.1). */
  ue() {
    let zeros = 0;
    while (!this.flag()) {
      if (++zeros > MAX_LEADING_ZEROS) {
        throw new FormatError("Codec configuration has an Exp-Golomb code without an end");
      }
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }
  /** The next signed Exp-Golomb number (ITU-T H.264, 9.1.1). */
  se() {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
};

// media/codec/aac.ts
var AAC_SAMPLE_RATES = [
  96e3,
  88200,
  64e3,
  48e3,
  44100,
  32e3,
  24e3,
  22050,
  16e3,
  12e3,
  11025,
  8e3,
  7350
];
var CHANNELS = [
  0,
  1,
  2,
  3,
  4,
  5,
  6,
  8,
  0,
  0,
  0,
  7,
  8,
  24,
  8,
  0
];
var EXPLICIT_RATE = 15;
var OBJECT_SBR = 5;
var OBJECT_PS = 29;
var OBJECT_ESCAPE = 31;
var GENERAL_AUDIO = /* @__PURE__ */ new Set([
  1,
  2,
  3,
  4,
  6,
  7,
  17,
  19,
  20,
  21,
  22,
  23
]);
var SYNC_EXTENSION = 695;
var SYNC_EXTENSION_PS = 1352;
function parseAacConfig(bytes) {
  const bits = new BitReader(bytes);
  const signalled = readObjectType(bits);
  const sampleRate = readSampleRate(bits);
  const channelConfiguration = bits.bits(4);
  const channels = CHANNELS[channelConfiguration];
  const explicit = signalled === OBJECT_SBR || signalled === OBJECT_PS;
  const explicitRate = explicit ? readSampleRate(bits) : void 0;
  const objectType = explicit ? readObjectType(bits) : signalled;
  const frameSamples = GENERAL_AUDIO.has(objectType) && bits.left > 0 && bits.flag() ? 960 : 1024;
  const extension = explicit ? {
    rate: explicitRate,
    ps: signalled === OBJECT_PS
  } : findExtension(bits, objectType, channels);
  return {
    objectType,
    sampleRate,
    outputSampleRate: extension?.rate ?? sampleRate,
    channels: extension?.ps && channels === 1 ? 2 : channels,
    channelConfiguration,
    frameSamples,
    sbr: extension !== void 0,
    ps: extension?.ps ?? false,
    codecString: `mp4a.40.${extension?.ps ? OBJECT_PS : extension ? OBJECT_SBR : objectType}`
  };
}
function readObjectType(bits) {
  const type = bits.bits(5);
  return type === OBJECT_ESCAPE ? 32 + bits.bits(6) : type;
}
function readSampleRate(bits) {
  const index = bits.bits(4);
  const rate = index === EXPLICIT_RATE ? bits.bits(24) : AAC_SAMPLE_RATES[index];
  if (!rate) throw new FormatError(`AAC sample rate index ${index} is reserved`);
  return rate;
}
function findExtension(bits, objectType, channels) {
  if (!GENERAL_AUDIO.has(objectType) || channels === 0 || bits.left < 2) return void 0;
  if (bits.flag()) bits.skip(Math.min(14, bits.left));
  if (bits.left < 1) return void 0;
  bits.skip(1);
  if (bits.left < 17 || bits.bits(11) !== SYNC_EXTENSION) return void 0;
  if (readObjectType(bits) !== OBJECT_SBR || bits.left < 5 || !bits.flag()) return void 0;
  const rate = readSampleRate(bits);
  const ps = bits.left >= 12 && bits.bits(11) === SYNC_EXTENSION_PS && bits.flag();
  return {
    rate,
    ps
  };
}

// media/byte_reader.ts
var utf8 = new TextDecoder("utf-8", {
  ignoreBOM: true
});
var ByteReader = class {
  #bytes;
  #view;
  #offset;
  constructor(bytes, offset = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = offset;
  }
  /** Where the next read begins. */
  get offset() {
    return this.#offset;
  }
  /** How many bytes are left. */
  get left() {
    return this.#bytes.length - this.#offset;
  }
  /** The next unsigned byte. */
  u8() {
    return this.#bytes[this.#take(1)];
  }
  /** The next unsigned byte, which stays unread; undefined at the end. */
  peek() {
    return this.#bytes[this.#offset];
  }
  /** The next unsigned 16-bit number. */
  u16() {
    return this.#view.getUint16(this.#take(2));
  }
  /** The next unsigned 24-bit number. */
  u24() {
    return this.u8() << 16 | this.u16();
  }
  /** The next signed 16-bit number. */
  i16() {
    return this.#view.getInt16(this.#take(2));
  }
  /** The next signed 32-bit number. */
  i32() {
    return this.#view.getInt32(this.#take(4));
  }
  /** The next unsigned 32-bit number. */
  u32() {
    return this.#view.getUint32(this.#take(4));
  }
  /** The next IEEE 754 double. */
  f64() {
    return this.#view.getFloat64(this.#take(8));
  }
  /** The next `count` bytes, as a view. */
  raw(count) {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }
  /** All bytes that are left, as a view. */
  rest() {
    return this.raw(this.left);
  }
  /** The next `count` bytes as UTF-8 text; what is not UTF-8 becomes U+FFFD. */
  text(count) {
    return utf8.decode(this.raw(count));
  }
  #take(count) {
    const at = this.#offset;
    if (count > this.#bytes.length - at) {
      throw new FormatError(`${count} bytes were announced at offset ${at}, but ${this.#bytes.length - at} are left`);
    }
    this.#offset = at + count;
    return at;
  }
};

// media/codec/av1_units.ts
var HAS_EXTENSION = 4;
var HAS_SIZE = 2;
function* readAv1Units(bytes) {
  const input = new ByteReader(bytes);
  while (input.left > 0) {
    const header = input.u8();
    if (header & HAS_EXTENSION) input.u8();
    const payload = header & HAS_SIZE ? input.raw(leb128(input)) : input.rest();
    yield {
      type: header >> 3 & 15,
      payload
    };
  }
}
function leb128(input) {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = input.u8();
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return value;
  }
  throw new FormatError("AV1 unit has a size without an end");
}

// media/codec/av1.ts
var MARKER_AND_VERSION = 129;
var OBU_SEQUENCE_HEADER = 1;
var RECORD_BYTES = 4;
function parseAv1Config(bytes) {
  const bits = new BitReader(bytes);
  const version = bits.bits(8);
  if (version !== MARKER_AND_VERSION) throw new FormatError(`AV1 configuration begins with ${version} instead of 129`);
  const profile = bits.bits(3);
  const level = bits.bits(5);
  const tier = bits.flag() ? "high" : "main";
  const highBitDepth = bits.flag();
  const twelveBit = bits.flag();
  const monochrome = bits.flag();
  bits.skip(12);
  const bitDepth = highBitDepth ? twelveBit ? 12 : 10 : 8;
  const picture = findPicture(bytes.subarray(RECORD_BYTES));
  return {
    profile,
    level,
    tier,
    bitDepth,
    monochrome,
    picture,
    codecString: codecString(profile, level, tier, bitDepth)
  };
}
function codecString(profile, level, tier, bitDepth) {
  const two = (value) => String(value).padStart(2, "0");
  return `av01.${profile}.${two(level)}${tier === "high" ? "H" : "M"}.${two(bitDepth)}`;
}
function findPicture(obus) {
  for (const { type, payload } of readAv1Units(obus)) {
    if (type === OBU_SEQUENCE_HEADER) return parseAv1SequenceHeader(payload);
  }
}
function parseAv1SequenceHeader(payload) {
  const bits = new BitReader(payload);
  bits.skip(3 + 1);
  const reduced = bits.flag();
  if (reduced) bits.skip(5);
  else skipOperatingPoints(bits);
  const widthBits = bits.bits(4) + 1;
  const heightBits = bits.bits(4) + 1;
  return {
    width: bits.bits(widthBits) + 1,
    height: bits.bits(heightBits) + 1
  };
}
function skipOperatingPoints(bits) {
  let delayBits = 0;
  if (bits.flag()) delayBits = skipTimingInfo(bits);
  const delays = bits.flag();
  for (let points = bits.bits(5) + 1; points > 0; points--) {
    bits.skip(12);
    if (bits.bits(5) > 7) bits.skip(1);
    if (delayBits > 0 && bits.flag()) bits.skip(2 * delayBits + 1);
    if (delays && bits.flag()) bits.skip(4);
  }
}
function skipTimingInfo(bits) {
  bits.skip(64);
  if (bits.flag()) skipUvlc(bits);
  if (!bits.flag()) return 0;
  const delayBits = bits.bits(5) + 1;
  bits.skip(32 + 5 + 5);
  return delayBits;
}
function skipUvlc(bits) {
  let zeros = 0;
  while (!bits.flag()) zeros++;
  if (zeros < 32) bits.skip(zeros);
}

// media/codec/nal.ts
var MAX_PARAMETER_SETS = 256;
function rawPayload(unit, headerBytes) {
  const payload = new Uint8Array(Math.max(0, unit.length - headerBytes));
  let length = 0;
  let zeros = 0;
  for (const byte of unit.subarray(headerBytes)) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    payload[length++] = byte;
  }
  return payload.subarray(0, length);
}
function readUnits(input, count) {
  if (count > MAX_PARAMETER_SETS) throw new FormatError(`Codec configuration has ${count} parameter sets of one type`);
  return Array.from({
    length: count
  }, () => input.raw(input.u16()));
}
function hex(byte) {
  return byte.toString(16).padStart(2, "0");
}

// media/codec/avc.ts
var CHROMA_PROFILES = /* @__PURE__ */ new Set([
  100,
  110,
  122,
  244,
  44,
  83,
  86,
  118,
  128,
  138,
  139,
  134,
  135
]);
var MAX_ORDER_CYCLE = 255;
function parseAvcConfig(bytes) {
  const input = new ByteReader(bytes);
  const version = input.u8();
  if (version !== 1) throw new FormatError(`AVC configuration has version ${version} instead of 1`);
  const profile = input.u8();
  const compatibility = input.u8();
  const level = input.u8();
  const lengthSize = (input.u8() & 3) + 1;
  const sps = readUnits(input, input.u8() & 31);
  const pps = readUnits(input, input.u8());
  const codecString3 = `avc1.${hex(profile)}${hex(compatibility)}${hex(level)}`;
  const picture = sps.length > 0 ? parseAvcSps(sps[0]) : void 0;
  return {
    profile,
    compatibility,
    level,
    lengthSize,
    sps,
    pps,
    picture,
    codecString: codecString3
  };
}
function parseAvcSps(unit) {
  const bits = new BitReader(rawPayload(unit, 1));
  const profile = bits.bits(8);
  bits.skip(16);
  bits.ue();
  const chroma = CHROMA_PROFILES.has(profile) ? readChroma(bits) : {
    format: 1,
    separate: false,
    bitDepth: 8
  };
  bits.ue();
  skipPictureOrder(bits);
  bits.ue();
  bits.skip(1);
  const columns = bits.ue() + 1;
  const rows = bits.ue() + 1;
  const frameOnly = bits.flag();
  if (!frameOnly) bits.skip(1);
  bits.skip(1);
  const fields = frameOnly ? 1 : 2;
  const crop = readCropping(bits, chroma.separate ? 0 : chroma.format, fields);
  const width = columns * 16 - crop.x;
  const height = rows * 16 * fields - crop.y;
  if (width <= 0 || height <= 0) throw new FormatError(`AVC parameter set gives a picture of ${width}x${height}`);
  return {
    width,
    height,
    chromaFormat: chroma.format,
    bitDepth: chroma.bitDepth
  };
}
function readChroma(bits) {
  const format = bits.ue();
  if (format > 3) throw new FormatError(`AVC chroma format ${format} is not known`);
  const separate = format === 3 && bits.flag();
  const bitDepth = bits.ue() + 8;
  bits.ue();
  bits.skip(1);
  if (bits.flag()) skipScalingLists(bits, format === 3 ? 12 : 8);
  return {
    format,
    separate,
    bitDepth
  };
}
function skipScalingLists(bits, count) {
  for (let list = 0; list < count; list++) {
    if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
  }
}
function skipScalingList(bits, size) {
  let last = 8;
  for (let i = 0; i < size; i++) {
    last = last + bits.se() & 255;
    if (last === 0) return;
  }
}
function skipPictureOrder(bits) {
  const type = bits.ue();
  if (type === 0) bits.ue();
  if (type !== 1) return;
  bits.skip(1);
  bits.se();
  bits.se();
  const cycle = bits.ue();
  if (cycle > MAX_ORDER_CYCLE) throw new FormatError(`AVC picture order cycle of ${cycle} frames is too long`);
  for (let i = 0; i < cycle; i++) bits.se();
}
function readCropping(bits, chromaArray, fields) {
  if (!bits.flag()) return {
    x: 0,
    y: 0
  };
  const unitX = chromaArray === 1 || chromaArray === 2 ? 2 : 1;
  const unitY = (chromaArray === 1 ? 2 : 1) * fields;
  const x = bits.ue() + bits.ue();
  const y = bits.ue() + bits.ue();
  return {
    x: x * unitX,
    y: y * unitY
  };
}

// media/codec/flac.ts
var MAGIC = 1716281667;
var BLOCK_STREAMINFO = 0;
var STREAMINFO_BITS_BEFORE_RATE = 16 + 16 + 24 + 24;
function parseFlacConfig(bytes) {
  const bits = new BitReader(bytes);
  if (bits.bits(32) !== MAGIC) throw new FormatError('FLAC header does not begin with "fLaC"');
  const type = bits.bits(8) & 127;
  if (type !== BLOCK_STREAMINFO) throw new FormatError(`FLAC header begins with a block of type ${type}`);
  bits.skip(24 + STREAMINFO_BITS_BEFORE_RATE);
  return {
    sampleRate: bits.bits(20),
    channels: bits.bits(3) + 1,
    bitDepth: bits.bits(5) + 1,
    codecString: "flac"
  };
}

// media/codec/hevc.ts
var NAL_SPS = 33;
var CONSTRAINT_BYTES = 6;
function parseHevcConfig(bytes) {
  const input = new ByteReader(bytes);
  const version = input.u8();
  if (version > 1) throw new FormatError(`HEVC configuration has version ${version} instead of 1`);
  const general = input.u8();
  const compatibility = input.u32();
  const constraints = input.raw(CONSTRAINT_BYTES);
  const level = input.u8();
  input.raw(3);
  const chromaFormat = input.u8() & 3;
  const bitDepth = (input.u8() & 7) + 8;
  input.raw(3);
  const lengthSize = (input.u8() & 3) + 1;
  const units = readUnitArrays(input);
  const sps = units.get(NAL_SPS)?.[0];
  return {
    profile: general & 31,
    tier: general & 32 ? "high" : "main",
    level,
    lengthSize,
    chromaFormat,
    bitDepth,
    units,
    picture: sps && parseHevcSps(sps),
    codecString: codecString2(general, compatibility, constraints, level)
  };
}
function readUnitArrays(input) {
  const units = /* @__PURE__ */ new Map();
  for (let arrays = input.u8(); arrays > 0; arrays--) {
    const type = input.u8() & 63;
    const known = units.get(type) ?? [];
    known.push(...readUnits(input, input.u16()));
    units.set(type, known);
  }
  return units;
}
function codecString2(general, compatibility, constraints, level) {
  const space = [
    "",
    "A",
    "B",
    "C"
  ][general >> 6];
  const tier = general & 32 ? "H" : "L";
  const used = constraints.findLastIndex((byte) => byte !== 0) + 1;
  const tail = Array.from(constraints.subarray(0, used), (byte) => `.${byte.toString(16).toUpperCase()}`).join("");
  return `hvc1.${space}${general & 31}.${reverseBits(compatibility).toString(16).toUpperCase()}.${tier}${level}${tail}`;
}
function reverseBits(value) {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed << 1 | value >>> bit & 1;
  return reversed >>> 0;
}
function parseHevcSps(unit) {
  const { picture } = readSps(new BitReader(rawPayload(unit, 2)));
  return picture;
}
function readSps(bits) {
  bits.skip(4);
  const subLayers = bits.bits(3);
  const isNested = bits.flag();
  skipProfileTierLevel(bits, subLayers);
  bits.ue();
  const chromaFormat = bits.ue();
  if (chromaFormat > 3) throw new FormatError(`HEVC chroma format ${chromaFormat} is not known`);
  const separate = chromaFormat === 3 && bits.flag();
  const columns = bits.ue();
  const rows = bits.ue();
  const window = readWindow(bits, separate ? 0 : chromaFormat);
  const width = columns - window.x;
  const height = rows - window.y;
  if (width <= 0 || height <= 0) throw new FormatError(`HEVC parameter set gives a picture of ${width}x${height}`);
  return {
    picture: {
      width,
      height
    },
    chromaFormat,
    subLayers: subLayers + 1,
    isNested
  };
}
function skipProfileTierLevel(bits, subLayers) {
  bits.skip(88 + 8);
  const present = Array.from({
    length: subLayers
  }, () => ({
    profile: bits.flag(),
    level: bits.flag()
  }));
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  for (const { profile, level } of present) bits.skip((profile ? 88 : 0) + (level ? 8 : 0));
}
function readWindow(bits, chromaArray) {
  if (!bits.flag()) return {
    x: 0,
    y: 0
  };
  const x = bits.ue() + bits.ue();
  const y = bits.ue() + bits.ue();
  return {
    x: x * (chromaArray === 1 || chromaArray === 2 ? 2 : 1),
    y: y * (chromaArray === 1 ? 2 : 1)
  };
}

// media/codec/opus.ts
var MAGIC2 = "OpusHead";
var OPUS_SAMPLE_RATE = 48e3;
function parseOpusHead(bytes) {
  const input = new ByteReader(bytes);
  if (input.text(MAGIC2.length) !== MAGIC2) throw new FormatError(`Opus header does not begin with "${MAGIC2}"`);
  const version = input.u8();
  if (version > 15) throw new FormatError(`Opus header has version ${version}, which is not compatible with 1`);
  const channels = input.u8();
  const fields = input.raw(8);
  const view = new DataView(fields.buffer, fields.byteOffset);
  return {
    channels,
    preSkip: view.getUint16(0, true),
    inputSampleRate: view.getUint32(2, true),
    outputGain: view.getInt16(6, true),
    mappingFamily: input.u8(),
    codecString: "opus"
  };
}

// media/codec/vp.ts
var FULL_BOX_BYTES = 4;
var RECORD_BYTES2 = 8;
function parseVpConfig(bytes) {
  const boxed = bytes.length >= FULL_BOX_BYTES + RECORD_BYTES2 && bytes[0] === 1 && (bytes[1] | bytes[2] | bytes[3]) === 0;
  const input = new ByteReader(bytes, boxed ? FULL_BOX_BYTES : 0);
  const profile = input.u8();
  const level = input.u8();
  const depths = input.u8();
  return {
    profile,
    level,
    bitDepth: depths >> 4,
    chromaSubsampling: depths >> 1 & 7,
    fullRange: (depths & 1) === 1,
    colourPrimaries: input.u8(),
    transferCharacteristics: input.u8(),
    matrixCoefficients: input.u8()
  };
}
function vpCodecString(fourCc2, { profile, level, bitDepth }) {
  return [
    fourCc2,
    ...[
      profile,
      level,
      bitDepth
    ].map((value) => String(value).padStart(2, "0"))
  ].join(".");
}

// media/codec/describe.ts
var WITHOUT_CONFIG = {
  mp3: {
    codecString: "mp3"
  },
  ac3: {
    codecString: "ac-3"
  },
  eac3: {
    codecString: "ec-3"
  },
  opus: {
    codecString: "opus",
    sampleRate: OPUS_SAMPLE_RATE
  }
};
var DESCRIBERS = {
  avc: describeAvc,
  hevc: describeHevc,
  av1: describeAv1,
  vp8: (config) => describeVp("vp08", config),
  vp9: (config) => describeVp("vp09", config),
  aac: describeAac,
  opus: describeOpus,
  flac: parseFlacConfig
};
function describeCodec(codec, config) {
  const describe = Object.hasOwn(DESCRIBERS, codec) ? DESCRIBERS[codec] : void 0;
  const fallback = Object.hasOwn(WITHOUT_CONFIG, codec) ? WITHOUT_CONFIG[codec] : {};
  if (!describe || !config) return fallback;
  try {
    return describe(config);
  } catch (error) {
    if (error instanceof FormatError) return fallback;
    throw error;
  }
}
function describeAvc(config) {
  const { codecString: codecString3, profile, level, picture } = parseAvcConfig(config);
  const { width, height, bitDepth } = picture ?? {};
  return {
    codecString: codecString3,
    profile,
    level: level / 10,
    width,
    height,
    bitDepth
  };
}
function describeHevc(config) {
  const { codecString: codecString3, profile, level, picture, bitDepth } = parseHevcConfig(config);
  return {
    codecString: codecString3,
    profile,
    level: level / 30,
    width: picture?.width,
    height: picture?.height,
    bitDepth
  };
}
function describeAv1(config) {
  const { codecString: codecString3, profile, level, picture, bitDepth } = parseAv1Config(config);
  const number = 2 + (level >> 2) + (level & 3) / 10;
  return {
    codecString: codecString3,
    profile,
    level: number,
    width: picture?.width,
    height: picture?.height,
    bitDepth
  };
}
function describeVp(fourCc2, config) {
  const record = parseVpConfig(config);
  const { profile, level, bitDepth } = record;
  return {
    codecString: vpCodecString(fourCc2, record),
    profile,
    level: level / 10,
    bitDepth
  };
}
function describeAac(config) {
  const { codecString: codecString3, objectType, outputSampleRate, channels } = parseAacConfig(config);
  return {
    codecString: codecString3,
    profile: objectType,
    sampleRate: outputSampleRate,
    channels
  };
}
function describeOpus(config) {
  const { codecString: codecString3, channels } = parseOpusHead(config);
  return {
    codecString: codecString3,
    sampleRate: OPUS_SAMPLE_RATE,
    channels
  };
}

// media/flv/enhanced.ts
var MOD_EX = 7;
var MOD_TIMESTAMP_OFFSET_NANO = 0;
var MAX_OFFSET_NANO = 999999;
var MultitrackType = {
  OneTrack: 0,
  ManyTracks: 1,
  ManyTracksManyCodecs: 2
};
var MAX_TRACKS = 256;
function readEnhancedHeader(body) {
  let packetType = body[0] & 15;
  let offset = 0;
  let end = 1;
  while (packetType === MOD_EX) {
    let size = body[end++] + 1;
    if (size === 256) {
      size = (body[end] << 8 | body[end + 1]) + 1;
      end += 2;
    }
    const at = end + size;
    if (!(at < body.length)) return void 0;
    if (body[at] >> 4 === MOD_TIMESTAMP_OFFSET_NANO && size >= 3) offset = readOffset(body, end);
    packetType = body[at] & 15;
    end = at + 1;
  }
  return {
    packetType,
    offset,
    end
  };
}
function readOffset(body, at) {
  const nanoseconds = body[at] << 16 | body[at + 1] << 8 | body[at + 2];
  return nanoseconds > MAX_OFFSET_NANO ? 0 : Math.floor(nanoseconds / 1e3);
}
function splitTracks(body, header, multitrack) {
  if (header.packetType === multitrack) return splitMultitrack(body, header, multitrack);
  const start = header.end + 4;
  if (start > body.length) return void 0;
  const { packetType, end } = header;
  const fourCc2 = (body[end] << 24 | body[end + 1] << 16 | body[end + 2] << 8 | body[end + 3]) >>> 0;
  return [
    {
      track: 0,
      packetType,
      fourCc: fourCc2,
      payload: body.subarray(start),
      body
    }
  ];
}
function splitMultitrack(body, header, multitrack) {
  try {
    return readMultitrack(body, header, multitrack);
  } catch (error) {
    if (error instanceof FormatError) return void 0;
    throw error;
  }
}
function readMultitrack(body, header, multitrack) {
  const input = new ByteReader(body, header.end);
  const head = input.u8();
  const type = head >> 4;
  const packetType = head & 15;
  if (type > MultitrackType.ManyTracksManyCodecs) throw new FormatError(`Multitrack type ${type} is not known`);
  if (packetType === multitrack || packetType === MOD_EX) {
    throw new FormatError("Multitrack packet inside a multitrack one");
  }
  const shared = type === MultitrackType.ManyTracksManyCodecs ? void 0 : input.u32();
  const tracks = [];
  do {
    if (tracks.length === MAX_TRACKS) throw new FormatError(`Multitrack packet of more than ${MAX_TRACKS} tracks`);
    const fourCc2 = shared ?? input.u32();
    const track = input.u8();
    if (type === MultitrackType.OneTrack && track !== 0) {
      return [
        {
          track,
          packetType,
          fourCc: fourCc2,
          payload: input.rest(),
          body
        }
      ];
    }
    const payload = type === MultitrackType.OneTrack ? input.rest() : input.raw(input.u24());
    tracks.push(wrapTrack(body.subarray(0, header.end), track, packetType, fourCc2, payload));
  } while (input.left > 0);
  return tracks;
}
function wrapTrack(header, track, packetType, fourCc2, payload) {
  const start = header.length + (track === 0 ? 4 : 6);
  const body = new Uint8Array(start + payload.length);
  body.set(header);
  let at = header.length;
  if (track === 0) body[at - 1] = body[at - 1] & 240 | packetType;
  else body[at++] = MultitrackType.OneTrack << 4 | packetType;
  new DataView(body.buffer).setUint32(at, fourCc2);
  if (track !== 0) body[at + 4] = track;
  body.set(payload, start);
  return {
    track,
    packetType,
    fourCc: fourCc2,
    payload: body.subarray(start),
    body
  };
}

// media/flv/fourcc.ts
var FOURCC = {
  avc: fourCc("avc1"),
  hevc: fourCc("hvc1"),
  vvc: fourCc("vvc1"),
  av1: fourCc("av01"),
  vp8: fourCc("vp08"),
  vp9: fourCc("vp09"),
  aac: fourCc("mp4a"),
  mp3: fourCc(".mp3"),
  opus: fourCc("Opus"),
  flac: fourCc("fLaC"),
  ac3: fourCc("ac-3"),
  eac3: fourCc("ec-3")
};
var CODECS = new Map(Object.entries(FOURCC).map(([codec, value]) => [
  value,
  codec
]));
function fourCc(text) {
  return (text.charCodeAt(0) << 24 | text.charCodeAt(1) << 16 | text.charCodeAt(2) << 8 | text.charCodeAt(3)) >>> 0;
}
function codecOf(kind, value) {
  return CODECS.get(value) ?? unknownCodec(kind, value);
}
function unknownCodec(kind, value) {
  const text = String.fromCharCode(value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255);
  return `${kind}-${/^[!-~]{4}$/.test(text) ? text : value.toString(16).padStart(8, "0")}`;
}

// media/flv/enhanced_audio.ts
var MULTITRACK = 5;
var ROLES = {
  0: "config",
  1: "frame",
  2: "end",
  4: "metadata"
};
function parseEnhancedAudio(dts, body) {
  const header = readEnhancedHeader(body);
  const tracks = header && splitTracks(body, header, MULTITRACK);
  if (!tracks) return [
    opaque("audio-enhanced", 0, dts, body)
  ];
  return tracks.map((track) => trackPacket(track, dts, dts + header.offset));
}
function trackPacket({ track, packetType, fourCc: fourCc2, payload, body }, dts, pts) {
  const role = ROLES[packetType];
  if (!role) return opaque(unknownCodec("audio", fourCc2), track, dts, body);
  return {
    kind: "audio",
    role,
    codec: codecOf("audio", fourCc2),
    track,
    dts,
    pts,
    data: payload,
    body
  };
}
function opaque(codec, track, dts, body) {
  return {
    kind: "audio",
    role: "frame",
    codec,
    track,
    dts,
    pts: dts,
    data: body,
    body
  };
}

// media/flv/audio_body.ts
var FORMAT_ENHANCED = 9;
var FORMAT_AAC = 10;
var CODECS2 = {
  2: "mp3",
  10: "aac",
  14: "mp3"
};
var AAC_SEQUENCE_HEADER = 0;
function parseAudioBody(dts, body) {
  const format = body[0] >> 4;
  if (format === FORMAT_ENHANCED) return parseEnhancedAudio(dts, body);
  if (format === FORMAT_AAC) return [
    parseAacBody(dts, body)
  ];
  return [
    frame(CODECS2[format] ?? `audio-${format}`, dts, body.subarray(1), body)
  ];
}
function parseAacBody(dts, body) {
  if (body.length < 2 || body[1] > 1) return frame(`audio-${FORMAT_AAC}`, dts, body, body);
  const data = body.subarray(2);
  if (body[1] !== AAC_SEQUENCE_HEADER) return frame("aac", dts, data, body);
  return {
    kind: "audio",
    role: "config",
    codec: "aac",
    track: 0,
    dts,
    pts: dts,
    data,
    body
  };
}
function frame(codec, dts, data, body) {
  return {
    kind: "audio",
    role: "frame",
    codec,
    track: 0,
    dts,
    pts: dts,
    data,
    body
  };
}

// media/flv/script_body.ts
var SET_DATA_FRAME = amf0String("@setDataFrame");
var ON_META_DATA = amf0String("onMetaData");
function parseScriptBody(dts, body) {
  const script = startsWith(body, SET_DATA_FRAME) ? body.subarray(SET_DATA_FRAME.length) : body;
  if (script.length === 0) return [];
  const role = startsWith(script, ON_META_DATA) ? "metadata" : "frame";
  return [
    {
      kind: "data",
      role,
      codec: "script",
      track: 0,
      dts,
      pts: dts,
      data: script,
      body: script
    }
  ];
}
function startsWith(bytes, prefix) {
  return bytes.length >= prefix.length && prefix.every((byte, i) => bytes[i] === byte);
}
function amf0String(text) {
  return Uint8Array.of(2, 0, text.length, ...new TextEncoder().encode(text));
}

// media/flv/tag.ts
var TAG_AUDIO = 8;
var TAG_VIDEO = 9;
var TAG_SCRIPT = 18;
var TAG_HEADER_BYTES = 11;
var TAG_OVERHEAD_BYTES = TAG_HEADER_BYTES + 4;
var MAX_TAG_BODY = 16777215;
function writeFlvTag(out, tagType, timestamp, body) {
  if (body.length > MAX_TAG_BODY) {
    throw new RangeError(`Cannot write an FLV tag of ${body.length} bytes: ${MAX_TAG_BODY} is the most`);
  }
  out.u8(tagType).u24(body.length).u24(timestamp & 16777215).u8(timestamp >>> 24).u24(0);
  out.raw(body).u32(TAG_HEADER_BYTES + body.length);
}

// media/flv/video_frame.ts
var KEY = 1;
var GENERATED_KEY = 4;
var COMMAND_FRAME = 5;
function frameRole(frameType) {
  if (frameType === COMMAND_FRAME) return "metadata";
  return frameType === KEY || frameType === GENERATED_KEY ? "key" : "delta";
}
function compositionTime(bytes, at) {
  return ((bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8) >> 8) * 1e3;
}

// media/flv/enhanced_video.ts
var PacketType = {
  SequenceStart: 0,
  CodedFrames: 1,
  SequenceEnd: 2,
  CodedFramesX: 3,
  Metadata: 4,
  Mpeg2TsSequenceStart: 5,
  Multitrack: 6
};
var COMPOSITION_TIME_BYTES = 3;
var NAMELESS = "video-enhanced";
function parseEnhancedVideo(dts, body) {
  const header = readEnhancedHeader(body);
  if (!header) return [
    opaque2("delta", NAMELESS, dts, body)
  ];
  const frameType = body[0] >> 4 & 7;
  if (frameType === COMMAND_FRAME && header.packetType !== PacketType.Metadata) {
    return [
      opaque2("metadata", NAMELESS, dts, body)
    ];
  }
  const tracks = splitTracks(body, header, PacketType.Multitrack);
  if (!tracks) return [
    opaque2("delta", NAMELESS, dts, body)
  ];
  return tracks.map((track) => trackPacket2(track, frameType, dts, header.offset));
}
function trackPacket2(part, frameType, dts, offset) {
  const { track, packetType, payload, body } = part;
  const codec = codecOf("video", part.fourCc);
  const role = packetRole(packetType, frameType);
  const timed = packetType === PacketType.CodedFrames && hasCompositionTime(codec);
  if (!role || timed && payload.length < COMPOSITION_TIME_BYTES) {
    return {
      ...opaque2("delta", unknownCodec("video", part.fourCc), dts, body),
      track
    };
  }
  const pts = dts + offset + (timed ? compositionTime(payload, 0) : 0);
  const data = timed ? payload.subarray(COMPOSITION_TIME_BYTES) : payload;
  return {
    kind: "video",
    role,
    codec,
    track,
    dts,
    pts,
    data,
    body
  };
}
function packetRole(packetType, frameType) {
  switch (packetType) {
    case PacketType.SequenceStart:
    case PacketType.Mpeg2TsSequenceStart:
      return "config";
    case PacketType.CodedFrames:
    case PacketType.CodedFramesX:
      return frameRole(frameType);
    case PacketType.SequenceEnd:
      return "end";
    case PacketType.Metadata:
      return "metadata";
  }
}
function hasCompositionTime(codec) {
  return codec === "avc" || codec === "hevc" || codec === "vvc";
}
function opaque2(role, codec, dts, body) {
  return {
    kind: "video",
    role,
    codec,
    track: 0,
    dts,
    pts: dts,
    data: body,
    body
  };
}

// media/flv/video_body.ts
var ENHANCED_BIT = 128;
var NALU_CODECS = {
  7: "avc",
  12: "hevc"
};
var SEQUENCE_HEADER = 0;
var NALU = 1;
var END_OF_SEQUENCE = 2;
var NALU_HEADER_BYTES = 5;
function parseVideoBody(dts, body) {
  if (body[0] & ENHANCED_BIT) return parseEnhancedVideo(dts, body);
  const frameType = body[0] >> 4;
  const codecId = body[0] & 15;
  const codec = NALU_CODECS[codecId];
  if (codec && frameType !== COMMAND_FRAME) return [
    parseNaluBody(codec, codecId, dts, body)
  ];
  return [
    {
      kind: "video",
      role: frameRole(frameType),
      codec: codec ?? `video-${codecId}`,
      track: 0,
      dts,
      pts: dts,
      data: body.subarray(1),
      body
    }
  ];
}
function parseNaluBody(codec, codecId, dts, body) {
  const packetType = body[1];
  const role = naluRole(packetType, body[0] >> 4);
  if (!role || body.length < (packetType === END_OF_SEQUENCE ? 2 : NALU_HEADER_BYTES)) {
    return {
      kind: "video",
      role: "delta",
      codec: `video-${codecId}`,
      track: 0,
      dts,
      pts: dts,
      data: body,
      body
    };
  }
  const pts = packetType === NALU ? dts + compositionTime(body, 2) : dts;
  return {
    kind: "video",
    role,
    codec,
    track: 0,
    dts,
    pts,
    data: body.subarray(NALU_HEADER_BYTES),
    body
  };
}
function naluRole(packetType, frameType) {
  switch (packetType) {
    case SEQUENCE_HEADER:
      return "config";
    case NALU:
      return frameRole(frameType);
    case END_OF_SEQUENCE:
      return "end";
  }
}

// media/flv/body.ts
function parseTagBody(tagType, timestamp, body) {
  if (body.length === 0) return [];
  const dts = timestamp * 1e3;
  switch (tagType) {
    case TAG_VIDEO:
      return parseVideoBody(dts, body);
    case TAG_AUDIO:
      return parseAudioBody(dts, body);
    case TAG_SCRIPT:
      return parseScriptBody(dts, body);
  }
}

// web/push/file/file_clock.ts
var TIMELINE_START = 1e6;
var LEAST_STEP = 1e3;
var FileClock = class {
  #last = /* @__PURE__ */ new Map();
  #first;
  #start = TIMELINE_START;
  #end = TIMELINE_START;
  #round = 0;
  /** How many times the file has begun. */
  get round() {
    return this.#round;
  }
  /** How far the present round is at this time, in microseconds. */
  position(time) {
    return Math.max(0, time - this.#start);
  }
  /** The file begins anew: its first picture is shown when the last one is over. */
  begin() {
    this.#start = this.#end;
    this.#first = void 0;
    this.#round++;
  }
  /** When a frame is to be decoded on the timeline, in microseconds; times of a track always increase. */
  place({ kind, role, dts, shown, end }) {
    this.#first ??= shown;
    this.#end = Math.max(this.#end, this.#start + end - this.#first);
    const time = Math.max(0, this.#start + dts - this.#first);
    if (role === "config") return time;
    const mended = Math.max(time, (this.#last.get(kind) ?? Number.NEGATIVE_INFINITY) + LEAST_STEP);
    this.#last.set(kind, mended);
    return mended;
  }
};

// media/amf/amf3_marker.ts
var Amf3Marker = {
  Undefined: 0,
  Null: 1,
  False: 2,
  True: 3,
  Integer: 4,
  Double: 5,
  String: 6,
  XmlDocument: 7,
  Date: 8,
  Array: 9,
  Object: 10,
  Xml: 11,
  ByteArray: 12,
  VectorInt: 13,
  VectorUint: 14,
  VectorDouble: 15,
  VectorObject: 16,
  Dictionary: 17
};

// media/amf/amf_limits.ts
var MAX_AMF_DEPTH = 64;
var MAX_AMF_VALUES = 262144;
var AmfBudget = class {
  #maxValues;
  #values = 0;
  #depth = 0;
  #deepest = 0;
  constructor(maxValues = MAX_AMF_VALUES) {
    this.#maxValues = maxValues;
  }
  /** Counts values. Throws {@linkcode FormatError} beyond the limit. */
  count(values) {
    this.#values += values;
    if (this.#values > this.#maxValues) throw new FormatError(`AMF message has more than ${this.#maxValues} values`);
  }
  /**
   * Reads a complex value: `fill` reads what is inside `value`, one level deeper, and may refer to what `table` holds.
   * Throws {@linkcode FormatError} beyond {@linkcode MAX_AMF_DEPTH}.
   */
  nest(table, value, fill) {
    const outer = {
      values: this.#values,
      deepest: this.#deepest
    };
    const referent = table.add(value);
    this.#reach(++this.#depth);
    this.#deepest = this.#depth;
    fill(value);
    referent.complete = true;
    referent.values = this.#values - outer.values;
    referent.height = this.#deepest - this.#depth + 1;
    this.#depth--;
    this.#deepest = Math.max(outer.deepest, this.#deepest);
    return value;
  }
  /** Counts a value that is referred to as if it were written out here. */
  repeat(referent) {
    if (!referent.complete) throw new FormatError("AMF value contains itself");
    this.count(referent.values);
    this.#reach(this.#depth + referent.height);
    return referent.value;
  }
  #reach(depth) {
    if (depth > MAX_AMF_DEPTH) throw new FormatError(`AMF value is nested deeper than ${MAX_AMF_DEPTH} levels`);
    this.#deepest = Math.max(this.#deepest, depth);
  }
};
var AmfReferences = class {
  #referents = [];
  /** Takes up a value whose content is still to be read. */
  add(value) {
    const referent = {
      value,
      complete: false,
      values: 0,
      height: 0
    };
    this.#referents.push(referent);
    return referent;
  }
  /** Takes up a value that has nothing inside. */
  addLeaf(value) {
    this.#referents.push({
      value,
      complete: true,
      values: 0,
      height: 0
    });
  }
  /** What the reference number stands for. Throws {@linkcode FormatError} when nothing has that number. */
  get(index) {
    const referent = this.#referents[index];
    if (!referent) {
      throw new FormatError(`AMF reference ${index} points at nothing: ${this.#referents.length} are known`);
    }
    return referent;
  }
};

// media/amf/amf_value.ts
var EcmaArray = class {
  properties;
  constructor(properties) {
    this.properties = properties;
  }
};
var TypedObject = class {
  className;
  properties;
  constructor(className, properties) {
    this.className = className;
    this.properties = properties;
  }
};
var XmlDocument = class {
  xml;
  constructor(xml) {
    this.xml = xml;
  }
};
var Unsupported = class {
  marker;
  constructor(marker) {
    this.marker = marker;
  }
};
function amfObject() {
  return /* @__PURE__ */ Object.create(null);
}
function propertiesOf(value) {
  if (value instanceof EcmaArray || value instanceof TypedObject) return value.properties;
  return isAmfObject(value) ? value : void 0;
}
function isAmfObject(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

// media/amf/amf3.ts
var TEXT_PER_VALUE = 16;
var Amf3Reader = class {
  #input;
  #budget;
  #objects = new AmfReferences();
  #strings = [];
  #traits = [];
  constructor(bytes, offset = 0, budget = new AmfBudget()) {
    this.#input = new ByteReader(bytes, offset);
    this.#budget = budget;
  }
  /** Where the next value begins. */
  get offset() {
    return this.#input.offset;
  }
  /** Whether no value is left. */
  get done() {
    return this.#input.left === 0;
  }
  /**
   * The next value. Throws {@linkcode FormatError} for values that are cut off, beyond the limits of `amf_limits.ts`, of
   * an unknown marker, or of a class that writes itself, whose format only its own program knows.
   */
  read() {
    const input = this.#input;
    this.#budget.count(1);
    const marker = input.u8();
    switch (marker) {
      case Amf3Marker.Undefined:
        return void 0;
      case Amf3Marker.Null:
        return null;
      case Amf3Marker.False:
        return false;
      case Amf3Marker.True:
        return true;
      case Amf3Marker.Integer:
        return this.#u29() << 3 >> 3;
      case Amf3Marker.Double:
        return input.f64();
      case Amf3Marker.String:
        return this.#string();
      default:
        return this.#referable(marker);
    }
  }
  #referable(marker) {
    if (marker > Amf3Marker.Dictionary) throw new FormatError(`AMF3 has no value with the marker ${marker}`);
    const head = this.#u29();
    if ((head & 1) === 0) return this.#budget.repeat(this.#objects.get(head >>> 1));
    const count = head >>> 1;
    switch (marker) {
      case Amf3Marker.XmlDocument:
      case Amf3Marker.Xml:
        return this.#leaf(new XmlDocument(this.#input.text(count)));
      case Amf3Marker.Date:
        return this.#leaf(new Date(this.#input.f64()));
      case Amf3Marker.ByteArray:
        return this.#leaf(this.#input.raw(count));
      case Amf3Marker.Array:
        return this.#array(count);
      case Amf3Marker.Object:
        return this.#object(this.#readTraits(count));
      case Amf3Marker.Dictionary:
        return this.#dictionary(count);
      default:
        return this.#vector(marker, count);
    }
  }
  #leaf(value) {
    this.#objects.addLeaf(value);
    return value;
  }
  /** Whether an array has named elements is known only from its first name, but its number in the table before that. */
  #array(count) {
    const first = this.#peekEmptyName();
    if (first) return this.#budget.nest(this.#objects, [], (array) => this.#items(array, count));
    return this.#budget.nest(this.#objects, new EcmaArray(amfObject()), ({ properties }) => {
      this.#dynamicProperties(properties);
      for (let i = 0; i < count; i++) properties[i] = this.read();
    });
  }
  #peekEmptyName() {
    const empty = this.#input.peek() === 1;
    if (empty) this.#input.u8();
    return empty;
  }
  #items(array, count) {
    for (let i = 0; i < count; i++) array.push(this.read());
  }
  #object(traits) {
    const properties = amfObject();
    const value = traits.className === "" ? properties : new TypedObject(traits.className, properties);
    return this.#budget.nest(this.#objects, value, () => {
      for (const name of traits.sealed) properties[name] = this.read();
      if (traits.dynamic) this.#dynamicProperties(properties);
    });
  }
  #readTraits(head) {
    if ((head & 1) === 0) return this.#knownTraits(head >>> 1);
    const className = this.#string();
    if ((head & 2) !== 0) throw new FormatError(`AMF3 object of class "${className}" has a format of its own`);
    const sealed = [];
    for (let count = head >>> 3; count > 0; count--) sealed.push(this.#string());
    const traits = {
      className,
      sealed,
      dynamic: (head & 4) !== 0
    };
    this.#traits.push(traits);
    return traits;
  }
  #knownTraits(index) {
    const traits = this.#traits[index];
    if (!traits) throw new FormatError(`AMF3 traits ${index} were never sent: ${this.#traits.length} were`);
    this.#budget.count(traits.sealed.reduce((sum, name) => sum + textCost(name), 0));
    return traits;
  }
  #dynamicProperties(into) {
    for (let name = this.#string(); name !== ""; name = this.#string()) into[name] = this.read();
  }
  #dictionary(count) {
    this.#input.u8();
    return this.#budget.nest(this.#objects, /* @__PURE__ */ new Map(), (map) => {
      for (let i = 0; i < count; i++) map.set(this.read(), this.read());
    });
  }
  #vector(marker, count) {
    const input = this.#input;
    input.u8();
    if (marker === Amf3Marker.VectorObject) this.#string();
    return this.#budget.nest(this.#objects, [], (array) => {
      if (marker === Amf3Marker.VectorObject) return this.#items(array, count);
      this.#budget.count(count);
      for (let i = 0; i < count; i++) {
        if (marker === Amf3Marker.VectorInt) array.push(input.i32());
        else array.push(marker === Amf3Marker.VectorUint ? input.u32() : input.f64());
      }
    });
  }
  #string() {
    const head = this.#u29();
    if ((head & 1) === 0) return this.#knownString(head >>> 1);
    const text = this.#input.text(head >>> 1);
    if (text !== "") this.#strings.push(text);
    return text;
  }
  #knownString(index) {
    const text = this.#strings[index];
    if (text === void 0) {
      throw new FormatError(`AMF3 string ${index} was never sent: ${this.#strings.length} were`);
    }
    this.#budget.count(textCost(text));
    return text;
  }
  /** An unsigned number of 29 bits in one to four bytes (AMF3 1.3.1). */
  #u29() {
    let value = 0;
    for (let i = 0; i < 3; i++) {
      const byte = this.#input.u8();
      value = value << 7 | byte & 127;
      if (byte < 128) return value;
    }
    return value << 8 | this.#input.u8();
  }
};
function textCost(text) {
  return Math.floor(text.length / TEXT_PER_VALUE);
}

// media/bytes.ts
var INITIAL_CAPACITY = 1024;
var ByteWriter = class {
  #bytes;
  #view;
  #length = 0;
  constructor(capacity = INITIAL_CAPACITY) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }
  /** How many bytes have been written. */
  get length() {
    return this.#length;
  }
  /** How many bytes fit before the buffer grows. */
  get capacity() {
    return this.#bytes.length;
  }
  /** A view of the bytes from `start` up to `end` (by default all that is written), not a copy. */
  view(start = 0, end = this.#length) {
    return this.#bytes.subarray(start, end);
  }
  /** Begins anew in the same buffer: for scratch writers whose views nobody keeps. */
  clear() {
    this.#length = 0;
  }
  /** Appends one byte. */
  u8(value) {
    const at = this.#take(1);
    this.#bytes[at] = value;
    return this;
  }
  /** Appends an unsigned 16-bit number. */
  u16(value) {
    const at = this.#take(2);
    this.#view.setUint16(at, value);
    return this;
  }
  /** Appends an unsigned 24-bit number. */
  u24(value) {
    const at = this.#take(3);
    this.#bytes[at] = value >>> 16;
    this.#bytes[at + 1] = value >>> 8;
    this.#bytes[at + 2] = value;
    return this;
  }
  /** Appends an unsigned 32-bit number; larger numbers wrap. */
  u32(value) {
    const at = this.#take(4);
    this.#view.setUint32(at, value);
    return this;
  }
  /** Appends an unsigned 32-bit number with the least significant byte first. */
  u32le(value) {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
    return this;
  }
  /** Appends an unsigned 64-bit number; exact up to 2^53. */
  u64(value) {
    const at = this.#take(8);
    this.#view.setUint32(at, Math.floor(value / 4294967296));
    this.#view.setUint32(at + 4, value);
    return this;
  }
  /** Appends an IEEE 754 double. */
  f64(value) {
    const at = this.#take(8);
    this.#view.setFloat64(at, value);
    return this;
  }
  /** Appends bytes. */
  raw(bytes) {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }
  #take(count) {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#length = needed;
    return at;
  }
  #grow(needed) {
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
};

// media/amf/amf3_writer.ts
var MAX_LENGTH = 268435455;
var DYNAMIC_OBJECT = 11;
var utf82 = new TextEncoder();
function writeAmf3(out, value, depth = 0) {
  if (depth > MAX_AMF_DEPTH) throw new RangeError(`Cannot write AMF3 nested deeper than ${MAX_AMF_DEPTH} levels`);
  switch (typeof value) {
    case "undefined":
      return void out.u8(Amf3Marker.Undefined);
    case "boolean":
      return void out.u8(value ? Amf3Marker.True : Amf3Marker.False);
    case "number":
      return writeNumber(out, value);
    case "string":
      return writeText(out.u8(Amf3Marker.String), value);
    default:
      return value === null ? void out.u8(Amf3Marker.Null) : writeComplex(out, value, depth);
  }
}
function writeComplex(out, value, depth) {
  if (value instanceof Date) {
    out.u8(Amf3Marker.Date).u8(1).f64(value.getTime());
  } else if (value instanceof Uint8Array) {
    writeLength(out.u8(Amf3Marker.ByteArray), value.length);
    out.raw(value);
  } else if (value instanceof XmlDocument) {
    writeText(out.u8(Amf3Marker.Xml), value.xml);
  } else if (value instanceof Array) {
    writeLength(out.u8(Amf3Marker.Array), value.length);
    out.u8(1);
    for (const item of value) writeAmf3(out, item, depth + 1);
  } else if (value instanceof Map) {
    writeDictionary(out, value, depth);
  } else if (value instanceof Unsupported) {
    out.u8(Amf3Marker.Undefined);
  } else {
    writeObject(out, value, depth);
  }
}
function writeObject(out, value, depth) {
  if (value instanceof EcmaArray) {
    out.u8(Amf3Marker.Array).u8(1);
  } else {
    out.u8(Amf3Marker.Object).u8(DYNAMIC_OBJECT);
    writeText(out, value instanceof TypedObject ? value.className : "");
  }
  const properties = propertiesOf(value) ?? {};
  for (const name of Object.keys(properties)) {
    if (name === "") throw new RangeError("Cannot write an AMF3 property with an empty name");
    writeText(out, name);
    writeAmf3(out, properties[name], depth + 1);
  }
  out.u8(1);
}
function writeDictionary(out, map, depth) {
  writeLength(out.u8(Amf3Marker.Dictionary), map.size);
  out.u8(0);
  for (const [key, value] of map) {
    writeAmf3(out, key, depth + 1);
    writeAmf3(out, value, depth + 1);
  }
}
function writeNumber(out, value) {
  const fits = value << 3 >> 3 === value && !Object.is(value, -0);
  if (fits) writeU29(out.u8(Amf3Marker.Integer), value & 536870911);
  else out.u8(Amf3Marker.Double).f64(value);
}
function writeText(out, value) {
  const text = utf82.encode(value);
  writeLength(out, text.length);
  out.raw(text);
}
function writeLength(out, length) {
  if (length > MAX_LENGTH) {
    throw new RangeError(`Cannot write an AMF3 value of length ${length}: ${MAX_LENGTH} is the most`);
  }
  writeU29(out, length << 1 | 1);
}
function writeU29(out, value) {
  if (value >= 2097152) {
    out.u8(value >>> 22 | 128).u8(value >>> 15 & 127 | 128).u8(value >>> 8 & 127 | 128).u8(value & 255);
    return;
  }
  if (value >= 16384) out.u8(value >>> 14 | 128);
  if (value >= 128) out.u8(value >>> 7 & 127 | 128);
  out.u8(value & 127);
}

// media/amf/amf0.ts
var Marker = {
  Number: 0,
  Boolean: 1,
  String: 2,
  Object: 3,
  Null: 5,
  Undefined: 6,
  Reference: 7,
  EcmaArray: 8,
  ObjectEnd: 9,
  StrictArray: 10,
  Date: 11,
  LongString: 12,
  Unsupported: 13,
  Xml: 15,
  TypedObject: 16,
  Amf3: 17
};
var MAX_SHORT_TEXT = 65535;
var utf83 = new TextEncoder();
function decodeAmf0(bytes, maxValues) {
  const reader = new Amf0Reader(bytes, 0, maxValues);
  const values = [];
  while (!reader.done) values.push(reader.read());
  return values;
}
var Amf0Reader = class {
  #bytes;
  #references = new AmfReferences();
  #budget;
  #input;
  #blind = false;
  constructor(bytes, offset = 0, maxValues) {
    this.#budget = new AmfBudget(maxValues);
    this.#bytes = bytes;
    this.#input = new ByteReader(bytes, offset);
  }
  /** Where the next value begins. */
  get offset() {
    return this.#input.offset;
  }
  /** Whether no value is left. */
  get done() {
    while (this.#input.peek() === Marker.ObjectEnd) this.#input.u8();
    return this.#input.left === 0;
  }
  /** The next value. Throws {@linkcode FormatError} for what cannot be read. */
  read() {
    const input = this.#input;
    this.#budget.count(1);
    const marker = input.u8();
    switch (marker) {
      case Marker.Number:
        return input.f64();
      case Marker.Boolean:
        return input.u8() !== 0;
      case Marker.String:
        return input.text(input.u16());
      case Marker.Object:
        return this.#object(amfObject());
      case Marker.Null:
        return null;
      case Marker.Undefined:
        return void 0;
      case Marker.Reference:
        return this.#budget.repeat(this.#references.get(input.u16()));
      case Marker.EcmaArray:
        return this.#ecmaArray();
      case Marker.StrictArray:
        return this.#strictArray(input.u32());
      case Marker.Date:
        return this.#date();
      case Marker.LongString:
        return input.text(input.u32());
      case Marker.Xml:
        return new XmlDocument(input.text(input.u32()));
      case Marker.TypedObject:
        return this.#typedObject(input.text(input.u16()));
      case Marker.Amf3:
        return this.#amf3();
      case Marker.Unsupported:
        return new Unsupported(marker);
      default:
        return this.#unknown(marker);
    }
  }
  #object(object) {
    return this.#budget.nest(this.#references, object, (object2) => this.#properties(object2));
  }
  #ecmaArray() {
    this.#input.u32();
    const array = new EcmaArray(amfObject());
    return this.#budget.nest(this.#references, array, (array2) => this.#properties(array2.properties));
  }
  #typedObject(className) {
    const object = new TypedObject(className, amfObject());
    return this.#budget.nest(this.#references, object, (object2) => this.#properties(object2.properties));
  }
  #strictArray(length) {
    return this.#budget.nest(this.#references, [], (array) => {
      for (let i = 0; i < length && !this.#blind; i++) array.push(this.read());
    });
  }
  #date() {
    const date = new Date(this.#input.f64());
    this.#input.i16();
    return date;
  }
  #amf3() {
    const reader = new Amf3Reader(this.#bytes, this.#input.offset, this.#budget);
    const value = reader.read();
    this.#input = new ByteReader(this.#bytes, reader.offset);
    return value;
  }
  /** A value of unknown length: what follows cannot be found. */
  #unknown(marker) {
    this.#input.rest();
    this.#blind = true;
    return new Unsupported(marker);
  }
  #properties(into) {
    while (!this.#atMissingEnd()) {
      const key = this.#input.text(this.#input.u16());
      if (this.#input.peek() === Marker.ObjectEnd) {
        this.#input.u8();
        return;
      }
      into[key] = this.read();
    }
  }
  /** Some cameras leave off the last object's end marker, whole or in part. */
  #atMissingEnd() {
    const { left } = this.#input;
    if (left > 2 || this.#bytes.subarray(this.#input.offset).some((byte) => byte !== 0)) return false;
    this.#input.rest();
    return true;
  }
};
function encodeAmf0(...values) {
  const out = new ByteWriter(256);
  for (const value of values) writeAmf0(out, value);
  return out.view();
}
function writeAmf0(out, value, depth = 0) {
  if (depth > MAX_AMF_DEPTH) throw new RangeError(`Cannot write AMF0 nested deeper than ${MAX_AMF_DEPTH} levels`);
  switch (typeof value) {
    case "number":
      return void out.u8(Marker.Number).f64(value);
    case "boolean":
      return void out.u8(Marker.Boolean).u8(value ? 1 : 0);
    case "string":
      return writeString(out, value);
    case "undefined":
      return void out.u8(Marker.Undefined);
    default:
      return value === null ? void out.u8(Marker.Null) : writeComplex2(out, value, depth);
  }
}
function writeComplex2(out, value, depth) {
  if (value instanceof EcmaArray) {
    out.u8(Marker.EcmaArray).u32(Object.keys(value.properties).length);
    writeProperties(out, value.properties, depth);
  } else if (value instanceof TypedObject) {
    writeShortText(out.u8(Marker.TypedObject), value.className);
    writeProperties(out, value.properties, depth);
  } else if (value instanceof Date) {
    out.u8(Marker.Date).f64(value.getTime()).u16(0);
  } else if (value instanceof Array) {
    out.u8(Marker.StrictArray).u32(value.length);
    for (const item of value) writeAmf0(out, item, depth + 1);
  } else if (value instanceof XmlDocument) {
    const text = utf83.encode(value.xml);
    out.u8(Marker.Xml).u32(text.length).raw(text);
  } else if (value instanceof Unsupported) {
    out.u8(Marker.Unsupported);
  } else if (value instanceof Uint8Array || value instanceof Map) {
    writeAmf3(out.u8(Marker.Amf3), value, depth);
  } else {
    writeProperties(out.u8(Marker.Object), value, depth);
  }
}
function writeProperties(out, properties, depth) {
  for (const key of Object.keys(properties)) {
    writeShortText(out, key);
    writeAmf0(out, properties[key], depth + 1);
  }
  out.u16(0).u8(Marker.ObjectEnd);
}
function writeString(out, value) {
  const text = utf83.encode(value);
  if (text.length <= MAX_SHORT_TEXT) out.u8(Marker.String).u16(text.length).raw(text);
  else out.u8(Marker.LongString).u32(text.length).raw(text);
}
function writeShortText(out, value) {
  const text = utf83.encode(value);
  if (text.length > MAX_SHORT_TEXT) {
    throw new RangeError(`Cannot write an AMF0 name of ${text.length} bytes: ${MAX_SHORT_TEXT} fit`);
  }
  out.u16(text.length).raw(text);
}

// media/flv/header.ts
var FLV_HEADER_BYTES = 9;
var FLAG_AUDIO = 4;
var FLAG_VIDEO = 1;
function flvHeader({ hasAudio, hasVideo }) {
  const flags = (hasAudio ? FLAG_AUDIO : 0) | (hasVideo ? FLAG_VIDEO : 0);
  return Uint8Array.of(70, 76, 86, 1, flags, 0, 0, 0, FLV_HEADER_BYTES, 0, 0, 0, 0);
}
function parseFlvHeader(bytes) {
  if (bytes.length < FLV_HEADER_BYTES || bytes[0] !== 70 || bytes[1] !== 76 || bytes[2] !== 86) {
    const found = Array.from(bytes.subarray(0, 3), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new FormatError(`Not an FLV stream: it begins with the bytes ${found} instead of "FLV"`);
  }
  return {
    hasAudio: (bytes[4] & FLAG_AUDIO) !== 0,
    hasVideo: (bytes[4] & FLAG_VIDEO) !== 0
  };
}

// web/push/upload/flv_upload.ts
var FlvUpload = class {
  #configs = /* @__PURE__ */ new Map();
  #codecs = /* @__PURE__ */ new Map();
  #metadata = {};
  #needsKey = true;
  #zero = 0;
  /** What is sent, the video's codec before the audio's. */
  get codecs() {
    return [
      "video",
      "audio"
    ].flatMap((kind) => this.#codecs.get(kind) ?? []);
  }
  /** What the next publication says of the stream. */
  describe(metadata) {
    this.#metadata = metadata;
  }
  /** What a publication that begins at `time` begins with; `zero` is the time that it counts from. In microseconds. */
  begin(time, zero = 0) {
    this.#zero = zero;
    const out = new ByteWriter().raw(flvHeader({
      hasAudio: true,
      hasVideo: true
    }));
    this.#needsKey = true;
    writeFlvTag(out, TAG_SCRIPT, milliseconds(time - zero), encodeAmf0("onMetaData", new EcmaArray({
      ...this.#metadata
    })));
    for (const config of this.#configs.values()) append(out, {
      ...config,
      dts: time - zero
    });
    return out.view();
  }
  /**
   * Keeps a configuration for the publications to come.
   *
   * False when it is what is kept already: nothing needs to be sent.
   */
  keep(config) {
    const known = this.#configs.get(config.kind);
    if (known && isSame(known.body, config.body)) return false;
    this.#configs.set(config.kind, config);
    return true;
  }
  /** The bytes of a packet; undefined for a frame that nobody could decode, since no key frame has come before. */
  tag(packet) {
    this.#codecs.set(packet.kind, packet.codec);
    if (packet.role === "key") this.#needsKey = false;
    else if (packet.role === "delta" && this.#needsKey) return void 0;
    const out = new ByteWriter(packet.body.length + TAG_OVERHEAD_BYTES);
    append(out, {
      ...packet,
      dts: Math.max(0, packet.dts - this.#zero)
    });
    return out.view();
  }
};
function append(out, { kind, dts, body }) {
  writeFlvTag(out, kind === "video" ? TAG_VIDEO : TAG_AUDIO, milliseconds(dts), body);
}
function milliseconds(time) {
  return Math.floor(time / 1e3);
}
function isSame(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

// web/push/file/key_skipper.ts
var SKIP_MS = 1500;
var RESUME_MS = 300;
var KeySkipper = class {
  #isSkipping = false;
  /** Whether this picture is to be sent; `waitingMs` is what waits in the connection. */
  admits(isKey, waitingMs) {
    if (waitingMs >= SKIP_MS) this.#isSkipping = true;
    else if (isKey && waitingMs < RESUME_MS) this.#isSkipping = false;
    return !this.#isSkipping;
  }
};

// web/push/upload/publish_address.ts
function publishAddress(page, path, key) {
  const scheme = page.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${page.host}/${path}${key === "" ? "" : `?key=${encodeURIComponent(key)}`}`;
}
var PATH = /^[A-Za-z0-9_-]{1,128}\/[A-Za-z0-9_-]{1,128}$/;
function pathFault(path) {
  if (PATH.test(path)) return void 0;
  if (path === "") return "A stream needs a name, such as live/cam";
  if (path.split("/").length !== 2) return "A stream's name has two parts, such as live/cam";
  return "A stream's name is made of letters, digits, _ and -, such as live/cam";
}
function openWebSocket(url) {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  return socket;
}

// web/push/library.ts
async function loadLibrary(name) {
  return await import(libraryUrl(name));
}
function libraryUrl(name) {
  const place = document.querySelector(`meta[name="library:${name}"]`);
  if (!place) throw new ReferenceError(`Cannot load ${name}: the page does not say where it is`);
  return new URL(place.content, location.href).href;
}

// web/push/capture/sound_block.ts
var SAMPLE_RATE = 48e3;
var TAP_NAME = "sluice-audio-tap";
function peakOf({ channels }) {
  let peak = 0;
  for (const channel of channels) {
    for (const sample of channel) peak = Math.max(peak, Math.abs(sample));
  }
  return Math.min(0, 20 * Math.log10(peak));
}

// web/push/capture/audio_mixer.ts
var AudioMixer = class _AudioMixer {
  #context;
  #tap;
  #peak = Number.NEGATIVE_INFINITY;
  /** Hears every block, some fifty a second, silent ones too. */
  onBlock;
  constructor(context) {
    this.#context = context;
    this.#tap = new AudioWorkletNode(context, TAP_NAME, {
      outputChannelCount: [
        2
      ]
    });
    this.#tap.port.onmessage = ({ data }) => {
      this.#peak = Math.max(this.#peak, peakOf(data));
      this.onBlock?.(data);
    };
    this.#tap.connect(context.destination);
  }
  /** Opens a mixer; called from a click, without which browsers play nothing. */
  static async open() {
    const context = new AudioContext({
      sampleRate: SAMPLE_RATE,
      latencyHint: "interactive"
    });
    try {
      await Promise.all([
        context.resume(),
        context.audioWorklet.addModule(libraryUrl("tap"))
      ]);
      return new _AudioMixer(context);
    } catch (error) {
      await context.close();
      throw error;
    }
  }
  /** The loudest since it was last asked for, in decibels. */
  takePeak() {
    const peak = this.#peak;
    this.#peak = Number.NEGATIVE_INFINITY;
    return peak;
  }
  /** Adds the sound of a stream, if it has any. */
  addStream(stream, volume = 1) {
    return this.#add(this.#context.createMediaStreamSource(stream), volume);
  }
  /** Adds the sound of an element, which is from then on heard in the mix alone. */
  addElement(element, volume = 1) {
    return this.#add(this.#context.createMediaElementSource(element), volume);
  }
  [Symbol.dispose]() {
    this.onBlock = void 0;
    this.#tap.disconnect();
    this.#context.close().catch(() => {
    });
  }
  #add(source, volume) {
    const gain = this.#context.createGain();
    gain.gain.value = volume;
    source.connect(gain).connect(this.#tap);
    return {
      get volume() {
        return gain.gain.value;
      },
      set volume(value) {
        gain.gain.value = value;
      },
      [Symbol.dispose]() {
        source.disconnect();
        gain.disconnect();
      }
    };
  }
};

// web/push/capture/ticker.ts
var TICK_MS = 20;
async function openTicker(onTick) {
  try {
    const mixer = await AudioMixer.open();
    mixer.onBlock = onTick;
    return mixer;
  } catch {
    const timer = setInterval(onTick, TICK_MS);
    return {
      [Symbol.dispose]: () => clearInterval(timer)
    };
  }
}

// web/push/upload/close_meaning.ts
var STATUS_BASE = 4e3;
function closeMeaning(code) {
  switch (code) {
    case 1e3:
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
      return "refused";
    case STATUS_BASE + 409:
      return "taken";
    case STATUS_BASE + 408:
    case STATUS_BASE + 429:
      return "retry";
    default:
      return code > STATUS_BASE && code < STATUS_BASE + 500 ? "refused" : "retry";
  }
}
function closeWords(code, reason, wasOpen) {
  if (reason !== "") return reason;
  if (code === 1e3) return "The server ended the stream";
  if (code === 1001 || code === 1012) return "The server is restarting";
  if (code === 1006) return wasOpen ? "The connection to the server broke" : "The server cannot be reached";
  return `The server closed the connection with code ${code}`;
}

// web/push/upload/uplink.ts
var RETRY_MS = [
  250,
  500,
  1e3,
  2e3,
  4e3
];
var GOOD_MS = 5e3;
var OWN_NAME_MS = 2e4;
var NORMAL = 1e3;
var Uplink = class {
  #host;
  #status = {
    phase: "idle"
  };
  #socket;
  #cancelTimer;
  #attempts = 0;
  #openedAt = 0;
  #brokeAt = Number.NEGATIVE_INFINITY;
  #given = 0;
  #total = 0;
  constructor(host) {
    this.#host = host;
  }
  /** How the connection is. */
  get status() {
    return this.#status;
  }
  /** Whether the server has said yes, and takes what is sent. */
  get isOpen() {
    return this.#status.phase === "open";
  }
  /** What waits in the connection, in bytes. */
  get queuedBytes() {
    return this.#socket?.bufferedAmount ?? 0;
  }
  /** What this connection has been given, in bytes. */
  get givenBytes() {
    return this.#given;
  }
  /** What has left in all connections, in bytes. */
  get sentBytes() {
    return this.#total + this.#given - this.queuedBytes;
  }
  /** Connects, and stays connected until {@linkcode Uplink.stop}. */
  start() {
    this.#attempts = 0;
    this.#brokeAt = Number.NEGATIVE_INFINITY;
    this.#connect();
  }
  /** Ends the stream. */
  stop() {
    this.#drop(NORMAL);
    this.#enter("idle");
  }
  /** Sends bytes; while there is no connection they are lost. */
  send(bytes) {
    if (!this.isOpen) return;
    this.#given += bytes.length;
    this.#socket.send(bytes);
  }
  #connect() {
    this.#drop();
    this.#enter("connecting", this.#status.words);
    const socket = this.#host.open();
    this.#socket = socket;
    socket.onopen = () => {
      this.#openedAt = this.#host.now();
      this.#status = {
        phase: "open"
      };
      this.send(this.#host.onOpen());
      this.#enter("open");
    };
    socket.onclose = ({ code, reason }) => this.#onClose(code, reason);
  }
  #onClose(code, reason) {
    const now = this.#host.now();
    const wasOpen = this.isOpen;
    const words = closeWords(code, reason, wasOpen);
    if (wasOpen && now - this.#openedAt >= GOOD_MS) this.#attempts = 0;
    this.#drop();
    if (!this.#shouldRetry(code, now)) return this.#enter("refused", words);
    if (wasOpen && closeMeaning(code) === "retry") this.#brokeAt = now;
    this.#enter("waiting", words);
    const wait = RETRY_MS[Math.min(this.#attempts++, RETRY_MS.length - 1)];
    this.#cancelTimer = this.#host.later(() => this.#connect(), wait);
  }
  #shouldRetry(code, now) {
    const meaning = closeMeaning(code);
    return meaning === "retry" || meaning === "taken" && now - this.#brokeAt < OWN_NAME_MS;
  }
  #drop(code) {
    this.#cancelTimer?.();
    this.#cancelTimer = void 0;
    const socket = this.#socket;
    if (!socket) return;
    this.#total += this.#given - socket.bufferedAmount;
    this.#given = 0;
    this.#socket = void 0;
    socket.onopen = null;
    socket.onclose = null;
    socket.close(code);
  }
  #enter(phase, words) {
    this.#status = {
      phase,
      words
    };
    this.#host.onChange(this.#status);
  }
};

// web/push/file/file_publisher.ts
var LEAD_MS = 25;
var HIDDEN_LEAD_MS = 1200;
var FilePublisher = class {
  #file;
  #events;
  #upload = new FlvUpload();
  #uplink;
  #clock = new FileClock();
  #skipper = new KeySkipper();
  #controller = new AbortController();
  #waiting = [];
  #isLoop;
  #ticker;
  /** When the timeline's beginning was or would have been, in milliseconds; undefined before the first connection. */
  #zero;
  #tickedAt = 0;
  #time = 0;
  #openedTime = 0;
  #frames = 0;
  #dropped = 0;
  #picture = {
    width: 0,
    height: 0
  };
  constructor(file, url, isLoop, events) {
    this.#file = file;
    this.#events = events;
    this.#isLoop = isLoop;
    this.#uplink = new Uplink({
      open: () => openWebSocket(url),
      later: (callback, ms) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      now: () => performance.now(),
      onChange: () => events.onChange(),
      onOpen: () => {
        this.#openedTime = this.#time;
        return this.#upload.begin(this.#time);
      }
    });
  }
  get statuses() {
    return [
      this.#uplink.status
    ];
  }
  get figures() {
    return [
      {
        at: performance.now(),
        frames: this.#frames,
        dropped: this.#dropped,
        sentBytes: this.#uplink.sentBytes,
        queueMs: this.#waitingMs(),
        ...this.#picture,
        codecs: this.#upload.codecs.map(codecName).join(" \xB7 ")
      }
    ];
  }
  /** How far the present round is, in seconds. */
  get position() {
    return this.#clock.position(this.#time) / 1e6;
  }
  /** How many times the file has begun. */
  get round() {
    return this.#clock.round;
  }
  /** Whether the file begins anew when it is over. */
  set isLoop(isLoop) {
    this.#isLoop = isLoop;
  }
  /** Connects and plays; called from a click. */
  async start() {
    this.#upload.describe({
      encoder: "Sluice file page"
    });
    this.#ticker = await openTicker(() => this.#tick());
    if (this.#controller.signal.aborted) return this.#ticker[Symbol.dispose]();
    this.#uplink.start();
    this.#play().then(() => this.#end(), (error) => this.#end(error.message));
  }
  /** Ends the stream. */
  [Symbol.dispose]() {
    this.#controller.abort();
    this.#ticker?.[Symbol.dispose]();
    this.#uplink.stop();
  }
  #end(words) {
    if (!this.#controller.signal.aborted) this.#events.onEnd(words);
  }
  async #play() {
    const { signal } = this.#controller;
    do {
      this.#clock.begin();
      let isEmpty = true;
      for await (const frame2 of this.#file.frames()) {
        isEmpty = false;
        const dts = this.#clock.place(frame2);
        while (!this.#isDue(dts) && !signal.aborted) await this.#nextTick();
        if (signal.aborted) return;
        this.#send({
          ...frame2,
          dts
        });
      }
      if (isEmpty) throw new Error("There is nothing in this file that can be published");
    } while (this.#isLoop);
  }
  #isDue(dts) {
    if (!this.#uplink.isOpen || this.#zero === void 0) return false;
    const lead = document.hidden ? HIDDEN_LEAD_MS : LEAD_MS;
    return performance.now() - this.#zero + lead >= (dts - TIMELINE_START) / 1e3;
  }
  #nextTick() {
    const { promise, resolve } = Promise.withResolvers();
    this.#waiting.push(resolve);
    return promise;
  }
  /** The file's time stands still while there is no connection. */
  #tick() {
    const now = performance.now();
    if (this.#uplink.isOpen) this.#zero ??= now;
    else if (this.#zero !== void 0) this.#zero += now - this.#tickedAt;
    this.#tickedAt = now;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
  #send(frame2) {
    this.#time = frame2.dts;
    if (frame2.role === "config") {
      if (!this.#upload.keep(frame2)) return;
      this.#notePicture(frame2);
    } else if (frame2.kind === "video" && !this.#skipper.admits(frame2.role === "key", this.#waitingMs())) {
      this.#dropped++;
      return;
    }
    const bytes = this.#upload.tag(frame2);
    if (!bytes) return;
    if (frame2.kind === "video" && frame2.role !== "config") this.#frames++;
    this.#uplink.send(bytes);
  }
  #notePicture({ kind, codec, body }) {
    if (kind !== "video") return;
    const { width = 0, height = 0 } = describeCodec(codec, parseTagBody(TAG_VIDEO, 0, body)[0]?.data);
    this.#picture = {
      width,
      height
    };
  }
  /** What waits in the connection, in milliseconds of the stream as it has been on this connection. */
  #waitingMs() {
    const { givenBytes, queuedBytes } = this.#uplink;
    const sentMs = Math.max(1e3, (this.#time - this.#openedTime) / 1e3);
    return givenBytes === 0 ? 0 : queuedBytes / givenBytes * sentMs;
  }
};

// media/flv/reader.ts
var MAX_TAG_BYTES = 8 * 1024 * 1024;
var FIRST_ALLOCATION = 4096;
var TAG_PREFIX_BYTES = 4 + TAG_HEADER_BYTES;
var FLAG_ENCRYPTED = 32;
var RESERVED_BITS = 192;
var NO_BYTES = new Uint8Array(0);
var FlvReader = class {
  #maxTagBytes;
  #broken;
  #field = "header";
  #wanted = FLV_HEADER_BYTES;
  #input = NO_BYTES;
  #gathered = NO_BYTES;
  #filled = 0;
  #tagType = 0;
  #timestamp = 0;
  /** `maxTagBytes`: the largest tag body that is taken. */
  constructor({ maxTagBytes = MAX_TAG_BYTES } = {}) {
    this.#maxTagBytes = maxTagBytes;
  }
  /** How many bytes of memory are set aside for what has arrived of an unfinished field. */
  get held() {
    return this.#gathered.length;
  }
  /**
   * Takes the next bytes of the stream and gives back what they complete, all of it or, when it throws, nothing.
   *
   * @throws {FormatError} as {@linkcode FlvReader.events}
   */
  read(chunk) {
    return [
      ...this.events(chunk)
    ];
  }
  /**
   * Takes the next bytes of the stream and gives what they complete piece by piece, so that whatever stands before damage comes
   * before it throws. It has to be read to its end before the next bytes are given.
   *
   * @throws {FormatError} when the bytes are not FLV, a tag is encrypted or larger than the limit; from then on every call throws
   * it
   */
  *events(chunk) {
    if (this.#broken) throw this.#broken;
    this.#input = chunk;
    for (let field = this.#next(); field; field = this.#next()) {
      const event = this.#taken(field);
      if (event) yield event;
    }
  }
  #taken(field) {
    try {
      return this.#accept(field);
    } catch (error) {
      this.#broken = error;
      throw error;
    }
  }
  /** The current field once it is complete. */
  #next() {
    const input = this.#input;
    const missing = this.#wanted - this.#filled;
    if (input.length < missing) {
      this.#input = NO_BYTES;
      this.#gather(input);
      return void 0;
    }
    this.#input = input.subarray(missing);
    const last = input.subarray(0, missing);
    if (this.#filled === 0) return last;
    this.#gather(last);
    const field = this.#gathered.subarray(0, this.#filled);
    this.#gathered = NO_BYTES;
    this.#filled = 0;
    return field;
  }
  #gather(piece) {
    if (piece.length === 0) return;
    const filled = this.#filled + piece.length;
    if (filled > this.#gathered.length) {
      const larger = new Uint8Array(Math.min(this.#wanted, Math.max(FIRST_ALLOCATION, filled * 2)));
      larger.set(this.#gathered.subarray(0, this.#filled));
      this.#gathered = larger;
    }
    this.#gathered.set(piece, this.#filled);
    this.#filled = filled;
  }
  #accept(field) {
    switch (this.#field) {
      case "header":
        this.#expect("prefix", TAG_PREFIX_BYTES);
        return {
          type: "header",
          ...parseFlvHeader(field)
        };
      case "prefix":
        this.#acceptPrefix(field);
        return void 0;
      case "body":
        this.#expect("prefix", TAG_PREFIX_BYTES);
        return this.#tag(field);
    }
  }
  #acceptPrefix(prefix) {
    const head = prefix[4];
    const size = prefix[5] << 16 | prefix[6] << 8 | prefix[7];
    if (head & RESERVED_BITS) throw new FormatError(`Not an FLV tag: its first byte is ${head}`);
    if (head & FLAG_ENCRYPTED) throw new FormatError("FLV tag is encrypted, which is not supported");
    if (size > this.#maxTagBytes) {
      throw new FormatError(`FLV tag of ${size} bytes is larger than the limit of ${this.#maxTagBytes}`);
    }
    this.#tagType = head;
    this.#timestamp = (prefix[11] << 24 | prefix[8] << 16 | prefix[9] << 8 | prefix[10]) >>> 0;
    this.#expect("body", size);
  }
  #tag(body) {
    const tagType = this.#tagType;
    if (tagType !== TAG_AUDIO && tagType !== TAG_VIDEO && tagType !== TAG_SCRIPT) return void 0;
    return {
      type: "tag",
      tagType,
      timestamp: this.#timestamp,
      body
    };
  }
  #expect(field, bytes) {
    this.#field = field;
    this.#wanted = bytes;
  }
};

// media/flv/timestamps.ts
var TimestampUnwrapper = class {
  #last;
  /** The timestamp without the wrap, in milliseconds; `ms32` is the 32-bit one from the wire. */
  unwrap(ms32) {
    const last = this.#last;
    this.#last = last === void 0 ? ms32 >>> 0 : last + (ms32 - last | 0);
    return this.#last;
  }
};

// media/flv/demuxer.ts
var COPY_BELOW = 1 / 4;
var FlvDemuxer = class {
  #reader = new FlvReader();
  #timestamps = new TimestampUnwrapper();
  /** What the file header said; undefined before it has arrived. */
  header;
  /**
   * Takes the next bytes and gives back the packets that they complete, all of them or, when it throws, none.
   *
   * @throws {FormatError} when the bytes are not FLV
   */
  read(bytes) {
    return [
      ...this.packets(bytes)
    ];
  }
  /**
   * Takes the next bytes and gives the packets that they complete one by one, so that those before damage come before it throws.
   *
   * @throws {FormatError} when the bytes are not FLV
   */
  *packets(bytes) {
    for (const event of this.#reader.events(bytes)) {
      if (event.type === "header") this.header = event;
      else yield* this.#parse(event);
    }
  }
  #parse({ tagType, timestamp, body }) {
    const isSmall = body.length < body.buffer.byteLength * COPY_BELOW;
    return parseTagBody(tagType, this.#timestamps.unwrap(timestamp), isSmall ? new Uint8Array(body) : body);
  }
};

// media/flv/metadata.ts
var MAX_METADATA_BYTES = 65536;
var MAX_METADATA_VALUES = 8192;
function readMetadata(script) {
  if (script.data.length > MAX_METADATA_BYTES) return amfObject();
  try {
    const [, value] = decodeAmf0(script.data, MAX_METADATA_VALUES);
    return propertiesOf(value) ?? amfObject();
  } catch (error) {
    if (error instanceof FormatError) return amfObject();
    throw error;
  }
}

// web/push/file/flv_file.ts
var LOOK_BYTES = 4 * 1024 * 1024;
var USUAL_FRAME = 4e4;
var LONGEST_FRAME = 2e5;
async function isFlv(file) {
  const [f, l, v] = new Uint8Array(await file.slice(0, 3).arrayBuffer());
  return f === 70 && l === 76 && v === 86;
}
async function openFlvFile(file) {
  const tracks = /* @__PURE__ */ new Map();
  let duration2;
  let seen = 0;
  for await (const packet of packetsOf(file)) {
    if (packet.kind === "data") duration2 ??= durationOf(packet);
    else if (packet.track === 0) tracks.set(packet.kind, {
      kind: packet.kind,
      codec: codecName(packet.codec)
    });
    seen += packet.body.length;
    if (tracks.size === 2 && seen > 0 && duration2 !== void 0 || seen > LOOK_BYTES) break;
  }
  return {
    format: "FLV",
    duration: duration2,
    tracks: [
      ...tracks.values()
    ].sort((a, b) => a.kind < b.kind ? 1 : -1),
    faults: tracks.size ? [] : [
      "There is neither picture nor sound in this file"
    ],
    frames: () => framesOf(file)
  };
}
async function* framesOf(file) {
  const last = /* @__PURE__ */ new Map();
  for await (const { kind, role, codec, track, dts, pts, body } of packetsOf(file)) {
    if (kind === "data" || track !== 0 || role === "metadata" || role === "end") continue;
    const step = dts - (last.get(kind) ?? dts);
    if (role !== "config") last.set(kind, dts);
    yield {
      kind,
      role,
      codec,
      dts,
      body,
      shown: pts,
      end: pts + (step > 0 ? Math.min(step, LONGEST_FRAME) : USUAL_FRAME)
    };
  }
}
async function* packetsOf(file) {
  const demuxer = new FlvDemuxer();
  const reader = file.stream().getReader();
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      yield* demuxer.packets(value);
    }
  } finally {
    await reader.cancel();
  }
}
function durationOf(script) {
  const { duration: duration2 } = readMetadata(script);
  return typeof duration2 === "number" && duration2 > 0 ? duration2 : void 0;
}

// web/push/keep_field.ts
var PREFIX = "sluice:";
function keepField(field, name) {
  const isTicked = field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio");
  const kept = read(name);
  if (kept !== null && isTicked) {
    field.checked = field.type === "radio" ? field.checked || kept === field.value : kept === "true";
  } else if (kept !== null && (field instanceof HTMLInputElement || hasOption(field, kept))) field.value = kept;
  field.addEventListener("change", () => {
    if (!isTicked) write(name, field.value);
    else if (field.type === "checkbox") write(name, String(field.checked));
    else if (field.checked) write(name, field.value);
  });
}
function hasOption(select, value) {
  return Array.from(select.options).some((option) => option.value === value);
}
function read(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}
function write(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    return;
  }
}

// web/shared/live_list.ts
var POLL_MS = 2e3;
var LiveList = class {
  #onAnswer;
  #timer;
  #asking;
  /** `onAnswer` gets each answer; undefined when the server could not be asked. */
  constructor(onAnswer) {
    this.#onAnswer = onAnswer;
    document.addEventListener("visibilitychange", () => this.refresh());
    this.refresh();
  }
  /** Asks at once. */
  refresh() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    if (!document.hidden) this.#ask();
  }
  async #ask() {
    const asking = this.#asking = new AbortController();
    const answer = await fetchLive(asking.signal);
    if (asking.signal.aborted) return;
    this.#onAnswer(answer);
    this.#timer = globalThis.setTimeout(() => this.refresh(), POLL_MS);
  }
};
async function fetchLive(signal) {
  try {
    const response = await fetch("/api/v1/live", {
      signal,
      cache: "no-store"
    });
    return response.ok ? await response.json() : void 0;
  } catch {
    return void 0;
  }
}

// web/push/push_words.ts
function describePublication({ status: { phase, words }, isListed }) {
  switch (phase) {
    case "idle":
      return {
        tone: "quiet",
        label: "Not live"
      };
    case "connecting":
      return {
        tone: "waiting",
        label: "Connecting",
        title: words && `${words}. Trying again\u2026`
      };
    case "open":
      return isListed ? {
        tone: "live",
        label: "On air"
      } : {
        tone: "waiting",
        label: "Connecting"
      };
    case "waiting":
      return {
        tone: "trouble",
        label: "Reconnecting",
        title: `${words}. Trying again\u2026`
      };
    case "refused":
      return {
        tone: "trouble",
        label: "Refused",
        title: words
      };
  }
}

// web/push/upload/upload_facts.ts
var UNKNOWN2 = "\u2013";
function uploadFacts(before, now) {
  const seconds = (now.at - before.at) / 1e3;
  const rate = (count) => seconds > 0 && count >= 0 ? count / seconds : void 0;
  const upload = rate((now.sentBytes - before.sentBytes) * 8);
  const frames = rate(now.frames - before.frames);
  return [
    [
      "Frame rate",
      frames === void 0 ? UNKNOWN2 : `${Math.round(frames)} fps`
    ],
    [
      "Upload",
      upload === void 0 ? UNKNOWN2 : bitrateText(upload)
    ],
    ...now.bitrate === void 0 ? [] : [
      [
        "Encoder's target",
        bitrateText(now.bitrate)
      ]
    ],
    [
      "Waiting to be sent",
      `${Math.round(now.queueMs)} ms`
    ],
    [
      "Dropped frames",
      droppedText(now)
    ],
    [
      "Picture",
      now.width ? `${now.width} \xD7 ${now.height}` : UNKNOWN2
    ],
    [
      "Codecs",
      now.codecs || UNKNOWN2
    ],
    [
      "Sent",
      bytesText(now.sentBytes)
    ]
  ];
}
function audienceFacts(sinceMs, viewers) {
  return [
    [
      "On air for",
      sinceMs === void 0 ? UNKNOWN2 : duration(sinceMs)
    ],
    [
      "Viewers",
      viewers === void 0 ? UNKNOWN2 : String(viewers)
    ]
  ];
}
function droppedText({ dropped, frames }) {
  if (dropped === 0) return "0";
  return `${dropped} (${(100 * dropped / (dropped + frames)).toFixed(1)} %)`;
}

// web/push/live_status.ts
var FIGURES_MS = 1e3;
var LISTED_MS = 600;
var LiveStatus = class {
  #view;
  #facts;
  #list;
  #published;
  #phase;
  #paths = [];
  #startedAt;
  #before;
  #streams = [];
  #rtmpPort = null;
  #words;
  #label = "";
  constructor(view, facts) {
    this.#view = view;
    this.#facts = new FactsList(facts);
    this.#list = new LiveList((answer) => {
      this.#streams = answer?.streams ?? [];
      this.#rtmpPort = answer?.rtmpPort ?? null;
      this.show();
    });
    setInterval(() => this.#showFigures(), FIGURES_MS);
  }
  /** From now on this is what is published, under these names. */
  follow(published, paths) {
    this.#published = published;
    this.#paths = paths;
    this.#words = void 0;
    this.#startedAt = void 0;
    this.#before = void 0;
    this.show();
  }
  /** Nothing is published any more; `words` say why, where the person did not end it, `label` in one. */
  unfollow(words, label = "Failed") {
    this.#label = label;
    this.#published = void 0;
    this.#paths = [];
    this.#words = words;
    this.#facts.hide();
    this.show();
  }
  /** Shows what has changed. */
  show() {
    const status = this.#published?.statuses[0] ?? {
      phase: "idle"
    };
    const words = describePublication({
      status,
      isListed: this.#isListed()
    });
    if (words.tone === "live") this.#startedAt ??= performance.now();
    else if (status.phase === "open" && this.#phase !== "open") setTimeout(() => this.#list.refresh(), LISTED_MS);
    this.#phase = status.phase;
    this.#view.show(this.#words ? {
      tone: "trouble",
      label: this.#label,
      title: this.#words
    } : words);
    this.#view.showAddresses(this.#published ? this.#paths : [], this.#rtmpPort);
  }
  #isListed() {
    return this.#streams.some(({ path, publisher }) => path === this.#paths[0] && publisher);
  }
  #showFigures() {
    const now = this.#published?.figures[0];
    if (!now) return;
    const stream = this.#streams.find(({ path }) => path === this.#paths[0]);
    const since = this.#startedAt === void 0 ? void 0 : now.at - this.#startedAt;
    const facts = [
      ...uploadFacts(this.#before ?? now, now),
      ...audienceFacts(since, stream?.viewers)
    ];
    this.#before = now;
    this.#facts.show(facts);
  }
};

// web/shared/addresses.ts
var RTMP_PORT = 1935;
function playAddress(path, transport, { page }, query = "") {
  const isSecure = page.protocol === "https:";
  const scheme = transport === "ws-flv" ? isSecure ? "wss:" : "ws:" : page.protocol;
  return `${scheme}//${page.host}/${path}.flv${query}`;
}
function hlsAddress(path, { page }, query = "") {
  return `${page.protocol}//${page.host}/hls/${path}/index.m3u8${query}`;
}
function playAddresses(path, server) {
  const rtmp = rtmpBase(server);
  return [
    ...rtmp ? [
      {
        label: "RTMP",
        text: `${rtmp}/${path}`
      }
    ] : [],
    {
      label: "HTTP-FLV",
      text: playAddress(path, "http-flv", server)
    },
    {
      label: "WS-FLV",
      text: playAddress(path, "ws-flv", server)
    },
    {
      label: "HLS",
      text: hlsAddress(path, server)
    }
  ];
}
function rtmpBase({ page, rtmpPort }) {
  if (rtmpPort === null) return void 0;
  return `rtmp://${page.hostname}${rtmpPort === RTMP_PORT ? "" : `:${rtmpPort}`}`;
}

// web/shared/address_items.ts
var CONFIRM_MS = 1600;
function addressItems(addresses) {
  return addresses.map(({ label, text }) => {
    const code = make("code", {}, ...breakable(text));
    const button = make("button", {
      type: "button",
      className: "secondary",
      textContent: "Copy"
    });
    button.setAttribute("aria-label", `Copy ${label}`);
    button.addEventListener("click", () => confirmCopy(button, code));
    return make("li", {}, make("span", {
      textContent: label
    }), code, button);
  });
}
async function confirmCopy(button, code) {
  button.textContent = await copy(code) ? "Copied" : "Selected";
  setTimeout(() => button.textContent = "Copy", CONFIRM_MS);
}
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return document.execCommand("copy");
  }
}

// web/push/wake_lock.ts
function keepAwake() {
  let lock;
  let isOver = false;
  const ask = async () => {
    if (document.hidden || isOver || !navigator.wakeLock) return;
    const given = await navigator.wakeLock.request("screen").catch(() => void 0);
    if (isOver) given?.release();
    else lock = given;
  };
  document.addEventListener("visibilitychange", ask);
  ask();
  return {
    [Symbol.dispose]() {
      isOver = true;
      document.removeEventListener("visibilitychange", ask);
      lock?.release();
    }
  };
}

// web/push/publication_view.ts
var PublicationView = class {
  #form = byId("publish-form", HTMLFormElement);
  #path = byId("publish-path", HTMLInputElement);
  #key = byId("publish-key", HTMLInputElement);
  #fault = byId("publish-fault", HTMLElement);
  #button = byId("go-live", HTMLButtonElement);
  #badge = byId("badge", HTMLElement);
  #status = byId("status", HTMLElement);
  #watchCard = byId("watch-card", HTMLElement);
  #watchLink = byId("watch-link", HTMLAnchorElement);
  #title = document.title;
  #isOn = false;
  #awake;
  /** `page` names the page among what the browser keeps; `onToggle` is called when the person goes live or ends it. */
  constructor(page, onToggle) {
    keepField(this.#path, `${page}:path`);
    keepField(this.#key, "publish-key");
    const wanted = new URLSearchParams(location.search).get("stream");
    if (wanted) this.#path.value = wanted;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      onToggle();
    });
    this.#path.addEventListener("input", () => this.#showFault(void 0));
    document.querySelector(".tabs [aria-current]")?.scrollIntoView({
      block: "nearest",
      inline: "center"
    });
  }
  /** What the form says; undefined, and the person is told why, when it is no name for a stream. */
  read() {
    const path = this.#path.value.trim();
    const fault = pathFault(path);
    this.#showFault(fault);
    if (fault) {
      this.#path.focus();
      return void 0;
    }
    return {
      path,
      key: this.#key.value
    };
  }
  /** Shows whether it is on: then the name and the key cannot be changed, and the device stays awake. */
  setOn(isOn) {
    this.#isOn = isOn;
    this.#awake?.[Symbol.dispose]();
    this.#awake = isOn ? keepAwake() : void 0;
    this.#button.textContent = isOn ? "End stream" : "Go live";
    this.#button.classList.toggle("ending", isOn);
    this.#path.readOnly = isOn;
    this.#key.readOnly = isOn;
  }
  setEnabled(isEnabled) {
    this.#button.disabled = !isEnabled;
  }
  show(words) {
    showText(this.#badge, words.label);
    this.#badge.dataset.tone = words.tone;
    showText(this.#status, words.title);
    this.#status.dataset.tone = words.tone;
    document.title = this.#isOn ? `${words.label} \xB7 ${this.#title}` : this.#title;
  }
  /** Shows where these streams can be watched. */
  showAddresses(paths, rtmpPort) {
    const shown = `${paths} ${rtmpPort}`;
    this.#watchCard.hidden = paths.length === 0;
    if (this.#watchCard.dataset.shown === shown || paths.length === 0) return;
    this.#watchCard.dataset.shown = shown;
    this.#watchLink.href = `/index.html?stream=${paths[0]}`;
    const addresses = paths.flatMap((path) => playAddresses(path, {
      page: location,
      rtmpPort
    }));
    byId("watch-addresses", HTMLElement).replaceChildren(...addressItems(addresses));
  }
  #showFault(fault) {
    showText(this.#fault, fault);
    if (fault) this.#path.setAttribute("aria-invalid", "true");
    else this.#path.removeAttribute("aria-invalid");
  }
};
function addressOf({ path, key }) {
  return publishAddress(location, path, key);
}

// web/push/file/file_page.ts
var POSITION_MS = 500;
var MAX_APART = 1;
var FilePage = class {
  #input = byId("file", HTMLInputElement);
  #loop = byId("loop", HTMLInputElement);
  #preview = byId("preview", HTMLVideoElement);
  #notice = byId("notice", HTMLElement);
  #facts = new FactsList(byId("file-facts", HTMLElement));
  #faults = byId("file-faults", HTMLElement);
  #progress = byId("progress", HTMLProgressElement);
  #publication = new PublicationView("file", () => this.#toggle());
  #status = new LiveStatus(this.#publication, byId("facts", HTMLElement));
  #file;
  #publisher;
  constructor() {
    this.#publication.setEnabled(false);
    keepField(this.#loop, "file:loop");
    this.#input.addEventListener("change", () => this.#choose(this.#input.files?.[0]));
    byId("notice-action", HTMLButtonElement).addEventListener("click", () => this.#input.click());
    this.#loop.addEventListener("change", () => {
      if (this.#publisher) this.#publisher.isLoop = this.#loop.checked;
    });
    this.#preview.addEventListener("loadeddata", () => this.#notice.hidden = this.#preview.videoWidth > 0);
    this.#acceptDrops(byId("screen", HTMLElement));
    addEventListener("pagehide", () => this.#publisher?.[Symbol.dispose]());
    setInterval(() => this.#showPosition(), POSITION_MS);
  }
  #acceptDrops(screen) {
    const mark = (isOver) => (event) => {
      event.preventDefault();
      screen.classList.toggle("dragging", isOver);
    };
    screen.addEventListener("dragover", mark(true));
    screen.addEventListener("dragleave", mark(false));
    screen.addEventListener("drop", (event) => {
      mark(false)(event);
      this.#choose(event.dataTransfer?.files[0]);
    });
  }
  async #choose(file) {
    if (!file || this.#publisher) return;
    this.#file = void 0;
    this.#publication.setEnabled(false);
    this.#showNotice(file.name, "Reading\u2026");
    URL.revokeObjectURL(this.#preview.src);
    this.#preview.src = URL.createObjectURL(file);
    try {
      this.#show(file, await openFile(file));
    } catch (error) {
      this.#facts.hide();
      showText(this.#faults, `${file.name} cannot be read: ${error.message}`);
      this.#showNotice("This file cannot be read", "MP4, MKV, WebM, TS and FLV can.");
    }
  }
  #show(file, opened) {
    const { format, tracks, faults } = opened;
    const canPublish = tracks.length > 0;
    this.#facts.show([
      [
        "Name",
        file.name
      ],
      [
        "Format",
        format
      ],
      [
        "Length",
        opened.duration === void 0 ? "not known" : duration(opened.duration * 1e3)
      ],
      [
        "Size",
        bytesText(file.size)
      ],
      [
        "Codecs",
        tracks.map(({ codec }) => codec).join(" \xB7 ") || "none"
      ]
    ]);
    const rest = canPublish && faults.length ? "; the rest is published" : "";
    showText(this.#faults, faults.length ? `${faults.join(". ")}${rest}.` : void 0);
    this.#showNotice(file.name, canPublish ? "Ready. This browser shows no picture of it." : "It cannot be published.");
    this.#notice.hidden = this.#preview.videoWidth > 0;
    this.#file = canPublish ? opened : void 0;
    this.#publication.setEnabled(canPublish);
  }
  async #toggle() {
    if (this.#publisher) return this.#end();
    const target = this.#publication.read();
    if (!target || !this.#file) return;
    const publisher = new FilePublisher(this.#file, addressOf(target), this.#loop.checked, {
      onChange: () => this.#onChange(),
      onEnd: (words) => this.#end(words)
    });
    this.#publisher = publisher;
    this.#setOn(true);
    this.#status.follow(publisher, [
      target.path
    ]);
    await publisher.start();
  }
  /** What is refused can be mended at once, and tried again. */
  #onChange() {
    const [{ phase, words }] = this.#publisher.statuses;
    if (phase === "refused") this.#end(words, "Refused");
    else this.#status.show();
  }
  #end(words, label) {
    this.#publisher?.[Symbol.dispose]();
    this.#publisher = void 0;
    this.#setOn(false);
    this.#status.unfollow(words, label);
  }
  #setOn(isOn) {
    this.#publication.setOn(isOn);
    this.#input.disabled = isOn;
    byId("progress-field", HTMLElement).hidden = !isOn;
    if (isOn) this.#preview.play().catch(() => {
    });
    else this.#preview.pause();
  }
  #showPosition() {
    if (!this.#publisher) return;
    const { position, round, statuses: [{ phase }] } = this.#publisher;
    const whole = this.#file?.duration;
    const of = whole === void 0 ? "" : ` of ${duration(whole * 1e3)}`;
    showText(byId("position", HTMLElement), `${duration(position * 1e3)}${of}, round ${round}`);
    if (whole) this.#progress.value = position / whole;
    else this.#progress.removeAttribute("value");
    if (phase !== "open") this.#preview.pause();
    else if (this.#preview.paused) this.#preview.play().catch(() => {
    });
    if (Math.abs(this.#preview.currentTime - position) > MAX_APART) this.#preview.currentTime = position;
  }
  #showNotice(title, detail) {
    showText(byId("notice-title", HTMLElement), title);
    showText(byId("notice-detail", HTMLElement), detail);
    this.#notice.hidden = false;
  }
};
async function openFile(file) {
  if (await isFlv(file)) return await openFlvFile(file);
  const { openMediaFile } = await loadLibrary("files");
  return await openMediaFile(file);
}

// web/flv_push.ts
new FilePage();
