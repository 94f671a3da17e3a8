/**
 * Media formats without any I/O: bytes in, values out, and back. Runs in browsers as well.
 *
 * @module
 */
export * from "./amf0.ts";
export * from "./amf3.ts";
export * from "./amf3_writer.ts";
export * from "./amf_limits.ts";
export * from "./amf_value.ts";
export * from "./byte_reader.ts";
export * from "./bytes.ts";
export * from "./codec/aac.ts";
export * from "./codec/av1.ts";
export * from "./codec/avc.ts";
export * from "./codec/describe.ts";
export * from "./codec/flac.ts";
export * from "./codec/hevc.ts";
export * from "./codec/opus.ts";
export * from "./codec/vp.ts";
export * from "./errors.ts";
export * from "./flv/body.ts";
export * from "./flv/format.ts";
export * from "./flv/fourcc.ts";
export * from "./flv/header.ts";
export * from "./flv/metadata.ts";
export * from "./flv/reader.ts";
export * from "./flv/tag.ts";
export * from "./flv/timestamps.ts";
export * from "./format.ts";
export * from "./packet.ts";
