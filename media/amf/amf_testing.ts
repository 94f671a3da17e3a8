import fc from "fast-check";
import { amfObject, type AmfValue, EcmaArray, TypedObject, XmlDocument } from "./amf_value.ts";

const names = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12, unit: "binary" }),
  fc.constantFrom("__proto__", "constructor", "toString", "0", "length"),
);

/** Any value that AMF0 and AMF3 can both write; AMF3 cannot tell an empty ECMA array from an empty one. For tests. */
export const amfValues: fc.Arbitrary<AmfValue> =
  fc.letrec<{ value: AmfValue; object: Record<string, AmfValue> }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.oneof(
        fc.double(),
        fc.integer(),
        fc.boolean(),
        fc.string({ unit: "binary" }),
        fc.constantFrom(null, undefined),
        fc.date(),
        fc.uint8Array({ maxLength: 20 }),
        fc.string().map((xml) => new XmlDocument(xml)),
      ),
      tie("object"),
      fc.array(tie("value"), { maxLength: 5 }),
      fc.tuple(names, tie("value"), tie("object")).map(([name, value, properties]) => {
        properties[name] = value;
        return new EcmaArray(properties);
      }),
      fc.tuple(names, tie("object")).map(([name, properties]) => new TypedObject(name, properties)),
    ),
    object: fc.array(fc.tuple(names, tie("value")), { maxLength: 5 }).map((entries) => {
      const object = amfObject();
      for (const [name, value] of entries) object[name] = value;
      return object;
    }),
  })).value;
