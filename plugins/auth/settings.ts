import { z } from "zod";
import { isName } from "../../kernel/names.ts";
import type { AskSettings } from "./ways/ask.ts";
import type { FailureSettings } from "./failures.ts";
import type { AppSettings, OriginSettings } from "./gates/gates.ts";
import { isNetwork } from "../../kernel/front/network_list.ts";
import { isStreamPattern } from "../../kernel/streams/stream_pattern.ts";
import { isRefererHost } from "./gates/referer.ts";
import { parseSecret } from "./secrets/stored_secret.ts";
import { parseLoginDigest } from "./ways/login_digest.ts";
import type { KeySettings } from "./ways/stream_keys.ts";
import { isPublicKey, KEY_ALGORITHMS, SECRET_ALGORITHMS, type TokenSettings } from "./ways/token_settings.ts";
import type { UserSettings } from "./ways/users.ts";
import type { Action } from "./ways/way.ts";

/** What one action needs. */
export interface ActionSettings extends OriginSettings {
  readonly keys: KeySettings;
  /** Streams that need no credential. */
  readonly open: readonly string[];
}

/** The settings of who may do what, complete and checked; what each means is said in the schema. */
export interface AuthSettings extends Readonly<Record<Action, ActionSettings>> {
  readonly apps: AppSettings;
  readonly users: Readonly<Record<string, UserSettings>>;
  /** Apps that ask peers of RTMP to log in; `*` for all. */
  readonly rtmpLogin: readonly string[];
  readonly signing: {
    readonly secret?: string;
    readonly oldSecrets: readonly string[];
    readonly for: readonly Action[];
  };
  readonly jwt: TokenSettings & { readonly jwksUrl?: string; readonly for: readonly Action[] };
  readonly ask: Omit<AskSettings, "url"> & { readonly url?: string; readonly for: readonly (Action | "connect")[] };
  readonly bruteForce: FailureSettings;
}

/** Shorter ones can be tried out, given one signature. */
const LEAST_SECRET_LENGTH = 16;

const pattern = z.string().refine(isStreamPattern, {
  error: "must be a pattern of streams: APP/STREAM, where * stands for anything",
}).meta({ allowed: "a pattern of streams" });
const network = z.string().refine(isNetwork, {
  error: "must be an address or a network, such as 192.0.2.7, 10.0.0.0/8 or fd00::/8",
}).meta({ allowed: "an address or a network" });
const host = z.string().refine(isRefererHost, { error: 'must be the name of a host, such as example.com, or "none"' })
  .meta({ allowed: "the name of a host" });
const app = z.string().refine(isName, { error: "must be an app: 1 to 128 of A-Z a-z 0-9 _ -" })
  .meta({ allowed: "an app" });
const stored = z.string().min(1).superRefine((text, context) => {
  try {
    parseSecret(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: `cannot be used: ${lowerFirst((error as Error).message)}` });
  }
});
const loginDigest = z.string().superRefine((text, context) => {
  try {
    parseLoginDigest(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: `cannot be used: ${lowerFirst((error as Error).message)}` });
  }
});
const webAddress = z.string().refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ""), {
  error: "must begin with http:// or https://",
}).meta({ allowed: "an address that begins with http:// or https://" });
const secret = z.string().min(LEAST_SECRET_LENGTH);
const actions = z.array(z.enum(["publish", "play"]));

const UNDER_PATTERN = "must stand under a pattern of streams: APP/STREAM, where * stands for anything";
const UNDER_NAME = "must stand under a name of at most 64 characters, none of them a colon or a space";

/** A colon ends the name in HTTP's Basic (RFC 7617, section 2). */
function isUserName(text: string): boolean {
  return /^[^:\s]{1,64}$/.test(text);
}

/** A record whose keys are checked one by one, so that the message says what is wrong with which. */
function named<T extends z.ZodType>(value: T, isKey: (key: string) => boolean, message: string) {
  return z.record(z.string(), value).superRefine((record, context) => {
    for (const key of Object.keys(record)) {
      if (!isKey(key)) context.addIssue({ code: "custom", path: [key], message });
    }
  });
}

function lowerFirst(text: string): string {
  return text[0].toLowerCase() + text.slice(1);
}

function actionSettings(action: Action, who: string) {
  return z.object({
    keys: named(z.union([stored, z.array(stored).min(1)]), isStreamPattern, UNDER_PATTERN).default({}).meta({
      description: `Keys of those who ${action}, by stream: live/cam, live/*; made by the command keys`,
      allowed: "a key or a list of keys for each pattern of streams",
      placeholder: "live/cam=KEY,…",
    }),
    open: z.array(pattern).default([]).describe(`Streams that anyone may ${action}, though others need a credential`),
    allowIps: z.array(network).default([]).describe(
      `The only addresses and networks that may ${action}; all when empty`,
    ),
    denyIps: z.array(network).default([]).describe(`Addresses and networks that may not ${action}`),
    referers: z.array(host).default([]).describe(
      `The only hosts whose pages may ${action}, those below included; "none" stands for ${who} without a page`,
    ),
  });
}

