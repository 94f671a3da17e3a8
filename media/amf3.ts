import { AmfBudget, AmfReferences, MAX_AMF_DEPTH } from "./amf_limits.ts";
import {
  type AmfObject,
  amfObject,
  type AmfValue,
  EcmaArray,
  propertiesOf,
  TypedObject,
  Unsupported,
  XmlDocument,
} from "./amf_value.ts";
import { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./bytes.ts";
import { FormatError } from "./errors.ts";

const Marker = {
  Undefined: 0x00,
  Null: 0x01,
  False: 0x02,
  True: 0x03,
  Integer: 0x04,
  Double: 0x05,
  String: 0x06,
  XmlDocument: 0x07,
  Date: 0x08,
  Array: 0x09,
  Object: 0x0a,
  Xml: 0x0b,
  ByteArray: 0x0c,
  VectorInt: 0x0d,
  VectorUint: 0x0e,
  VectorDouble: 0x0f,
  VectorObject: 0x10,
  Dictionary: 0x11,
} as const;

/** How many characters of a text that is referred to count as one more value of the message's budget. */
const TEXT_PER_VALUE = 16;

/** The largest length or integer's absolute value that 29 bits hold. */
const MAX_U28 = 0x0fff_ffff;

const DYNAMIC_OBJECT = 0x0b;

const utf8 = new TextEncoder();

/** The class of an object: its name, and the properties that every instance has, in order (AMF3 3.12). */
interface Traits {
  readonly className: string;
  readonly dynamic: boolean;
  readonly sealed: readonly string[];
}

/** All values of one AMF3 message, in order. Throws as {@linkcode Amf3Reader.read} does. */
export function decodeAmf3(bytes: Uint8Array): AmfValue[] {
  const reader = new Amf3Reader(bytes);
  const values: AmfValue[] = [];
  while (!reader.done) values.push(reader.read());
  return values;
}

/**
 * Reads AMF3 values one by one; strings, objects and traits may refer to those read before.
 *
 * Vectors come out as arrays, dictionaries as maps, byte arrays as views, arrays with named elements as ECMA arrays.
 * Follows the AMF3 specification, section 3.
 */
export class Amf3Reader {
  readonly #input: ByteReader;
  readonly #budget: AmfBudget;
  readonly #objects = new AmfReferences();
  readonly #strings: string[] = [];
  readonly #traits: Traits[] = [];

  constructor(bytes: Uint8Array, offset = 0, budget: AmfBudget = new AmfBudget()) {
    this.#input = new ByteReader(bytes, offset);
    this.#budget = budget;
  }

  /** Where the next value begins. */
  get offset(): number {
    return this.#input.offset;
  }

  /** Whether no value is left. */
  get done(): boolean {
    return this.#input.left === 0;
  }

  /**
   * The next value. Throws {@linkcode FormatError} for values that are cut off, beyond the limits of `amf_limits.ts`, of
   * an unknown marker, or of a class that writes itself, whose format only its own program knows.
   */
  read(): AmfValue {
    const input = this.#input;
    this.#budget.count(1);
    const marker = input.u8();
    switch (marker) {
      case Marker.Undefined:
        return undefined;
      case Marker.Null:
        return null;
      case Marker.False:
        return false;
      case Marker.True:
        return true;
      case Marker.Integer:
        return this.#u29() << 3 >> 3;
      case Marker.Double:
        return input.f64();
      case Marker.String:
        return this.#string();
      default:
        return this.#referable(marker);
    }
  }

  #referable(marker: number): AmfValue {
    if (marker > Marker.Dictionary) throw new FormatError(`AMF3 has no value with the marker ${marker}`);
    const head = this.#u29();
    if ((head & 1) === 0) return this.#budget.repeat(this.#objects.get(head >>> 1));
    const count = head >>> 1;
    switch (marker) {
      case Marker.XmlDocument:
      case Marker.Xml:
        return this.#leaf(new XmlDocument(this.#input.text(count)));
      case Marker.Date:
        return this.#leaf(new Date(this.#input.f64()));
      case Marker.ByteArray:
        return this.#leaf(this.#input.raw(count));
      case Marker.Array:
        return this.#array(count);
      case Marker.Object:
        return this.#object(this.#readTraits(count));
      case Marker.Dictionary:
        return this.#dictionary(count);
      default:
        return this.#vector(marker, count);
    }
  }

  #leaf<T extends AmfValue>(value: T): T {
    this.#objects.addLeaf(value);
    return value;
  }

  /** Whether an array has named elements is known only from its first name, but its number in the table before that. */
  #array(count: number): AmfValue {
    const first = this.#peekEmptyName();
    if (first) return this.#budget.nest(this.#objects, [] as AmfValue[], (array) => this.#items(array, count));
    return this.#budget.nest(this.#objects, new EcmaArray(amfObject()), ({ properties }) => {
      this.#dynamicProperties(properties);
      for (let i = 0; i < count; i++) properties[i] = this.read();
    });
  }

  #peekEmptyName(): boolean {
    const empty = this.#input.peek() === 1;
    if (empty) this.#input.u8();
    return empty;
  }

  #items(array: AmfValue[], count: number): void {
    for (let i = 0; i < count; i++) array.push(this.read());
  }

  #object(traits: Traits): AmfValue {
    const properties = amfObject();
    const value = traits.className === "" ? properties : new TypedObject(traits.className, properties);
    return this.#budget.nest(this.#objects, value, () => {
      for (const name of traits.sealed) properties[name] = this.read();
      if (traits.dynamic) this.#dynamicProperties(properties);
    });
  }

  #readTraits(head: number): Traits {
    if ((head & 1) === 0) return this.#knownTraits(head >>> 1);
    const className = this.#string();
    if ((head & 2) !== 0) throw new FormatError(`AMF3 object of class "${className}" has a format of its own`);
    const sealed: string[] = [];
    for (let count = head >>> 3; count > 0; count--) sealed.push(this.#string());
    const traits = { className, sealed, dynamic: (head & 4) !== 0 };
    this.#traits.push(traits);
    return traits;
  }

  #knownTraits(index: number): Traits {
    const traits = this.#traits[index];
    if (!traits) throw new FormatError(`AMF3 traits ${index} were never sent: ${this.#traits.length} were`);
    this.#budget.count(traits.sealed.reduce((sum, name) => sum + textCost(name), 0));
    return traits;
  }

  #dynamicProperties(into: AmfObject): void {
    for (let name = this.#string(); name !== ""; name = this.#string()) into[name] = this.read();
  }

  #dictionary(count: number): AmfValue {
    this.#input.u8(); // Whether its keys are held weakly: a matter of the sender's memory.
    return this.#budget.nest(this.#objects, new Map<AmfValue, AmfValue>(), (map) => {
      for (let i = 0; i < count; i++) map.set(this.read(), this.read());
    });
  }

  #vector(marker: number, count: number): AmfValue {
    const input = this.#input;
    input.u8(); // Whether its length is fixed: a matter of the sender's class.
    if (marker === Marker.VectorObject) this.#string();
    return this.#budget.nest(this.#objects, [] as AmfValue[], (array) => {
      if (marker === Marker.VectorObject) return this.#items(array, count);
      this.#budget.count(count);
      for (let i = 0; i < count; i++) {
        if (marker === Marker.VectorInt) array.push(input.i32());
        else array.push(marker === Marker.VectorUint ? input.u32() : input.f64());
      }
    });
  }

  #string(): string {
    const head = this.#u29();
    if ((head & 1) === 0) return this.#knownString(head >>> 1);
    const text = this.#input.text(head >>> 1);
    if (text !== "") this.#strings.push(text);
    return text;
  }

  #knownString(index: number): string {
    const text = this.#strings[index];
    if (text === undefined) {
      throw new FormatError(`AMF3 string ${index} was never sent: ${this.#strings.length} were`);
    }
    this.#budget.count(textCost(text));
    return text;
  }

  /** An unsigned number of 29 bits in one to four bytes (AMF3 1.3.1). */
  #u29(): number {
    let value = 0;
    for (let i = 0; i < 3; i++) {
      const byte = this.#input.u8();
      value = value << 7 | byte & 0x7f;
      if (byte < 0x80) return value;
    }
    return value << 8 | this.#input.u8();
  }
}

