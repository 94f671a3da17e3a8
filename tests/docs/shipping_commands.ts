import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { untilHolds } from "../support/until_holds.ts";
import { bannerPorts, Program, ROOT } from "../support/program.ts";
import { withProgram } from "./auth_commands.ts";
import type { Clone } from "./clone.ts";
import { blocks } from "./markdown.ts";
import { type CommandCheck, finishing, published, run, serving } from "./running.ts";

/** The command lines of docs/api.md, docs/webhooks.md and docs/scaling.md, and how each is checked. */
export const SHIPPING_COMMANDS: Readonly<Record<string, CommandCheck>> = {
  'curl -H "Authorization: Bearer $TOKEN" http://localhost:8501/api/v1/streams': tokenOpens,
  "deno task start --api-srs-port 1985": async (line, { folder }) => {
    await using server = run(line.replace("1985", "0"), folder);
    await bannerPorts(server);
    const port = / srs-api +srs-api:\/\/[^:]+:(\d+)/.exec(server.out)?.[1];
    const answer = await (await fetch(`http://127.0.0.1:${port}/api/v1/streams`)).json();
    assertEquals([answer.code, answer.streams], [0, []]);
  },
  "deno task start --webhooks-decide-publish http://localhost:9000/publish": (line, clone) =>
    withProgram(decide, line, clone, async ({ http }) => {
      assertEquals(await published(http, "live/cam"), [403, "no key"]);
      assertEquals(await published(http, "live/cam?key=sesame"), [200, undefined]);
    }),
  "deno task start --webhooks-srs-on-publish http://localhost:9000/srs": (line, clone) =>
    withProgram(() => Promise.resolve(new Response("0")), line, clone, async ({ http }) => {
      assertEquals((await published(http, "live/cam"))[0], 200);
    }),
  "deno run bench/simulate.ts --players 100000 --kbps 1500": finishing(({ out }) => shows(out, 0)),
  "deno run bench/simulate_cluster.ts --streams 100": finishing(({ out }) => shows(out, 1)),
  "deno task start --config edge.jsonc": edgeFetches,
  // Nobody answers where the page says that Redis is: the node is there all the same, and says so.
  "deno task start --config node.jsonc": async (line, clone) => {
    await clone.edit("node.jsonc", "redis.example.com:6379", "127.0.0.1:1");
    await serving(async ({ http }) => {
      const url = `http://localhost:${http}/api/v1/cluster`;
      await untilHolds(
        async () => (await (await fetch(url)).json()).store.isAnswering === false,
        "Redis is not missed",
      );
      const { self, nodes } = await (await fetch(url)).json();
      assertEquals([self, nodes.length], ["10.0.0.5-8501", 1]);
    })(line, clone);
  },
};

/** Fails unless a program says what stands in a block of docs/scaling.md, counted from 0. */
function shows(out: string, place: number): void {
  const page = Deno.readTextFileSync(`${ROOT}docs/scaling.md`);
  assertStringIncludes(out, blocks(page).filter(({ language }) => language === "text")[place]?.text ?? "nothing");
}

async function decide(request: Request): Promise<Response> {
  const { session } = await request.json();
  return session.params.key === "sesame" ? new Response() : Response.json({ deny: "no key" });
}

async function tokenOpens(line: string, { folder }: Clone): Promise<void> {
  await using server = run("SLUICE_API_LOCAL=false deno task start", folder);
  const { http } = await bannerPorts(server);
  const { read } = JSON.parse(await Deno.readTextFile(`${folder}/data/api_tokens.json`));
  const [, header] = /-H "([^"]+)"/.exec(line) ?? [];
  const [name, value] = header.replace("$TOKEN", read).split(": ");
  const url = line.split(" ").at(-1)!.replace("8501", String(http));
  const status = async (headers: Record<string, string>) => {
    const response = await fetch(url, { headers });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals([await status({}), await status({ [name]: value })], [401, 200]);
}

/** What is published to one server is played from an edge of it, which records nothing. */
async function edgeFetches(line: string, clone: Clone): Promise<void> {
  await using origin = Program.server(["demo"], { env: { SLUICE_HTTP_PORT: "0", SLUICE_RTMP_PORT: "0" } });
  const { http } = await bannerPorts(origin);
  await clone.edit("edge.jsonc", "origin.example.com:8501", `127.0.0.1:${http}`);
  await serving(async (ports) => {
    const response = await fetch(`http://localhost:${ports.http}/live/demo.flv`);
    assertEquals(response.status, 200);
    const { value } = await response.body!.getReader().read();
    assert(value && value.length > 0, "nothing came");
    const { sinks } = await (await fetch(`http://localhost:${ports.http}/api/v1/server`)).json();
    assertEquals(sinks, ["hls"]);
  })(line, clone);
}
