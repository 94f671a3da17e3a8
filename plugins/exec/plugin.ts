import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { CommandRunner } from "./command_runner.ts";
import { type Programs, systemPrograms } from "./programs.ts";
import { execSchema, type ExecSettings } from "./settings.ts";

/** Runs commands on events, and along with streams; `programs` stands for the machine's. */
export function execWith(programs: Programs): PluginFactory {
  return definePlugin({
    name: "exec",
    config: execSchema,
    setup(ctx, config) {
      const runner = new CommandRunner(ctx, programs);
      runner.configure(config as unknown as ExecSettings);
      return { reload: (next) => () => runner.configure(next as unknown as ExecSettings) };
    },
  });
}

/** Runs commands on events, and along with streams. */
export const exec: PluginFactory = execWith(systemPrograms);

export default exec;
