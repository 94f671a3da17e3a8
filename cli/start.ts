import { type ResolvedConfig, settingsKey } from "../kernel/config/config.ts";
import { PortError } from "../kernel/front/front.ts";
import { banner, type BannerAddress } from "./banner.ts";
import type { ConfigSource } from "../kernel/control.ts";
import type { ReloadReport } from "../kernel/reload.ts";
import { ServerCare } from "./care.ts";
import { type CliPlugin, type Command, type CommandContext, EXIT_FAILURE, type SettingsSources } from "./command.ts";
import type { Host } from "./host.ts";
import { StopSignals } from "./stop_signals.ts";

/** What the command needs of a running server. */
export interface StartedServer {
  readonly addresses: readonly BannerAddress[];
  /** Takes new settings; throws a {@linkcode ConfigError} when they cannot be followed. */
  reload(config: ResolvedConfig["input"]): Promise<ReloadReport>;
  /** Lets nobody in any more. */
  drain(): void;
  readonly sessions: { readonly size: number };
  /** Ends streams and completes files, within the settings' `shutdownSeconds`. */
  close(): Promise<void>;
}

/** Starts a server; throws {@linkcode PortError} when a port cannot be opened. */
export type CreateServer = (options: {
  readonly plugins: readonly CliPlugin[];
  readonly config: ResolvedConfig["input"];
  readonly configSource?: ConfigSource;
}) => Promise<StartedServer>;

/** Beyond `shutdownSeconds` a server that has not stopped by itself is left, in milliseconds. */
const SHUTDOWN_MARGIN_MS = 1000;

/** The command that runs the server until a signal. */
export function startCommand(createServer: CreateServer): Command {
  return {
    name: "start",
    summary: "Run the server",
    usage: "",
    flags: [],
    usesSettings: true,
    run: (context) => start(createServer, context),
  };
}

/** The same with a stream to look at. */
export function demoCommand(createServer: CreateServer): Command {
  return {
    ...startCommand(createServer),
    name: "demo",
    summary: "Run the server with a clip that is always live",
    defaults: { demo: { enabled: true } },
  };
}

async function start(createServer: CreateServer, context: CommandContext): Promise<number> {
  const { host, program, settings, sources } = context;
  if (!settings) throw new TypeError("Cannot start without settings");
  const { plugins, config, input } = settings;
  using signals = new StopSignals(host);
  try {
    const server = await createServer({ plugins, config: input, configSource: sources && configSource(sources) });
    host.out(banner(program.version, server.addresses, config));
    using care = new ServerCare(server, host, sources);
    await Promise.race([signals.first, care.drained]);
    return await stop(server, host, config.shutdownSeconds);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    host.err(portSentence(error, settings));
    return EXIT_FAILURE;
  }
}

async function stop(server: StartedServer, host: Host, seconds: number): Promise<number> {
  host.out(`Stopping: streams end and files are completed, at most ${seconds} s. Once more to stop at once.`);
  const late = Promise.withResolvers<false>();
  using _ = host.clock.setTimeout(() => late.resolve(false), seconds * 1000 + SHUTDOWN_MARGIN_MS);
  if (await Promise.race([server.close().then(() => true), late.promise])) return 0;
  host.err(`The server did not stop within ${seconds} s and is left.`);
  return EXIT_FAILURE;
}

function configSource({ read }: SettingsSources): ConfigSource {
  return {
    read: async () => (await read()).input,
    parse: async (text) => (await read(text)).input,
  };
}

function portSentence(error: PortError, { settings }: NonNullable<CommandContext["settings"]>): string {
  const what = error.isOfHost ? "host" : "port";
  const path = [error.listener === "https" ? "tls" : settingsKey(error.listener), what].join();
  const setting = settings.find((each) => each.path.join() === path);
  return setting
    ? `${error.message}. Choose another ${what} with --${setting.flag} or ${setting.env}.`
    : `${error.message}.`;
}
