import { z } from "zod";

const url: z.ZodURL = z.url({ protocol: /^https?$/ });
type Urls = z.ZodDefault<z.ZodArray<z.ZodURL>>;

const urls = (about: string): Urls => z.array(url).default([]).describe(about);
const seconds = (least: number, most: number): z.ZodNumber => z.number().min(least).max(most);

type ReceiverShape = z.ZodObject<{
  url: z.ZodURL;
  events: z.ZodDefault<z.ZodArray<z.ZodString>>;
  secret: z.ZodOptional<z.ZodString>;
}, z.core.$strict>;

const receiver: ReceiverShape = z.strictObject({
  url,
  events: z.array(z.string().min(1)).min(1).default(["server:*", "stream:*", "artifact:*"]),
  secret: z.string().min(8).optional(),
});

type SrsShape = z.ZodObject<{
  onConnect: Urls;
  onClose: Urls;
  onPublish: Urls;
  onUnpublish: Urls;
  onPlay: Urls;
  onStop: Urls;
  onDvr: Urls;
  onHls: Urls;
}>;

const srs: SrsShape = z.object({
  onConnect: urls("Asked before a peer connects, as SRS does"),
  onClose: urls("Told when a peer has left, as SRS does"),
  onPublish: urls("Asked before a stream is published, as SRS does"),
  onUnpublish: urls("Told when a publisher has finished, as SRS does"),
  onPlay: urls("Asked before a stream is played, as SRS does"),
  onStop: urls("Told when a player has left, as SRS does"),
  onDvr: urls("Told when a recording is complete, as SRS does"),
  onHls: urls("Told when an HLS segment is complete, as SRS does"),
});

type DecideShape = z.ZodObject<{
  connect: z.ZodOptional<z.ZodURL>;
  publish: z.ZodOptional<z.ZodURL>;
  play: z.ZodOptional<z.ZodURL>;
  secret: z.ZodOptional<z.ZodString>;
  timeoutSeconds: z.ZodDefault<z.ZodNumber>;
  cacheSeconds: z.ZodDefault<z.ZodNumber>;
  failOpen: z.ZodDefault<z.ZodBoolean>;
}>;

const decide: DecideShape = z.object({
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
  receivers: z.ZodDefault<z.ZodArray<ReceiverShape>>;
  timeoutSeconds: z.ZodDefault<z.ZodNumber>;
  giveUpHours: z.ZodDefault<z.ZodNumber>;
  decide: z.ZodPrefault<DecideShape>;
  srs: z.ZodPrefault<SrsShape>;
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

/** Whether anybody is to be told or asked at all. */
export function isUsed({ receivers, decide, srs }: WebhooksSettings): boolean {
  return receivers.length > 0 || [decide.connect, decide.publish, decide.play].some(Boolean) || speaksToSrsHooks(srs);
}

/** Whether anybody is to be told or asked as SRS does. */
export function speaksToSrsHooks(srs: WebhooksSettings["srs"]): boolean {
  return Object.values(srs).some((urls) => urls.length > 0);
}
