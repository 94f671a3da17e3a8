import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import {
  LEAST_PART_BYTES,
  MOST_PARTS,
  nextStep,
  partBytesFor,
  type PartRange,
  partsOf,
  type PlannedFile,
  type PlannedUpload,
  type PlanStep,
  type SentPart,
} from "./part_plan.ts";

/** Parts that the store has, from words: `2` is the whole second part, `3:40` a third of 40 bytes, `!` one that was checked. */
function sent(words: string, partBytes: number): ReadonlyMap<number, SentPart> {
  const parts = words.split(" ").filter((word) => word !== "").map((word) => {
    const [number, length = partBytes] = word.replace("!", "").split(":").map(Number);
    return { number, length, isChecked: word.endsWith("!") };
  });
  return new Map(parts.map((part) => [part.number, part]));
}

/** A step in words. */
function words(step: PlanStep): string {
  if ("part" in step) return `${step.type} ${step.part.number} ${step.part.position}+${step.part.length}`;
  if (step.type === "anew") return `anew ${step.partBytes}`;
  return step.type === "complete" ? `complete ${step.parts}` : step.type;
}

/** A file from words: how many bytes, of which so many are its head, and whether it is complete. */
function file(words: string): PlannedFile {
  const [, bytes, headBytes = 0, complete] = /^(\d+)(?: head (\d+))?( complete)?$/.exec(words)!;
  return { bytes: Number(bytes), headBytes: Number(headBytes), isComplete: complete !== undefined };
}

/** What was sent is undefined when no upload was begun. */
const CASES: readonly (readonly [name: string, file: string, sent: string | undefined, step: string])[] = [
  ["an empty file that grows waits", "0", undefined, "wait"],
  ["less than a part waits while it grows", "99", undefined, "wait"],
  ["a whole part begins an upload", "100", undefined, "begin"],
  ["a whole part goes while the file grows", "150", "", "send 1 0+100"],
  ["the next part waits until it is whole", "199", "1", "wait"],
  ["the next part goes when it is whole", "200", "1", "send 2 100+100"],
  ["a part that failed before goes again first", "400", "1 3", "send 2 100+100"],
  ["a head holds back the part that it is in", "150 head 1", undefined, "wait"],
  ["a head does not hold back the part behind it", "200 head 100", undefined, "begin"],
  ["… which goes first", "200 head 100", "", "send 2 100+100"],
  ["a head of two parts holds back both", "299 head 101", undefined, "wait"],
  ["… and the third goes", "300 head 101", "", "send 3 200+100"],
  ["a small complete file goes in one request", "100 complete", undefined, "put"],
  ["so does an empty one", "0 complete", undefined, "put"],
  ["a large complete file goes in parts", "101 complete", undefined, "begin"],
  ["a complete file's last part goes first", "250 complete", "", "send 3 200+50"],
  ["what was sent while it grew is checked", "250 complete", "2 3:50!", "check 2 100+100"],
  ["the part with the head goes last", "250 head 10 complete", "2! 3:50!", "send 1 0+100"],
  ["all parts that are right are put together", "250 complete", "1! 2! 3:50!", "complete 3"],
  ["a last part of another length goes again", "250 complete", "1! 2! 3!", "send 3 200+50"],
  ["a file that has become shorter than what was sent begins anew", "150 complete", "1! 2! 3!", "anew 100"],
  ["a file of one part that was begun as several is completed as one", "80 complete", "1:80!", "complete 1"],
];

for (const [name, seen, has, step] of CASES) {
  Deno.test(`part plan: ${name}`, () => {
    const upload: PlannedUpload = { partBytes: 100, isBegun: has !== undefined, parts: sent(has ?? "", 100) };
    assertEquals(words(nextStep(upload, file(seen))), step);
  });
}

Deno.test("part plan: a file with more parts than a store takes is begun anew with larger ones when it is complete", () => {
  const partBytes = LEAST_PART_BYTES;
  const bytes = partBytes * MOST_PARTS + 1;
  const parts = new Map(
    Array.from({ length: MOST_PARTS }, (_, i) => [i + 1, { number: i + 1, length: partBytes, isChecked: false }]),
  );
  const upload = { partBytes, isBegun: true, parts };
  assertEquals(words(nextStep(upload, { bytes: bytes + partBytes, isComplete: false, headBytes: 0 })), "wait");
  const step = nextStep(upload, { bytes, isComplete: true, headBytes: 0 });
  assert(step.type === "anew");
  assertEquals(step.partBytes, 6 * 1024 * 1024);
  assertLessOrEqual(partsOf(bytes, step.partBytes).length, MOST_PARTS);
});

