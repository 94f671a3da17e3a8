import { assert, assertEquals } from "@std/assert";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { api } from "../plugins/api/plugin.ts";
import { forward } from "../plugins/forward/plugin.ts";
import { webhooks } from "../plugins/webhooks/plugin.ts";
import { TestServer } from "./support/test_server.ts";

const TOKENS = { token: "write-write-write", readToken: "read-read-read-read" };

interface Described {
  readonly description: string;
  readonly content?: Readonly<Record<string, { schema: object }>>;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly responses: Readonly<Record<string, Described>>;
}

/** A request to an operation, and what it has to lead to. */
interface Try {
  readonly with: string;
  readonly token?: string;
  readonly query?: string;
  readonly body?: string;
  expected(operation: Operation): readonly number[];
}

/** Statuses of requests that are well-formed, about what is not there. */
const PLAUSIBLE = [200, 201, 204, 400, 404, 409];

const TRIES: readonly Try[] = [
  { with: "no token", expected: () => [401] },
  {
    with: "the token that may look",
    token: TOKENS.readToken,
    expected: ({ method }) => method === "get" ? PLAUSIBLE : [403],
  },
  { with: "the token that may change things", token: TOKENS.token, expected: () => PLAUSIBLE },
  { with: "a page that is none", token: TOKENS.token, query: "?offset=-1&limit=x", expected: () => PLAUSIBLE },
  { with: "a body that is none", token: TOKENS.token, body: "{", expected: () => [...PLAUSIBLE, 413] },
  {
    with: "a body that is far too long",
    token: TOKENS.token,
    body: "x".repeat(2 ** 21),
    expected: () => [...PLAUSIBLE, 413],
  },
];

/** Names of what there is not, for the paths. */
const VALUES: Readonly<Record<string, string>> = { app: "live", name: "none", sink: "none", id: "none" };

class Walk implements AsyncDisposable {
  readonly #ajv = new Ajv2020({ strict: false });
  #components: object = {};

  private constructor(readonly server: TestServer, readonly dataDir: string) {
    addFormats.default(this.#ajv);
  }

  static async start(): Promise<Walk> {
    const dataDir = await Deno.makeTempDir();
    const receivers = [{ url: "http://127.0.0.1:9/hook", events: ["stream:never"] }];
    const config = { dataDir, api: { ...TOKENS, local: false }, webhooks: { receivers } };
    return new Walk(await TestServer.start({ late: [api(), forward(), webhooks()], config }), dataDir);
  }

  async operations(): Promise<Operation[]> {
    const { paths, components } = await (await this.ask("GET", "/api/v1/openapi.json", TOKENS.token)).json();
    this.#components = components;
    return Object.entries(paths as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path }))
    );
  }

  ask(method: string, target: string, token?: string, body?: string): Promise<Response> {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const init = method === "get" || method === "GET"
      ? { method, headers }
      : { method: method.toUpperCase(), headers, body };
    return fetch(`http://127.0.0.1:${this.server.port}${target}`, init);
  }

  /** Fails unless the answer is one that the description has. */
  async check({ responses }: Operation, response: Response, what: string): Promise<void> {
    const type = response.headers.get("content-type")?.split(";")[0];
    if (type === "text/event-stream") return await response.body?.cancel();
    const text = await response.text();
    const { content } = responses[String(response.status)] ?? responses.default;
    assertEquals(response.ok || type === "application/problem+json", true, `${what}: ${type} ${text}`);
    if (text === "") return assertEquals(content, undefined, what);
    const schema = content?.[type ?? ""]?.schema;
    assert(schema, `${what}: ${response.status} with ${type} is not described`);
    const validate: ValidateFunction = this.#ajv.compile({ ...schema, components: this.#components });
    assert(validate(JSON.parse(text)), `${what}: ${JSON.stringify(validate.errors)} in ${text}`);
    if (!response.ok) assertEquals(JSON.parse(text).status, response.status, what);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.dataDir, { recursive: true });
  }
}

Deno.test("every route of the API answers as its description says, whoever asks and however wrongly", async () => {
  await using walk = await Walk.start();
  const operations = await walk.operations();
  assertEquals(operations.length > 20, true);
  for (const attempt of TRIES) {
    // Emptying the server comes last, since everything else is answered otherwise then.
    for (const operation of operations.toSorted(({ path }) => path.endsWith("/drain") ? 1 : -1)) {
      // Guessing is answered with 429 after a while.
      walk.server.clock.advance(600_000);
      const { method, path } = operation;
      const target = path.replace(/\{(\w+)\}/g, (_, name) => VALUES[name]) + (attempt.query ?? "");
      const what = `${method.toUpperCase()} ${path} with ${attempt.with}`;
      const response = await walk.ask(method, target, attempt.token, attempt.body);
      assert(attempt.expected(operation).includes(response.status), `${what} was answered ${response.status}`);
      await walk.check(operation, response, what);
    }
  }
});

Deno.test("what is nowhere, and what guards say elsewhere, are problems too", async () => {
  await using walk = await Walk.start();
  for (const path of ["/api/v1/nothing", "/nothing", "/api/v1/openapi.json", "/api/v1/docs"]) {
    const response = await walk.ask("GET", path);
    const { type, status, detail } = await response.json();
    assertEquals([response.headers.get("content-type"), type, status], [
      "application/problem+json",
      "about:blank",
      response.status,
    ]);
    assert(detail.length > 0);
  }
});
