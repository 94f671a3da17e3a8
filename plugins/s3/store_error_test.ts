import { assertEquals } from "@std/assert";
import { storeError } from "./store_error.ts";
import { elementText, escapeXml } from "./xml.ts";

function body(code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}

const CASES: readonly [status: number, body: string, fault: string, message: string][] = [
  [503, body("SlowDown", "Please reduce your request rate."), "busy", "the store answers 503 SlowDown"],
  [500, "", "busy", "the store answers 500"],
  [502, "<html><body>Bad gateway</body></html>", "busy", "the store answers 502"],
  [429, "", "busy", "the store answers 429"],
  [400, body("BadDigest", "It does not match."), "busy", "the store answers 400 BadDigest"],
  [403, body("AccessDenied", "Access Denied."), "refused", "the store refuses: 403 AccessDenied (Access Denied)"],
  [
    404,
    body("NoSuchBucket", "There is no &lt;films&gt;"),
    "refused",
    "the store refuses: 404 NoSuchBucket (There is no <films>)",
  ],
  [403, "", "refused", "the store refuses: 403"],
  [
    301,
    body("PermanentRedirect", "x"),
    "refused",
    "the store refuses: 301 PermanentRedirect (it is in another region or at another address than the settings say)",
  ],
];

for (const [status, text, fault, message] of CASES) {
  Deno.test(`a store's answer ${status} ${elementText(text, "Code") ?? ""} is ${fault}`, () => {
    const error = storeError(status, text);
    assertEquals([error.fault, error.message], [fault, message]);
  });
}

Deno.test("elements of XML are found with what was escaped in them", () => {
  assertEquals(elementText("<A><ETag>&quot;x&#39;&#x26;&quot;</ETag></A>", "ETag"), '"x\'&"');
  assertEquals(elementText('<A xmlns="u"><B>1</B></A>', "B"), "1");
  assertEquals(elementText("<A></A>", "B"), undefined);
  assertEquals(escapeXml('"<&>"'), '"&lt;&amp;&gt;"');
});
