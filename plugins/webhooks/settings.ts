import { z } from "zod";

const url = z.url({ protocol: /^https?$/ });
const urls = (about: string) => z.array(url).default([]).describe(about);
const seconds = (least: number, most: number) => z.number().min(least).max(most);

const receiver = z.strictObject({
  url,
  events: z.array(z.string().min(1)).min(1).default(["server:*", "stream:*", "artifact:*"]),
  secret: z.string().min(8).optional(),
});

const srs = z.object({
  onConnect: urls("Asked before a peer connects, as SRS does"),
  onClose: urls("Told when a peer has left, as SRS does"),
  onPublish: urls("Asked before a stream is published, as SRS does"),
  onUnpublish: urls("Told when a publisher has finished, as SRS does"),
  onPlay: urls("Asked before a stream is played, as SRS does"),
  onStop: urls("Told when a player has left, as SRS does"),
  onDvr: urls("Told when a recording is complete, as SRS does"),
  onHls: urls("Told when an HLS segment is complete, as SRS does"),
});

const decide = z.object({
  connect: url.optional().describe("Asked before a peer connects"),
  publish: url.optional().describe("Asked before a stream is published"),
  play: url.optional().describe("Asked before a stream is played"),
  secret: z.string().min(8).optional().describe("Signs the questions, with HMAC-SHA256"),
  timeoutSeconds: seconds(0.1, 9).default(5).describe("No answer within so many seconds is none"),
  cacheSeconds: seconds(0, 3600).default(0).describe("For so many seconds an answer counts for the same question"),
  failOpen: z.boolean().default(false).describe("Whether no answer means yes"),
});

/** The settings of webhooks. */
export const settings: z.ZodObject<{
  receivers: z.ZodDefault<z.ZodArray<typeof receiver>>;
  timeoutSeconds: z.ZodDefault<z.ZodNumber>;
  giveUpHours: z.ZodDefault<z.ZodNumber>;
  decide: z.ZodPrefault<typeof decide>;
  srs: z.ZodPrefault<typeof srs>;
}> = z.object({
  receivers: z.array(receiver).default([]).meta({
    description:
      "Who is told of events: a list of { url, events, secret }; events are names such as stream:start or play:*",
    allowed: "a list of { url, events, secret }",
  }),
  timeoutSeconds: seconds(0.1, 60).default(10).describe(
    "A message that is not taken within so many seconds has failed",
  ),
  giveUpHours: seconds(0.01, 720).default(24).describe("A message that nobody took for so many hours is given up"),
  decide: decide.prefault({}),
  srs: srs.prefault({}),
});

/** The settings as they are in force. */
export type WebhooksSettings = z.output<typeof settings>;
