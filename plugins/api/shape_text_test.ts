import { assertEquals } from "@std/assert";
import { fields, type Shape, shapeText } from "./shape_text.ts";

const SHAPES: readonly { shape: Shape; text: string }[] = [
  { shape: { type: "string" }, text: "string" },
  { shape: {}, text: "anything" },
  { shape: { type: ["integer", "null"] }, text: "integer | null" },
  { shape: { type: "string", enum: ["live", "ended"] }, text: "live | ended" },
  { shape: { $ref: "#/components/schemas/Stream" }, text: "Stream" },
  { shape: { type: "array", items: { $ref: "#/components/schemas/Track" } }, text: "Track[]" },
  { shape: { type: "object", additionalProperties: { type: "integer" } }, text: "{ …: integer }" },
  { shape: { type: "object", additionalProperties: {} }, text: "{ …: anything }" },
  { shape: { type: "object" }, text: "object" },
  {
    shape: {
      type: "object",
      properties: { id: { type: "string" }, to: { type: "array", items: { type: "string" } } },
      required: ["id"],
      additionalProperties: false,
    },
    text: "{ id: string, to?: string[] }",
  },
];

for (const { shape, text } of SHAPES) {
  Deno.test(`a shape in words: ${text}`, () => assertEquals(shapeText(shape), text));
}

Deno.test("a shape's fields have their meaning beside them", () => {
  const properties = { url: { type: "string", description: "Where it goes" }, id: { type: "string" } };
  assertEquals(fields({ properties, required: ["id"] }), [["url?", "string", "Where it goes"], ["id", "string", ""]]);
  assertEquals(fields({}), []);
});
