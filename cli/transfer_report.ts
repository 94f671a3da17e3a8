import { ClientError } from "../kernel/sessions/client.ts";
import { every } from "../kernel/clock.ts";
import type { TransferEvent, TransferFigures } from "../clients/transfer.ts";
import type { CommandFlag } from "./command.ts";
import type { Host } from "./host.ts";

/** How often it is said how far a transfer is, in milliseconds. */
const PROGRESS_MS = 1000;

/** The flag of commands that report to programs as well. */
export const JSON_FLAG: CommandFlag = {
  name: "json",
  kind: "switch",
  description: "Print what happens as lines of JSON, for programs",
};

/** What a report is about. */
export interface TransferReportOptions {
  /** Lines of JSON to the standard output, instead of sentences for people. */
  readonly isJson: boolean;
  /** How far it is. */
  figures(): TransferFigures;
  /** For people, what stands behind the rate at which it comes in. */
  goesOut?(): string;
}

/** Tells what happens while a stream is pushed or pulled: to people on the terminal, or to programs. */
export class TransferReport implements Disposable {
  readonly #host: Host;
  readonly #options: TransferReportOptions;
  readonly #ticking: Disposable;
  #bytes = 0;
  /** Since when the server has been asked and has not answered. */
  #askedAt?: number;

  constructor(host: Host, options: TransferReportOptions) {
    this.#host = host;
    this.#options = options;
    this.#ticking = every(host.clock, PROGRESS_MS, () => this.#progress());
  }

  /** Tells what has happened. */
  event(event: TransferEvent): void {
    if (event.type === "connecting") this.#askedAt = this.#host.clock.now();
    else if (event.type === "live" || event.type === "waiting") this.#askedAt = undefined;
    if (this.#options.isJson) return this.#json({ event: event.type, ...event, type: undefined });
    const sentence = sentenceOf(event);
    if (sentence !== undefined) this.#say(sentence);
  }

  /** Says what it came to. */
  end(sentence: string, facts: Readonly<Record<string, unknown>>): void {
    if (this.#options.isJson) return this.#json({ event: "end", ...facts });
    this.#host.status?.("");
    this.#host.out(sentence);
  }

  /** Says why it could not go on. */
  fail(error: Error): void {
    const { message } = error;
    const code = error instanceof ClientError ? error.code : "error";
    if (this.#options.isJson) this.#json({ event: "failed", code, problem: message });
    else this.#host.status?.("");
    this.#host.err(message);
  }

  [Symbol.dispose](): void {
    this.#ticking[Symbol.dispose]();
    if (!this.#options.isJson) this.#host.status?.("");
  }

  #progress(): void {
    const figures = this.#options.figures();
    if (this.#options.isJson) return this.#json({ event: "progress", ...figures });
    if (this.#askedAt !== undefined) {
      const seconds = (this.#host.clock.now() - this.#askedAt) / 1000;
      return this.#host.status?.(`Waiting for the server, ${seconds.toFixed(0)} s`);
    }
    const rate = (figures.bytes - this.#bytes) * 8 / PROGRESS_MS;
    this.#bytes = figures.bytes;
    const line = `${timeText(figures.seconds)}  ${bytesText(figures.bytes)}  ${rate.toFixed(0)} kbit/s`;
    this.#host.status?.(line + (this.#options.goesOut?.() ?? ""));
  }

  #say(sentence: string): void {
    this.#host.status?.("");
    this.#host.err(sentence);
  }

  #json(value: Readonly<Record<string, unknown>>): void {
    this.#host.out(JSON.stringify(value));
  }
}

function sentenceOf(event: TransferEvent): string | undefined {
  switch (event.type) {
    case "open":
      return `${event.path}: ${event.format}${event.seconds === undefined ? "" : `, ${timeText(event.seconds)}`}`;
    case "live":
      return "Connected. Ctrl-C ends it.";
    case "waiting":
      return `${event.problem}; trying again in ${event.seconds.toFixed(1)} s`;
    case "notice":
      return event.text;
    case "connecting":
      return undefined;
  }
}

/** `1:02:03.4`. */
export function timeText(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const [hours, minutes] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60];
  const rest = (tenths % 600 / 10).toFixed(1).padStart(4, "0");
  return `${hours > 0 ? `${hours}:` : ""}${String(minutes).padStart(hours > 0 ? 2 : 1, "0")}:${rest}`;
}

/** `12.3 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(0)} kB`;
  return bytes < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}
