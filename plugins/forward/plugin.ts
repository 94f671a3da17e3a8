import { z } from "zod";
import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { isStreamPattern } from "../../kernel/streams/stream_pattern.ts";
import { templateFault } from "../shared/relay/address.ts";

const address: z.ZodString = z.string().refine((text) => templateFault(text) === undefined, {
  error: ({ input }) => templateFault(String(input)) ?? "it is no address",
});

/** Which streams go to which addresses. */
type RuleShape = z.ZodObject<{
  streams: z.ZodArray<z.ZodString>;
  to: z.ZodArray<z.ZodString>;
  silentAudio: z.ZodDefault<z.ZodBoolean>;
}, z.core.$strict>;

const rule: RuleShape = z.strictObject({
  streams: z.array(z.string().refine(isStreamPattern, { error: "it is no pattern of streams such as live/*" })).min(1),
  to: z.array(address).min(1),
  silentAudio: z.boolean().default(false),
});

/** The shape of the settings. */
type ForwardConfig = z.ZodObject<{
  rules: z.ZodDefault<z.ZodArray<RuleShape>>;
  backend: z.ZodOptional<z.ZodURL>;
  backendSeconds: z.ZodDefault<z.ZodNumber>;
  id: z.ZodOptional<z.ZodString>;
}>;

const config: ForwardConfig = z.object({
  rules: z.array(rule).default([]).meta({
    description:
      "Which streams go where: a list of { streams, to, silentAudio }; to are servers or addresses with {vhost} {app} " +
      "{stream}, silentAudio adds silence to pictures without sound",
    allowed: "a list of { streams, to, silentAudio }",
    // The addresses of platforms end in keys.
    secret: true,
  }),
  backend: z.url({ protocol: /^https?$/ }).optional().describe(
    "Asked for the targets of each stream, as SRS's on_forward",
  ),
  backendSeconds: z.number().min(0.1).max(60).default(5).describe(
    "No answer of the backend within so many seconds is none",
  ),
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/).optional().describe(
    "This server's name among servers that forward to each other, which keeps streams from going in a circle; made up when absent",
  ),
});

/** Sends streams on to other servers: by rule, as a backend says, and as the API says. */
export const forward: PluginFactory<ForwardConfig> = definePlugin({
  name: "forward",
  config,
  setup: async (ctx, settings) => (await import("./set_up.ts")).setUp(ctx, settings),
});

export default forward;
