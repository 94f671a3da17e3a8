import { Amf3Reader } from "./amf3.ts";
import { writeAmf3 } from "./amf3_writer.ts";
import { AmfBudget, AmfReferences, MAX_AMF_DEPTH } from "./amf_limits.ts";
import {
  type AmfObject,
  amfObject,
  type AmfValue,
  EcmaArray,
  TypedObject,
  Unsupported,
  XmlDocument,
} from "./amf_value.ts";
import { ByteReader } from "../byte_reader.ts";
import { ByteWriter } from "../bytes.ts";

const Marker = {
  Number: 0x00,
  Boolean: 0x01,
  String: 0x02,
  Object: 0x03,
  Null: 0x05,
  Undefined: 0x06,
  Reference: 0x07,
  EcmaArray: 0x08,
  ObjectEnd: 0x09,
  StrictArray: 0x0a,
  Date: 0x0b,
  LongString: 0x0c,
  Unsupported: 0x0d,
  Xml: 0x0f,
  TypedObject: 0x10,
  Amf3: 0x11,
} as const;

/** The longest text that a 16-bit length can announce. */
const MAX_SHORT_TEXT = 0xffff;

const utf8 = new TextEncoder();

/**
 * All values of one AMF0 message, in order.
 *
 * As lenient as encoders in the field need: an object may lack its end marker where the message ends, an ECMA array's
 * count is only a hint, stray end markers are skipped, and a marker that nobody knows gives {@linkcode Unsupported} and
 * ends the message. Throws {@linkcode FormatError} for messages that are cut off or beyond the limits of
 * `amf_limits.ts`; `maxValues` is for callers who can do with fewer. Follows the AMF0 specification, section 2.
 */
export function decodeAmf0(bytes: Uint8Array, maxValues?: number): AmfValue[] {
  const reader = new Amf0Reader(bytes, 0, maxValues);
  const values: AmfValue[] = [];
  while (!reader.done) values.push(reader.read());
  return values;
}

/** Reads the AMF0 values of one message one by one; {@linkcode decodeAmf0} says how lenient it is. */
export class Amf0Reader {
  readonly #bytes: Uint8Array;
  readonly #references = new AmfReferences();
  readonly #budget: AmfBudget;
  #input: ByteReader;
  #blind = false;

  constructor(bytes: Uint8Array, offset = 0, maxValues?: number) {
    this.#budget = new AmfBudget(maxValues);
    this.#bytes = bytes;
    this.#input = new ByteReader(bytes, offset);
  }

  /** Where the next value begins. */
  get offset(): number {
    return this.#input.offset;
  }

  /** Whether no value is left. */
  get done(): boolean {
    while (this.#input.peek() === Marker.ObjectEnd) this.#input.u8();
    return this.#input.left === 0;
  }

  /** The next value. Throws {@linkcode FormatError} for what cannot be read. */
  read(): AmfValue {
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
        return undefined;
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

  #object(object: AmfObject): AmfValue {
    return this.#budget.nest(this.#references, object, (object) => this.#properties(object));
  }

  #ecmaArray(): AmfValue {
    this.#input.u32();
    const array = new EcmaArray(amfObject());
    return this.#budget.nest(this.#references, array, (array) => this.#properties(array.properties));
  }

  #typedObject(className: string): AmfValue {
    const object = new TypedObject(className, amfObject());
    return this.#budget.nest(this.#references, object, (object) => this.#properties(object.properties));
  }

  #strictArray(length: number): AmfValue {
    return this.#budget.nest(this.#references, [] as AmfValue[], (array) => {
      for (let i = 0; i < length && !this.#blind; i++) array.push(this.read());
    });
  }

  #date(): Date {
    const date = new Date(this.#input.f64());
    this.#input.i16(); // A time zone, which the specification reserves and which must be ignored.
    return date;
  }

  #amf3(): AmfValue {
    const reader = new Amf3Reader(this.#bytes, this.#input.offset, this.#budget);
    const value = reader.read();
    this.#input = new ByteReader(this.#bytes, reader.offset);
    return value;
  }

  /** A value of unknown length: what follows cannot be found. */
  #unknown(marker: number): AmfValue {
    this.#input.rest();
    this.#blind = true;
    return new Unsupported(marker);
  }

  #properties(into: AmfObject): void {
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
  #atMissingEnd(): boolean {
    const { left } = this.#input;
    if (left > 2 || this.#bytes.subarray(this.#input.offset).some((byte) => byte !== 0)) return false;
    this.#input.rest();
    return true;
  }
}

/** The values as one AMF0 message. Throws as {@linkcode writeAmf0} does. */
export function encodeAmf0(...values: AmfValue[]): Uint8Array {
  const out = new ByteWriter(256);
  for (const value of values) writeAmf0(out, value);
  return out.view();
}

/**
 * Appends one value in AMF0. Texts beyond 65,535 bytes become long strings; what AMF0 has no marker for (bytes, maps)
 * is written as AMF3 behind the switch marker. Throws `RangeError` for values nested deeper than
 * {@linkcode MAX_AMF_DEPTH}, which includes those that contain themselves, and for keys beyond 65,535 bytes.
 */
export function writeAmf0(out: ByteWriter, value: AmfValue, depth = 0): void {
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
      return value === null ? void out.u8(Marker.Null) : writeComplex(out, value, depth);
  }
}

function writeComplex(out: ByteWriter, value: AmfValue & object, depth: number): void {
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
    const text = utf8.encode(value.xml);
    out.u8(Marker.Xml).u32(text.length).raw(text);
  } else if (value instanceof Unsupported) {
    out.u8(Marker.Unsupported);
  } else if (value instanceof Uint8Array || value instanceof Map) {
    writeAmf3(out.u8(Marker.Amf3), value, depth);
  } else {
    writeProperties(out.u8(Marker.Object), value as AmfObject, depth);
  }
}

function writeProperties(out: ByteWriter, properties: AmfObject, depth: number): void {
  for (const key of Object.keys(properties)) {
    writeShortText(out, key);
    writeAmf0(out, properties[key], depth + 1);
  }
  out.u16(0).u8(Marker.ObjectEnd);
}

function writeString(out: ByteWriter, value: string): void {
  const text = utf8.encode(value);
  if (text.length <= MAX_SHORT_TEXT) out.u8(Marker.String).u16(text.length).raw(text);
  else out.u8(Marker.LongString).u32(text.length).raw(text);
}

function writeShortText(out: ByteWriter, value: string): void {
  const text = utf8.encode(value);
  if (text.length > MAX_SHORT_TEXT) {
    throw new RangeError(`Cannot write an AMF0 name of ${text.length} bytes: ${MAX_SHORT_TEXT} fit`);
  }
  out.u16(text.length).raw(text);
}
