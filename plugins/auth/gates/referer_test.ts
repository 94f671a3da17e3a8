import { assertEquals } from "@std/assert";
import { isRefererAllowed, isRefererHost } from "./referer.ts";

const REFERERS: { referer: string | undefined; hosts: string[]; isAllowed: boolean }[] = [
  { referer: "https://github.com/", hosts: ["github.com"], isAllowed: true },
  { referer: "https://docs.github.com/page?x#y", hosts: ["github.com"], isAllowed: true },
  { referer: "https://evilgithub.com/", hosts: ["github.com"], isAllowed: false },
  { referer: "https://github.com.evil.org/", hosts: ["github.com"], isAllowed: false },
  { referer: "https://evil.org/github.com", hosts: ["github.com"], isAllowed: false },
  { referer: "https://github.com@evil.org/", hosts: ["github.com"], isAllowed: false },
  { referer: "https://evil.org/?.github.com", hosts: ["github.com"], isAllowed: false },
  { referer: "https://hub.com/", hosts: ["github.com"], isAllowed: false },
  { referer: "https://com/", hosts: ["github.com"], isAllowed: false },
  { referer: "HTTPS://GitHub.COM:8443/", hosts: ["github.com"], isAllowed: true },
  { referer: "https://github.com./", hosts: ["github.com"], isAllowed: true },
  { referer: "https://github.com/", hosts: ["GitHub.com."], isAllowed: true },
  { referer: "http://192.0.2.7/", hosts: ["192.0.2.7"], isAllowed: true },
  { referer: "http://[::1]:80/", hosts: ["[::1]"], isAllowed: true },
  { referer: "https://b.org/", hosts: ["a.org", "b.org"], isAllowed: true },
  { referer: undefined, hosts: ["github.com"], isAllowed: false },
  { referer: undefined, hosts: ["github.com", "none"], isAllowed: true },
  { referer: "", hosts: ["none"], isAllowed: true },
  { referer: "https://none/", hosts: ["none"], isAllowed: false },
  { referer: "null", hosts: ["github.com", "none"], isAllowed: false },
  { referer: "about:blank", hosts: ["github.com", "none"], isAllowed: false },
  { referer: "not a URL", hosts: ["github.com", "none"], isAllowed: false },
];

for (const { referer, hosts, isAllowed } of REFERERS) {
  Deno.test(`${referer ?? "no referer"} is ${isAllowed ? "" : "not "}among ${hosts.join(", ")}`, () => {
    assertEquals(isRefererAllowed(referer, hosts), isAllowed);
  });
}

for (const text of ["example.com", "a", "none", "192.0.2.7", "[::1]", "xn--bcher-kva.example"]) {
  Deno.test(`"${text}" can stand in a list of referers`, () => assertEquals(isRefererHost(text), true));
}

for (
  const text of ["", "https://example.com", "example.com/", "*.example.com", ".com", "a b", "example.com:80", "::1"]
) {
  Deno.test(`"${text}" cannot stand in a list of referers`, () => assertEquals(isRefererHost(text), false));
}
