import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { forwardedFor } from "./forwarded.ts";
import { NetworkList } from "./network_list.ts";

const TRUSTED = new NetworkList(["10.0.0.0/8", "fd00::/8"]);

const PLAIN: { value: string; peer?: string; proto?: string; isSecure?: boolean }[] = [
  { value: "203.0.113.9", peer: "203.0.113.9:0" },
  { value: " 203.0.113.9 , 10.1.1.1 ", peer: "203.0.113.9:0" },
  { value: "1.1.1.1, 203.0.113.9, 10.1.1.1, fd00::7", peer: "203.0.113.9:0" },
  { value: "10.9.9.9, 10.1.1.1", peer: "10.9.9.9:0" },
  { value: "203.0.113.9:51000", peer: "203.0.113.9:51000" },
  { value: "[2001:db8::1]:443", peer: "2001:db8::1:443" },
  { value: "2001:db8::1", peer: "2001:db8::1:0" },
  { value: "::ffff:203.0.113.9", peer: "203.0.113.9:0" },
  { value: "1.1.1.1, unknown, 10.1.1.1", peer: "10.1.1.1:0" },
  { value: "unknown" },
  { value: "" },
  { value: "203.0.113.9", proto: "https", peer: "203.0.113.9:0", isSecure: true },
  { value: "203.0.113.9", proto: "https, http", peer: "203.0.113.9:0", isSecure: false },
];

for (const { value, proto, peer, isSecure } of PLAIN) {
  Deno.test(`X-Forwarded-For: ${value || "nothing"}${proto ? ` by ${proto}` : ""} means ${peer ?? "nobody"}`, () => {
    const found = forwardedFor("x-forwarded-for", { "x-forwarded-for": value, "x-forwarded-proto": proto }, TRUSTED);
    assertEquals(found && `${found.peer.ip}:${found.peer.port}`, peer);
    assertEquals(found?.isSecure, isSecure);
  });
}

const STANDARD: { value: string; peer?: string; isSecure?: boolean }[] = [
  { value: "for=192.0.2.60;proto=https;by=203.0.113.43", peer: "192.0.2.60:0", isSecure: true },
  { value: 'For="[2001:db8:cafe::17]:4711"', peer: "2001:db8:cafe::17:4711" },
  { value: 'for=192.0.2.43, for="[fd00::17]";proto=http', peer: "192.0.2.43:0" },
  { value: "for=192.0.2.43;proto=http, for=10.0.0.1;proto=https", peer: "192.0.2.43:0", isSecure: false },
  { value: "for=_hidden" },
  { value: "for=unknown, for=10.0.0.1", peer: "10.0.0.1:0" },
  { value: "proto=https" },
];

for (const { value, peer, isSecure } of STANDARD) {
  Deno.test(`Forwarded: ${value} means ${peer ?? "nobody"}`, () => {
    const found = forwardedFor("forwarded", { "forwarded": value, "x-forwarded-for": "9.9.9.9" }, TRUSTED);
    assertEquals(found && `${found.peer.ip}:${found.peer.port}`, peer);
    assertEquals(found?.isSecure, isSecure);
  });
}

Deno.test("what a client makes up stands before what the proxy adds, and never counts", () => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (made) => {
    const headers = { "x-forwarded-for": `${made},203.0.113.9, 10.0.0.1` };
    assertEquals(forwardedFor("x-forwarded-for", headers, TRUSTED)?.peer, { ip: "203.0.113.9", port: 0 });
  }));
});
