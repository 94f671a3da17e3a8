import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { makeLoginDigest } from "../plugins/auth/ways/login_digest.ts";
import { auth } from "../plugins/auth/plugin.ts";
import { hashSecret } from "../plugins/auth/secrets/stored_secret.ts";
import { RtmpClientError, RtmpPlayClient, RtmpPublishClient } from "../protocols/rtmp/client.ts";
import { TestServer } from "./support/test_server.ts";

const PASSWORD = "open says me";
const HASHED = await hashSecret(PASSWORD);
const USERS = {
  ann: { password: HASHED, rtmpPassword: makeLoginDigest("ann", PASSWORD), publish: ["live/*"] },
  bob: { password: PASSWORD, publish: ["live/cam"], play: ["live/*"] },
  eve: { password: HASHED, publish: ["live/*"] },
};

async function start(more: Record<string, unknown> = {}): Promise<TestServer> {
  const settings = { users: USERS, rtmpLogin: ["live"], bruteForce: { exempt: [], failures: 3 }, ...more };
  return await TestServer.start({ plugins: [auth()], config: { auth: settings } });
}

function address(server: TestServer, user: string, path = "live/cam", password = PASSWORD): string {
  const { port } = server.server.address("rtmp");
  return `rtmp://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${path}`;
}

Deno.test("who logs in over RTMP publishes and plays what the user may, and nothing else", async () => {
  await using server = await start();
  await using publisher = await RtmpPublishClient.connect(address(server, "ann"));
  await using player = await RtmpPlayClient.connect(address(server, "bob"));
  const denied = await assertRejects(
    () => RtmpPublishClient.connect(address(server, "bob", "live/x")),
    RtmpClientError,
  );
  assertStringIncludes(denied.message, 'the user "bob" may not publish live/x');
  await Promise.all([player.close(), publisher.close()]);
  server.assertNeverLogged(PASSWORD);
});

Deno.test("a publisher who logged in takes its stream over from itself", async () => {
  await using server = await start();
  await using first = await RtmpPublishClient.connect(address(server, "ann"));
  await using _second = await RtmpPublishClient.connect(address(server, "ann"));
  assertEquals((await first.closed).code.startsWith("Net"), true);
});

Deno.test("wrong passwords of a login are counted as all others are, and lead to a ban", async () => {
  await using server = await start({ bruteForce: { exempt: [], failures: 2 } });
  for (const user of ["ann", "nobody"]) {
    const wrong = () => RtmpPublishClient.connect(address(server, user, "live/cam", "wrong"));
    assertStringIncludes((await assertRejects(wrong, RtmpClientError)).message, "the user or the password is wrong");
  }
  const banned = await assertRejects(() => RtmpPublishClient.connect(address(server, "ann")), RtmpClientError);
  assertStringIncludes(banned.message, "Too many wrong credentials");
});

Deno.test("a user whose password is a hash alone cannot log in, and the start says so", async () => {
  await using server = await start();
  await assertRejects(() => RtmpPublishClient.connect(address(server, "eve")), RtmpClientError, "is wrong");
  const lines = server.logged.map(({ message }) => message.join(""));
  assertEquals(lines.filter((line) => line.includes("cannot log in over RTMP")).length, 1);
});

Deno.test("an encoder with its user behind the app needs no login", async () => {
  await using server = await start();
  const query = new URLSearchParams({ user: "ann", pass: PASSWORD });
  const { port } = server.server.address("rtmp");
  await using _ = await RtmpPublishClient.connect(`rtmp://127.0.0.1:${port}/live?${query}/cam`);
});

Deno.test("where no app asks for a login a user of the address is let in by what else counts", async () => {
  await using server = await start({ rtmpLogin: [] });
  const refused = await assertRejects(() => RtmpPublishClient.connect(address(server, "ann")), RtmpClientError);
  assertStringIncludes(refused.message, "it needs a user and a password");
});
