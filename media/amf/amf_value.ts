/** An object's or ECMA array's properties. Made without a prototype, so that no key a peer sends means anything. */
export interface AmfObject {
  [key: string]: AmfValue;
}

/**
 * One value of AMF0 or AMF3, the serialisations that RTMP commands and FLV script tags are written in.
 *
 * Numbers, strings (short and long), booleans, null, undefined, dates, strict arrays and anonymous objects are what they
 * are in JavaScript. What JavaScript has no word for is a class of this module.
 */
export type AmfValue =
  | number
  | boolean
  | string
  | null
  | undefined
  | Date
  | Uint8Array
  | readonly AmfValue[]
  | ReadonlyMap<AmfValue, AmfValue>
  | AmfObject
  | EcmaArray
  | TypedObject
  | XmlDocument
  | Unsupported;

/** An associative array (AMF0 2.10): like an object, but written under a marker of its own. `onMetaData` is one. */
export class EcmaArray {
  readonly properties: AmfObject;

  constructor(properties: AmfObject) {
    this.properties = properties;
  }
}

/** An object that has a class name (AMF0 2.18, AMF3 3.12). */
export class TypedObject {
  readonly className: string;
  readonly properties: AmfObject;

  constructor(className: string, properties: AmfObject) {
    this.className = className;
    this.properties = properties;
  }
}

/** An XML document (AMF0 2.17, AMF3 3.7 and 3.9), not parsed. */
export class XmlDocument {
  readonly xml: string;

  constructor(xml: string) {
    this.xml = xml;
  }
}

/**
 * Stands where a value cannot be read: AMF0's own `unsupported` marker, or a marker that no specification gives a
 * meaning. The latter has no known length, so it also hides everything after it in its message.
 */
export class Unsupported {
  readonly marker: number;

  constructor(marker: number) {
    this.marker = marker;
  }
}

/** An object without properties and without a prototype. */
export function amfObject(): AmfObject {
  return Object.create(null);
}

/** The properties of an object, ECMA array or typed object; undefined for every other value. */
export function propertiesOf(value: AmfValue): AmfObject | undefined {
  if (value instanceof EcmaArray || value instanceof TypedObject) return value.properties;
  return isAmfObject(value) ? value : undefined;
}

/** Says whether a value is an anonymous object. */
export function isAmfObject(value: AmfValue): value is AmfObject {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
