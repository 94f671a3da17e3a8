import type { MiddlewareHandler } from "hono";
import type { HttpEnv } from "../../kernel/front/front.ts";
import { repeated } from "../../kernel/log/repeated.ts";
import type { PluginContext, Reloadable } from "../../kernel/plugin/plugin.ts";
import { streamMatcher } from "../../kernel/streams/stream_pattern.ts";
import { type ActionRules, Authorizer } from "./authorizer.ts";
import { FailureTable } from "./failures.ts";
import { appGate, originGate } from "./gates/gates.ts";
import { nodeSessions } from "../shared/node_sessions.ts";
import { TOP_FOLDERS } from "../shared/recordings/served_path.ts";
import { fileGate, headGate } from "./gates/file_gate.ts";
import { Argon2 } from "./secrets/argon2.ts";
import { RtmpLogin } from "./ways/rtmp_login.ts";
import type { AuthSettings } from "./settings.ts";
import { type Action, ACTIONS } from "./ways/way.ts";
import { makeWays, type Ways } from "./ways/ways.ts";

/** Equal refusals are one line of the log in so many milliseconds. */
const LOG_INTERVAL_MS = 1000;

/** Answers who may connect, publish and play, also with settings that come later. */
export async function setUp(ctx: PluginContext, first: AuthSettings): Promise<Reloadable<Record<string, unknown>>> {
  const log = repeated(ctx.log, LOG_INTERVAL_MS, ctx.clock);
  ctx.defer(() => log[Symbol.dispose]());
  const { clock, fetch, signal, runKey } = ctx;
  const deps = { clock, fetch, signal };
  const login = new RtmpLogin(ctx.clock);
  const argon2 = new Argon2(ctx.clock);
  ctx.defer(() => argon2[Symbol.dispose]());
  let failures = new FailureTable(first.bruteForce, ctx.clock);
  const made = async (settings: AuthSettings) => {
    const ways = await makeWays(settings, { ...deps, runKey, login, argon2, warn: (message) => log.warn(message) });
    const rules = { publish: rulesOf("publish", settings, ways), play: rulesOf("play", settings, ways) };
    return { settings, ways, rules };
  };
  let { settings, ways, rules } = await made(first);
  const authorizerDeps = () => ({ ...deps, log, failures, asked: ways.connect, login: ways.login });
  const authorizer = new Authorizer(rules, authorizerDeps());
  ctx.decide("connect", ({ session, app }) => authorizer.connect(session, app ?? ""));
  guardFiles(ctx, authorizer, () => restrictsPlaying(settings, ways));
  const nodes = nodeSessions(ctx);
  for (const action of ACTIONS) {
    ctx.decide(action, (request) => nodes.has(request.session) ? undefined : authorizer.decide(action, request));
  }
  ctx.on("server:start", () => tellHowOpen(ctx, settings, ways));
  return {
    async reload(config) {
      const next = await made(config as unknown as AuthSettings);
      return () => {
        const isSame = JSON.stringify(next.settings.bruteForce) === JSON.stringify(settings.bruteForce);
        if (!isSame) failures = new FailureTable(next.settings.bruteForce, ctx.clock);
        ({ settings, ways, rules } = next);
        authorizer.replace(rules, authorizerDeps());
        tellHowOpen(ctx, settings, ways);
      };
    },
  };
}

/** What is not played but fetched is decided like playing, as long as `isRestricted` says that playing is. */
function guardFiles(ctx: PluginContext, authorizer: Authorizer, isRestricted: () => boolean): void {
  const whereRestricted = (gate: MiddlewareHandler<HttpEnv>): MiddlewareHandler<HttpEnv> => (c, next) =>
    isRestricted() ? gate(c, next) : next();
  const gate = whereRestricted(fileGate(authorizer, ctx));
  for (const top of TOP_FOLDERS) ctx.before.use(`/${top}/*`, gate);
  ctx.before.use("/:app/:file{[^/]+\\.flv}", whereRestricted(headGate(authorizer, ctx)));
}

function rulesOf(action: Action, settings: AuthSettings, ways: Ways): ActionRules {
  return {
    gates: [appGate(settings.apps), originGate(action, settings[action])],
    ways: ways.of[action],
    isOpen: streamMatcher(settings[action].open),
  };
}

function restrictsPlaying({ play, apps }: AuthSettings, { of }: Ways): boolean {
  const lists = [of.play, play.allowIps, play.denyIps, play.referers, apps.allow, apps.deny];
  return lists.some((list) => list.length > 0);
}

function tellHowOpen({ log }: PluginContext, { publish }: AuthSettings, { of, plain, withoutLogin }: Ways): void {
  if (of.publish.length === 0 && publish.allowIps.length === 0) {
    log.info("Anyone may publish: who may is said by the setting auth.publish.keys, or another of auth");
  }
  if (withoutLogin.length > 0) {
    log.warn(
      `${
        withoutLogin.join(", ")
      } cannot log in over RTMP: of a hashed password auth.users.….rtmpPassword is needed too`,
    );
  }
  if (plain.length === 0) return;
  log.warn(
    `Anyone who reads the settings has the ${plain.join(", the ")}: the command "keys KEY" makes a hash to put there`,
  );
}
