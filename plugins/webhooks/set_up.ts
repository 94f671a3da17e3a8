import { errorText } from "../../kernel/error_text.ts";
import type { FeedEvent } from "../../kernel/plugin/event_feed.ts";
import type { Apply, PluginContext, Reloadable } from "../../kernel/plugin/plugin.ts";
import type { DeciderOptions } from "./decider.ts";
import { shownAddress } from "../shared/relay/address.ts";
import { openDatabaseFile } from "../shared/database_file.ts";
import { eventMatcher } from "../shared/event_names.ts";
import type { LateRoutes } from "../shared/http/late_routes.ts";
import { deadRoutes } from "./dead_routes.ts";
import { Outbox } from "./outbox.ts";
import { OwnDecisions } from "./own_decisions.ts";
import { post } from "./post.ts";
import { Receiver } from "./receiver.ts";
import { speaksToSrsHooks, type WebhooksSettings } from "./settings.ts";
import { SrsHooks } from "./srs_hooks.ts";

/** The database in the data folder that holds what is yet to be delivered; nobody is served it. */
export const OUTBOX_FILE = "webhooks.sqlite";

const OWNER_ONLY = 0o600;

const HOUR_MS = 3_600_000;

/** Tells and asks whom the settings name; those may be replaced at any time. */
export function setUp(ctx: PluginContext, routes: LateRoutes): Reloadable<WebhooksSettings> {
  const webhooks = new Webhooks(ctx, routes);
  ctx.defer(() => webhooks[Symbol.asyncDispose]());
  return webhooks;
}

class Webhooks implements Reloadable<WebhooksSettings>, AsyncDisposable {
  readonly #ctx: PluginContext;
  readonly #routes: LateRoutes;
  readonly #decisions: OwnDecisions;
  #mail?: Mail;
  #srs?: SrsHooks;
  #listeners: readonly Disposable[] = [];

  constructor(ctx: PluginContext, routes: LateRoutes) {
    this.#ctx = ctx;
    this.#routes = routes;
    this.#decisions = new OwnDecisions(ctx);
  }

  async reload(config: WebhooksSettings): Promise<Apply> {
    if (config.receivers.length > 0 || speaksToSrsHooks(config.srs)) this.#mail ??= await this.#openMail();
    return () => this.#take(config);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) listener[Symbol.dispose]();
    await this.#mail?.[Symbol.asyncDispose]();
  }

  async #openMail(): Promise<Mail> {
    const mail = new Mail(this.#ctx, await openOutbox(this.#ctx));
    this.#ctx.on("server:stop", () => mail.idle());
    this.#routes.open((http) => deadRoutes(this.#ctx, http, mail.outbox));
    return mail;
  }

  #take(config: WebhooksSettings): void {
    const asking = decisionOptions(this.#ctx, config);
    this.#decisions.configure(config.decide, asking);
    this.#mail?.configure(config);
    for (const listener of this.#listeners) listener[Symbol.dispose]();
    this.#listeners = config.receivers.map((receiver) => this.#listen(receiver));
    if (speaksToSrsHooks(config.srs)) {
      this.#srs ??= new SrsHooks(this.#ctx, (url, lane, body) => this.#mail?.receiver(url).put(lane, body));
    }
    this.#srs?.configure(config.srs, asking);
  }

  #listen({ url, events }: WebhooksSettings["receivers"][number]): Disposable {
    const receiver = this.#mail?.receiver(url);
    const isWanted = eventMatcher(events);
    return this.#ctx.feed.subscribe((event) => {
      if (isWanted(event.name)) receiver?.put(laneOf(event), JSON.stringify(event));
    });
  }
}

/** The receivers, by their addresses; those that are not set any more get what still waits for them. */
class Mail implements AsyncDisposable {
  readonly outbox: Outbox;
  readonly #ctx: PluginContext;
  readonly #receivers = new Map<string, Receiver>();
  #timeoutMs = 0;
  #giveUpMs = 0;
  #secrets: ReadonlyMap<string, string | undefined> = new Map();

  constructor(ctx: PluginContext, outbox: Outbox) {
    this.#ctx = ctx;
    this.outbox = outbox;
  }

  /** Takes other settings for what is delivered from now on. */
  configure({ receivers, timeoutSeconds, giveUpHours }: WebhooksSettings): void {
    this.#timeoutMs = timeoutSeconds * 1000;
    this.#giveUpMs = giveUpHours * HOUR_MS;
    this.#secrets = new Map(receivers.toReversed().map(({ url, secret }) => [url, secret]));
    for (const url of this.outbox.receivers()) this.receiver(url);
  }

  receiver(url: string): Receiver {
    let receiver = this.#receivers.get(url);
    if (!receiver) this.#receivers.set(url, receiver = this.#open(url));
    return receiver;
  }

  async idle(): Promise<void> {
    await Promise.all([...this.#receivers.values()].map((receiver) => receiver.idle()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#receivers.values()].map((receiver) => receiver[Symbol.asyncDispose]()));
    this.outbox[Symbol.dispose]();
  }

  #open(url: string): Receiver {
    const { clock, fetch, log } = this.#ctx;
    const giveUpMs = () => this.#giveUpMs;
    const deliver = async (body: string, signal: AbortSignal) => {
      const options = { url, fetch, clock, secret: this.#secrets.get(url), timeoutMs: this.#timeoutMs };
      const { status } = await post(body, options, signal);
      if (status < 200 || status > 299) throw new Error(`its answer has the status ${status}`);
    };
    return new Receiver({
      name: url,
      shownName: shownAddress(url),
      outbox: this.outbox,
      clock,
      log,
      deliver,
      get giveUpMs() {
        return giveUpMs();
      },
    });
  }
}

/** What publishers presented may wait in there: nobody but its owner may read it. */
function openOutbox(ctx: PluginContext): Promise<Outbox> {
  const loss = "what waited is lost";
  return openDatabaseFile(ctx, { name: OUTBOX_FILE, mode: OWNER_ONLY, loss, open: (path) => new Outbox(path) });
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
      const why = errorText(error);
      ctx.log.warn(`${shownAddress(url)} did not decide: ${why}; this counts as ${failOpen ? "yes" : "no"}`);
    },
  };
}

/** What is about one stream stays in order, and so does what is about one session. */
function laneOf({ stream, session }: FeedEvent): string {
  return stream ?? session?.id ?? "server";
}
