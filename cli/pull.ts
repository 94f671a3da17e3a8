import { dirname, resolve } from "@std/path";
import { canWrite, WRITTEN_KINDS } from "../clients/file_writer.ts";
import { type FilePull, FileTakenError, type PullFileOptions, type PullResult } from "../clients/pull_file.ts";
import type { Files } from "../kernel/files/files.ts";
import { quoted } from "../kernel/names.ts";
import { type Command, type CommandContext, EXIT_FAILURE, UsageError } from "./command.ts";
import { runTransfer, TRANSFER_FLAGS } from "./run_transfer.ts";
import { streamAddressFault } from "./stream_address.ts";
import { bytesText, timeText } from "./transfer_report.ts";

/** What the command needs besides the machine. */
export interface PullDeps {
  startPull(url: string, path: string, options: PullFileOptions): FilePull;
  readonly disk: Files;
}

/** What is pulled, and where to. */
interface Wanted {
  readonly url: string;
  readonly path: string;
  readonly seconds?: number;
}

const EXAMPLE = "pull http://localhost:8501/live/cam.flv cam.mp4";

/** The command that writes a stream of a server into a file. */
export function pullCommand(deps: PullDeps): Command {
  return {
    name: "pull",
    summary: "Write a stream of a server (RTMP, HTTP-FLV, WebSocket-FLV, HLS) into a new file, FLV or MP4",
    usage: "URL FILE",
    maxArguments: 2,
    flags: [
      { name: "seconds", kind: "text", value: "SECONDS", description: "End after so many seconds of the stream" },
      ...TRANSFER_FLAGS,
    ],
    usesSettings: false,
    run: (context) => run(context, deps),
  };
}

async function run(context: CommandContext, { startPull, disk }: PullDeps): Promise<number> {
  const { host, args, flags } = context;
  const { url, path, seconds } = await readArguments(args, flags.seconds, resolve(host.cwd, args[1] ?? ""), disk);
  return await runTransfer(
    context,
    (options) => unlessTaken(startPull(url, path, { ...options, seconds, files: disk })),
    (result) => ({
      sentence: sentence(path, result),
      facts: { path, ...result },
      code: result.file ? 0 : EXIT_FAILURE,
    }),
  );
}

/** A name that is taken in the last moment is refused as one that was taken before. */
function unlessTaken(pull: FilePull): FilePull {
  const done = pull.done.catch((error) => {
    throw error instanceof FileTakenError ? new UsageError([`${error.message}.`]) : error;
  });
  return {
    get figures() {
      return pull.figures;
    },
    done,
  };
}

function sentence(path: string, { file }: PullResult): string {
  return file
    ? `${path} is complete: ${timeText(file.seconds)}, ${bytesText(file.bytes)}.`
    : `Nothing came, and there is no ${path}.`;
}

async function readArguments(args: readonly string[], seconds: unknown, path: string, disk: Files): Promise<Wanted> {
  const [url, name] = args;
  if (name === undefined) throw new UsageError([`pull needs URL and FILE, as in: ${EXAMPLE}`]);
  const problems = [streamAddressFault("The URL", url), await fileFault(path, name, disk), secondsFault(seconds)];
  const faults = problems.filter((each) => each !== undefined);
  if (faults.length > 0) throw new UsageError(faults);
  return { url, path, seconds: seconds === undefined ? undefined : Number(seconds) };
}

async function fileFault(path: string, name: string, disk: Files): Promise<string | undefined> {
  if (!canWrite(path)) {
    return `${quoted(name)} says of no kind it is: its name has to end in ${WRITTEN_KINDS.join(" or ")}.`;
  }
  const folder = dirname(path);
  const facts = await disk.facts(folder);
  if (!facts) return `There is no folder ${folder}: make it first.`;
  if (facts.kind === "file") return `${folder} is a file, not a folder.`;
  return await disk.facts(path)
    ? `${path} is there already, and nothing is ever overwritten: choose another name.`
    : undefined;
}

function secondsFault(seconds: unknown): string | undefined {
  if (seconds === undefined) return undefined;
  const isNumber = typeof seconds === "string" && /^(\d{1,9}\.?\d*|\.\d+)$/.test(seconds) && Number(seconds) > 0;
  if (isNumber) return undefined;
  const given = typeof seconds === "string"
    ? `--seconds is ${quoted(seconds)}, but`
    : "--seconds is missing its value; it";
  return `${given} must be a number greater than 0.`;
}
