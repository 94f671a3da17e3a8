import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions } from "./options.ts";
import { SCENARIOS } from "./scenarios.ts";

Deno.test("without options 500 players of each protocol take one stream of 1 Mbit/s", () => {
  const { loads, host, rounds, peer, json, help } = parseOptions([]);
  assertEquals(loads.map(({ protocol }) => protocol), ["rtmp", "http-flv", "ws-flv"]);
  assertEquals(loads[0], {
    protocol: "rtmp",
    publishers: 1,
    players: 500,
    stalled: 0,
    kbps: 1000,
    seconds: 10,
    warmup: 3,
    ramp: 1000,
    samples: 20,
  });
  assertEquals({ host, rounds, peer, json, help }, {
    host: "127.0.0.1",
    rounds: 1,
    peer: undefined,
    json: false,
    help: false,
  });
});

Deno.test("options stand for one load of each protocol", () => {
  const { loads, rounds, peer, json } = parseOptions(
    "--protocols ws-flv,rtmp --players 20 --kbps=300 --seconds 2.5 --warmup 0 --rounds 3 --peer nginx --json".split(
      " ",
    ),
  );
  assertEquals(
    loads.map(({ protocol, players, kbps, seconds, warmup }) => [protocol, players, kbps, seconds, warmup]),
    [
      ["ws-flv", 20, 300, 2.5, 0],
      ["rtmp", 20, 300, 2.5, 0],
    ],
  );
  assertEquals({ rounds, peer, json }, { rounds: 3, peer: "nginx", json: true });
});

Deno.test("the server runs the protocols, or what it is told to", () => {
  assertEquals(parseOptions([]).plugins, ["rtmp", "http-flv", "ws-flv"]);
  assertEquals(parseOptions(["--plugins", "rtmp,hls"]).plugins, ["rtmp", "hls"]);
});

Deno.test("several publishers have no players", () => {
  const [load] = parseOptions(["--publishers", "7", "--players", "9"]).loads;
  assertEquals([load.publishers, load.players], [7, 0]);
});

for (const [number, { loads }] of Object.entries(SCENARIOS)) {
  Deno.test(`scenario ${number} is run in every protocol that is asked for`, () => {
    const found = parseOptions(["--scenario", number, "--protocols", "rtmp,ws-flv"]).loads;
    assertEquals(found.map(({ protocol }) => protocol), loads.flatMap(() => ["rtmp", "ws-flv"] as const));
    for (const [index, preset] of loads.entries()) assertEquals({ ...found[index * 2], ...preset }, found[index * 2]);
  });
}

Deno.test("an option changes a scenario", () => {
  assertEquals(parseOptions(["--scenario", "2", "--players", "100"]).loads[0].players, 100);
});

const WRONG: readonly { args: string; says: string }[] = [
  { args: "--playerz 5", says: "does not know --playerz" },
  { args: "extra", says: "does not know extra" },
  { args: "--players many", says: '--players is "many": it must be a number, 0 or more' },
  { args: "--players=", says: '--players is "": it must be a number' },
  { args: "--publishers 0", says: "it must be a number, 1 or more" },
  { args: "--scenario 7", says: '--scenario is "7": it must be one of 1, 2, 3, 4, 5, 6' },
  { args: "--protocols rtmp,hls", says: '--protocols holds "hls": known are rtmp, http-flv, ws-flv' },
  { args: "--peer srs", says: "the only peer that the bench knows is nginx" },
  { args: "--host example.org", says: "Cannot load example.org: the bench loads only this machine" },
  { args: "--host 0.0.0.0", says: "Cannot load 0.0.0.0" },
  { args: "--host 127.0.0.1.example.org", says: "Cannot load 127.0.0.1.example.org" },
];

for (const { args, says } of WRONG) {
  Deno.test(`a wrong option is refused in words: ${args}`, () => {
    assertThrows(() => parseOptions(args.split(" ")), RangeError, says);
  });
}

for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) {
  Deno.test(`${host} is this machine`, () => assertEquals(parseOptions(["--host", host]).host, host));
}
