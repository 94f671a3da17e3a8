import { DEFAULT_VHOST, parseStreamPath, quoted, streamId, streamKey } from "../kernel/names.ts";
import { isNetwork } from "../kernel/front/network_list.ts";
import type { AuthSettings } from "../plugins/auth/settings.ts";
import { signedQuery } from "../plugins/auth/ways/signed_address.ts";
import { type Action, ACTIONS } from "../plugins/auth/ways/way.ts";
import { type Command, type CommandContext, type FlagValue, UsageError } from "./command.ts";

/** How long a signed address counts when nobody says. */
const DEFAULT_EXPIRES = "2h";

/** The command that signs addresses with the settings' secret. */
export const signCommand: Command = {
  name: "sign",
  summary: "Sign an address, so that whoever has it may publish or play until it expires",
  usage: "APP/STREAM",
  maxArguments: 1,
  flags: [
    { name: "action", kind: "text", value: "publish|play", description: "What the address is for" },
    {
      name: "expires",
      kind: "text",
      value: "TIME",
      description: `How long it counts: 90s, 30m, 2h or 7d; ${DEFAULT_EXPIRES} unless said otherwise`,
    },
    { name: "ip", kind: "text", value: "IP", description: "The only address or network from which it counts" },
    { name: "vhost", kind: "text", value: "NAME", description: "The stream's virtual host, if it has one" },
  ],
  usesSettings: true,
  run: sign,
};

function sign({ host, args: [path], flags, settings }: CommandContext): Promise<number> {
  const auth = settings?.config.auth as AuthSettings | undefined;
  const key = keyOf(path, flags.vhost);
  const action = actionOf(flags.action);
  const seconds = secondsOf(flags.expires ?? DEFAULT_EXPIRES);
  const ip = ipOf(flags.ip);
  const secret = auth?.signing.secret;
  if (secret === undefined) {
    throw new UsageError(["There is no secret to sign with: set auth.signing.secret, or SLUICE_AUTH_SIGNING_SECRET."]);
  }
  if (!auth?.signing.for.includes(action)) {
    host.err(`The server does not look at signatures to ${action}: auth.signing.for leaves that out.`);
  }
  const expires = Math.floor(host.clock.date().getTime() / 1000) + seconds;
  const stream = streamId(key.vhost, key.app, key.name);
  const query = signedQuery(secret, { action, stream, expires, ip });
  const vhost = key.vhost === DEFAULT_VHOST ? "" : `vhost=${key.vhost}&`;
  host.out(`${key.app}/${key.name}?${vhost}${query}`);
  return Promise.resolve(0);
}

function keyOf(path: string | undefined, vhost: FlagValue | undefined) {
  if (path === undefined) throw new UsageError(["sign needs the path of a stream: APP/STREAM."]);
  if (vhost === true) throw new UsageError(["--vhost needs a value: the name of a virtual host."]);
  return usable(() => {
    const { app, name } = parseStreamPath(path);
    return streamKey(app, name, new URLSearchParams(typeof vhost === "string" ? { vhost } : {}));
  });
}

/** What cannot be a name is the command's fault, not the program's. */
function usable<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError([`${error.message}.`]);
    throw error;
  }
}

function actionOf(flag: FlagValue | undefined): Action {
  const action = ACTIONS.find((each) => each === flag);
  if (action) return action;
  const found = typeof flag === "string" ? `--action is ${quoted(flag)}, but` : "--action is missing; it";
  throw new UsageError([`${found} must be "publish" or "play".`]);
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Longer than anybody plans for; a key is the better thing then. */
const MAX_SECONDS = 3650 * UNIT_SECONDS.d;

function secondsOf(flag: FlagValue): number {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(String(flag)) ?? [];
  const seconds = Number(amount) * UNIT_SECONDS[unit];
  if (seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new UsageError([`--expires is ${quoted(String(flag))}, but must be a time such as 90s, 30m, 2h or 7d.`]);
}

function ipOf(flag: FlagValue | undefined): string | undefined {
  if (flag === undefined || (typeof flag === "string" && isNetwork(flag))) return flag;
  throw new UsageError([`--ip is ${quoted(String(flag))}, but must be an address or a network such as 192.0.2.0/24.`]);
}
