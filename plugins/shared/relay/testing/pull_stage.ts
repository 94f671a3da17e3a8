import { assertEquals } from "@std/assert";
import { ClientError, type PullClient, type StreamClients } from "../../../../kernel/sessions/client.ts";
import type { Publication } from "../../../../kernel/streams/publication.ts";
import type { Refusal } from "../../../../kernel/reasons.ts";
import { House } from "../../../../kernel/testing/house.ts";
import { settled } from "../../../../kernel/testing/settled.ts";
import { readText, textFormat } from "../../../../kernel/testing/text_format.ts";
import { Choice, type ServerChoice } from "../choice.ts";
import { PulledSource } from "../pulled_source.ts";
import { FakePull } from "./fake_pull.ts";

/** What a server does with a request: it accepts, fails, or says nothing at all. */
export type Answer = () => FakePull | "unreachable" | "silence" | "404" | "403" | "503";

/** Servers, a source that pulls from them, and the stream that it makes. For tests. */
export class PullStage implements AsyncDisposable {
  readonly house = new House({ graceSeconds: 0, publishTimeoutSeconds: 3600 });
  /** Who was asked when, as `a0 b2.5` in seconds. */
  readonly asked: string[] = [];
  readonly answers: Record<string, Answer>;
  readonly choice: ServerChoice;
  readonly waits: number[] = [];
  readonly #stop = new AbortController();
  /** For how long its first player waits. */
  waitSeconds = 10;
  /** Why it could not have the stream, in a word. */
  code?: string;
  /** How the source has ended, in words. */
  outcome?: string;
  publication?: Publication;
  read = (): string => "";
  #running?: Promise<void>;

  constructor(answers: Record<string, Answer>) {
    this.answers = answers;
    this.choice = new Choice("order", Object.keys(answers).map((name) => `rtmp://${name}/x/y`), this.house.clock);
  }

  /** Begins to pull. */
  async start(): Promise<void> {
    const { clock, logged: { log } } = this.house;
    const clients: StreamClients = {
      add: () => ({ [Symbol.dispose]: () => {} }),
      for: () => ({
        schemes: ["rtmp"],
        pull: (url, options) => this.#pull(url, options?.timeoutMs ?? Infinity, options?.signal),
        push: () => Promise.reject(new Error("no")),
      }),
    };
    const ready = await this.house.publish("cam", this.house.session("upstream"));
    const begin = () => {
      this.publication = ready;
      const subscription = ready.stream.subscribe(textFormat());
      this.read = () => readText(subscription).trim();
      return ready;
    };
    const source = new PulledSource({ clients, clock, log }, {
      stream: "live/cam",
      choice: this.choice,
      waitSeconds: this.waitSeconds,
      addressAt: (server, seconds) => {
        this.waits.push(seconds);
        return server;
      },
    });
    this.#running = source.run(begin, this.#stop.signal).then(
      () => void (this.outcome = "ended"),
      (error: Refusal) => {
        this.outcome = error.message;
        this.code = error.code;
      },
    );
    await settled();
  }

  /** Time goes on, and what hangs on it; by quarters of a second. */
  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 0.25) {
      this.house.clock.advance(250);
      await settled();
    }
  }

  takeAsked(): string {
    return this.asked.splice(0).join(" ");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.publication?.end();
    this.house.streams.close();
    assertEquals(this.house.clock.pending, 0);
  }

  async #pull(url: string, timeoutMs: number, signal?: AbortSignal): Promise<PullClient> {
    const name = new URL(url).hostname;
    this.asked.push(`${name}${this.house.clock.now() / 1000}`);
    const answer = this.answers[name]();
    if (answer instanceof FakePull) {
      signal?.addEventListener("abort", () => answer.destroy());
      return answer;
    }
    if (answer === "unreachable") throw new ClientError("unreachable", `${name} is not there`);
    if (answer !== "silence") throw new ClientError(answer, `${name}:1935 says ${answer}`);
    const { promise, reject } = Promise.withResolvers<never>();
    using _late = this.house.clock.setTimeout(() => reject(new ClientError("timeout", `${name} is silent`)), timeoutMs);
    signal?.addEventListener("abort", () => reject(signal.reason));
    return await promise;
  }
}
