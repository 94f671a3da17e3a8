import { assert, assertEquals, assertRejects } from "@std/assert";
import { Refusal } from "../../../kernel/reasons.ts";
import { FakeClock } from "../../../kernel/testing/fake_clock.ts";
import { settled } from "../../../kernel/testing/settled.ts";
import { Ask, type AskSettings, type Question } from "./ask.ts";
import type { Answer } from "./way.ts";
import { applicantOf, type Asker } from "../testing.ts";

/** A program on a free port that decides as a test says. */
class Decider implements AsyncDisposable {
  readonly asked: Question[] = [];
  answer: (question: Question) => Response | Promise<Response> = () => new Response();
  readonly clock = new FakeClock();
  readonly warned: string[] = [];
  readonly ask: Ask;
  readonly #controller = new AbortController();
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const question = await request.json();
    this.asked.push(question);
    return await this.answer(question);
  });

  constructor(settings: Partial<AskSettings> = {}) {
    const url = `http://127.0.0.1:${this.#server.addr.port}/decide`;
    const all = { url, timeoutSeconds: 2, cacheSeconds: 5, concurrency: 4, failOpen: false, ...settings };
    this.ask = new Ask(all, {
      clock: this.clock,
      fetch,
      signal: this.#controller.signal,
      warn: (message) => void this.warned.push(message),
    });
  }

  check(asker: Asker = {}): Promise<Answer> {
    return this.ask.check(applicantOf(asker));
  }

  async die(): Promise<void> {
    await this.#server.shutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort();
    await this.#server.shutdown();
  }
}

Deno.test("another program is told who wants what", async () => {
  await using decider = new Decider();
  await decider.check({
    query: "key=sesame&user=ann&pass=x&token=t",
    path: "live/cam",
    protocol: "rtmp",
    remote: "[2001:db8::7]:5000",
    userAgent: "FMLE/3.0",
  });
  const [{ id, ...question }] = decider.asked;
  assert(id.length > 0);
  assertEquals(question, {
    user: "ann",
    password: "x",
    token: "t",
    ip: "2001:db8::7",
    action: "publish",
    path: "live/cam",
    protocol: "rtmp",
    query: "key=sesame&user=ann&pass=x&token=t",
    userAgent: "FMLE/3.0",
  });
});

const ANSWERS: { status: number; asker?: Asker; says: Answer["says"] | "refused" }[] = [
  { status: 200, says: "yes" },
  { status: 204, says: "yes" },
  { status: 299, says: "yes" },
  { status: 302, says: "no" },
  { status: 304, says: "no" },
  { status: 401, says: "absent" },
  { status: 401, asker: { query: "key=sesame" }, says: "wrong" },
  { status: 403, asker: { query: "key=sesame" }, says: "no" },
  { status: 404, says: "no" },
  { status: 500, says: "refused" },
  { status: 503, says: "refused" },
];

for (const { status, asker, says } of ANSWERS) {
  Deno.test(`an answer of ${status} to ${asker?.query ?? "nobody"}: ${says}`, async () => {
    await using decider = new Decider();
    const body = [204, 304].includes(status) ? null : "a body that says yes";
    decider.answer = () => new Response(body, { status, headers: { Location: "/elsewhere" } });
    if (says === "refused") {
      const { code, message } = await assertRejects(() => decider.check(asker), Refusal);
      assertEquals([code, message], ["error", "The server cannot find out who may publish: try again"]);
    } else assertEquals((await decider.check(asker)).says, says);
    assertEquals(decider.asked.length, 1);
  });
}

Deno.test("a redirection is not followed: whoever it leads to has no say", async () => {
  await using other = new Decider();
  await using decider = new Decider();
  decider.answer = () => Response.redirect("http://127.0.0.1:1/", 307);
  assertEquals([(await decider.check()).says, other.asked.length], ["no", 0]);
});

