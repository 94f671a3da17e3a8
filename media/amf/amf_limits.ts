import type { AmfValue } from "./amf_value.ts";
import { FormatError } from "../errors.ts";

/**
 * How deep values may be nested. Encoders nest three or four levels; every level costs a stack frame here and in whoever
 * walks the value later, and a message of 10,000 levels is 10,000 bytes.
 */
export const MAX_AMF_DEPTH = 64;

/**
 * How many values one message may hold, everything it refers to counted each time. The keyframe index of a day's
 * recording has some 90,000; references could make a kilobyte stand for billions.
 */
export const MAX_AMF_VALUES = 262_144;

/** What a complex value costs whoever refers to it. */
interface Referent {
  value: AmfValue;
  complete: boolean;
  values: number;
  height: number;
}

/**
 * Keeps one message within its limits, and resolves its references.
 *
 * What comes out is finite: never deeper or larger than the limits when written out in full, and without loops, since a
 * value that contains itself is refused.
 */
export class AmfBudget {
  readonly #maxValues: number;
  #values = 0;
  #depth = 0;
  #deepest = 0;

  constructor(maxValues: number = MAX_AMF_VALUES) {
    this.#maxValues = maxValues;
  }

  /** Counts values. Throws {@linkcode FormatError} beyond the limit. */
  count(values: number): void {
    this.#values += values;
    if (this.#values > this.#maxValues) throw new FormatError(`AMF message has more than ${this.#maxValues} values`);
  }

  /**
   * Reads a complex value: `fill` reads what is inside `value`, one level deeper, and may refer to what `table` holds.
   * Throws {@linkcode FormatError} beyond {@linkcode MAX_AMF_DEPTH}.
   */
  nest<T extends AmfValue>(table: AmfReferences, value: T, fill: (value: T) => void): T {
    const outer = { values: this.#values, deepest: this.#deepest };
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
  repeat(referent: Referent): AmfValue {
    if (!referent.complete) throw new FormatError("AMF value contains itself");
    this.count(referent.values);
    this.#reach(this.#depth + referent.height);
    return referent.value;
  }

  #reach(depth: number): void {
    if (depth > MAX_AMF_DEPTH) throw new FormatError(`AMF value is nested deeper than ${MAX_AMF_DEPTH} levels`);
    this.#deepest = Math.max(this.#deepest, depth);
  }
}

/** The complex values of a message in the order in which they begin: what references count. */
export class AmfReferences {
  readonly #referents: Referent[] = [];

  /** Takes up a value whose content is still to be read. */
  add(value: AmfValue): Referent {
    const referent = { value, complete: false, values: 0, height: 0 };
    this.#referents.push(referent);
    return referent;
  }

  /** Takes up a value that has nothing inside. */
  addLeaf(value: AmfValue): void {
    this.#referents.push({ value, complete: true, values: 0, height: 0 });
  }

  /** What the reference number stands for. Throws {@linkcode FormatError} when nothing has that number. */
  get(index: number): Referent {
    const referent = this.#referents[index];
    if (!referent) {
      throw new FormatError(`AMF reference ${index} points at nothing: ${this.#referents.length} are known`);
    }
    return referent;
  }
}
