import { Redis } from "ioredis";
import { z } from "zod";
import { errorText } from "../../kernel/error_text.ts";
import type { Logger } from "../../kernel/log/log.ts";
import { headOf, type HeldStream, type NodeReport, type ReportHead, streamsOf } from "./report.ts";
import type { NodeSecrets } from "./node_secrets.ts";
import { isElsewhere, isOtherDatabase, redisFault } from "./redis_faults.ts";
import type { ClusterStore } from "./store.ts";

/** No answer to a command within so many milliseconds is none: its network may be gone without a word. */
const COMMAND_MS = 2000;

/** The longest pause before the connection is tried again, in milliseconds. */
const MOST_PAUSE_MS = 3000;

/** Reports that nobody renews are removed after so many milliseconds: nodes judge by themselves much earlier. */
const KEPT_MS = 60_000;

/** What nodes can have agreed on. */
const SECRET = /^[\w-]{16,128}$/;

/** A report's head, and the version of the streams that belong to it. */
interface Found {
  readonly head: ReportHead;
  readonly version: number;
}

/** The streams of a node, and which version of them they are. */
interface KnownStreams {
  readonly version: number;
  readonly streams: readonly HeldStream[];
}

/**
 * Reports in Redis or Valkey.
 *
 * Below a prefix there are a set `nodes` of all ids, for each node `node:ID` with its report but for the streams, and
 * `streams:ID` with these: they are read anew only when their version has changed, so that a beat costs little however many
 * streams there are. The first node that finds none writes down a `secret`, which all others take; everything else expires.
 */
export class RedisStore implements ClusterStore {
  readonly name: string;
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #secrets: NodeSecrets;
  readonly #known = new Map<string, KnownStreams>();
  #written = "";
  #version = 0;
  #trouble = "";
  /** Why what is connected to is not what the address says. */
  #isMisled = false;
  readonly #log: Logger;
  #beat?: number;
  #hasTwin = false;

