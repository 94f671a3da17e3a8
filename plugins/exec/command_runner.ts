import type { FeedEvent } from "../../kernel/plugin/event_feed.ts";
import type { StreamKey } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { streamMatcher } from "../../kernel/streams/stream_pattern.ts";
import { onPublished } from "../shared/published.ts";
import { Companion } from "./companion.ts";
import { EventCommands, type ExecDeps } from "./event_commands.ts";
import { factsOf, streamFacts } from "./facts.ts";
import type { Programs } from "./programs.ts";
import type { CommandSettings, ExecSettings } from "./settings.ts";

interface OnEvent {
  readonly command: CommandSettings;
  isMeant(event: FeedEvent): boolean;
}

interface Along {
  readonly command: CommandSettings;
  matches(key: StreamKey): boolean;
}

/** Runs the commands of the settings: those of events, and those that run along with streams. */
export class CommandRunner {
  readonly #ctx: PluginContext;
  readonly #deps: ExecDeps;
  readonly #queue: EventCommands;
  readonly #companions = new Map<Stream, readonly Companion[]>();
  #onEvents: readonly OnEvent[] = [];
  #along: readonly Along[] = [];
  #isListening = false;

  constructor(ctx: PluginContext, programs: Programs) {
    this.#ctx = ctx;
    this.#deps = { clock: ctx.clock, log: ctx.log, programs };
    this.#queue = new EventCommands(this.#deps);
  }

  /** Takes other commands, for what happens and for streams that begin from now on; what runs goes on. */
  configure({ commands, concurrency }: ExecSettings): void {
    this.#queue.concurrency = concurrency;
    this.#onEvents = commands.filter(({ on }) => on !== undefined)
      .map((command) => ({ command, isMeant: meaning(command) }));
    this.#along = commands.filter((command) => command.while === "stream").map((command) => ({
      command,
      matches: command.streams.length === 0 ? () => true : streamMatcher(command.streams),
    }));
    if (commands.length > 0 && !this.#isListening) this.#listen();
  }

  #listen(): void {
    this.#isListening = true;
    const ctx = this.#ctx;
    ctx.defer(() => this.#queue[Symbol.asyncDispose]());
    const listener = ctx.feed.subscribe((event) => {
      for (const { command, isMeant } of this.#onEvents) if (isMeant(event)) this.#queue.run(command, factsOf(event));
    });
    ctx.defer(() => listener[Symbol.dispose]());
    onPublished(ctx, ({ stream }) => this.#begin(stream));
    ctx.on("stream:end", ({ stream }) => this.#end(stream));
    ctx.defer(async () => void await Promise.all([...this.#companions.keys()].map((stream) => this.#end(stream))));
  }

  #begin(stream: Stream): void {
    const wanted = this.#along.filter(({ matches }) => matches(stream.key));
    if (wanted.length === 0) return;
    const facts = streamFacts(stream.id);
    this.#companions.set(stream, wanted.map(({ command }) => new Companion(command, facts, this.#deps)));
  }

  async #end(stream: Stream): Promise<void> {
    const companions = this.#companions.get(stream) ?? [];
    this.#companions.delete(stream);
    await Promise.all(companions.map((companion) => companion[Symbol.asyncDispose]()));
  }
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