const apps = z.object({
  allow: z.array(app).default([]).describe("The only apps that there are; all when empty"),
  deny: z.array(app).default([]).describe("Apps that are refused"),
});

const user = z.object({
  password: stored.describe("The password, or its hash, made by the command keys"),
  rtmpPassword: loginDigest.optional().describe(
    "What RTMP's login needs where the password is a hash, made by the command keys --rtmp",
  ),
  publish: z.array(pattern).default([]).describe("Streams that the user may publish"),
  play: z.array(pattern).default([]).describe("Streams that the user may play"),
}).refine(({ publish, play }) => publish.length + play.length > 0, {
  error: "must have streams under publish or play",
});

const users = named(user, isUserName, UNDER_NAME).default({}).meta({
  description: "Users by name, each with password, publish and play",
  allowed: "for each name without colon or space a password, and patterns of streams under publish or play",
});

const signing = z.object({
  secret: secret.optional().describe("What addresses are signed with, by the command sign or your own program"),
  oldSecrets: z.array(secret).default([]).describe("Secrets that were in use before and still count"),
  for: actions.default(["publish", "play"]).describe("What needs a signed address, or another credential"),
});

const jwt = z.object({
  secret: secret.optional().describe("What tokens are signed with by HS256, HS384 or HS512").meta({ secret: true }),
  publicKey: z.string().refine(isPublicKey, { error: "must be a public key in PEM" }).optional()
    .meta({ description: "The public key of tokens that are signed by RS, PS, ES or EdDSA, in PEM", secret: false }),
  jwksUrl: webAddress.optional().meta({
    description: "Where the public keys are, as a JSON Web Key Set",
    secret: false,
  }),
  algorithms: z.array(z.enum([...SECRET_ALGORITHMS, ...KEY_ALGORITHMS])).min(1).optional().meta({
    description: "The only algorithms that count; all that fit the secret and the keys when absent",
    secret: false,
  }),
  issuer: z.string().min(1).optional().meta({ description: "What iss has to be", secret: false }),
  audience: z.string().min(1).optional().meta({ description: "What aud has to be, or to have in it", secret: false }),
  claim: z.string().min(1).default("permissions").meta({
    description: "The claim with a list of { action, path }; both may also stand at the top",
    secret: false,
  }),
  for: actions.default(["publish", "play"]).meta({
    description: "What needs a token, or another credential",
    secret: false,
  }),
});

const ask = z.object({
  url: webAddress.optional().describe("The program that is asked by POST; any 2xx lets in"),
  for: z.array(z.enum(["connect", "publish", "play"])).default(["publish", "play"]).describe("What it is asked about"),
  timeoutSeconds: z.number().min(0.1).max(9).default(5).describe("How long it may take"),
  cacheSeconds: z.number().min(0).max(3600).default(5).describe("How long its answer to the same question counts"),
  concurrency: z.int().min(1).max(1000).default(32).describe("How many questions it is asked at once"),
  failOpen: z.boolean().default(false).describe("Let everybody in while it does not answer"),
});

const bruteForce = z.object({
  failures: z.int().min(0).max(1_000_000).default(20).describe(
    "An address that presents so many wrong credentials is banned; before, its answers slow down; 0 for never",
  ),
  withinSeconds: z.number().min(1).max(86_400).default(600).describe("Older ones do not count"),
  banSeconds: z.number().min(1).max(86_400).default(600).describe("How long a ban lasts"),
  exempt: z.array(network).default(["127.0.0.0/8", "::1"]).describe(
    "Addresses and networks that are never banned: this machine, and proxies in front of it",
  ),
});

const auth = z.object({
  publish: actionSettings("publish", "encoders").prefault({}),
  play: actionSettings("play", "players").prefault({}),
  apps: apps.prefault({}),
  users,
  rtmpLogin: z.array(
    z.string().refine((text) => text === "*" || isName(text), { error: "must be an app, or *" })
      .meta({ allowed: "an app, or * for all" }),
  ).default([]).describe(
    "Apps that ask peers of RTMP for a user and a password as they connect, as encoders with fields for both want it; * for all",
  ),
  signing: signing.prefault({}),
  jwt: jwt.prefault({}),
  ask: ask.prefault({}),
  bruteForce: bruteForce.prefault({}),
});

/** The schema of {@linkcode AuthSettings}. */
export const authSchema: z.ZodObject = auth satisfies z.ZodType<AuthSettings>;