Deno.test("part plan: parts are as large as wished unless there would be too many of them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 * 2 ** 40 }), fc.integer({ min: 5, max: 512 }), (bytes, mebibytes) => {
      const wished = mebibytes * 2 ** 20;
      const partBytes = partBytesFor(bytes, wished);
      assert(partBytes >= wished && Math.ceil(bytes / partBytes) <= MOST_PARTS);
      if (partBytes > wished) assert(Math.ceil(bytes / wished) > MOST_PARTS);
    }),
  );
});

Deno.test("part plan: the parts of a file are all of it, each byte once, and all but the last are equally large", () => {
  fc.assert(fc.property(fc.nat(5000), fc.integer({ min: 1, max: 500 }), (bytes, partBytes) => {
    const parts = partsOf(bytes, partBytes);
    let end = 0;
    for (const { number, position, length } of parts) {
      assertEquals(position, end);
      assertEquals(number, position / partBytes + 1);
      end += length;
    }
    assertEquals(end, bytes);
    for (const { length } of parts.slice(0, -1)) assertEquals(length, partBytes);
  }));
});

/** A store that takes parts, and a file whose writer does what it likes to it until it is complete. */
class Model {
  readonly partBytes = 10;
  file: number[] = [];
  isComplete = false;
  readonly headBytes: number;
  isBegun = false;
  parts = new Map<number, { bytes: number[]; isChecked: boolean }>();
  object?: number[];
  #value = 0;

  constructor(headBytes: number) {
    this.headBytes = headBytes;
    this.grow(headBytes);
  }

  grow(count: number): void {
    for (let i = 0; i < count; i++) this.file.push(++this.#value);
  }

  /** What a writer does at the end, and what a repair does after a crash: the head changes, the tail is cut off. */
  finish(cut: number): void {
    this.file.length = Math.max(this.headBytes, this.file.length - cut);
    for (let i = 0; i < this.headBytes; i++) this.file[i] = ++this.#value;
    this.isComplete = true;
  }

  /** Does what the plan says; `fails` when the store does not take it. False when there is nothing to do. */
  step(fails: boolean): boolean {
    const step = nextStep(this.#upload, {
      bytes: this.file.length,
      isComplete: this.isComplete,
      headBytes: this.headBytes,
    });
    if (step.type === "wait" || this.object) return false;
    if (fails) return true;
    if (step.type === "put") this.object = [...this.file];
    if (step.type === "begin") this.isBegun = true;
    if (step.type === "anew") [this.isBegun, this.parts] = [false, new Map()];
    if (step.type === "send") {
      this.parts.set(step.part.number, { bytes: this.#read(step.part), isChecked: this.isComplete });
    }
    if (step.type === "check") this.#check(step.part);
    if (step.type === "complete") this.#complete(step.parts);
    return true;
  }

  get #upload(): PlannedUpload {
    const parts = Array.from(
      this.parts,
      ([number, { bytes, isChecked }]) => ({ number, length: bytes.length, isChecked }),
    );
    return {
      partBytes: this.partBytes,
      isBegun: this.isBegun,
      parts: new Map(parts.map((part) => [part.number, part])),
    };
  }

  #read({ position, length }: PartRange): number[] {
    const bytes = this.file.slice(position, position + length);
    assertEquals(bytes.length, length, "no more is read than there is");
    return bytes;
  }

  #check(part: PartRange): void {
    const sent = this.parts.get(part.number)!;
    if (sent.bytes.join() === this.#read(part).join()) sent.isChecked = true;
    else this.parts.delete(part.number);
  }

  #complete(count: number): void {
    const bytes = Array.from({ length: count }, (_, i) => this.parts.get(i + 1)!.bytes);
    for (const part of bytes.slice(0, -1)) assertEquals(part.length, this.partBytes);
    this.object = bytes.flat();
  }
}

Deno.test("part plan: whatever fails, whenever the process ends, the object is the complete file to the byte", () => {
  const moves = fc.array(
    fc.oneof(
      fc.record({ type: fc.constant("grow" as const), count: fc.nat(35) }),
      fc.record({ type: fc.constant("step" as const), fails: fc.boolean() }),
      // What was sent is known after a restart; that it was checked is not.
      fc.constant({ type: "restart" as const }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(
      fc.nat(25),
      moves,
      fc.nat(30),
      fc.array(fc.boolean(), { maxLength: 30 }),
      (head, story, cut, failures) => {
        const model = new Model(head);
        for (const move of story) {
          if (move.type === "grow") model.grow(move.count);
          else if (move.type === "step") model.step(move.fails);
          else for (const part of model.parts.values()) part.isChecked = false;
        }
        model.finish(cut);
        const left = [...failures];
        for (let i = 0; i < 500 && !model.object; i++) {
          assert(model.step(left.pop() ?? false), "there is something to do");
        }
        assertEquals(model.object, model.file);
      },
    ),
    { numRuns: 1000 },
  );
});
