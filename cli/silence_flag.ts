import type { CommandFlag } from "./command.ts";

/** The flag of commands that publish, for platforms that refuse streams without sound. */
export const SILENCE_FLAG: CommandFlag = {
  name: "silent-audio",
  kind: "switch",
  description: "Add silence while there are pictures and no sound",
};
