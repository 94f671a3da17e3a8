import { Ask, type AskDeps } from "./ask.ts";
import type { Argon2 } from "../secrets/argon2.ts";
import { type LoginDesk, loginDesk, type RtmpLogin } from "./rtmp_login.ts";
import { SecretCheck } from "../secrets/secret_check.ts";
import type { PassIssuer } from "../../shared/viewer_pass.ts";
import type { AuthSettings } from "../settings.ts";
import { SignedAddresses } from "./signed_address.ts";
import { StreamKeys } from "./stream_keys.ts";
import type { Tokens } from "./tokens.ts";
import { Users } from "./users.ts";
import { ViewerPasses } from "./viewer_passes.ts";
import { type Action, ACTIONS, type Way } from "./way.ts";

/** The ways in that the settings name. */
export interface Ways {
  readonly of: Readonly<Record<Action, readonly Way[]>>;
  /** The program that is asked about connections, if one is. */
  readonly connect?: Ask;
  /** Where peers of RTMP log in. */
  readonly login: LoginDesk;
  /** Users who cannot log in over RTMP though apps ask for it. */
  readonly withoutLogin: readonly string[];
  /** Whose keys and passwords stand in the settings as they are, in words. */
  readonly plain: readonly string[];
}

/** What the ways in take. */
export interface WaysDeps extends AskDeps, PassIssuer {
  readonly login: RtmpLogin;
  readonly argon2: Argon2;
}

/** Makes the ways in that the settings name; those that cost least are tried first, and another program is asked last. */
export async function makeWays(settings: AuthSettings, deps: WaysDeps): Promise<Ways> {
  const check = new SecretCheck(deps.clock, deps.argon2);
  const keys = {
    publish: new StreamKeys(settings.publish.keys, check),
    play: new StreamKeys(settings.play.keys, check),
  };
  const users = new Users(settings.users, check, deps.login);
  const signed = signedAddresses(settings, deps);
  const tokens = await makeTokens(settings, deps);
  const ask = settings.ask.url === undefined ? undefined : new Ask({ ...settings.ask, url: settings.ask.url }, deps);
  const waysOf = (action: Action): Way[] => [
    ...(Object.keys(settings[action].keys).length > 0 ? [keys[action]] : []),
    ...(signed && settings.signing.for.includes(action) ? [signed] : []),
    ...(tokens && settings.jwt.for.includes(action) ? [tokens] : []),
    ...(Object.values(settings.users).some((user) => user[action].length > 0) ? [users] : []),
    ...(ask && settings.ask.for.includes(action) ? [ask] : []),
  ];
  const play = waysOf("play");
  return {
    of: { publish: waysOf("publish"), play: play.length > 0 ? [new ViewerPasses(deps), ...play] : [] },
    login: loginDesk(deps.login, users, settings.rtmpLogin),
    withoutLogin: settings.rtmpLogin.length > 0 ? users.withoutLogin : [],
    connect: settings.ask.for.includes("connect") ? ask : undefined,
    plain: [
      ...ACTIONS.flatMap((action) => keys[action].plain.map((pattern) => `key to ${action} ${pattern}`)),
      ...users.plain.map((name) => `password of ${name}`),
    ],
  };
}

/** Secrets of the past alone still mean that a signature is needed. */
function signedAddresses({ signing: { secret, oldSecrets } }: AuthSettings, { clock }: AskDeps) {
  const secrets = [...(secret === undefined ? [] : [secret]), ...oldSecrets];
  return secrets.length > 0 ? new SignedAddresses(secrets, clock) : undefined;
}

/** What verifies tokens is large, and loaded only where there are some. */
async function makeTokens({ jwt }: AuthSettings, deps: AskDeps): Promise<Tokens | undefined> {
  if (jwt.jwksUrl === undefined && jwt.secret === undefined && jwt.publicKey === undefined) return undefined;
  const { Tokens } = await import("./tokens.ts");
  if (jwt.jwksUrl === undefined) return new Tokens(jwt, deps.clock);
  const { RemoteKeys } = await import("./remote_keys.ts");
  return new Tokens(jwt, deps.clock, new RemoteKeys(jwt.jwksUrl, deps));
}
