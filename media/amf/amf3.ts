import { Amf3Marker } from "./amf3_marker.ts";
import { AmfBudget, AmfReferences } from "./amf_limits.ts";
import { type AmfObject, amfObject, type AmfValue, EcmaArray, TypedObject, XmlDocument } from "./amf_value.ts";
import { ByteReader } from "../byte_reader.ts";
import { FormatError } from "../errors.ts";

/** How many characters of a text that is referred to count as one more value of the message's budget. */
const TEXT_PER_VALUE = 16;

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
      case Amf3Marker.Undefined:
        return undefined;
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

  #referable(marker: number): AmfValue {
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
    if (marker === Amf3Marker.VectorObject) this.#string();
    return this.#budget.nest(this.#objects, [] as AmfValue[], (array) => {
      if (marker === Amf3Marker.VectorObject) return this.#items(array, count);
      this.#budget.count(count);
      for (let i = 0; i < count; i++) {
        if (marker === Amf3Marker.VectorInt) array.push(input.i32());
        else array.push(marker === Amf3Marker.VectorUint ? input.u32() : input.f64());
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
