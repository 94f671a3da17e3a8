import { assertEquals, assertMatch } from "@std/assert";
import { FAREWELL_MS, MAX_FAREWELLS } from "./farewells.ts";
import { FrontStage, GET, letter, UPGRADE } from "../testing/front_stage.ts";
import { TcpClient, until } from "../testing/tcp_client.ts";

Deno.test("connections beyond the limit are refused, said once a second, and taken again when there is room", async () => {
  using stage = await new FrontStage({ connections: 2 }).open();
  stage.front.protocol(letter("R"));
  using one = await stage.connect();
  using two = await stage.connect();
  for (const client of [one, two]) {
    client.send("R");
    await client.take(/R got R/);
  }
  for (let i = 0; i < 3; i++) await stage.exchange(GET);
  assertEquals(stage.front.connections, 2);
  stage.clock.advance(1000);
  assertEquals(stage.logged.lines(), [
    "warning All 2 connections are in use: more are refused",
    "warning Refused a connection: all 2 are in use",
    "warning Refused a connection: all 2 are in use … 2 more",
  ]);
  assertEquals(stage.front.refused, new Map([["full", 3]]));
  one[Symbol.dispose]();
  await until(() => stage.front.connections === 1);
  using three = await stage.connect();
  three.send("R3");
  await three.take(/R got R3/);
});

Deno.test("the limit is over all ports", async () => {
  using stage = await new FrontStage({ connections: 1 }).open();
  const other = await stage.front.listen({ name: "other", host: "127.0.0.1", port: 0 });
  using _one = await stage.connect();
  await until(() => stage.front.connections === 1);
  using two = await TcpClient.connect(other.port);
  two.send(GET);
  assertMatch(await two.ended(), /^HTTP\/1\.1 503 /);
  assertEquals(stage.front.connections, 1);
});

Deno.test("one address has at most so many connections, and gets others when those are closed", async () => {
  using stage = await new FrontStage({ connectionsPerAddress: 1 }).open();
  using one = await stage.connect();
  await until(() => stage.front.connections === 1);
  assertMatch(await stage.exchange(GET), /^HTTP\/1\.1 429 [^]+"Your address has 1 connections already"/);
  assertEquals(stage.front.refused, new Map([["address", 1]]));
  assertEquals(stage.logged.lines(), ["warning Refused a connection: its address has 1 already"]);
  one[Symbol.dispose]();
  await until(() => stage.front.connections === 0);
  using three = await stage.connect();
  three.send(GET);
  await three.take(/GET \/a/);
});

/** A front whose only connection is taken. */
async function fullStage(): Promise<{ stage: FrontStage; one: TcpClient }> {
  const stage = await new FrontStage({ connections: 1 }).open();
  const one = await stage.connect();
  await until(() => stage.front.connections === 1);
  return { stage, one };
}

Deno.test("a connection that there is no room for hears why in HTTP, whatever it asks", async () => {
  const { stage, one } = await fullStage();
  using _stage = stage;
  using _one = one;
  for (const asked of [GET, UPGRADE, "POST /live/cam HTTP/1.1\r\n", `G${"x".repeat(100_000)}`]) {
    const [head, body] = (await stage.exchange(asked)).split("\r\n\r\n");
    assertMatch(head, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
    assertMatch(head, /\r\nConnection: close$/);
    assertEquals(Number(/Content-Length: (\d+)/.exec(head)?.[1]), body.length);
    assertEquals(JSON.parse(body).detail, "The server is full: all 1 connections are in use");
  }
  assertEquals(stage.requests, 0);
});

Deno.test("a protocol may say in its own way that there is no room; another one is closed without a word", async () => {
  const { stage, one } = await fullStage();
  using _stage = stage;
  using _one = one;
  stage.front.protocol({
    ...letter("R"),
    refuse: (socket, first, why) => socket.end(`${new TextDecoder().decode(first)} no: ${why}`),
  });
  stage.front.protocol(letter("S"));
  assertEquals(await stage.exchange("R1"), "R1 no: The server is full: all 1 connections are in use");
  assertEquals([await stage.exchange("S1"), await stage.exchange("\x16\x03\x01")], ["", ""]);
});

Deno.test("only so many that are refused may take their time, and not for long", async () => {
  const { stage, one } = await fullStage();
  using _stage = stage;
  using _one = one;
  const silent: TcpClient[] = [];
  for (let i = 0; i < MAX_FAREWELLS; i++) silent.push(await stage.connect());
  await until(() => stage.front.refused.get("full") === MAX_FAREWELLS);
  const surplus = await stage.exchange(GET).catch(() => "");
  assertEquals(surplus, "");
  stage.clock.advance(FAREWELL_MS);
  for (const client of silent) {
    assertEquals(await client.ended(), "");
    client[Symbol.dispose]();
  }
  assertMatch(await stage.exchange(GET), /^HTTP\/1\.1 503 /);
});
