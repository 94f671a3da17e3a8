import { assertEquals, assertRejects } from "@std/assert";
import { Refusal } from "../../kernel/reasons.ts";
import { Ledger } from "./ledger.ts";
import { RemoteCopies } from "./remote_copies.ts";
import type { Store } from "./store.ts";

const { signal } = new AbortController();

/** A store that answers when the test lets it. */
function stage() {
  const ledger = new Ledger(":memory:");
  const read: string[] = [];
  const answers: ((text: string) => void)[] = [];
  const store = {
    read: (key: string) => {
      read.push(key);
      return new Promise<string>((resolve) => void answers.push(resolve));
    },
  } as Partial<Store> as Store;
  const remote = new RemoteCopies(ledger, store, { signedSeconds: 60 });
  const answer = async () => {
    for (let quiet = 0; quiet < 3; quiet++) {
      if (answers.length > 0) quiet = 0;
      for (const resolve of answers.splice(0)) resolve("the list");
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  };
  return { ledger, read, remote, answer };
}

Deno.test("those who ask for one playlist at a time have it read once, and the next anew", async () => {
  const { ledger, read, remote, answer } = stage();
  using _ = ledger;
  for (let times = 1; times <= 2; times++) {
    const asked = Promise.all(["a", "a", "a"].map((key) => remote.textOf(key, signal)));
    await answer();
    assertEquals([await asked, read.length], [["the list", "the list", "the list"], times]);
  }
});

Deno.test("a crowd that asks for many playlists at a time does not have them all in memory", async () => {
  const { ledger, read, remote, answer } = stage();
  using _ = ledger;
  const asked = Array.from({ length: 1000 }, (_, i) => remote.textOf(`list ${i}`, signal));
  const outcomes = Promise.allSettled(asked);
  await assertRejects(() => asked[999], Refusal);
  assertEquals(read.length < 10, true, `${read.length} are read at once`);
  await answer();
  assertEquals((await outcomes)[0].status, "fulfilled");
});
