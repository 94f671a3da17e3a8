import { z } from "zod";
import { type Config, resolveConfig } from "../../kernel/config/config.ts";
import { definePlugin } from "../../kernel/plugin/plugin.ts";
import type { Command, CommandContext, Program } from "../command.ts";
import { type CreateServer, demoCommand, startCommand, type StartedServer } from "../start.ts";

const port = z.int().min(0).max(65_535);

/** A small set of plugins. */
export const PLUGINS = [
  definePlugin({ name: "rtmp", config: z.object({ port: port.default(1935).describe("Port of RTMP") }), setup() {} })(),
  definePlugin({ name: "http-flv", setup() {} })(),
  definePlugin({
    name: "hls",
    config: z.object({
      segmentSeconds: z.number().min(0.5).max(60).default(2).describe("Seconds of a segment"),
      names: z.array(z.string()).default([]).describe("Names"),
      secret: z.string().default("").describe("A secret"),
    }),
    setup() {},
  })(),
  { ...definePlugin({ name: "demo", setup() {} })(), enabledByDefault: false },
];

/** A program with the commands that start a server and one more, `echo`, that notes what it was given. */
export class FakeProgram implements Program {
  readonly name = "sluice";
  readonly version = "1.2.3";
  readonly plugins = PLUGINS;
  readonly commands: readonly Command[];
  /** What servers were started with. */
  readonly started: Config[] = [];
  readonly startedPlugins: string[][] = [];
  readonly echoed: CommandContext[] = [];

  constructor(server: () => Promise<StartedServer>) {
    const create: CreateServer = ({ config, plugins }) => {
      this.started.push(resolveConfig({ plugins, code: config }).config);
      this.startedPlugins.push(plugins.map(({ name }) => name));
      return server();
    };
    this.commands = [
      startCommand(create),
      demoCommand(create),
      {
        name: "echo",
        summary: "Say what was given",
        usage: "FILE",
        maxArguments: 1,
        flags: [
          { name: "loud", short: "l", kind: "switch", description: "Say it loudly" },
          { name: "voice", kind: "text", value: "NAME", description: "Whose voice" },
          { name: "word", kind: "list", value: "WORD", description: "What to say" },
        ],
        usesSettings: false,
        run: (context) => {
          this.echoed.push(context);
          return Promise.resolve(0);
        },
      },
    ];
  }
}
