export { isStreamPattern, type StreamMatcher, streamMatcher } from "../../kernel/stream_pattern.ts";
