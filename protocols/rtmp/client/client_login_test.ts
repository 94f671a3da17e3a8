import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { parseRtmpAddress } from "./client_address.ts";
import { RtmpClientError, RtmpPublishClient } from "../client.ts";
import { ClientLogin } from "./client_login.ts";
import { Peer } from "../testing_peer.ts";

const ADDRESS = parseRtmpAddress("rtmp://ann:opensaysme@h/live/cam");
const REJECT = "[ AccessManager.Reject ] :";

/** The answers are those that ffmpeg gives. */
const ANSWERS = [
  {
    way: "adobe",
    asks: "user=ann&salt=c2FsdA&challenge=Q1&opaque=O1",
    nonce: "acc25cb1",
    app: "live?authmod=adobe&user=ann&challenge=acc25cb1&response=4RkFiaGoIMBRbgnJE+MVUA==&opaque=O1",
  },
  {
    way: "adobe",
    asks: "user=ann&salt=c2FsdA&challenge=Q1",
    nonce: "e971856c",
    app: "live?authmod=adobe&user=ann&challenge=e971856c&response=K2b4/fu57cDFpZLIBXmNCw==",
  },
  {
    way: "llnw",
    asks: "user=ann&nonce=N123",
    nonce: "fbef4c57",
    app: "live?authmod=llnw&user=ann&nonce=N123&cnonce=fbef4c57&nc=00000001&response=39b2bb891040c9f6a2fa6d27793ce46d",
  },
];

for (const { way, asks, nonce, app } of ANSWERS) {
  Deno.test(`a client that is asked by ${way} for ${asks} names its user, then answers once`, () => {
    const login = new ClientLogin(ADDRESS, () => nonce);
    const named = login.next(`${REJECT} [ code=403 need auth; authmod=${way} ] : `);
    assertEquals(named?.app, `live?authmod=${way}&user=ann`);
    const question = `${REJECT} [ authmod=${way} ] : ?reason=needauth&${asks}`;
    const answered = login.next(question);
    assertEquals([answered?.app, answered?.tcUrl], [app, `rtmp://h/${app}`]);
    assertEquals(login.next(question), undefined);
  });
}

Deno.test("an app with a query of its own keeps it when its user is named", () => {
  const login = new ClientLogin(parseRtmpAddress("rtmp://a:b@h/live?vhost=x/cam"));
  assertEquals(login.next("[ code=403 need auth; authmod=adobe ]")?.app, "live?vhost=x&authmod=adobe&user=a");
});

const SILENT = [
  { name: "another refusal", says: "no such app" },
  { name: "another way to log in", says: "[ code=403 need auth; authmod=token ]" },
  { name: "a wrong password", says: `${REJECT} [ authmod=adobe ] : ?reason=authfailed&opaque=x` },
];

for (const { name, says } of SILENT) {
  Deno.test(`a client has nothing more to say to ${name}`, () => {
    assertEquals(new ClientLogin(ADDRESS).next(says), undefined);
  });
}

Deno.test("a client without a user has nothing to say when it is asked to log in", () => {
  const login = new ClientLogin(parseRtmpAddress("rtmp://h/live/cam"));
  assertEquals(login.next("[ code=403 need auth; authmod=adobe ]"), undefined);
});

const REFUSED = [
  { name: "without a user", user: "", says: "asks for a user and a password" },
  { name: "with a wrong password", user: "ann:opensaysme@", says: "the user or the password is wrong" },
];

for (const { name, user, says } of REFUSED) {
  Deno.test(`a client ${name} hears in words why it is not let log in, never its password`, async () => {
    await using server = await Peer.rtmp((event, machine) => {
      if (event.type !== "connect") return true;
      machine.rejectConnect(`${REJECT} ${wordsFor(event.info.app)}`);
      return false;
    });
    const address = server.address.replace("rtmp://", `rtmp://${user}`);
    const error = await assertRejects(() => RtmpPublishClient.connect(address), RtmpClientError);
    assertEquals(error.code, "NetConnection.Connect.Rejected");
    assertStringIncludes(error.message, says);
    assertEquals(error.message.includes("opensaysme"), false);
  });
}

function wordsFor(app: string): string {
  if (!app.includes("user=")) return "[ code=403 need auth; authmod=adobe ] :";
  const [reason, opaque] = app.includes("response=") ? ["authfailed", "x"] : ["needauth&user=ann&salt=s", "y"];
  return `[ authmod=adobe ] : ?reason=${reason}&opaque=${opaque}`;
}

Deno.test("a client that has named its user says it no second time to a server that asks for one again", () => {
  const login = new ClientLogin(ADDRESS);
  const asks = "[ code=403 need auth; authmod=adobe ]";
  assertEquals(login.next(asks)?.app, "live?authmod=adobe&user=ann");
  assertEquals(login.next(asks), undefined);
});

Deno.test("a server that asks for a user again and again is dialled twice, and what it does is said in words", async () => {
  let dials = 0;
  await using server = await Peer.rtmp((event, machine) => {
    if (event.type !== "connect") return true;
    dials++;
    // Lets in at last, so that a client that goes on for ever fails here.
    if (dials > 5) return true;
    machine.rejectConnect(`${REJECT} [ code=403 need auth; authmod=adobe ] :`);
    return false;
  });
  const address = server.address.replace("rtmp://", "rtmp://ann:opensaysme@");
  const error = await assertRejects(() => RtmpPublishClient.connect(address), RtmpClientError);
  assertEquals(dials, 2);
  assertStringIncludes(error.message, "it asks for a user again although one was named");
});
