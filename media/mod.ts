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
export * from "./codec/ac3.ts";
export * from "./codec/audio_clock.ts";
export * from "./codec/av1.ts";
export * from "./codec/avc.ts";
export * from "./codec/config_writer.ts";
export * from "./codec/describe.ts";
export * from "./codec/flac.ts";
export * from "./codec/hevc.ts";
export * from "./codec/mp3.ts";
export * from "./codec/opus.ts";
export * from "./codec/vp.ts";
export * from "./codec/vp_frame.ts";
export * from "./errors.ts";
export * from "./flv/body.ts";
export * from "./flv/body_writer.ts";
export * from "./flv/format.ts";
export * from "./flv/fourcc.ts";
export * from "./flv/header.ts";
export * from "./flv/keyframe_index.ts";
export * from "./flv/metadata.ts";
export * from "./flv/reader.ts";
export * from "./flv/recording_head.ts";
export * from "./flv/tag.ts";
export * from "./flv/timestamps.ts";
export * from "./format.ts";
export * from "./hls/master_playlist.ts";
export * from "./hls/master_playlist_parser.ts";
export * from "./hls/media_playlist.ts";
export * from "./hls/media_playlist_parser.ts";
export * from "./hls/playlist_codec.ts";
export * from "./hls/playlist_succession.ts";
export type * from "./hls/segment.ts";
export * from "./hls/segment_cipher.ts";
export * from "./mp4/fragment.ts";
export * from "./mp4/fragment_reader.ts";
export * from "./mp4/init_segment.ts";
export * from "./mp4/movie_index.ts";
export type { ReadRun } from "./mp4/read_fragment.ts";
export * from "./mp4/run_builder.ts";
export type { Mp4Sample } from "./mp4/sample.ts";
export type { StoredSample } from "./mp4/sample_table.ts";
export * from "./mp4/track.ts";
export * from "./packet.ts";
export * from "./ts/muxer.ts";
export { hasTsPayload } from "./ts/open_payload.ts";
export { PCR_LEAD } from "./ts/timestamp.ts";
