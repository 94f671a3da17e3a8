import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import { type Clock, every, type Timer } from "../../../kernel/clock.ts";
import type { HttpEnv } from "../../../kernel/front/front.ts";
import { problemText } from "../../../kernel/front/problem.ts";
import type { Logger } from "../../../kernel/log/log.ts";
import { repeated, type RepeatedLogger } from "../../../kernel/log/repeated.ts";
import { type Answer, answerTo } from "./answer.ts";
import { BodyWriter } from "./body_writer.ts";
import type { ByteRange } from "./range.ts";
import type { Resource, ResourceReading } from "./resource.ts";

/** How often slow readers are looked after. */
const SWEEP_MS = 1000;

/** Trouble with the disk is told no more often, in milliseconds. */
const FAULT_MS = 1000;

/**
 * Answers requests for resources: conditions, ranges, HEAD, caching, and bodies that thousands read at once, each at its
 * own pace. Disposing closes the connections of those who still read.
 */
export class ResourceServer implements Disposable {
  readonly #clock: Clock;
  readonly #writers = new Set<BodyWriter>();
  readonly #sweeping: Timer;
  readonly #faults?: RepeatedLogger;

  /** A reader that takes nothing for `stallMs` milliseconds is closed; what cannot be read is said in the log. */
  constructor(clock: Clock, stallMs: number, log?: Logger) {
    this.#clock = clock;
    this.#faults = log && repeated(log, FAULT_MS, clock);
    this.#sweeping = every(clock, SWEEP_MS, () => {
      for (const writer of this.#writers) writer.sweep(SWEEP_MS, stallMs);
    });
  }

  /** How many answers are being written. */
  get readers(): number {
    return this.#writers.size;
  }

  /** Answers a GET or HEAD; rejects as {@linkcode Resource.open} does, and has answered nothing then. */
  answer(c: Context<HttpEnv>, resource: Resource): Response | Promise<Response> {
    const { method } = c.req;
    const { incoming } = c.env ?? {};
    const header = incoming
      ? (name: string) => incoming.headers[name]?.toString()
      : (name: string) => c.req.header(name);
    const answer = answerTo({ method, header }, resource, this.#clock.date());
    const { body } = answer;
    if (!body || body.start === body.end) return bodiless(answer, method);
    const reading = resource.open();
    if (!(reading instanceof Promise)) return this.#send(c, answer, body, reading);
    return reading.then((reading) => this.#send(c, answer, body, reading));
  }

  [Symbol.dispose](): void {
    this.#sweeping[Symbol.dispose]();
    for (const writer of [...this.#writers]) writer.abort();
    this.#faults?.[Symbol.dispose]();
  }

  #send(c: Context<HttpEnv>, answer: Answer, body: ByteRange, reading: ResourceReading): Response {
    const outgoing = c.env?.outgoing;
    if (!outgoing) return new Response(streamed(reading, body), init(answer));
    if (outgoing.destroyed) {
      reading.close();
      return RESPONSE_ALREADY_SENT;
    }
    outgoing.writeHead(answer.status, answer.headers);
    const writer = new BodyWriter(outgoing, reading, body, this.#over);
    this.#writers.add(writer);
    writer.start();
    return RESPONSE_ALREADY_SENT;
  }

  readonly #over = (writer: BodyWriter, fault?: unknown): void => {
    this.#writers.delete(writer);
    if (fault === undefined) return;
    this.#faults?.warn(`An answer was broken off: ${fault instanceof Error ? fault.message : fault}`);
  };
}

function bodiless(answer: Answer, method: string): Response {
  const { error } = answer;
  if (error === undefined || method === "HEAD") return new Response(null, init(answer));
  const headers = { ...answer.headers, "Content-Type": "application/problem+json" };
  return new Response(problemText(answer.status, error), init({ ...answer, headers }));
}

function init({ status, headers }: Answer): ResponseInit {
  return { status, headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]) };
}

/** The same for who asks within the process. */
function streamed(reading: ResourceReading, { start, end }: ByteRange): ReadableStream<Uint8Array<ArrayBuffer>> {
  let position = start;
  return new ReadableStream({
    async pull(controller) {
      const piece = (await reading.read(position)).subarray(0, end - position);
      position += piece.length;
      if (piece.length > 0) controller.enqueue(new Uint8Array(piece));
      if (piece.length > 0 && position < end) return;
      reading.close();
      if (position === end) controller.close();
      else controller.error(new Error("The resource has become shorter while it was read"));
    },
    cancel: () => reading.close(),
  }, { highWaterMark: 0 });
}
