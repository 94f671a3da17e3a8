import { z } from "@hono/zod-openapi";

const count = () => z.int().min(0);

const track = z.object({
  kind: z.enum(["video", "audio", "data"]),
  track: count(),
  codec: z.string(),
  codecString: z.string().optional().describe("As browsers want it (RFC 6381)"),
  profile: count().optional().describe("The codec's own number for it"),
  level: z.number().optional().describe("As people write it: 3.1"),
  bitDepth: count().optional(),
  width: count().optional(),
  height: count().optional(),
  sampleRate: count().optional(),
  channels: count().optional(),
  bitrate: count().describe("Bits per second over the last ten seconds"),
  frameRate: z.number().optional(),
  gopSeconds: z.number().optional().describe("Seconds from key frame to key frame"),
  packets: count(),
  bytes: count(),
}).meta({ id: "Track" });

const sinkRun = z.object({
  sink: z.string(),
  state: z.enum(["writing", "waiting"]),
  since: z.iso.datetime(),
  problem: z.string().optional(),
}).meta({ id: "SinkRun" });

const finding = z.object({
  code: z.string(),
  severity: z.enum(["info", "warning"]),
  text: z.string().describe("What is so, what follows, and what can be done"),
  since: z.iso.datetime(),
}).meta({ id: "Finding" });

/** A stream. */
export const streamSchema = z.object({
  id: z.string(),
  vhost: z.string(),
  app: z.string(),
  name: z.string(),
  state: z.enum(["waiting", "live", "interrupted", "ended"]),
  since: z.iso.datetime(),
  seconds: z.number().min(0),
  publisher: z.object({ session: z.string(), protocol: z.string(), remote: z.string() }).optional(),
  tracks: z.array(track),
  bitrate: z.object({ "1s": count(), "10s": count(), "60s": count() }),
  packets: count(),
  bytes: count(),
  viewers: z.object({ total: count(), peak: count(), byProtocol: z.record(z.string(), count()) }),
  sinks: z.array(sinkRun),
  repairs: z.record(z.string(), count()).describe("What of its times had to be mended"),
  skips: count().describe("How often viewers were too slow and jumped to the newest key frame"),
  warnings: z.array(finding),
}).meta({ id: "Stream" });

/** A session. */
export const sessionSchema = z.object({
  id: z.string(),
  protocol: z.string(),
  remote: z.string(),
  url: z.string().optional(),
  userAgent: z.string().optional(),
  role: z.enum(["publish", "play"]).optional(),
  stream: z.string().optional(),
  since: z.iso.datetime(),
  seconds: z.number().min(0),
  bytesIn: count(),
  bytesOut: count(),
}).meta({ id: "Session" });

/** A recording. */
export const recordingSchema = z.object({
  kind: z.enum(["flv", "mp4", "hls"]),
  stream: z.string(),
  name: z.string(),
  path: z.string().describe("Where it is served"),
  start: z.iso.datetime().nullable().describe("When it began, where its name says so"),
  bytes: count(),
  modified: z.iso.datetime(),
  isWritten: z.boolean().describe("Whether it is being written"),
  storeUrl: z.string().nullable().describe(
    "Where it can be read in an object store, maybe for a while; null when it is in none",
  ),
}).meta({ id: "Recording" });

/** The server itself. */
export const serverSchema = z.object({
  name: z.literal("Sluice"),
  version: z.string(),
  run: z.string().describe("Another one tells that the server was started anew"),
  since: z.iso.datetime(),
  seconds: z.number().min(0),
  addresses: z.array(z.object({ name: z.string(), url: z.string() })),
  streams: count(),
  sessions: count(),
  viewers: count(),
  memory: z.object({ rss: count(), heapUsed: count(), heapTotal: count(), external: count() }),
  cpuSeconds: z.number().min(0).describe("Time that its processors took since it was started"),
  loopLagSeconds: z.number().min(0).describe("How late its event loop was at worst in the last five seconds"),
  disk: z.object({ freeBytes: count().optional() }),
  sinks: z.array(z.string()).describe("The plugins that can write streams down"),
  role: z.enum(["read", "write"]).describe("What whoever asks may do"),
}).meta({ id: "Server" });
