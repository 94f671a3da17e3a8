import type { RetryOptions } from "../clients/retries.ts";
import type { TransferEvent, TransferFigures } from "../clients/transfer.ts";
import type { Clock } from "../kernel/clock.ts";
import { type CommandContext, type CommandFlag, EXIT_FAILURE, UsageError } from "./command.ts";
import { StopSignals } from "./stop_signals.ts";
import { JSON_FLAG, TransferReport } from "./transfer_report.ts";

/** The flags of commands that connect to a server again and again. */
export const TRANSFER_FLAGS: readonly CommandFlag[] = [
  { name: "no-reconnect", kind: "switch", description: "End when the connection is lost, or cannot be made" },
  { name: "keep-trying", kind: "switch", description: "Try again also when the server says no" },
  JSON_FLAG,
];

/** What every transfer is started with. */
export interface TransferOptions extends RetryOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  onEvent(event: TransferEvent): void;
}

/** A file on its way to a server, or a stream on its way into a file. */
export interface Transfer<Result> {
  readonly figures: TransferFigures;
  readonly done: Promise<Result>;
}

/** What a transfer came to. */
export interface TransferEnd {
  /** For people. */
  readonly sentence: string;
  /** For programs. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The exit code. */
  readonly code: number;
}

/** Runs a transfer to its end or until a signal comes, tells how it goes, and resolves to the exit code. */
export async function runTransfer<Result>(
  { host, flags }: CommandContext,
  start: (options: TransferOptions) => Transfer<Result>,
  endOf: (result: Result) => TransferEnd,
): Promise<number> {
  using signals = new StopSignals(host);
  const stop = new AbortController();
  signals.first.then(() => stop.abort());
  using report = new TransferReport(host, { isJson: flags.json === true, figures: () => transfer.figures });
  const transfer = start({
    reconnect: flags["no-reconnect"] !== true,
    keepTrying: flags["keep-trying"] === true,
    signal: stop.signal,
    clock: host.clock,
    onEvent: (event) => report.event(event),
  });
  try {
    const { sentence, facts, code } = endOf(await transfer.done);
    report.end(sentence, facts);
    return code;
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error)) throw error;
    report.fail(error);
    return EXIT_FAILURE;
  }
}
