import { Amf3Marker } from "./amf3_marker.ts";
import { MAX_AMF_DEPTH } from "./amf_limits.ts";
import {
  type AmfObject,
  type AmfValue,
  EcmaArray,
  propertiesOf,
  TypedObject,
  Unsupported,
  XmlDocument,
} from "./amf_value.ts";
import { ByteWriter } from "../bytes.ts";

/** The largest length that fits beside the bit that tells values from references. */
const MAX_LENGTH = 0x0fff_ffff;

/** An object whose traits follow, with no sealed properties and any number of dynamic ones. */
const DYNAMIC_OBJECT = 0x0b;

const utf8 = new TextEncoder();

/** The values as one AMF3 message. Throws as {@linkcode writeAmf3} does. */
export function encodeAmf3(...values: AmfValue[]): Uint8Array {
  const out = new ByteWriter(256);
  for (const value of values) writeAmf3(out, value);
  return out.view();
}

/**
 * Appends one value in AMF3, never by reference. Throws `RangeError` for values nested deeper than
 * {@linkcode MAX_AMF_DEPTH}, for lengths beyond 28 bits and for properties with an empty name, which AMF3 cannot say.
 */
export function writeAmf3(out: ByteWriter, value: AmfValue, depth = 0): void {
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

function writeComplex(out: ByteWriter, value: AmfValue & object, depth: number): void {
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
    writeObject(out, value as AmfObject | EcmaArray | TypedObject, depth);
  }
}

function writeObject(out: ByteWriter, value: AmfObject | EcmaArray | TypedObject, depth: number): void {
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

function writeDictionary(out: ByteWriter, map: ReadonlyMap<AmfValue, AmfValue>, depth: number): void {
  writeLength(out.u8(Amf3Marker.Dictionary), map.size);
  out.u8(0);
  for (const [key, value] of map) {
    writeAmf3(out, key, depth + 1);
    writeAmf3(out, value, depth + 1);
  }
}

function writeNumber(out: ByteWriter, value: number): void {
  const fits = value << 3 >> 3 === value && !Object.is(value, -0);
  if (fits) writeU29(out.u8(Amf3Marker.Integer), value & 0x1fff_ffff);
  else out.u8(Amf3Marker.Double).f64(value);
}

function writeText(out: ByteWriter, value: string): void {
  const text = utf8.encode(value);
  writeLength(out, text.length);
  out.raw(text);
}

/** A length, marked as that of a value which follows and is no reference. */
function writeLength(out: ByteWriter, length: number): void {
  if (length > MAX_LENGTH) {
    throw new RangeError(`Cannot write an AMF3 value of length ${length}: ${MAX_LENGTH} is the most`);
  }
  writeU29(out, length << 1 | 1);
}

function writeU29(out: ByteWriter, value: number): void {
  if (value >= 0x20_0000) {
    out.u8(value >>> 22 | 0x80).u8(value >>> 15 & 0x7f | 0x80).u8(value >>> 8 & 0x7f | 0x80).u8(value & 0xff);
    return;
  }
  if (value >= 0x4000) out.u8(value >>> 14 | 0x80);
  if (value >= 0x80) out.u8(value >>> 7 & 0x7f | 0x80);
  out.u8(value & 0x7f);
}
