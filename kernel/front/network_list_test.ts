import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { BITS, type IpAddress, parseIp } from "./ip_address.ts";
import { isNetwork, NetworkList } from "./network_list.ts";

const CASES: { networks: string[]; inside: string[]; outside: string[] }[] = [
  { networks: [], inside: [], outside: ["0.0.0.0", "::"] },
  { networks: ["192.0.2.7"], inside: ["192.0.2.7", "::ffff:192.0.2.7"], outside: ["192.0.2.8", "::c000:207"] },
  { networks: ["10.0.0.0/8"], inside: ["10.0.0.0", "10.255.255.255"], outside: ["9.255.255.255", "11.0.0.0"] },
  { networks: ["10.1.2.3/8"], inside: ["10.9.9.9"], outside: ["11.1.2.3"] },
  { networks: ["0.0.0.0/0"], inside: ["1.2.3.4", "::ffff:1.2.3.4"], outside: ["::1"] },
  { networks: ["::/0"], inside: ["::1", "2001:db8::1"], outside: ["1.2.3.4", "::ffff:1.2.3.4"] },
  { networks: ["fd00::/8"], inside: ["fd12:3456::1"], outside: ["fc00::1", "fe00::"] },
  { networks: ["2001:db8::/33"], inside: ["2001:db8:7fff::1"], outside: ["2001:db8:8000::1"] },
  { networks: ["::1"], inside: ["::1"], outside: ["::2", "127.0.0.1"] },
  { networks: ["::ffff:10.0.0.0/104"], inside: ["10.1.2.3"], outside: ["11.0.0.0"] },
  { networks: ["fe80::1"], inside: ["fe80::1%eth0"], outside: ["fe80::2"] },
  { networks: ["10.0.0.0/8", "192.0.2.0/24", "::1"], inside: ["10.1.1.1", "192.0.2.1", "::1"], outside: ["192.0.3.1"] },
];

for (const { networks, inside, outside } of CASES) {
  Deno.test(`addresses of ${networks.join(", ") || "no network"}`, () => {
    const list = new NetworkList(networks);
    const has = (text: string) => list.has(parseIp(text) as IpAddress);
    assertEquals([inside.filter((text) => !has(text)), outside.filter(has)], [[], []]);
  });
}

for (
  const text of ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8", "10.0/8", "::/129", "fe80::1%eth0/64"]
    .concat(["::ffff:10.0.0.0/95", "example.com", "10.0.0.0/", "10.0.0.0/ 8", "/8"])
) {
  Deno.test(`"${text}" is no network`, () => {
    assertEquals(isNetwork(text), false);
    assertThrows(() => new NetworkList([text]), TypeError, `"${text}" is neither an address nor a network`);
  });
}

const address = fc.constantFrom<4 | 6>(4, 6).chain((family) =>
  fc.bigInt({ min: 0n, max: 2n ** BigInt(BITS[family]) - 1n }).map((value) => ({ family, value }))
);

function bits({ family, value }: IpAddress): string {
  return value.toString(2).padStart(BITS[family], "0");
}

function text({ family, value }: IpAddress): string {
  const hex = value.toString(16).padStart(family === 4 ? 8 : 32, "0");
  if (family === 4) return hex.match(/../g)!.map((byte) => parseInt(byte, 16)).join(".");
  return hex.match(/..../g)!.join(":");
}

Deno.test("an address is in a network exactly when it begins with the same bits", () => {
  fc.assert(
    fc.property(address, address, fc.nat({ max: 128 }), fc.nat({ max: 128 }), (network, other, length, shared) => {
      const prefix = Math.min(length, BITS[network.family]);
      // Two random addresses have hardly a bit in common: this one has `shared` of them.
      const near = network.family === other.family
        ? { ...other, value: BigInt(`0b${bits(network).slice(0, shared)}${bits(other).slice(shared)}`) }
        : other;
      const isMapped = network.family === 6 && network.value >> 32n === 0xffffn;
      if (isMapped) return;
      const expected = network.family === near.family &&
        bits(network).slice(0, prefix) === bits(near).slice(0, prefix);
      assertEquals(new NetworkList([`${text(network)}/${prefix}`]).has(near), expected);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a list has an address exactly when one of its networks has it", () => {
  const network = fc.tuple(address, fc.nat({ max: 16 }));
  fc.assert(fc.property(fc.array(network, { maxLength: 20 }), address, (networks, each) => {
    const texts = networks.map(([start, prefix]) => `${text(start)}/${prefix}`);
    assertEquals(new NetworkList(texts).has(each), texts.some((one) => new NetworkList([one]).has(each)));
  }));
});
