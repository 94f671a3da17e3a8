import { assertEquals } from "@std/assert";
import { auth } from "../plugins/auth/plugin.ts";
import { hls } from "../plugins/hls/plugin.ts";
import { DEFAULT_VHOST } from "../kernel/names.ts";
import { definePlugin, type Plugin, type PluginContext } from "../kernel/plugin/plugin.ts";
import { type Door, DOORS } from "./auth/doors.ts";
import { type Knock, PUBLISHER, type Rule, RULES, SECRETS } from "./auth/rules.ts";
import { packetsOf, StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";

for (const rule of RULES) {
  Deno.test(`auth: ${rule.name}`, async () => {
    await using server = await TestServer.start({
      plugins: [...(rule.action === "play" ? [publishing(pathsOf(rule))] : []), auth()],
      late: [hls()],
      config: { auth: { bruteForce: { failures: 0 }, ...rule.auth }, graceSeconds: 0 },
    });
    for (const { door, knock } of triesOf(rule)) {
      const { params = {}, headers = {}, path = "live/cam" } = knock;
      const outcome = await door.knock(server, rule.action, path, params, headers);
      const expected = knock.expected === "in" || door.tellsApart ? knock.expected : "denied";
      assertEquals(outcome, expected, `${door.name}: ${knock.with}`);
    }
    for (const secret of SECRETS) server.assertNeverLogged(secret);
  });
}

function triesOf({ action, knocks }: Rule): { readonly door: Door; readonly knock: Knock }[] {
  return DOORS.filter(({ actions }) => actions.includes(action)).flatMap((door) =>
    knocks.filter(({ headers }) => headers === undefined || door.hasHeaders).map((knock) => ({ door, knock }))
  );
}

function pathsOf({ knocks }: Rule): string[] {
  return [...new Set(knocks.map(({ path = "live/cam" }) => path))];
}

/** Something to play, from within: whoever publishes so has passed no door. */
function publishing(paths: readonly string[]): Plugin {
  const publish = async (ctx: PluginContext, path: string) => {
    const session = await ctx.open({ protocol: "test", remote: "built-in", params: new URLSearchParams(PUBLISHER) });
    const [app, name] = path.split("/");
    const publication = await ctx.publish(session, { vhost: DEFAULT_VHOST, app, name });
    const maker = new StreamMaker();
    for (const packet of packetsOf([...maker.head(), ...maker.gops(20)])) publication.write(packet);
    publication.flush();
  };
  return definePlugin({
    name: "publishing",
    setup: (ctx) =>
      ctx.on("server:start", async () => await Promise.all(paths.map((path) => publish(ctx, path))).then(() => {})),
  })();
}
