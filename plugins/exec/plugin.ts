import { definePlugin, type PluginContext, type PluginFactory } from "../../kernel/plugin.ts";
import type { FeedEvent } from "../../kernel/event_feed.ts";
import type { Stream } from "../../kernel/stream.ts";
import { streamMatcher } from "../shared/stream_pattern.ts";
import { Companion } from "./companion.ts";
import { EventCommands, type ExecDeps } from "./event_commands.ts";
import { factsOf, streamFacts } from "./facts.ts";
import { type Programs, systemPrograms } from "./programs.ts";
import { type CommandSettings, execSchema, type ExecSettings } from "./settings.ts";

/** Runs commands on events, and along with streams; `programs` stands for the machine's. */
export function execWith(programs: Programs): PluginFactory {
  return definePlugin({
    name: "exec",
    config: execSchema,
    setup(ctx, config) {
      const { commands, concurrency } = config as unknown as ExecSettings;
      if (commands.length === 0) return;
      const deps = { clock: ctx.clock, log: ctx.log, programs };
      runOnEvents(ctx, commands.filter(({ on }) => on !== undefined), concurrency, deps);
      for (const command of commands) if (command.while === "stream") runAlong(ctx, command, deps);
    },
  });
}

/** Runs commands on events, and along with streams. */
export const exec: PluginFactory = execWith(systemPrograms);

export default exec;

function runOnEvents(
  ctx: PluginContext,
  commands: readonly CommandSettings[],
  concurrency: number,
  deps: ExecDeps,
): void {
  const queue = new EventCommands(concurrency, deps);
  ctx.defer(() => queue[Symbol.asyncDispose]());
  const wanted = commands.map((command) => ({ command, isMeant: meaning(command) }));
  const listener = ctx.feed.subscribe((event) => {
    for (const { command, isMeant } of wanted) if (isMeant(event)) queue.run(command, factsOf(event));
  });
  ctx.defer(() => listener[Symbol.dispose]());
}

/** Events about no stream are meant by commands that name none. */
function meaning({ on, streams }: CommandSettings): (event: FeedEvent) => boolean {
  const matches = streamMatcher(streams);
  return ({ name, stream }) => {
    if (name !== on) return false;
    if (streams.length === 0) return true;
    if (stream === undefined) return false;
    const { vhost, app, name: of } = streamFacts(stream);
    return matches({ vhost, app, name: of });
  };
}

function runAlong(ctx: PluginContext, command: CommandSettings, deps: ExecDeps): void {
  const matches = command.streams.length === 0 ? () => true : streamMatcher(command.streams);
  const companions = new Map<Stream, Companion>();
  const end = async (stream: Stream) => {
    const companion = companions.get(stream);
    companions.delete(stream);
    await companion?.[Symbol.asyncDispose]();
  };
  ctx.on("stream:start", ({ stream }) => {
    if (matches(stream.key)) companions.set(stream, new Companion(command, streamFacts(stream.id), deps));
  });
  ctx.on("stream:end", ({ stream }) => end(stream));
  ctx.defer(async () => void await Promise.all([...companions.keys()].map(end)));
}