Deno.test("who hangs is given up after its time, and nobody is let in", async () => {
  await using decider = new Decider();
  const held = Promise.withResolvers<Response>();
  decider.answer = () => held.promise;
  const refused = assertRejects(() => decider.check(), Refusal);
  while (decider.asked.length === 0) await settled();
  decider.clock.advance(2000);
  assertEquals((await refused).code, "error");
  assertEquals(decider.warned, ["The program that decides who may publish did not answer: no answer within 2 s"]);
  assertEquals(decider.clock.pending, 0);
  held.resolve(new Response());
});

Deno.test("an answer whose body never ends is an answer", async () => {
  await using decider = new Decider();
  decider.answer = () => new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array([1])) }));
  assertEquals((await decider.check()).says, "yes");
});

Deno.test("while it is dead nobody is let in, or everybody if the settings say so", async () => {
  for (const failOpen of [false, true]) {
    await using decider = new Decider({ failOpen });
    await decider.die();
    if (failOpen) assertEquals(await decider.check(), { says: "yes", credential: undefined });
    else await assertRejects(() => decider.check(), Refusal, "cannot find out who may publish");
    assertEquals(decider.warned.length, 1);
    assertEquals(/sesame|http:/.test(decider.warned[0].replace(/http:\/\/127\.0\.0\.1:\d+\/decide/, "")), false);
  }
});

Deno.test("the same question is asked once in a while, another one at once", async () => {
  await using decider = new Decider();
  const asker = { query: "key=sesame" };
  await decider.check(asker);
  await decider.check(asker);
  assertEquals(decider.asked.length, 1);
  await decider.check({ ...asker, action: "play" });
  await decider.check({ ...asker, remote: "192.0.2.8:1" });
  await decider.check({ query: "key=other" });
  assertEquals(decider.asked.length, 4);
  decider.clock.advance(5000);
  await decider.check(asker);
  assertEquals(decider.asked.length, 5);
});

Deno.test("a no is remembered as a yes is, a failure is not", async () => {
  await using decider = new Decider();
  decider.answer = () => new Response(null, { status: 403 });
  assertEquals([(await decider.check()).says, (await decider.check()).says, decider.asked.length], ["no", "no", 1]);
  decider.clock.advance(5000);
  decider.answer = () => new Response(null, { status: 500 });
  await assertRejects(() => decider.check(), Refusal);
  decider.answer = () => new Response();
  assertEquals((await decider.check()).says, "yes");
});

Deno.test("no more questions at once than allowed; the others wait their turn", async () => {
  await using decider = new Decider({ concurrency: 4 });
  const held = Promise.withResolvers<void>();
  decider.answer = () => held.promise.then(() => new Response());
  const answers = Array.from({ length: 20 }, (_, at) => decider.check({ query: `key=${at}` }));
  while (decider.asked.length < 4) await settled();
  await settled();
  assertEquals(decider.asked.length, 4);
  held.resolve();
  assertEquals((await Promise.all(answers)).map(({ says }) => says), Array(20).fill("yes"));
  assertEquals(decider.asked.length, 20);
});

Deno.test("a crowd beyond what may wait is refused, not kept", async () => {
  await using decider = new Decider({ concurrency: 1 });
  const held = Promise.withResolvers<void>();
  decider.answer = () => held.promise.then(() => new Response());
  const codes = Array.from(
    { length: 1100 },
    (_, at) => decider.check({ query: `key=${at}` }).then(() => "in", ({ code }: Refusal) => code),
  );
  while (decider.asked.length === 0) await settled();
  held.resolve();
  const all = await Promise.all(codes);
  assertEquals(all.filter((code) => code === "limit").length, 1100 - 1001);
  assertEquals(all.filter((code) => code === "in").length, 1001);
});

Deno.test("two publishers with the same credential are the same one, two without any are not known to be", async () => {
  await using decider = new Decider();
  const credential = async (query: string) => (await decider.check({ query }) as { credential?: string }).credential;
  assertEquals(await credential("key=sesame"), await credential("key=sesame"));
  assertEquals(await credential("key=sesame") === await credential("key=other"), false);
  assertEquals(await credential(""), undefined);
  assertEquals((await credential("key=sesame"))?.includes("sesame"), false);
});