  constructor(address: string, prefix: string, secrets: NodeSecrets, log: Logger) {
    this.name = shown(address);
    this.#prefix = prefix;
    this.#secrets = secrets;
    this.#log = log;
    this.#redis = new Redis(address, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: COMMAND_MS,
      commandTimeout: COMMAND_MS,
      // What asks for it needs a right of its own; a Redis that is still loading says so itself.
      enableReadyCheck: false,
      retryStrategy: (times: number) =>
        Math.min(MOST_PAUSE_MS, 100 * 2 ** Math.min(times, 10)) * (1 - Math.random() / 2),
    });
    this.#redis.on("error", (error: Error) => {
      this.#trouble = wordsOf(error.message);
      this.#isMisled ||= isOtherDatabase(error.message);
      log.debug(`${this.name}: ${this.#trouble}`);
    });
    this.#redis.on("close", () => this.#isMisled = false);
  }

  async exchange(own: NodeReport): Promise<readonly NodeReport[]> {
    if (this.#redis.status === "wait") await this.#connected();
    if (this.#redis.status !== "ready" || this.#isMisled) throw new Error(this.#trouble || "it is not connected");
    try {
      return await this.#read(await this.#write(own));
    } catch (error) {
      // What was written last is not known now.
      this.#beat = undefined;
      const message = errorText(error);
      if (isSilent(message) || isElsewhere(message)) this.#redis.disconnect(true);
      throw new Error(wordsOf(message), { cause: error });
    }
  }

  async leave(id: string): Promise<void> {
    if (this.#redis.status !== "ready") return;
    const { node, streams, nodes } = this.#keys(id);
    await this.#redis.pipeline().del(node, streams).srem(nodes, id).exec();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
    return Promise.resolve();
  }

  async #connected(): Promise<void> {
    try {
      await this.#redis.connect();
    } catch (error) {
      throw new Error(this.#trouble || errorText(error), { cause: error });
    }
  }

  /** Writes all that is to be known of this node, in one go; gives the ids of the others. */
  async #write({ streams, ...rest }: NodeReport): Promise<string[]> {
    const keys = this.#keys(rest.id);
    const text = JSON.stringify(streams);
    const isNews = text !== this.#written;
    if (isNews) this.#version = rest.beat;
    const { offered } = this.#secrets;
    const pipeline = this.#redis.pipeline();
    // A Redis that has been emptied is told what was agreed on before.
    if (offered !== undefined) pipeline.set(keys.secret, offered, "NX").get(keys.secret);
    pipeline.get(keys.node);
    if (isNews) pipeline.set(keys.streams, text, "PX", KEPT_MS);
    else pipeline.pexpire(keys.streams, KEPT_MS);
    pipeline.set(keys.node, JSON.stringify({ ...rest, version: this.#version }), "PX", KEPT_MS);
    pipeline.sadd(keys.nodes, rest.id).pexpire(keys.nodes, KEPT_MS).smembers(keys.nodes);
    const values = valuesOf(await pipeline.exec());
    if (offered !== undefined) this.#agree(values.splice(0, 2)[1]);
    const [before, first, , , , ids] = values;
    this.#lookForTwin(rest.id, headOf(parsed(before)));
    this.#beat = rest.beat;
    // A store that has been emptied has nothing to prolong: all is written anew.
    this.#written = first === 0 ? "" : text;
    return first === 0 ? await this.#write({ streams, ...rest }) : idsOf(ids).filter((id) => id !== rest.id);
  }

  #agree(agreed: unknown): void {
    if (typeof agreed !== "string" || !SECRET.test(agreed)) {
      throw new Error(`what stands there as ${this.#prefix}secret is no secret`);
    }
    this.#secrets.agree(agreed);
  }

  /** Two nodes of one name would be seen now as the one and now as the other; said once, whichever reports more often. */
  #lookForTwin(id: string, before: ReportHead | undefined): void {
    const isTwin = before !== undefined && this.#beat !== undefined && before.beat !== this.#beat;
    if (!isTwin || this.#hasTwin) return;
    this.#hasTwin = true;
    this.#log.error(`Another node calls itself ${id} too: each needs a cluster.id, or a cluster.address, of its own`);
  }

  async #read(ids: readonly string[]): Promise<NodeReport[]> {
    if (ids.length === 0) return [];
    const texts = await this.#redis.mget(ids.map((id) => this.#keys(id).node));
    const gone = ids.filter((_, i) => texts[i] === null);
    if (gone.length > 0) await this.#redis.srem(`${this.#prefix}nodes`, ...gone);
    for (const id of gone) this.#known.delete(id);
    const found = texts.map(parsed).map((value) => ({ head: headOf(value), version: versionOf(value) }))
      .filter((each): each is Found => each.head !== undefined && each.version !== undefined);
    await this.#readStreams(found);
    return found.flatMap(({ head }) => {
      const known = this.#known.get(head.id);
      return known ? [{ ...head, streams: known.streams }] : [];
    });
  }

  async #readStreams(found: readonly Found[]): Promise<void> {
    const changed = found.filter(({ head, version }) => this.#known.get(head.id)?.version !== version);
    if (changed.length === 0) return;
    const texts = await this.#redis.mget(changed.map(({ head }) => this.#keys(head.id).streams));
    for (const [i, { head: { id }, version }] of changed.entries()) {
      const streams = streamsOf(parsed(texts[i]));
      if (streams) this.#known.set(id, { version, streams });
    }
  }

  #keys(id: string): Record<"node" | "streams" | "nodes" | "secret", string> {
    return {
      node: `${this.#prefix}node:${id}`,
      streams: `${this.#prefix}streams:${id}`,
      nodes: `${this.#prefix}nodes`,
      secret: `${this.#prefix}secret`,
    };
  }
}

function isSilent(message: string): boolean {
  return /timed out/i.test(message);
}

function wordsOf(message: string): string {
  return isSilent(message) ? `it has not answered within ${COMMAND_MS / 1000} s` : redisFault(message);
}

/** What commands gave; throws what one of them threw. */
function valuesOf(results: [Error | null, unknown][] | null): unknown[] {
  return (results ?? []).map(([error, value]) => {
    if (error) throw error;
    return value;
  });
}

/** The members of a set, as a Redis gives them. */
function idsOf(value: unknown): string[] {
  return z.array(z.string()).safeParse(value).data ?? [];
}

/** The version of the streams that a report's head names. */
function versionOf(value: unknown): number | undefined {
  return z.object({ version: z.number() }).safeParse(value).data?.version;
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** The address without its user and password. */
function shown(address: string): string {
  const url = URL.parse(address);
  return url ? `${url.protocol}//${url.host}` : "Redis";
}
