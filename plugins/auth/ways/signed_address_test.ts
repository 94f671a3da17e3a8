import { assertEquals } from "@std/assert";
import { FakeClock } from "../../../kernel/testing/fake_clock.ts";
import { SignedAddresses, type SignedGrant, signedQuery } from "./signed_address.ts";
import { applicantOf, type Asker } from "../testing.ts";

const SECRET = "a secret of many words";
const OLD_SECRET = "the one that was before";
const NOW = new FakeClock().date().getTime() / 1000;
const GRANT: SignedGrant = { action: "publish", stream: "live/cam", expires: NOW + 60 };

function says(query: URLSearchParams | string, asker: Asker = {}, afterSeconds = 0): string {
  const clock = new FakeClock();
  clock.advance(afterSeconds * 1000);
  const way = new SignedAddresses([SECRET, OLD_SECRET], clock);
  return way.check(applicantOf({ ...asker, query: String(query) })).says;
}

const SIGNED = signedQuery(SECRET, GRANT);
const BOUND = signedQuery(SECRET, { ...GRANT, ip: "192.0.2.0/24" });

const CASES: { name: string; query: URLSearchParams | string; asker?: Asker; after?: number; expected: string }[] = [
  { name: "no signature", query: "", expected: "absent" },
  { name: "an expiry without a signature", query: `expires=${NOW + 60}`, expected: "absent" },
  { name: "a signed address", query: SIGNED, expected: "yes" },
  { name: "one second before it expires", query: SIGNED, after: 59, expected: "yes" },
  { name: "when it expires", query: SIGNED, after: 60, expected: "stale" },
  { name: "signed with the secret of before", query: signedQuery(OLD_SECRET, GRANT), expected: "yes" },
  { name: "signed with another secret", query: signedQuery("some other secret", GRANT), expected: "wrong" },
  { name: "for another stream", query: SIGNED, asker: { path: "live/cam2" }, expected: "wrong" },
  { name: "for another app", query: SIGNED, asker: { path: "live2/cam" }, expected: "wrong" },
  { name: "for another vhost", query: `${SIGNED}&vhost=example.org`, expected: "wrong" },
  { name: "for another action", query: SIGNED, asker: { action: "play" }, expected: "wrong" },
  { name: "with other things in the query", query: `audio=0&${SIGNED}&x=1`, expected: "yes" },
  { name: "bound to a network and from it", query: BOUND, expected: "yes" },
  { name: "bound to a network and from elsewhere", query: BOUND, asker: { remote: "198.51.100.1:1" }, expected: "no" },
  { name: "bound to a network and from nowhere", query: BOUND, asker: { remote: "unknown:0" }, expected: "no" },
  { name: "bound, with the network taken out", query: String(BOUND).replace(/&ip=[^&]*/, ""), expected: "wrong" },
  { name: "bound, with a network that was put in", query: `${SIGNED}&ip=192.0.2.7`, expected: "wrong" },
  { name: "signed for no number", query: "signature=x&expires=soon", expected: "wrong" },
];

for (const { name, query, asker, after, expected } of CASES) {
  Deno.test(`a signed address: ${name}: ${expected}`, () => assertEquals(says(query, asker, after), expected));
}

Deno.test("a signature counts whoever else in the house is asked, by the same secret and grant only", () => {
  const other = signedQuery(SECRET, { ...GRANT, expires: GRANT.expires + 1 });
  assertEquals(other.get("signature") === SIGNED.get("signature"), false);
});

Deno.test("an address that was changed at any byte does not count", () => {
  const text = String(BOUND);
  for (let at = 0; at < text.length; at++) {
    for (const byte of ["0", "A", "z", "_", "%", "&"]) {
      const changed = text.slice(0, at) + byte + text.slice(at + 1);
      if (new URLSearchParams(changed).toString() === text) continue;
      assertEquals(says(changed) === "yes", false, changed);
    }
  }
});

Deno.test("an address that was cut short, or has more at its end, does not count", () => {
  const text = String(SIGNED);
  for (let length = 0; length < text.length; length++) assertEquals(says(text.slice(0, length)) === "yes", false);
  for (const more of ["A", "=", "==", "%20", "."]) assertEquals(says(text + more), "wrong");
});
