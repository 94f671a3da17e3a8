import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { FakeClock } from "../../../kernel/testing/fake_clock.ts";
import { loginDigestOf, loginResponse, makeLoginDigest, parseLoginDigest } from "./login_digest.ts";
import { loginDesk, type LoginStep, RtmpLogin } from "./rtmp_login.ts";
import { sessionOf } from "../testing.ts";

const USERS = { loginDigest: (user: string) => user === "ann" ? loginDigestOf("ann", "sesame", "salty") : undefined };

class Stage {
  readonly clock = new FakeClock();
  readonly login = new RtmpLogin(this.clock);

  say(query: string, session = sessionOf({ protocol: "rtmp", query })): LoginStep | undefined {
    return this.login.step(session, USERS);
  }

  /** What the server asks a user for. */
  ask(user: string): Record<"salt" | "opaque" | "challenge", string> {
    const { deny = "" } = this.say(`authmod=adobe&user=${user}`) ?? {};
    const query = /\?(reason=needauth&\S+)$/.exec(deny)?.[1] ?? "";
    return Object.fromEntries(new URLSearchParams(query)) as ReturnType<Stage["ask"]>;
  }

  answer(user: string, password: string, { salt, opaque } = this.ask(user)): string {
    const response = loginResponse(loginDigestOf(user, password, salt), opaque, "12345678");
    return `authmod=adobe&user=${user}&challenge=12345678&response=${response}&opaque=${opaque}`;
  }
}

Deno.test("who names its user is asked with the user's salt, and each time otherwise", () => {
  const stage = new Stage();
  const [one, other] = [stage.ask("ann"), stage.ask("ann")];
  assertEquals([one.salt, one.challenge], ["salty", one.opaque]);
  assert(one.opaque !== other.opaque);
});

Deno.test("the right answer lets in, once", () => {
  const stage = new Stage();
  const query = stage.answer("ann", "sesame");
  const session = sessionOf({ protocol: "rtmp", query });
  assertEquals([stage.login.userOf(session), stage.say(query, session)], [undefined, undefined]);
  assertEquals(stage.login.userOf(session), "ann");
  const again = sessionOf({ protocol: "rtmp", query });
  assertMatch(stage.say(query, again)?.deny ?? "", /reason=needauth/);
  assertEquals(stage.login.userOf(again), undefined);
});

Deno.test("a plus in the answer, which encoders do not escape, is a plus", () => {
  const stage = new Stage();
  const queries = Array.from({ length: 60 }, () => stage.answer("ann", "sesame"));
  assert(queries.some((query) => /response=[^&]*\+/.test(query)), "no answer has a plus");
  for (const query of queries) assertEquals(stage.say(query), undefined, query);
});

Deno.test("a wrong answer is said to be one, and so is that of a user who is not there", () => {
  const stage = new Stage();
  for (const [user, password] of [["ann", "simsala"], ["eve", "sesame"]]) {
    assertEquals(stage.say(stage.answer(user, password))?.says, "wrong");
  }
});

Deno.test("nobody is asked like somebody: with a salt that stays the same", () => {
  const stage = new Stage();
  assertEquals([stage.ask("eve").salt, stage.ask("eve").salt.length], [stage.ask("eve").salt, 12]);
  assert(stage.ask("eve").salt !== stage.ask("bob").salt);
  const { salt } = parseLoginDigest(makeLoginDigest("ann", "sesame"));
  assertEquals(salt.length, 12);
});

Deno.test("a question of another user, of another server, of long ago or of the peer's own making is asked anew", () => {
  const stage = new Stage();
  const fresh = stage.ask("ann");
  const late = stage.answer("ann", "sesame");
  for (
    const opaque of [stage.ask("bob").opaque, new Stage().ask("ann").opaque, "", "0-1-2", `${fresh.opaque}x`, "NaN-1-2"]
  ) {
    assertMatch(stage.say(stage.answer("ann", "sesame", { ...fresh, opaque }))?.deny ?? "", /reason=needauth/, opaque);
  }
  stage.clock.advance(60_001);
  assertMatch(stage.say(late)?.deny ?? "", /reason=needauth/);
});

Deno.test("only those of RTMP are sent to log in who have no credential, in apps that ask for it", () => {
  const login = new RtmpLogin(new FakeClock());
  const cases = [
    { asker: { protocol: "rtmp" }, app: "live", isSent: true },
    { asker: { protocol: "rtmp", query: "vhost=example.org" }, app: "live", isSent: true },
    { asker: { protocol: "rtmp" }, app: "other", isSent: false },
    { asker: { protocol: "http-flv" }, app: "live", isSent: false },
    { asker: { protocol: "rtmp", query: "key=1" }, app: "live", isSent: false },
    { asker: { protocol: "rtmp", query: "user=ann&pass=1" }, app: "live", isSent: false },
    { asker: { protocol: "rtmp", query: "signature=1" }, app: "live", isSent: false },
    { asker: { protocol: "rtmp", url: "rtmp://ann:1@h/live" }, app: "live", isSent: false },
    { asker: { protocol: "rtmp", query: "authmod=adobe" }, app: "other", isSent: true },
  ];
  for (const { asker, app, isSent } of cases) {
    const step = loginDesk(login, USERS, ["live"])(sessionOf(asker), app, () => true);
    assertEquals(step?.deny.includes("code=403 need auth; authmod=adobe"), isSent || undefined, JSON.stringify(asker));
  }
  const sent = (isPublisher: boolean, needed: string) =>
    loginDesk(login, USERS, ["*"])(sessionOf({ protocol: "rtmp", isPublisher }), "live", (action) => action === needed);
  assertEquals([sent(true, "publish"), sent(false, "play")].map((step) => step?.says), ["more", "more"]);
  assertEquals([sent(true, "play"), sent(false, "publish")], [undefined, undefined]);
});

Deno.test("a digest of the settings is read, and what is none is refused", () => {
  const text = makeLoginDigest("ann", "sesame");
  const { salt } = parseLoginDigest(text);
  assertEquals(parseLoginDigest(text), loginDigestOf("ann", "sesame", salt));
  for (const none of ["", "md5:", "md5:salt:short==", "md5:s:4RkFiaGoIMBRbgnJE+MVUA==", `${text}x`]) {
    assertThrows(() => parseLoginDigest(none), TypeError, "is md5:SALT:DIGEST");
  }
});
