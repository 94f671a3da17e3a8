import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "@std/path";
import type { FeedEvent } from "../../kernel/event_feed.ts";
import type { PluginContext } from "../../kernel/plugin.ts";
import type { DeciderOptions } from "./decider.ts";
import { shownAddress } from "../shared/relay/address.ts";
import { eventMatcher } from "../shared/event_names.ts";
import { deadRoutes } from "./dead_routes.ts";
import { Outbox } from "./outbox.ts";
import { decideByUrl } from "./own_decisions.ts";
import { post } from "./post.ts";
import { Receiver } from "./receiver.ts";
import { speaksToSrsHooks, type WebhooksSettings } from "./settings.ts";
import { SrsHooks } from "./srs_hooks.ts";

/** The database in the data folder that holds what is yet to be delivered; nobody is served it. */
export const OUTBOX_FILE = "webhooks.sqlite";

const OWNER_ONLY = 0o600;

const HOUR_MS = 3_600_000;

/** Begins to tell and to ask whom the settings name. */
export async function setUp(ctx: PluginContext, config: WebhooksSettings): Promise<void> {
  const asking = decisionOptions(ctx, config);
  decideByUrl(ctx, config.decide, asking);
  if (config.receivers.length === 0 && !speaksToSrsHooks(config.srs)) return;
  const mail = new Mail(ctx, config, await openOutbox(ctx));
  ctx.defer(() => mail[Symbol.asyncDispose]());
  ctx.on("server:stop", () => mail.idle());
  for (const { url, events, secret } of config.receivers) {
    const receiver = mail.receiver(url, secret);
    const isWanted = eventMatcher(events);
    const listener = ctx.feed.subscribe((event) =>
      isWanted(event.name) && receiver.put(laneOf(event), JSON.stringify(event))
    );
    ctx.defer(() => listener[Symbol.dispose]());
  }
  if (speaksToSrsHooks(config.srs)) {
    new SrsHooks(ctx, config.srs, (url, lane, body) => mail.receiver(url).put(lane, body), asking);
  }
  deadRoutes(ctx, mail.outbox);
}

/** The receivers, by their addresses; those that are not set any more get what still waits for them. */
class Mail implements AsyncDisposable {
  readonly outbox: Outbox;
  readonly #ctx: PluginContext;
  readonly #config: WebhooksSettings;
  readonly #receivers = new Map<string, Receiver>();

  constructor(ctx: PluginContext, config: WebhooksSettings, outbox: Outbox) {
    this.#ctx = ctx;
    this.#config = config;
    this.outbox = outbox;
    const secrets = new Map(config.receivers.map(({ url, secret }) => [url, secret]));
    for (const url of outbox.receivers()) this.receiver(url, secrets.get(url));
  }

  receiver(url: string, secret?: string): Receiver {
    let receiver = this.#receivers.get(url);
    if (!receiver) this.#receivers.set(url, receiver = this.#open(url, secret));
    return receiver;
  }

  async idle(): Promise<void> {
    await Promise.all([...this.#receivers.values()].map((receiver) => receiver.idle()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#receivers.values()].map((receiver) => receiver[Symbol.asyncDispose]()));
    this.outbox[Symbol.dispose]();
  }

  #open(url: string, secret: string | undefined): Receiver {
    const { clock, fetch, log } = this.#ctx;
    const options = { url, fetch, clock, secret, timeoutMs: this.#config.timeoutSeconds * 1000 };
    const deliver = async (body: string, signal: AbortSignal) => {
      const { status } = await post(body, options, signal);
      if (status < 200 || status > 299) throw new Error(`its answer has the status ${status}`);
    };
    const giveUpMs = this.#config.giveUpHours * HOUR_MS;
    return new Receiver({
      name: url,
      shownName: shownAddress(url),
      outbox: this.outbox,
      clock,
      log,
      deliver,
      giveUpMs,
    });
  }
}

/** What publishers presented may wait in there: nobody but its owner may read it. */
async function openOutbox({ dataDir, claimDataDir, log }: PluginContext): Promise<Outbox> {
  await claimDataDir();
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, OUTBOX_FILE);
  await (await open(path, "a", OWNER_ONLY)).close();
  try {
    return new Outbox(path);
  } catch (error) {
    if (!isBroken(error)) throw error;
    log.error(`${path} cannot be read: ${error.message}; it is put aside as ${path}.broken, and what waited is lost`);
  }
  for (const suffix of ["-wal", "-shm"]) await rm(path + suffix, { force: true });
  await rename(path, `${path}.broken`);
  await (await open(path, "a", OWNER_ONLY)).close();
  return new Outbox(path);
}

/** Whether SQLite says that a file is no database (SQLITE_NOTADB, SQLITE_CORRUPT): all that Deno gives of it are words. */
function isBroken(error: unknown): error is Error {
  return error instanceof Error && /not a database|malformed/.test(error.message);
}

function decisionOptions(ctx: PluginContext, config: WebhooksSettings): Omit<DeciderOptions, "understand"> {
  const { clock, fetch } = ctx;
  const { timeoutSeconds, cacheSeconds, failOpen, secret } = config.decide;
  return {
    clock,
    failOpen,
    cacheMs: cacheSeconds * 1000,
    ask: (url, body, signal) => post(body, { url, fetch, clock, secret, timeoutMs: timeoutSeconds * 1000 }, signal),
    onFailure: (url, error) => {
      const why = error instanceof Error ? error.message : String(error);
      ctx.log.warn(`${shownAddress(url)} did not decide: ${why}; this counts as ${failOpen ? "yes" : "no"}`);
    },
  };
}

/** What is about one stream stays in order, and so does what is about one session. */
function laneOf({ stream, session }: FeedEvent): string {
  return stream ?? session?.id ?? "server";
}
