import { assert, assertEquals } from "@std/assert";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { FailureTable, MAX_ADDRESSES } from "./failures.ts";

function table({ failures = 5, exempt = [] as string[] } = {}) {
  const clock = new FakeClock();
  return { clock, table: new FailureTable({ failures, withinSeconds: 60, banSeconds: 600, exempt }, clock) };
}

function countTimes(table: FailureTable, ip: string, times: number) {
  return Array.from({ length: times }, () => table.count(ip));
}

Deno.test("wrong credentials slow an address down, more and more, and then ban it for a while", () => {
  const { clock, table: failures } = table({ failures: 8 });
  const counted = countTimes(failures, "192.0.2.7", 8);
  assertEquals(counted.map(({ delayMs }) => delayMs), [0, 0, 500, 1000, 2000, 4000, 4000, 0]);
  assertEquals(counted.map(({ isBan }) => isBan), [...Array(7).fill(false), true]);
  assertEquals([failures.bannedSeconds("192.0.2.7"), failures.bannedSeconds("192.0.2.8")], [600, 0]);
  clock.advance(599_001);
  assertEquals(failures.bannedSeconds("192.0.2.7"), 1);
  clock.advance(999);
  assertEquals(failures.bannedSeconds("192.0.2.7"), 0);
});

Deno.test("who was banned has all tries again afterwards, and is banned again after them", () => {
  const { clock, table: failures } = table();
  countTimes(failures, "192.0.2.7", 5);
  clock.advance(600_000);
  assertEquals(countTimes(failures, "192.0.2.7", 5).map(({ isBan }) => isBan), [false, false, false, false, true]);
});

Deno.test("a ban is told once, though more wrong credentials were on their way", () => {
  const { table: failures } = table();
  assertEquals(countTimes(failures, "192.0.2.7", 20).filter(({ isBan }) => isBan).length, 1);
  assertEquals(failures.bannedSeconds("192.0.2.7"), 600);
});

Deno.test("old failures are forgotten", () => {
  const { clock, table: failures } = table();
  countTimes(failures, "192.0.2.7", 4);
  clock.advance(60_001);
  assertEquals(failures.count("192.0.2.7"), { delayMs: 0, isBan: false });
});

Deno.test("a customer of IPv6 has one network of 64 bits, whatever addresses it uses", () => {
  const { table: failures } = table();
  for (let at = 0; at < 5; at++) failures.count(`2001:db8:1:2::${at}`);
  assertEquals(failures.bannedSeconds("2001:db8:1:2:ffff::1"), 600);
  assertEquals(failures.bannedSeconds("2001:db8:1:3::"), 0);
  assertEquals(failures.size, 1);
});

Deno.test("an address of IPv4 within IPv6 is that address", () => {
  const { table: failures } = table();
  for (let at = 0; at < 5; at++) failures.count("::ffff:192.0.2.7");
  assertEquals([failures.bannedSeconds("192.0.2.7"), failures.bannedSeconds("192.0.2.8")], [600, 0]);
});

for (
  const { name, options, ip } of [
    { name: "addresses that are exempt", options: { exempt: ["192.0.2.0/24"] }, ip: "192.0.2.7" },
    { name: "any address when 0 failures are set", options: { failures: 0 }, ip: "192.0.2.7" },
    { name: "what has no address", options: {}, ip: undefined },
  ]
) {
  Deno.test(`nobody bans ${name}`, () => {
    const { table: failures } = table(options);
    for (let at = 0; at < 100; at++) assertEquals(failures.count(ip), { delayMs: 0, isBan: false });
    assertEquals([failures.bannedSeconds(ip), failures.size], [0, 0]);
  });
}

function addressNumber(at: number): string {
  return `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;
}

Deno.test("100,000 addresses do not make the table grow beyond its limit, and bans are kept as long as there is room", () => {
  const { table: failures } = table();
  countTimes(failures, "192.0.2.7", 5);
  for (let at = 0; at < 100_000; at++) failures.count(addressNumber(at));
  assertEquals(failures.size, MAX_ADDRESSES);
  assertEquals(failures.bannedSeconds("192.0.2.7"), 600);
});

Deno.test("among 100,000 banned addresses those that failed longest ago are forgotten", () => {
  const { table: failures } = table({ failures: 1 });
  for (let at = 0; at < 100_000; at++) failures.count(addressNumber(at));
  assertEquals(failures.size, MAX_ADDRESSES);
  assertEquals(failures.bannedSeconds(addressNumber(0)), 0);
  assert(failures.bannedSeconds(addressNumber(99_999)) > 0);
});
