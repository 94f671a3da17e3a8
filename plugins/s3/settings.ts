import { z } from "zod";
import { type StreamsShape, streamsShape } from "../shared/recordings/recording_settings.ts";
import { prefixFault } from "./key_prefix.ts";

/** What may be sent. */
export const PARTS_OF_RECORDINGS = ["flv", "mp4", "hls", "segments"] as const;

/** The shape of the settings. */
export type S3Config = z.ZodObject<
  StreamsShape & {
    bucket: z.ZodOptional<z.ZodString>;
    endpoint: z.ZodOptional<z.ZodURL>;
    region: z.ZodDefault<z.ZodString>;
    accessKeyId: z.ZodOptional<z.ZodString>;
    secretAccessKey: z.ZodOptional<z.ZodString>;
    sessionToken: z.ZodOptional<z.ZodString>;
    addressing: z.ZodDefault<z.ZodEnum<{ auto: "auto"; path: "path"; host: "host" }>>;
    prefix: z.ZodDefault<z.ZodString>;
    what: z.ZodDefault<z.ZodArray<z.ZodEnum<{ flv: "flv"; mp4: "mp4"; hls: "hls"; segments: "segments" }>>>;
    existing: z.ZodDefault<z.ZodBoolean>;
    keepLocalHours: z.ZodOptional<z.ZodNumber>;
    publicUrl: z.ZodOptional<z.ZodURL>;
    redirect: z.ZodDefault<z.ZodBoolean>;
    signedSeconds: z.ZodDefault<z.ZodInt>;
    storageClass: z.ZodOptional<z.ZodString>;
    acl: z.ZodOptional<z.ZodString>;
    encryption: z.ZodOptional<z.ZodString>;
    partMegabytes: z.ZodDefault<z.ZodInt>;
    concurrency: z.ZodDefault<z.ZodInt>;
    timeoutSeconds: z.ZodDefault<z.ZodNumber>;
  }
>;

/** An address of HTTP. */
const webUrl = () => z.url({ protocol: /^https?$/ });

/** The variables of the tools of the field count for credentials as a whole. */
const otherwise = (...env: string[]) => ({
  env,
  when: "bucket",
  unless: ["accessKeyId", "secretAccessKey", "sessionToken"],
});

/** A value of a header. */
const word = () => z.string().regex(/^[A-Za-z0-9:_-]+$/);

const prefix = z.string().refine((text) => prefixFault(text) === undefined, {
  error: ({ input }) => `"${input}" is no prefix: ${prefixFault(String(input))}`,
});

/** The settings of sending recordings to a store that speaks S3. */
export const s3Config: S3Config = z.object({
  bucket: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/).optional().describe(
    "The bucket to which recordings go; without one nothing is sent",
  ),
  endpoint: webUrl().optional().meta({
    description:
      "The store's address, such as http://minio:9000, or AWS_ENDPOINT_URL_S3, or AWS_ENDPOINT_URL; without one it is Amazon's",
    otherwise: { env: ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"], when: "bucket" },
  }),
  region: z.string().regex(/^[A-Za-z0-9-]+$/).default("us-east-1").meta({
    description: "The region that requests are signed for, or AWS_REGION, or AWS_DEFAULT_REGION",
    otherwise: { env: ["AWS_REGION", "AWS_DEFAULT_REGION"], when: "bucket" },
  }),
  accessKeyId: z.string().min(1).optional().meta({
    description: "Who asks the store; AWS_ACCESS_KEY_ID where none of the credentials is set",
    secret: true,
    otherwise: otherwise("AWS_ACCESS_KEY_ID"),
  }),
  secretAccessKey: z.string().min(1).optional().meta({
    description: "What requests are signed with, or AWS_SECRET_ACCESS_KEY",
    secret: true,
    otherwise: otherwise("AWS_SECRET_ACCESS_KEY"),
  }),
  sessionToken: z.string().min(1).optional().meta({
    description: "What belongs to credentials that hold for a while, or AWS_SESSION_TOKEN",
    secret: true,
    otherwise: otherwise("AWS_SESSION_TOKEN"),
  }),
  addressing: z.enum(["auto", "path", "host"]).default("auto").describe(
    "Where the bucket stands in addresses: in the path or in the host's name; auto takes the host's name for Amazon",
  ),
  prefix: prefix.default("").describe(
    "What stands before a file's path in the object's name, made from {vhost} {app} {stream} {date}",
  ),
  streams: streamsShape.streams.describe(
    "Streams whose recordings are sent: live/cam, live/*, !live/private* to leave out; the last that fits decides",
  ),
  what: z.array(z.enum(PARTS_OF_RECORDINGS)).default(["flv", "mp4", "hls"]).describe(
    "What is sent: FLV recordings, complete MP4 files, recorded HLS, and the merged live segments of fMP4",
  ),
  existing: z.boolean().default(false).describe(
    "Whether recordings are sent too that are older than this plugin's first start",
  ),
  keepLocalHours: z.number().min(0).optional().describe(
    "Files are removed here so many hours after the store has confirmed them; without it the recorders' own limits decide",
  ),
  publicUrl: webUrl().optional().describe(
    "Where everybody can read the bucket, such as a CDN's address; without it addresses are signed",
  ),
  redirect: z.boolean().default(true).describe(
    "Whether who asks here for a file that is in the store alone is sent there",
  ),
  signedSeconds: z.int().min(60).max(604_800).default(3600).describe("How long signed addresses hold"),
  storageClass: word().optional().describe("The storage class of everything but playlists, such as STANDARD_IA"),
  acl: word().optional().describe("The canned ACL of objects, such as public-read"),
  encryption: word().optional().describe("How the store is to encrypt objects, such as AES256"),
  partMegabytes: z.int().min(5).max(512).default(8).describe(
    "How large the parts are in which files are sent, in MiB; so much memory is used for each request at a time",
  ),
  concurrency: z.int().min(1).max(64).default(4).describe("How many requests are sent to the store at once"),
  timeoutSeconds: z.number().min(1).max(3600).default(120).describe("A request that takes longer is tried again"),
}).refine(({ bucket, accessKeyId }) => bucket === undefined || accessKeyId !== undefined, {
  path: ["accessKeyId"],
  message: "must be set where s3.bucket is",
}).refine(({ bucket, secretAccessKey }) => bucket === undefined || secretAccessKey !== undefined, {
  path: ["secretAccessKey"],
  message: "must be set where s3.bucket is",
});

/** The settings of sending recordings, checked. */
export type S3Settings = z.output<S3Config>;