function textCost(text: string): number {
  return Math.floor(text.length / TEXT_PER_VALUE);
}

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
      return void out.u8(Marker.Undefined);
    case "boolean":
      return void out.u8(value ? Marker.True : Marker.False);
    case "number":
      return writeNumber(out, value);
    case "string":
      return writeText(out.u8(Marker.String), value);
    default:
      return value === null ? void out.u8(Marker.Null) : writeComplex(out, value, depth);
  }
}

function writeComplex(out: ByteWriter, value: AmfValue & object, depth: number): void {
  if (value instanceof Date) {
    out.u8(Marker.Date).u8(1).f64(value.getTime());
  } else if (value instanceof Uint8Array) {
    writeLength(out.u8(Marker.ByteArray), value.length);
    out.raw(value);
  } else if (value instanceof XmlDocument) {
    writeText(out.u8(Marker.Xml), value.xml);
  } else if (value instanceof Array) {
    writeLength(out.u8(Marker.Array), value.length);
    out.u8(1);
    for (const item of value) writeAmf3(out, item, depth + 1);
  } else if (value instanceof Map) {
    writeDictionary(out, value, depth);
  } else if (value instanceof Unsupported) {
    out.u8(Marker.Undefined);
  } else {
    writeObject(out, value as AmfObject | EcmaArray | TypedObject, depth);
  }
}

function writeObject(out: ByteWriter, value: AmfObject | EcmaArray | TypedObject, depth: number): void {
  if (value instanceof EcmaArray) {
    out.u8(Marker.Array).u8(1);
  } else {
    out.u8(Marker.Object).u8(DYNAMIC_OBJECT);
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
  writeLength(out.u8(Marker.Dictionary), map.size);
  out.u8(0);
  for (const [key, value] of map) {
    writeAmf3(out, key, depth + 1);
    writeAmf3(out, value, depth + 1);
  }
}

function writeNumber(out: ByteWriter, value: number): void {
  const fits = value << 3 >> 3 === value && !Object.is(value, -0);
  if (fits) writeU29(out.u8(Marker.Integer), value & 0x1fff_ffff);
  else out.u8(Marker.Double).f64(value);
}

function writeText(out: ByteWriter, value: string): void {
  const text = utf8.encode(value);
  writeLength(out, text.length);
  out.raw(text);
}

/** A length, marked as that of a value which follows and is no reference. */
function writeLength(out: ByteWriter, length: number): void {
  if (length > MAX_U28) throw new RangeError(`Cannot write an AMF3 value of length ${length}: ${MAX_U28} is the most`);
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
