/** The message types of RTMP 1.0 (sections 5.4, 6.2 and 7.1). */
export const MessageType = {
  SET_CHUNK_SIZE: 1,
  ABORT: 2,
  ACKNOWLEDGEMENT: 3,
  USER_CONTROL: 4,
  WINDOW_ACKNOWLEDGEMENT_SIZE: 5,
  SET_PEER_BANDWIDTH: 6,
  AUDIO: 8,
  VIDEO: 9,
  DATA_AMF3: 15,
  COMMAND_AMF3: 17,
  DATA_AMF0: 18,
  COMMAND_AMF0: 20,
  AGGREGATE: 22,
} as const;

/** The longest body that a message can have: its length is a 24-bit field (RTMP 1.0, section 6.1.1). */
export const MAX_MESSAGE_BYTES = 0xff_ffff;

/** One RTMP message, whole. */
export interface RtmpMessage {
  /** See {@linkcode MessageType}. */
  readonly type: number;
  /** The message stream that it belongs to; 0 is the connection itself. */
  readonly streamId: number;
  /** Milliseconds, unsigned, wrapping at 2^32. */
  readonly timestamp: number;
  readonly body: Uint8Array;
}
