import type { ForwardStreamOptions, StreamForward } from "../clients/forward_stream.ts";
import { every } from "../kernel/clock.ts";
import type { TargetJson } from "../plugins/shared/relay/target.ts";
import { type Command, type CommandContext, UsageError } from "./command.ts";
import type { Host } from "./host.ts";
import { StopSignals } from "./stop_signals.ts";
import { isSameAddress, streamAddressFault, targetAddressFault } from "./stream_address.ts";
import { SILENCE_FLAG } from "./silence_flag.ts";
import { bytesText, JSON_FLAG, timeText, TransferReport } from "./transfer_report.ts";

/** What the command needs besides the machine. */
export interface ForwardDeps {
  startForward(source: string, targets: readonly string[], options: ForwardStreamOptions): StreamForward;
}

const EXAMPLE = 'forward http://here:8501/live/cam.flv "rtmp://there/live/cam?key=…,ws://elsewhere/live/cam"';

/** How often the targets are looked at, in milliseconds. */
const LOOK_MS = 250;

/** The command that sends a stream of one server on to others. */
export function forwardCommand(deps: ForwardDeps): Command {
  return {
    name: "forward",
    summary: "Send a stream of one server on to others, over RTMP, HTTP-FLV and WebSocket-FLV",
    usage: "SOURCE TARGET,TARGET,…",
    maxArguments: 2,
    flags: [SILENCE_FLAG, JSON_FLAG],
    usesSettings: false,
    run: (context) => run(context, deps),
  };
}

async function run({ host, args, flags }: CommandContext, { startForward }: ForwardDeps): Promise<number> {
  const { source, targets } = readArguments(args);
  using signals = new StopSignals(host);
  const stop = new AbortController();
  signals.first.then(() => stop.abort());
  const isJson = flags.json === true;
  using report = new TransferReport(host, {
    isJson,
    figures: () => ({ ...forward.figures, targets: forward.targets.map(progressOf) }),
    goesOut: () => ratesText(forward.targets),
  });
  const forward = startForward(source, targets, {
    signal: stop.signal,
    clock: host.clock,
    silentAudio: flags["silent-audio"] === true,
    onEvent: (event) => report.event(event),
  });
  const watch = new TargetWatch(host, isJson);
  using _looking = every(host.clock, LOOK_MS, () => watch.look(forward.targets));
  await forward.done;
  watch.look(forward.targets);
  const { seconds, bytes } = forward.figures;
  report.end(`Forwarded ${timeText(seconds)}, ${bytesText(bytes)}.`, { ...forward.figures, targets: forward.targets });
  return 0;
}

/** Tells when a target's state has changed. */
class TargetWatch {
  readonly #host: Host;
  readonly #isJson: boolean;
  #seen: readonly string[] = [];

  constructor(host: Host, isJson: boolean) {
    this.#host = host;
    this.#isJson = isJson;
  }

  look(targets: readonly TargetJson[]): void {
    const lines = targets.map((target, at) => lineOf(target, at, targets));
    for (const [at, target] of targets.entries()) {
      if (lines[at] === this.#seen[at]) continue;
      if (this.#isJson) this.#host.out(JSON.stringify({ event: "target", target: at + 1, ...target, id: undefined }));
      else {
        this.#host.status?.("");
        this.#host.err(lines[at]);
      }
    }
    this.#seen = lines;
  }
}

/** Without its key an address may look like another one. */
function lineOf({ address, state, problem, silentAudio }: TargetJson, at: number, all: readonly TargetJson[]): string {
  const isUnique = all.every((other, i) => i === at || other.address !== address);
  const more = problem ? `: ${problem}` : silentAudio && state === "live" ? ", with silence for sound" : "";
  return `${address}${isUnique ? "" : ` (target ${at + 1})`}: ${state}${more}`;
}

/** What changes of a target all the time. */
function progressOf({ state, bitrate }: TargetJson, at: number): object {
  return { target: at + 1, state, bitrate };
}

/** `-> 801, waiting, 799 kbit/s`: each target's rate, or why it has none. */
function ratesText(targets: readonly TargetJson[]): string {
  if (targets.length === 0) return "";
  const rates = targets.map(({ state, bitrate }) => state === "live" ? (bitrate / 1000).toFixed(0) : state);
  return ` -> ${rates.join(", ")}${targets.some(({ state }) => state === "live") ? " kbit/s" : ""}`;
}

function readArguments(args: readonly string[]): { source: string; targets: readonly string[] } {
  const [source, list] = args;
  if (list === undefined) throw new UsageError([`forward needs SOURCE and its TARGETS, as in: ${EXAMPLE}`]);
  const targets = list.split(",").map((target) => target.trim()).filter((target) => target !== "");
  const problems = [
    streamAddressFault("The source", source),
    ...targets.map((target, at) => targetAddressFault(`Target ${at + 1}`, target)),
    targets.length === 0 ? "There is no target in the list." : undefined,
  ].filter((problem) => problem !== undefined);
  if (problems.length === 0) problems.push(...targets.flatMap((_, at) => sameFault(source, targets, at)));
  if (problems.length > 0) throw new UsageError(problems);
  return { source, targets };
}

function sameFault(source: string, targets: readonly string[], at: number): string[] {
  if (isSameAddress(targets[at], source)) return [`Target ${at + 1} is the source itself.`];
  const first = targets.findIndex((target) => isSameAddress(target, targets[at]));
  if (first === at) return [];
  return [`Target ${at + 1} is target ${first + 1}: two who publish one stream take it from each other.`];
}
