import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ipOfRemote, isInProcess, parseIp } from "./ip_address.ts";

const ADDRESSES: { text: string; family: 4 | 6; hex: string }[] = [
  { text: "0.0.0.0", family: 4, hex: "0" },
  { text: "192.0.2.7", family: 4, hex: "c0000207" },
  { text: "255.255.255.255", family: 4, hex: "ffffffff" },
  { text: "::", family: 6, hex: "0" },
  { text: "::1", family: 6, hex: "1" },
  { text: "2001:db8::7", family: 6, hex: "20010db8000000000000000000000007" },
  { text: "2001:DB8:0:0:0:0:0:7", family: 6, hex: "20010db8000000000000000000000007" },
  { text: "2001:db8::", family: 6, hex: "20010db8000000000000000000000000" },
  { text: "1:2:3:4:5:6:7::", family: 6, hex: "10002000300040005000600070000" },
  { text: "64:ff9b::192.0.2.7", family: 6, hex: "64ff9b0000000000000000c0000207" },
  { text: "fe80::1%eth0", family: 6, hex: "fe800000000000000000000000000001" },
  { text: "::ffff:192.0.2.7", family: 4, hex: "c0000207" },
  { text: "::FFFF:c000:207", family: 4, hex: "c0000207" },
  { text: "0:0:0:0:0:ffff:192.0.2.7", family: 4, hex: "c0000207" },
];

for (const { text, family, hex } of ADDRESSES) {
  Deno.test(`${text} is an address of IPv${family}`, () => {
    assertEquals(parseIp(text), { family, value: BigInt(`0x${hex}`) });
  });
}

const NONE = [
  "",
  "1.2.3",
  "1.2.3.4.5",
  "256.0.0.1",
  "01.2.3.4",
  "1.2.3.-4",
  "0x1.2.3.4",
  "1.2.3.4 ",
  "unknown",
  ":",
  ":::",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1::2::3",
  "1:2:3:4:5:6:7:8::",
  "12345::",
  "g::",
  "::1.2.3",
  "1.2.3.4::",
  "::ffff:1.2.3.256",
  ":1:2:3:4:5:6:7",
  "[::1]",
];

for (const text of NONE) {
  Deno.test(`"${text}" is no address`, () => assertEquals(parseIp(text), undefined));
}

Deno.test("an address of IPv6 is the same however it is shortened", () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
    const full = groups.map((each) => each.toString(16)).join(":");
    // The parser of URLs shortens as RFC 5952 says.
    const short = new URL(`http://[${full}]/`).hostname.slice(1, -1);
    assertEquals(parseIp(short), parseIp(full));
    assertEquals(parseIp(full.toUpperCase()), parseIp(full));
  }));
});

Deno.test("an address of IPv4 is the same within IPv6", () => {
  fc.assert(fc.property(fc.ipV4(), (text) => assertEquals(parseIp(`::ffff:${text}`), parseIp(text))));
});

Deno.test("whatever the text, it is an address or none", () => {
  const text = fc.string({ unit: fc.constantFrom("0", "1", "f", ":", "::", ".", "255", "%", "/"), maxLength: 12 });
  fc.assert(fc.property(text, (each) => {
    const found = parseIp(each);
    const isUrl = URL.canParse(`http://[${each}]/`);
    if (each.includes(":") && !each.includes("%")) assertEquals(found !== undefined, isUrl, each);
  }));
});

const REMOTES = [
  { remote: "192.0.2.7:5000", ip: "192.0.2.7", isHere: false },
  { remote: "[2001:db8::7]:5000", ip: "2001:db8::7", isHere: false },
  { remote: "[fe80::1%eth0]:5000", ip: "fe80::1%eth0", isHere: false },
  { remote: "unknown:0", ip: undefined, isHere: false },
  { remote: "built-in", ip: undefined, isHere: true },
  { remote: "local", ip: undefined, isHere: true },
];

for (const { remote, ip, isHere } of REMOTES) {
  Deno.test(`the peer ${remote} is at ${ip}${isHere ? " and in this process" : ""}`, () => {
    assertEquals([ipOfRemote(remote), isInProcess(remote)], [ip, isHere]);
  });
}
