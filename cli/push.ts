import { resolve } from "@std/path";
import type { FilePush, PushFileOptions } from "../clients/push_file.ts";
import type { Files } from "../kernel/files/files.ts";
import { quoted } from "../kernel/names.ts";
import { type Command, type CommandContext, UsageError } from "./command.ts";
import { runTransfer, TRANSFER_FLAGS } from "./run_transfer.ts";
import { SILENCE_FLAG } from "./silence_flag.ts";
import { targetAddressFault } from "./stream_address.ts";
import { bytesText, timeText } from "./transfer_report.ts";

/** What the command needs besides the machine. */
export interface PushDeps {
  startPush(path: string, url: string, options: PushFileOptions): FilePush;
  readonly disk: Files;
}

/** What is pushed, and how. */
interface Wanted {
  readonly path: string;
  readonly url: string;
  readonly speed: number;
}

const EXAMPLE = "push film.mp4 rtmp://localhost/live/cam";

/** The command that publishes a file to a server. */
export function pushCommand(deps: PushDeps): Command {
  return {
    name: "push",
    summary: "Publish a file to a server: FLV, MP4, MKV or TS over RTMP, HTTP-FLV or WebSocket-FLV",
    usage: "FILE URL",
    maxArguments: 2,
    flags: [
      {
        name: "speed",
        kind: "text",
        value: "FACTOR",
        description: "How fast the file plays, 1 unless said otherwise; 0 as fast as the server takes it",
      },
      { name: "loop", kind: "switch", description: "Begin anew when the file is over" },
      SILENCE_FLAG,
      ...TRANSFER_FLAGS,
    ],
    usesSettings: false,
    run: (context) => run(context, deps),
  };
}

async function run(context: CommandContext, { startPush, disk }: PushDeps): Promise<number> {
  const { host, args, flags } = context;
  const { path, url, speed } = await readArguments(args, flags.speed, resolve(host.cwd, args[0] ?? ""), disk);
  return await runTransfer(
    context,
    (options) =>
      startPush(path, url, {
        ...options,
        speed,
        loop: flags.loop === true,
        silentAudio: flags["silent-audio"] === true,
        files: disk,
      }),
    (figures) => {
      const sentence = `Pushed ${timeText(figures.seconds)}, ${bytesText(figures.bytes)}.`;
      return { sentence, facts: { ...figures }, code: 0 };
    },
  );
}

async function readArguments(args: readonly string[], speed: unknown, path: string, disk: Files): Promise<Wanted> {
  const [, url] = args;
  if (url === undefined) throw new UsageError([`push needs FILE and URL, as in: ${EXAMPLE}`]);
  const problems = [await fileFault(path, disk), targetAddressFault("The URL", url), speedFault(speed)];
  const faults = problems.filter((each) => each !== undefined);
  if (faults.length > 0) throw new UsageError(faults);
  return { path, url, speed: Number(speed ?? 1) };
}

async function fileFault(path: string, disk: Files): Promise<string | undefined> {
  const facts = await disk.facts(path);
  if (!facts) return `There is no file ${path}.`;
  return facts.kind === "folder" ? `${path} is a folder, not a file.` : undefined;
}

function speedFault(speed: unknown): string | undefined {
  if (speed === undefined) return undefined;
  const rule = "must be a number: 1 is the file's own speed, 0 as fast as the server takes it";
  if (typeof speed !== "string") return `--speed is missing its value; it ${rule}.`;
  return /^(\d{1,4}\.?\d*|\.\d+)$/.test(speed) ? undefined : `--speed is ${quoted(speed)}, but ${rule}.`;
}
