import { assertEquals } from "@std/assert";
import { QuestionTurns } from "./question_turns.ts";

/** Asks questions that stay open until the test answers them. */
class Asker {
  readonly turns = new QuestionTurns();
  readonly begun: string[] = [];
  readonly #open = new Map<string, () => void>();

  ask(name: string, query: string): void {
    this.turns.ask(query, () => {
      this.begun.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#open.set(name, resolve);
      return promise;
    });
  }

  async answer(name: string): Promise<void> {
    this.#open.get(name)?.();
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }
}

Deno.test("questions with the same query are decided at once", () => {
  const asker = new Asker();
  asker.ask("one", "key=a");
  asker.ask("two", "key=a");
  assertEquals(asker.begun, ["one", "two"]);
  assertEquals(asker.turns.size, 2);
});

Deno.test("a question with another query waits until all before it are decided", async () => {
  const asker = new Asker();
  asker.ask("one", "key=a");
  asker.ask("two", "key=a");
  asker.ask("three", "key=b");
  assertEquals(asker.turns.size, 3);
  await asker.answer("one");
  assertEquals(asker.begun, ["one", "two"]);
  await asker.answer("two");
  assertEquals(asker.begun, ["one", "two", "three"]);
  await asker.answer("three");
  assertEquals(asker.turns.size, 0);
});

Deno.test("nobody overtakes who waits", async () => {
  const asker = new Asker();
  asker.ask("one", "");
  asker.ask("two", "key=b");
  asker.ask("three", "");
  assertEquals(asker.begun, ["one"]);
  await asker.answer("one");
  assertEquals(asker.begun, ["one", "two"]);
  await asker.answer("two");
  assertEquals(asker.begun, ["one", "two", "three"]);
});
